"""The members of a listing in numbers: by kind, role, province, evidence, year and fact."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from directory.db.expressions import InKeys
from directory.listing.filters import EVIDENCE
from directory.listing.index.bitmaps import DayIndex
from directory.listing.index.reference_data import NONE
from directory.listing.listing import Listing
from directory.listing.records import Record
from directory.models import Citation, Kind, Organization
from directory.models.membership import counts_undated
from directory.public.html import charts, tile_map
from directory.public.html.charts import Bar, YearCount
from directory.public.pages.filter_panel import FilterPanel

MAX_YEARS = 12
# Facts are counted in the database: for a longer list it would take too long.
MAX_COUNTED_FACTS = 20_000
MAX_LISTED_ENTRIES = 20
COUNTED_FACTS = (
    "name_en",
    "region",
    "credit_code",
    "school_code",
    "website",
    "sectors",
    "description",
    "description_en",
    "verified_on",
)
# What stands for "not recorded" where it is not an empty string.
BLANK = {"region": Q(region=None), "verified_on": Q(verified_on=None)}
CSV_HEADINGS = ("question", "value", "members")


@dataclass(frozen=True)
class BarTable:
    """A table of bars: the members by one filter; `value_heading` is that of its first column."""

    name: str
    title: str
    value_heading: str
    bars: list[Bar]
    count_heading: str = ""


@dataclass(frozen=True)
class FactCount:
    """How many organizations have a value for a fact, of how many that it applies to."""

    name: str
    recorded: int
    total: int


class Statistics:
    """The numbers of one listing, each with the link to the members that it counts."""

    def __init__(self, listing: Listing):
        self.listing, self.day_index = listing, listing.day_index
        self.filter_panel = FilterPanel(listing)

    def get_counts(self, name: str, values: Iterable[str]) -> list[tuple[str, int]]:
        count = self.day_index.get_counter(name, self.listing.criteria, self.listing.matching)
        return [(value, count(value)) for value in values]

    def build_bars(self, name: str, values: Iterable[str]) -> list[Bar]:
        return [
            Bar(
                self.filter_panel.get_label(name, code),
                count,
                self.listing.total,
                self.get_members_url(name, code) if count else "",
                code if name == "evidence" and code != NONE else "",
            )
            for code, count in self.get_counts(name, values)
        ]

    def get_members_url(self, name: str, code: str) -> str:
        """The list of just these; empty where the same filter is already narrowed to others."""
        chosen = self.listing.cleaned_data.get(name)
        if chosen and code not in chosen:
            return ""
        return self._build_members_url(**{name: code})

    def _build_members_url(self, **filters: object) -> str:
        more = filters | {"view": ""}
        return reverse("directory:members") + self.listing.get_query_string((), False, **more)

    @property
    def kinds(self) -> BarTable:
        return BarTable("kind", _("By kind"), _("Kind"), self.build_bars("kind", Kind.values))

    @property
    def tables(self) -> list[BarTable]:
        roles = self.build_bars("role", self.day_index.reference_data.role)
        evidence = self.build_bars("evidence", EVIDENCE)
        return [
            self.kinds,
            BarTable("role", _("By role"), _("Role"), roles),
            BarTable("evidence", _("By evidence of the role"), _("Evidence"), evidence),
        ]

    @property
    def province_table(self) -> BarTable:
        """The provinces that have members, the most first; then those without a region."""
        title, heading = _("Members by province"), _("Province")
        codes = [row.code for row in self.day_index.reference_data.provinces]
        used = [bar for bar in self.build_bars("region", codes) if bar.count]
        used.sort(key=lambda bar: -bar.count)
        used += [bar for bar in self.build_bars("region", [NONE]) if bar.count]
        return BarTable("region", title, heading, used)

    @cached_property
    def _count_region(self):
        return self.day_index.get_counter("region", self.listing.criteria, self.listing.matching)

    @property
    def tiles(self) -> list[tile_map.Tile]:
        provinces = self.day_index.reference_data.provinces
        return tile_map.build_tiles(provinces, self._count_region, self.get_tile_url)

    def get_tile_url(self, code: str) -> str:
        """The members of a province; where it has none, the list with that filter or without."""
        url = self.get_members_url("region", code)
        if not url and not self._count_region(code):
            url = self._build_members_url(region=code)
        return url or self._build_members_url()

    # Years

    @cached_property
    def years(self) -> list[YearCount]:
        return count_years(self.listing)

    @property
    def year_columns(self) -> list[charts.YearColumn]:
        return charts.layout_years(self.years)

    @property
    def grid_lines(self) -> list[charts.GridLine]:
        return charts.layout_grid_lines(self.years)

    # Facts

    @cached_property
    def facts(self) -> list[Bar]:
        """How many entries have each fact recorded; empty for a list that is too long."""
        if not 0 < self.listing.total <= MAX_COUNTED_FACTS:
            return []
        labels = dict(Citation.ORGANIZATION_FIELDS) | {"verified_on": _("last verified")}
        counts = count_recorded_facts(list(self.listing.keys()))
        return [
            Bar(str(labels[fact.name]), fact.recorded, fact.total, shows_total=True)
            for fact in counts
            if fact.total
        ]

    @property
    def fact_table(self) -> BarTable:
        title, headings = _("Entries by recorded fact"), (_("Fact"), _("Recorded"))
        return BarTable("facts", title, headings[0], self.facts, headings[1])

    @property
    def max_counted_facts(self) -> str:
        return f"{MAX_COUNTED_FACTS:,}"

    @property
    def records(self) -> list[Record]:
        """Each entry by itself, as long as they are few."""
        if self.listing.total > MAX_LISTED_ENTRIES:
            return []
        return self.listing.get_records(self.listing.keys())

    def iter_csv_rows(self) -> Iterator[list[str]]:
        """Every number as a row of a file: the filter, the value's code, how many."""
        reference_data = self.day_index.reference_data
        filters: dict[str, Collection[str]] = {
            "kind": Kind.values,
            "role": reference_data.role,
            "region": [*(row.code for row in reference_data.provinces), NONE],
            "evidence": EVIDENCE,
        }
        for name, values in filters.items():
            for code, count in self.get_counts(name, values):
                yield [name, code, str(count)]
        for year in self.years:
            yield ["year", str(year.year), str(year.total)]
        yield ["undated", "1", str(self.listing.undated_count)]


