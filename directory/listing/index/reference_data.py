"""The rows that filters refer to, held in memory: roles, communities, regions, sectors, sources."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from directory import codes
from directory.models import Citation, Community, Region, Role, Sector, Source

NONE = "none"


@dataclass
class ReferenceData:
    """The rows that filters refer to, by their codes, in their own order, with caches of texts."""

    role: dict[str, Role]
    community: dict[str, Community]
    region: dict[str, Region]
    sector: dict[str, Sector]
    source: dict[str, Source]
    # The citations of each community, by the fact: `community_citations[community.pk]["purpose"]`.
    community_citations: dict[int, dict[str, list[Citation]]] = field(default_factory=dict)
    # Labels and HTML that pages have made of the rows before, by language.
    label_cache: dict[str, dict[tuple, Any]] = field(default_factory=dict)
    path_cache: dict[str | None, list[Region]] = field(default_factory=dict)
    # The names of each region, as search matches show them (`matches.py`).
    name_cache: dict[str, list] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "ReferenceData":
        return cls(
            role={row.code: row for row in Role.objects.all()},
            community={row.code: row for row in Community.objects.select_related("region")},
            region={row.code: row for row in Region.objects.all()},
            sector={row.code: row for row in Sector.objects.all()},
            source=Source.objects.in_bulk(),
            community_citations=_load_community_citations(),
        )

    @cached_property
    def provinces(self) -> list[Region]:
        return [row for row in self.region.values() if row.level == Region.Level.PROVINCE]

    @cached_property
    def children(self) -> dict[str, list[Region]]:
        """The real regions directly below each; a level that is only virtual is skipped."""
        children: dict[str, list[Region]] = defaultdict(list)
        for row in self.region.values():
            ancestors = self.get_path(row.code)[:-1] if not row.virtual else []
            if ancestors:
                children[ancestors[-1].code].append(row)
            parent = row.code[:4] + "00"
            if parent != row.code and parent in self.region and self.region[parent].virtual:
                children[parent].append(row)
        return children

    @cached_property
    def parent_prefix(self) -> dict[str, str]:
        """The common prefix of the codes in each region's real parent; "" where there is none."""
        parents = {code: self.get_path(code)[-2:-1] for code in self.region}
        return {code: rows[0].code.rstrip("0") if rows else "" for code, rows in parents.items()}

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
        """The Chinese names on the path to each region, as files write them."""
        return {code: " ".join(row.name for row in self.get_path(code)) for code in self.region}

    def get_full_name(self, code: str | None) -> str:
        return self.full_names.get(code or "", "")

    def get_path(self, code: str | None) -> list[Region]:
        """Return the real regions from the province down to this one."""
        if code not in self.path_cache:
            path = codes.get_region_path(code) if code else []
            rows = [self.region[each] for each in path if each in self.region]
            self.path_cache[code] = [row for row in rows if not row.virtual]
        return self.path_cache[code]


def _load_community_citations() -> dict[int, dict[str, list[Citation]]]:
    citations: dict[int, dict[str, list[Citation]]] = defaultdict(dict)
    rows = Citation.objects.speaking("community").select_related("source")
    for row in rows.order_by("source", "pk"):
        if row.community_id is not None:  # always, by the filter
            citations[row.community_id].setdefault(row.field, []).append(row)
    return citations
