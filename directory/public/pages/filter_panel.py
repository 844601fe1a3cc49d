"""What a list page shows beside its members: the filter panel, what is chosen, the order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from urllib.parse import urlencode

from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from directory.listing import did_you_mean
from directory.listing.index.bitmaps import SORTS
from directory.listing.index.reference_data import NONE
from directory.listing.listing import Listing, Option
from directory.models import Evidence, Kind, Region
from directory.public.html import renderer


def places_inside(count: int) -> str:
    words = ngettext("%(inside)s place inside", "%(inside)s places inside", count)
    return words % {"inside": count}


def groups_inside(count: int) -> str:
    return ngettext("%(inside)s group", "%(inside)s groups", count) % {"inside": count}


@dataclass
class Choice:
    """An option with its words."""

    name: str
    option: Option
    label: str
    below: list["Choice"] = field(default_factory=list)

    @property
    def html(self) -> SafeString:
        option = self.option
        return renderer.option(self.name, option.code, self.label, option.count, option.chosen)

    @property
    def is_open(self) -> bool:
        return any(c.option.chosen or c.is_open for c in self.below)


class Choices(list[Choice]):
    """The options of a question; `tree` shows what lies below them, all `unfolded` or as chosen."""

    inside: Callable[[int], str] = staticmethod(places_inside)
    unfolded = False

    @property
    def html(self) -> SafeString:
        return SafeString("".join(choice.html for choice in self))

    @property
    def tree(self) -> SafeString:
        return SafeString("".join(map(self._item, self)))

    def _item(self, choice: Choice) -> str:
        if not choice.below:
            return f"<li>{choice.html}</li>"
        is_open = " open" if self.unfolded or choice.is_open else ""
        colon, inside = _(": "), self.inside(len(choice.below))
        below = "".join(map(self._item, choice.below))
        return (
            f"<li>{choice.html}<details{is_open}><summary>"
            f'<span class="visually-hidden">{escape(choice.label)}{colon}</span>{inside}</summary>'
            f"<ul>{below}</ul></details></li>"
        )


@dataclass
class Chip:
    """One chosen value and the address without it."""

    group: str
    label: str
    without: str


class Panel:
    def __init__(self, listing: Listing):
        self.listing = listing
        self.vocabulary = listing.index.vocabulary
        self.language = get_language()

    # Words

    def group_label(self, name: str) -> str:
        return {
            "q": _("Words"),
            "role": _("Role"),
            "kind": _("Kind"),
            "region": _("Region"),
            "sector": _("Sector"),
            "evidence": _("Evidence of the role"),
            "community": _("Community"),
            "on": _("As of a day"),
            "page": _("Page"),
            "sort": _("Order"),
            "view": _("View"),
        }.get(name, name)

    def label(self, name: str, code: str) -> str:
        """What an option is called, looked up once for each language."""
        kept = self.vocabulary.labels.setdefault(self.language, {})
        if (name, code) not in kept:
            kept[name, code] = str(self._label(name, code))
        return kept[name, code]

    def _label(self, name: str, code: str) -> str:
        if code == NONE:
            return _("not recorded")
        if name == "kind":
            return Kind(code).label
        if name == "evidence":
            return Evidence(code).label
        row = getattr(self.vocabulary, name, {}).get(code)
        return row.label if row else code

    # The filter panel

    def choices(self, name: str) -> Choices:
        options = self.listing.facets.get(name, [])
        return Choices(Choice(name, option, self.label(name, option.code)) for option in options)

    @cached_property
    def roles(self) -> Choices:
        return self.choices("role")

    @cached_property
    def kinds(self) -> Choices:
        return self.choices("kind")

    @cached_property
    def evidence(self) -> Choices:
        return self.choices("evidence")

    @cached_property
    def communities(self) -> Choices:
        """Offered only where there is a choice."""
        choices = self.choices("community")
        return choices if len(choices) > 1 else Choices()

    @cached_property
    def sectors(self) -> Choices:
        """Divisions, each with its groups below."""
        found = self._nested("sector", lambda code: len(code) == 3 or code == NONE, 3)
        found.inside = groups_inside
        return found

    @cached_property
    def regions(self) -> Choices:
        """The provinces where somebody is, with what is used below them; then "not recorded"."""
        top = self._nested("region", lambda code: code.endswith("0000") or code == NONE, 2)
        for province in top:
            province.below = self._rungs(province.below)
        found = Choices(c for c in top if c.option.count or c.option.chosen or c.is_open)
        # So few provinces that what lies below them can stand open.
        found.unfolded = len(found) <= 3
        return found

    @cached_property
    def empty_regions(self) -> Choices:
        shown = {choice.option.code for choice in self.regions}
        return Choices(
            choice
            for choice in self.choices("region")
            if choice.option.code.endswith("0000") and choice.option.code not in shown
        )

    def _nested(self, name: str, is_top, length: int) -> Choices:
        choices = self.choices(name)
        tops = {c.option.code[:length]: c for c in choices if is_top(c.option.code)}
        for choice in choices:
            top = tops.get(choice.option.code[:length])
            if top and top is not choice:
                top.below.append(choice)
        return Choices(tops.values())

    def _rungs(self, choices: list[Choice]) -> list[Choice]:
        """Prefectures with their counties; a county without a real prefecture stands alone."""
        top: list[Choice] = []
        for choice in choices:
            code = choice.option.code
            holder = next((t for t in top if t.option.code == code[:4] + "00"), None)
            if holder and self.vocabulary.region[code].level == Region.Level.COUNTY:
                holder.below.append(choice)
            else:
                top.append(choice)
        return top

    # What is chosen, and the order

    @cached_property
    def chips(self) -> list[Chip]:
        found = []
        for name, code in self.listing.chosen:
            label = code if name in ("q", "on") else self.label(name, code)
            without = self.listing.question(without=(name, code)) or "?"
            found.append(Chip(self.group_label(name), label, without))
        return found

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        labels = {
            "seniority": _("seniority"),
            "pinyin": _("pinyin"),
            "name": _("English name"),
            "region": _("region"),
            "newest": _("newest"),
        }
        return [(code, labels[code], code == self.listing.sort) for code in SORTS]

    @property
    def order(self) -> str:
        """In words: sorted how and why."""
        if self.listing.q and not self.listing.asked.get("sort"):
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

    # Nothing found

    @property
    def near(self) -> list[tuple[str, str]]:
        """What may have been meant, each with its address."""
        found = did_you_mean.questions(self.listing.q, self.listing.index) if self.listing.q else []
        return [(asked, "?" + urlencode({"q": asked})) for asked in found]

    def drops(self) -> Iterator[tuple[str, str, int, str]]:
        """Each chosen value with how many would be found without it."""
        for (name, code), chip in zip(self.listing.chosen, self.chips, strict=True):
            params = self.listing.params.copy()
            if name in ("q", "on"):
                params.pop(name, None)
            else:
                params.setlist(name, [v for v in params.getlist(name) if v.strip() != code])
            count = Listing(params, self.listing.among, self.listing.today).total
            yield chip.group, chip.label, count, chip.without
