"""What a list page shows beside its members: the filter form, the chosen filters, the order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from directory.listing import did_you_mean
from directory.listing.index.bitmaps import SORTS
from directory.listing.index.reference_data import NONE
from directory.listing.listing import Listing
from directory.models import Evidence, Kind, Region
from directory.public.html.filter_options import (
    FilterChoice,
    FilterChoices,
    SuggestedQuery,
    format_group_count,
)

# Where members are in so few provinces, what lies below them is shown at once.
MAX_EXPANDED_PROVINCES = 3
# More chosen values than these are counted, not shown: each has a link with all the others.
MAX_CHIPS = 40
# How many questions are tried where nobody answers the one that was asked.
MAX_RELAXED = 10
# These hold one value, so that leaving them out leaves no other.
SINGLE_VALUES = ("q", "on", "undated")


@dataclass(frozen=True)
class Chip:
    """One chosen value and the query string without it."""

    group: str
    label: str
    url_without: str


@dataclass(frozen=True)
class SortOption:
    """An option of the order's drop-down list."""

    code: str
    label: str
    is_selected: bool


@dataclass(frozen=True)
class RelaxedQuery:
    """The same question without one chosen value, and how many members it finds."""

    chip: Chip
    count: int


class FilterPanel:
    """The filters of one listing with their labels, counts and links."""

    def __init__(self, listing: Listing):
        self.listing = listing
        self.reference_data = listing.day_index.reference_data
        self.language = get_language() or ""

    # Labels

    def get_group_label(self, name: str) -> str:
        return {
            "q": _("Words"),
            "role": _("Role"),
            "kind": _("Kind"),
            "region": _("Region"),
            "sector": _("Sector"),
            "evidence": _("Evidence of the role"),
            "community": _("Community"),
            "on": _("As of a day"),
            "undated": _("Start date"),
            "page": _("Page"),
            "sort": _("Order"),
            "view": _("View"),
        }.get(name, name)

    def get_label(self, name: str, code: str) -> str:
        """An option's label, translated once for each language."""
        cache = self.reference_data.label_cache.setdefault(self.language, {})
        if (name, code) not in cache:
            cache[name, code] = self._get_label(name, code)
        return cache[name, code]

    def _get_label(self, name: str, code: str) -> str:
        if code == NONE:
            return _("not recorded")
        if name == "undated":
            return _("members without one included")
        if name == "kind":
            return str(Kind(code).label)
        if name == "evidence":
            return str(Evidence(code).label)
        row = getattr(self.reference_data, name, {}).get(code)
        return str(row.label) if row else code

    # The form's options

    def get_choices(self, name: str) -> FilterChoices:
        options = self.listing.facets.get(name, [])
        return FilterChoices(
            FilterChoice(name, option, self.get_label(name, option.code)) for option in options
        )

    @cached_property
    def roles(self) -> FilterChoices:
        return self.get_choices("role")

    @cached_property
    def kinds(self) -> FilterChoices:
        return self.get_choices("kind")

    @cached_property
    def evidence(self) -> FilterChoices:
        return self.get_choices("evidence")

    @cached_property
    def communities(self) -> FilterChoices:
        """Empty unless there are several."""
        choices = self.get_choices("community")
        return choices if len(choices) > 1 else FilterChoices()

    @cached_property
    def sectors(self) -> FilterChoices:
        """Divisions, each with its groups below."""
        sectors = self._nest("sector", lambda code: len(code) == 3 or code == NONE, 3)
        sectors.format_child_count = format_group_count
        return sectors

    @cached_property
    def regions(self) -> FilterChoices:
        """The provinces that have members, with what is used below them; then "not recorded"."""
        provinces = self._nest("region", lambda code: code.endswith("0000") or code == NONE, 2)
        for province in provinces:
            province.children = self._nest_counties(province.children)
        used = FilterChoices(
            c for c in provinces if c.option.count or c.option.is_selected or c.is_open
        )
        used.is_expanded = len(used) <= MAX_EXPANDED_PROVINCES
        return used

    @cached_property
    def empty_regions(self) -> FilterChoices:
        """The other provinces, which have no members."""
        shown = {choice.option.code for choice in self.regions}
        return FilterChoices(
            choice
            for choice in self.get_choices("region")
            if choice.option.code.endswith("0000") and choice.option.code not in shown
        )

    def _nest(self, name: str, is_top: Callable[[str], bool], length: int) -> FilterChoices:
        """The top options, each with those below it, which share its first `length` letters."""
        choices = self.get_choices(name)
        tops = {c.option.code[:length]: c for c in choices if is_top(c.option.code)}
        for choice in choices:
            top = tops.get(choice.option.code[:length])
            if top and top is not choice:
                top.children.append(choice)
        return FilterChoices(tops.values())

    def _nest_counties(self, choices: list[FilterChoice]) -> list[FilterChoice]:
        """Prefectures with their counties; a county without a real prefecture stands alone."""
        tops: list[FilterChoice] = []
        for choice in choices:
            code = choice.option.code
            prefecture = next((t for t in tops if t.option.code == code[:4] + "00"), None)
            if prefecture and self.reference_data.region[code].level == Region.Level.COUNTY:
                prefecture.children.append(choice)
            else:
                tops.append(choice)
        return tops

    # What is chosen, and the order

    @cached_property
    def chips(self) -> list[Chip]:
        """The first chosen values; `more_chips` tells how many more there are."""
        chips = []
        for name, code in self.listing.selected[:MAX_CHIPS]:
            label = code if name in ("q", "on") else self.get_label(name, code)
            url = self.listing.get_query_string(without=(name, code)) or "?"
            chips.append(Chip(self.get_group_label(name), label, url))
        return chips

    @property
    def more_chips(self) -> int:
        return len(self.listing.selected) - len(self.chips)

    @property
    def undated_url(self) -> str:
        """The same question with members of whom no first day is known on earlier days."""
        return self.listing.get_query_string(undated="1")

    @property
    def dated_url(self) -> str:
        return self.listing.get_query_string(undated="") or "?"

    @property
    def has_chosen_sort(self) -> bool:
        return bool(self.listing.cleaned_data.get("sort"))

    @property
    def has_chosen_view(self) -> bool:
        return bool(self.listing.cleaned_data.get("view"))

    @property
    def default_sort_label(self) -> str:
        """The first option of the order's list, while no order is chosen."""
        return _("best hit first") if self.listing.q else _("seniority")

    @property
    def sort_options(self) -> list[SortOption]:
        """The orders to choose; the default stands for seniority while nothing is chosen."""
        labels = {
            "seniority": _("seniority"),
            "pinyin": _("pinyin"),
            "name": _("English name"),
            "region": _("region"),
            "newest": _("newest"),
        }
        chosen = self.listing.sort if self.has_chosen_sort else ""
        codes = SORTS if chosen or self.listing.q else [c for c in SORTS if c != "seniority"]
        return [SortOption(code, labels[code], code == chosen) for code in codes]

    @property
    def order_description(self) -> str:
        """How the list is sorted, as a sentence."""
        if self.listing.q and not self.has_chosen_sort:
            return _(
                "Found by a name of their own first, then by their region; within each, by "
                "seniority of role, then by pinyin."
            )
        return {
            "seniority": _(
                "By seniority of role, then by pinyin. Within a rank the order means nothing."
            ),
            "pinyin": _("By the pinyin of the registered name."),
            "name": _("By the English name; by pinyin where none is recorded."),
            "region": _("By region code, then by pinyin."),
            "newest": _("The most recently first published come first."),
        }[self.listing.sort]

    # Where nothing is found

    @property
    def suggested_queries(self) -> list[SuggestedQuery]:
        """Near queries that find something."""
        if not self.listing.q:
            return []
        queries = did_you_mean.suggest_queries(self.listing.q, self.listing.day_index)
        return [SuggestedQuery(text, "?" + urlencode({"q": text})) for text in queries]

    def relaxed_queries(self) -> Iterator[RelaxedQuery]:
        """The question without each of its first chosen values, one at a time."""
        selected = self.listing.selected[:MAX_RELAXED]
        for (name, code), chip in zip(selected, self.chips, strict=False):
            params = self.listing.params.copy()
            if name in SINGLE_VALUES:
                params.pop(name, None)
            else:
                params.setlist(name, [v for v in params.getlist(name) if v.strip() != code])
            count = Listing(params, self.listing.only_kinds, self.listing.today).total
            yield RelaxedQuery(chip, count)
