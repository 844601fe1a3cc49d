"""The member list of one query: members in order, pages, facets, and invalid parameters."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from itertools import chain, islice
from urllib.parse import urlencode

from django.http import QueryDict
from pyroaring import BitMap

from directory.db.readahead import read_ahead
from directory.listing import export_rows
from directory.listing.filters import EVIDENCE, build_form
from directory.listing.index import store as index_store
from directory.listing.index.bitmaps import Criteria, DayIndex
from directory.listing.index.reference_data import NONE
from directory.listing.loader import load_records
from directory.listing.records import Record
from directory.listing.refusals import find_refusals
from directory.models import Kind
from directory.models.membership import counts_undated
from directory.search import index as search_index

PAGE_SIZE = 50
EXPORT_BATCH = 5000
MAX_REGIONS = 60
MAX_CACHED_QUERIES = 200
GROUPS = ("role", "kind", "region", "sector", "evidence", "community")


@dataclass(frozen=True)
class Option:
    """One value of a facet: how many would match, were it the facet's only value."""

    code: str
    count: int
    is_selected: bool


class Listing:
    """The members that match the parameters; every view and file shows this list.

    `params` are the query parameters; unknown ones are ignored. `only_kinds` limits the kinds.
    """

    def __init__(
        self, params: QueryDict, only_kinds: tuple[str, ...] = (), today: DayIndex | None = None
    ):
        self.params, self.only_kinds = params, only_kinds
        self.today = today = today or index_store.get_day_index()
        self.form = build_form(params, today.reference_data, only_kinds)
        self.refusals = find_refusals(self.form, params)
        self.invalid_parameters = self.refusals.listed
        self.cleaned_data: dict = {} if self.invalid_parameters else self.form.cleaned_data
        self.day_index = self._get_day_index()

    # The query

    @property
    def q(self) -> str:
        return self.cleaned_data.get("q", "")

    @property
    def on(self) -> date | None:
        return self.cleaned_data.get("on")

    @property
    def includes_undated(self) -> bool:
        """Whether members without a known first day were asked for on days before today too."""
        return bool(self.cleaned_data.get("undated"))

    def _get_day_index(self) -> DayIndex:
        if not self.on:
            return self.today
        return self.today.index.get_day(self.on, counts_undated(self.on, self.includes_undated))

    @property
    def sort(self) -> str:
        return self.cleaned_data.get("sort") or "seniority"

    @property
    def view(self) -> str:
        """How a page shows the list: as entries, or as a table."""
        return self.cleaned_data.get("view") or "entries"

    @cached_property
    def criteria(self) -> Criteria:
        """The codes selected in each group; `only_kinds` where no kind was selected."""
        criteria = {name: list(self.cleaned_data.get(name) or []) for name in GROUPS}
        if self.only_kinds and not criteria["kind"]:
            criteria["kind"] = list(self.only_kinds)
        return criteria

    @cached_property
    def selected(self) -> list[tuple[str, str]]:
        """What the visitor selected, as pairs of parameter and value."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, code) for name in GROUPS for code in self.cleaned_data.get(name) or []]
        pairs += [("on", self.on.isoformat())] if self.on else []
        return pairs + ([("undated", "1")] if self.includes_undated else [])

    def get_query_string(self, without: tuple = (), kinds: bool = False, **more: object) -> str:
        """Return the query string of this list, with parts left out or added: `""` or `?…`.

        `without` is a pair of `selected` to leave out, `kinds` adds `only_kinds`, and `more` sets
        parameters, or removes those that are empty.
        """
        pairs = [pair for pair in self.selected if pair != without]
        if kinds and self.only_kinds and not self.cleaned_data.get("kind"):
            pairs += [("kind", kind) for kind in self.only_kinds]
        if self.cleaned_data.get("sort"):
            pairs.append(("sort", self.sort))
        if self.view != "entries":
            pairs.append(("view", self.view))
        pairs = [pair for pair in pairs if pair[0] not in more]
        pairs += [(name, str(value)) for name, value in more.items() if value]
        return "?" + urlencode(pairs) if pairs else ""

    # The members that match

    @cached_property
    def query_matches(self) -> tuple[BitMap, BitMap]:
        """Who matches the search words: by names of their own, and by their region's too."""
        if not self.q:
            return self.day_index.members, self.day_index.members
        cache = self.day_index.index.query_cache
        matches = cache.get(self.q)
        if matches is None:
            own, every = search_index.search_keys(self.q)
            matches = BitMap(own), BitMap(every)
            if len(cache) >= MAX_CACHED_QUERIES:
                cache.clear()
            cache[self.q] = matches
        return matches

    @cached_property
    def matching(self) -> BitMap:
        if self.invalid_parameters:
            return BitMap()
        return self.find_matching(self.day_index)

    def find_matching(self, day_index: DayIndex) -> BitMap:
        """Return who matches the same question on another day."""
        named = self.query_matches[1] if self.q else day_index.members
        return day_index.matching(self.criteria) & named

    @cached_property
    def undated_count(self) -> int:
        """How many match of whom no first day is known: today, or if they were asked for."""
        index, day = self.day_index.index, self.day_index.date
        every, dated = (index.get_day(day, with_undated) for with_undated in (True, False))
        return len(self.find_matching(every) - self.find_matching(dated))

    @property
    def left_out_count(self) -> int:
        """How many of these are not in the list, because its day is before today."""
        return 0 if self.day_index.with_undated else self.undated_count

    @property
    def total(self) -> int:
        return len(self.matching)

    @cached_property
    def member_count(self) -> int:
        """How many members there are in all, whatever the filters."""
        return len(self.day_index.get_members_with("kind", list(self.only_kinds)))

    def keys(self, start: int = 0) -> Iterator[int]:
        """Yield the organization ids of the whole list, in order, from the `start`-th on.

        Unless a sort order was selected, matches by names of their own come first.
        """
        if not self.q or self.cleaned_data.get("sort"):
            return self.day_index.iter_sorted(self.matching, self.sort, start)
        own = self.matching & self.query_matches[0]
        rest = self.day_index.iter_sorted(self.matching - own, self.sort, max(0, start - len(own)))
        return chain(self.day_index.iter_sorted(own, self.sort, start), rest)

    # A page, and all rows

    @property
    def page_number(self) -> int:
        return self.cleaned_data.get("page") or 1

    @property
    def page_count(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def is_past_end(self) -> bool:
        return self.page_number > self.page_count

    @property
    def status_code(self) -> int:
        """The status of every response: 400 for an invalid value, 404 past the end, else 200."""
        return 400 if self.invalid_parameters else 404 if self.is_past_end else 200

    @cached_property
    def page_keys(self) -> list[int]:
        return list(islice(self.keys((self.page_number - 1) * PAGE_SIZE), PAGE_SIZE))

    @cached_property
    def page_records(self) -> list[Record]:
        return self.get_records(self.page_keys)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield every member of the list as a row of an export file, in order."""
        keys = self.keys()
        batches = iter(lambda: list(islice(keys, EXPORT_BATCH)), [])
        day = self.day_index
        read = partial(export_rows.read_batch, on=day.date, undated=day.with_undated)
        for batch in read_ahead(read, batches):
            yield from export_rows.build_rows(batch, self.day_index.reference_data)

    def get_records(self, keys: Iterable[int], brief: bool = False) -> list[Record]:
        day = self.day_index
        records = load_records(
            list(keys), day.reference_data, day.date, brief, undated=day.with_undated
        )
        # Where the index is updated in the background, a member may just have left.
        return [record for record in records if record.is_member]

    # Facets

    def build_options(self, name: str, values: Iterable[str]) -> list[Option]:
        selected = self.cleaned_data.get(name) or []
        count = self.get_counter(name)
        return [Option(value, count(value), value in selected) for value in values]

    def get_counter(self, name: str) -> Callable[[str], int]:
        """Return a function that counts the matches of an option, were it its facet's only one.

        Counts are cached for all pages and sort orders of a list.
        """
        others = (pair for pair in self.criteria.items() if pair[0] != name)
        cache_key = name, self.q, tuple((key, tuple(codes)) for key, codes in others)
        get = partial(self.day_index.get_counter, name, self.criteria, self.query_matches[1])
        return self.day_index.get_cached_counter(cache_key, get)

    @cached_property
    def facets(self) -> Mapping[str, list[Option]]:
        """Each group's options with their counts; of regions only those that have members."""
        if self.invalid_parameters:
            return {}
        reference_data = self.day_index.reference_data
        return {
            "role": self.build_options("role", reference_data.role),
            "kind": self.build_options("kind", self.only_kinds or Kind.values),
            "region": self.build_options("region", [*self.region_codes, NONE]),
            "sector": self.build_options("sector", [*reference_data.sector, NONE]),
            "evidence": self.build_options("evidence", EVIDENCE),
            "community": self.build_options("community", reference_data.community),
        }

    @property
    def region_codes(self) -> list[str]:
        """The provinces, and the regions below them that have members.

        Where these are many, only those next to or below what is selected.
        """
        provinces = [row.code for row in self.day_index.reference_data.provinces]
        selected = [code for code in self.cleaned_data.get("region") or [] if code != NONE]
        used = self.day_index.used_regions
        if sum(map(len, used.values())) > MAX_REGIONS:
            used = {prefix: used.get(prefix, []) for prefix in {code[:2] for code in selected}}
            codes = [
                code for below in used.values() for code in below if self._is_open(code, selected)
            ]
        else:
            codes = [code for below in used.values() for code in below]
        return sorted({*provinces, *codes, *selected})

    def _is_open(self, code: str, selected: list[str]) -> bool:
        """Whether a selected region is this region's parent or lies in it."""
        prefix = self.day_index.reference_data.parent_prefix[code]
        return bool(prefix) and any(each.startswith(prefix) for each in selected)
