"""The members of an asked list as numbers: by kind, role, province, evidence, year, and fact."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from pyroaring import BitMap

from directory.db.expressions import Among
from directory.listing.filters import EVIDENCE
from directory.listing.index.bitmaps import Day
from directory.listing.index.reference_data import NONE
from directory.listing.listing import Listing
from directory.listing.records import Record
from directory.models import Citation, Kind, Organization
from directory.public.html import charts, tile_map
from directory.public.html.charts import Bar, Column
from directory.public.pages.filter_panel import Panel

MOST_YEARS = 12
# Facts are counted in the database: for a longer list it would take too long.
MOST_JUDGED = 20_000
FEW = 20
FILLED = ("name_en", "region", "credit_code", "school_code", "website", "description",
          "description_en", "verified_on")  # fmt: skip
COLUMNS = ("question", "value", "members")


@dataclass
class Table:
    """One question of the list: its title and the bars of its values."""

    name: str
    title: str
    head: str
    bars: list[Bar]


class Statistics:
    def __init__(self, listing: Listing):
        self.listing, self.panel, self.day = listing, Panel(listing), listing.index

    def counted(self, name: str, values) -> list[tuple[str, int]]:
        count = self.day.counts(name, self.listing.choices, self.listing.found)
        return [(value, count(value)) for value in values]

    def bars(self, name: str, values) -> list[Bar]:
        marked = name == "evidence"
        return [
            Bar(
                self.panel.label(name, code),
                count,
                self.listing.total,
                self.address(name, code) if count else "",
                code if marked and code != NONE else "",
            )
            for code, count in self.counted(name, values)
        ]

    def address(self, name: str, code: str) -> str:
        """The list of just these; none where the same question is already narrowed."""
        asked = self.listing.asked.get(name)
        if asked and code not in asked:
            return ""
        question = self.listing.question(**{name: code}, view="")
        return reverse("directory:members") + question

    @property
    def kinds(self) -> Table:
        return Table("kind", _("By kind"), _("Kind"), self.bars("kind", Kind.values))

    @property
    def tables(self) -> list[Table]:
        roles = self.bars("role", self.day.vocabulary.role)
        evidence = self.bars("evidence", EVIDENCE)
        return [
            self.kinds,
            Table("role", _("By role"), _("Role"), roles),
            Table("evidence", _("By evidence of the role"), _("Evidence"), evidence),
        ]

    @property
    def provinces(self) -> list[Bar]:
        """Where anybody is, the most first; then those without a region."""
        codes = [row.code for row in self.day.vocabulary.provinces]
        used = [bar for bar in self.bars("region", codes) if bar.count]
        used.sort(key=lambda bar: -bar.count)
        return used + [bar for bar in self.bars("region", [NONE]) if bar.count]

    @property
    def tiles(self) -> list[tile_map.Tile]:
        count = self.day.counts("region", self.listing.choices, self.listing.found)
        return tile_map.tiles(self.day.vocabulary.provinces, count, self.of_tile)

    def of_tile(self, code: str) -> str:
        """A square always leads somewhere: where nobody is, to the question about that place."""
        narrowed = self.day.counts("region", self.listing.choices, self.listing.found)(code)
        found = self.address("region", code)
        if not found and not narrowed:
            found = reverse("directory:members") + self.listing.question(region=code, view="")
        return found or reverse("directory:members") + self.listing.question(view="")

    # Years

    @cached_property
    def columns(self) -> list[Column]:
        return years(self.listing)

    @property
    def standing(self) -> list[charts.Standing]:
        return charts.standing(self.columns)

    @property
    def rules(self) -> list[tuple[int, float]]:
        return charts.rules(self.columns)

    # Facts

    @property
    def facts(self) -> list[Bar]:
        """How many entries answer each question; nothing for a list that is too long."""
        if not 0 < self.listing.total <= MOST_JUDGED:
            return []
        labels = dict(Citation.ORGANIZATION_FIELDS) | {"verified_on": _("last verified")}
        found = recorded(list(self.listing.keys()))
        return [Bar(str(labels[name]), found[name], found[f"of_{name}"]) for name in found["asked"]]

    @property
    def most_judged(self) -> str:
        return f"{MOST_JUDGED:,}"

    @property
    def entries(self) -> list[Record]:
        """Each entry by itself, as long as they are few."""
        if self.listing.total > FEW:
            return []
        return self.listing.records(self.listing.keys())

    def lines(self):
        """Every number as a row of a file: the question, the value's code, how many."""
        known = self.day.vocabulary
        provinces = [row.code for row in known.provinces]
        asked = {
            "kind": Kind.values,
            "role": known.role,
            "region": [*provinces, NONE],
            "evidence": EVIDENCE,
        }
        for name, values in asked.items():
            for code, count in self.counted(name, values):
                yield [name, code, str(count)]
        for column in self.columns:
            yield ["year", str(column.year), str(column.total)]


def recorded(keys: list[int]) -> dict:
    """How many of these organizations have a value for each fact, and of how many it is asked."""
    asked = (*FILLED[:5], "sectors", *FILLED[5:])
    blank = {"region": Q(region=None), "verified_on": Q(verified_on=None)}
    counts = {n: Count("pk", filter=~blank.get(n, Q(**{n: ""}))) for n in FILLED}
    these = Organization.objects.filter(Among("pk", keys))
    schools = Count("pk", filter=~Q(kind=Kind.ENTERPRISE))
    found = these.aggregate(everyone=Count("pk"), schools=schools, **counts)
    through = Organization.sectors.through.objects.filter(Among("organization", keys))
    found["sectors"] = through.aggregate(n=Count("organization", distinct=True))["n"]
    of = {f"of_{n}": found["schools" if n == "school_code" else "everyone"] for n in asked}
    return found | of | {"asked": [n for n in asked if of[f"of_{n}"]]}


def years(listing: Listing) -> list[Column]:
    """Who answers the same question at the end of each year, up to the day that is asked for."""
    last, index = listing.index.day, listing.index.index
    begun = min(index.tenures.begun(), default=None)
    first = date.fromordinal(begun).year if begun else last.year
    first = min(last.year, max(first, last.year - MOST_YEARS + 1))
    before, found = answering(listing, index.at_year_end(first - 1)), []
    for year in range(first, last.year + 1):
        is_over = year < last.year
        here = answering(listing, index.at_year_end(year) if is_over else listing.index)
        end = min(date(year, 12, 31), last)
        found.append(
            Column(
                year,
                len(here - before),
                len(before - here),
                len(here),
                reverse("directory:members") + listing.question(on=end.isoformat(), view=""),
                "" if end.month == 12 and end.day == 31 else end.isoformat(),
            )
        )
        before = here
    return found


def answering(listing: Listing, day: Day) -> BitMap:
    words = listing.hits[1] if listing.q else day.everyone
    return day.answer(listing.choices) & words
