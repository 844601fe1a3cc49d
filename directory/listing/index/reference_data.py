"""The rows that questions are asked about, and what pages have called them before."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from directory import codes
from directory.models import Citation, Community, Region, Role, Sector, Source

NONE = "none"


@dataclass
class Vocabulary:
    """The rows that questions are asked about, by their codes, in their own order."""

    role: dict[str, Role]
    community: dict[str, Community]
    region: dict[str, Region]
    sector: dict[str, Sector]
    source: dict[str, Source]
    # What is said of each community, by the fact: `said[community.pk]["purpose"]`.
    said: dict[int, dict[str, list[Citation]]] = field(default_factory=dict)
    # What pages have called them and drawn of them before, by language.
    labels: dict[str, dict[tuple, Any]] = field(default_factory=dict)
    # The way down to each region.
    paths: dict[str | None, list[Region]] = field(default_factory=dict)
    # What each region is named, as a hit tells it (`matches.py`).
    named: dict[str, list] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Vocabulary":
        return cls(
            role={row.code: row for row in Role.objects.all()},
            community={row.code: row for row in Community.objects.select_related("region")},
            region={row.code: row for row in Region.objects.all()},
            sector={row.code: row for row in Sector.objects.all()},
            source=Source.objects.in_bulk(),
            said=_said(),
        )

    @cached_property
    def provinces(self) -> list[Region]:
        return [row for row in self.region.values() if row.level == Region.Level.PROVINCE]

    @cached_property
    def below(self) -> dict[str, list[Region]]:
        """The real regions one rung below each; a rung that is only virtual is stepped over."""
        found: dict[str, list[Region]] = defaultdict(list)
        for row in self.region.values():
            above = self.path(row.code)[:-1] if not row.virtual else []
            if above:
                found[above[-1].code].append(row)
            rung = row.code[:4] + "00"
            if rung != row.code and rung in self.region and self.region[rung].virtual:
                found[rung].append(row)
        return found

    @cached_property
    def holder(self) -> dict[str, str]:
        """By what the codes in the real region begin that holds each; "" where none does."""
        above = {code: self.path(code)[-2:-1] for code in self.region}
        return {code: held[0].code.rstrip("0") if held else "" for code, held in above.items()}

    @cached_property
    def region_or_none(self) -> frozenset[str]:
        return frozenset((*self.region, NONE))

    @cached_property
    def sector_or_none(self) -> frozenset[str]:
        return frozenset((*self.sector, NONE))

    @cached_property
    def community_by_key(self) -> dict[int, Community]:
        return {row.pk: row for row in self.community.values()}

    @cached_property
    def full_names(self) -> dict[str, str]:
        return {code: " ".join(row.name for row in self.path(code)) for code in self.region}

    def full_name(self, code: str | None) -> str:
        """The Chinese names on the way down, as files write them."""
        return self.full_names.get(code or "", "")

    def path(self, code: str | None) -> list[Region]:
        """The real regions on the way down to this one."""
        if code not in self.paths:
            rungs = codes.region_rungs(code) if code else []
            found = [self.region[rung] for rung in rungs if rung in self.region]
            self.paths[code] = [row for row in found if not row.virtual]
        return self.paths[code]


def _said() -> dict[int, dict[str, list[Citation]]]:
    found: dict[int, dict[str, list[Citation]]] = defaultdict(dict)
    rows = Citation.objects.filter(community__isnull=False).select_related("source")
    for row in rows.order_by("source", "pk"):
        found[row.community_id].setdefault(row.field, []).append(row)
    return found