def count_recorded_facts(keys: list[int]) -> list[FactCount]:
    """Count each fact's values among these organizations, in two queries."""
    counts = {
        name: Count("pk", filter=~BLANK.get(name, Q(**{name: ""})))
        for name in COUNTED_FACTS
        if name != "sectors"
    }
    schools = Count("pk", filter=~Q(kind=Kind.ENTERPRISE))
    rows = Organization.objects.filter(InKeys("pk", keys))
    row = rows.aggregate(all_kinds=Count("pk"), schools=schools, **counts)
    through = Organization.sectors.through.objects.filter(InKeys("organization", keys))
    row |= through.aggregate(sectors=Count("organization", distinct=True))
    return [
        FactCount(name, row[name], row["schools" if name == "school_code" else "all_kinds"])
        for name in COUNTED_FACTS
    ]


def count_years(listing: Listing) -> list[YearCount]:
    """The listing at the end of each year, up to its own day."""
    last = listing.day_index.date
    years = range(get_first_year(listing), last.year + 1)
    previous = _get_year_end(listing, years[0] - 1)
    before, counts = listing.find_matching(previous), []
    for year in years:
        is_over = year < last.year
        day_index = _get_year_end(listing, year) if is_over else listing.day_index
        here = listing.find_matching(day_index)
        came = here - before
        if day_index.with_undated and not previous.with_undated:
            # Of whom no first day is known are counted from today on, but joined nobody knows when.
            dated = day_index.index.get_day(day_index.date, with_undated=False)
            came &= listing.find_matching(dated)
        end = min(date(year, 12, 31), last)
        query = listing.get_query_string(on=end.isoformat(), view="")
        counts.append(
            YearCount(
                year,
                len(came),
                len(before - here),
                len(here),
                reverse("directory:members") + query,
                "" if end.month == 12 and end.day == 31 else end.isoformat(),
            )
        )
        before, previous = here, day_index
    return counts


def get_first_year(listing: Listing) -> int:
    """The year of the first membership, or the first of the last twelve."""
    last = listing.day_index.date.year
    begun = min(listing.day_index.index.intervals.get_start_days(), default=None)
    first = date.fromordinal(begun).year if begun else last
    return min(last, max(first, last - MAX_YEARS + 1))


def _get_year_end(listing: Listing, year: int) -> DayIndex:
    with_undated = counts_undated(date(year, 12, 31), listing.includes_undated)
    return listing.day_index.index.get_year_end(year, with_undated)
