"""The template contexts of the public pages other than the lists, the home page and sources."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pyroaring import BitMap

from directory.listing import records
from directory.listing.index.bitmaps import DayIndex
from directory.listing.index.reference_data import NONE
from directory.listing.listing import Listing
from directory.listing.loader import load_records
from directory.models import Citation, Community, Organization, Region
from directory.public.html import tile_map
from directory.public.html.tile_map import Tile
from directory.public.pages import changelog, role_seats
from directory.public.pages.filter_panel import Chip
from directory.text.language import get_punctuation

MAX_REGION_MEMBERS = 50
MAX_ROLES_IN_HEAD, MAX_NAMES, MAX_CHANGES, MAX_RELATED = 5, 12, 20, 6


@dataclass(frozen=True)
class StatedSize:
    """What the sources state of a community's size, beside how many members are named."""

    community: Community
    named: int
    citations: list[Citation]

    @property
    def words(self) -> str:
        return self.community.stated_size_label

    @property
    def not_named_label(self) -> str:
        return _("“%(words)s” stated, not named") % {"words": self.words}


@dataclass(frozen=True)
class RegionCount:
    """A region and how many members are in it."""

    region: Region
    count: int


@dataclass(frozen=True)
class RelatedGroup:
    """Other members that have something in common with one."""

    title: str
    organizations: list[Organization]


def get_stated_size(community: Community, named: int, day_index: DayIndex) -> StatedSize | None:
    """None where no source states a size."""
    if not community.stated_size:
        return None
    citations = day_index.reference_data.community_citations.get(community.pk, {})
    return StatedSize(community, named, citations.get("stated_size", []))


def get_page_community(codes: list[str], day_index: DayIndex) -> Community | None:
    """The one community that is filtered for, or the only one there is; else None."""
    communities = day_index.reference_data.community
    if len(codes) == 1 and codes[0] in communities:
        return communities[codes[0]]
    return next(iter(communities.values())) if len(communities) == 1 else None


def get_listing_stated_size(listing: Listing) -> StatedSize | None:
    """The stated size of the listing's community; None where it is limited to some kinds."""
    community = None
    if not listing.only_kinds and not listing.invalid_parameters:
        community = get_page_community(listing.cleaned_data["community"], listing.day_index)
    if community is None:
        return None
    named = len(listing.day_index.get_holders({"community": [community.code]}))
    return get_stated_size(community, named, listing.day_index)


def describe_list(title: str, listing: Listing, chips: list[Chip]) -> str:
    """The title, the number of members and the chosen filters, as a list page's description."""
    colon = get_punctuation().colon
    text = ngettext(
        "%(total)s member of the community with its role, region and evidence.",
        "%(total)s members of the community with their roles, regions and evidence.",
        listing.total,
    )
    count = text % {"total": listing.total}
    filters = "".join(f" {chip.group}{colon}{chip.label}" for chip in chips)
    return f"{title}{colon}{count}{filters}"


def build_region_tiles(day_index: DayIndex, current_code: str = "") -> list[Tile]:
    """The provinces as tiles with their counts, in the order of their codes."""
    count = day_index.get_counter("region", {}, day_index.members)
    provinces = day_index.reference_data.provinces
    return tile_map.build_tiles(provinces, count, current_code=current_code)


# Roles, members


def build_roles_context(day_index: DayIndex) -> dict:
    """The seats of every community."""
    communities = day_index.reference_data.community.values()
    return {"boards": [role_seats.build_board(each, day_index) for each in communities]}


def load_record(row: Organization, day_index: DayIndex) -> records.Record | None:
    """None if it was merged, deleted or withdrawn since the row was read."""
    return next(iter(load_records([row.pk], day_index.reference_data)), None)


def build_member_context(
    row: Organization, record: records.Record, day_index: DayIndex
) -> dict[str, Any]:
    names = record.aliases_with_citations
    return {
        "record": record,
        "organization": row,
        "description": describe_member(record),
        "head_memberships": record.memberships[:MAX_ROLES_IN_HEAD],
        "has_more_memberships": len(record.memberships) > MAX_ROLES_IN_HEAD,
        "first_aliases": names[:MAX_NAMES],
        "more_aliases": names[MAX_NAMES:],
        "contacts": records.get_public_contacts(row),
        "related_groups": get_related_groups(row, day_index),
        "operator": settings.OPERATOR_CONTACT,
        "change_entries": changelog.get_public_changes(number=row.pk).entries[:MAX_CHANGES],
    }


def describe_member(record: records.Record) -> str:
    """Its names, roles, kind and region, as the page's description."""
    row = record.organization
    parts = [row.name, *([row.name_en] if row.name_en else [])]
    parts += [membership.role.label for membership in record.memberships]
    parts += [row.get_kind_display(), *(region.label for region in record.path[-1:])]
    return " · ".join(parts)


def get_related_groups(row: Organization, day_index: DayIndex) -> list[RelatedGroup]:
    """Other members of the same prefecture, the same sectors, and the same communities."""
    prefecture = [row.region_id[:4] + "00"] if row.region_id else []
    sectors = [sector.code for sector in row.sectors.all()]
    communities = [
        code
        for code in day_index.reference_data.community
        if row.pk in day_index.get_holders({"community": [code]})
    ]
    in_communities = day_index.get_holders({"community": communities})
    groups = (
        (_("In the same prefecture"), prefecture, day_index.get_members_with("region", prefecture)),
        (_("In the same sector"), sectors, day_index.get_members_with("sector", sectors)),
        (_("In the same community"), communities, in_communities),
    )
    return [
        RelatedGroup(title, organizations)
        for title, codes, keys in groups
        if codes and (organizations := get_most_senior(keys - BitMap([row.pk]), day_index))
    ]


def get_most_senior(keys: BitMap, day_index: DayIndex) -> list[Organization]:
    return fetch_published_in_order(day_index.iter_sorted(keys, "seniority"), MAX_RELATED)


def fetch_published_in_order(keys: Iterable[int], most: int) -> list[Organization]:
    """The first of these organizations, without those that are no longer published."""
    first = list(islice(keys, most))
    rows = Organization.objects.published().in_bulk(first)
    return [rows[key] for key in first if key in rows]


# Regions


def build_regions_context(day_index: DayIndex) -> dict:
    count = day_index.get_counter("region", {}, day_index.members)
    provinces = day_index.reference_data.provinces
    return {
        "provinces": [RegionCount(row, count(row.code)) for row in provinces],
        "tiles": build_region_tiles(day_index),
        "without_region": count(NONE),
    }


def build_region_context(row: Region, day_index: DayIndex) -> dict:
    reference_data, code = day_index.reference_data, row.code
    count = day_index.get_counter("region", {}, day_index.members)
    children = [RegionCount(r, count(r.code)) for r in reference_data.children.get(code, [])]
    keys = day_index.iter_sorted(day_index.get_members_with("region", [code]), "seniority")
    path = reference_data.get_path(code)
    return {
        "region": row,
        "tiles": build_region_tiles(day_index, path[0].code if path else ""),
        "path": path,
        "count": count(code),
        "total": len(day_index.members),
        "children": children,
        # Those below are counted once each, so what is left is recorded no further down.
        "directly_here": count(code) - sum(child.count for child in children),
        "records": load_records(list(islice(keys, MAX_REGION_MEMBERS)), reference_data),
    }


# About


def build_about_context(day_index: DayIndex) -> dict:
    return {
        "total": len(day_index.members),
        "operator_name": settings.OPERATOR_NAME,
        "operator": settings.OPERATOR_CONTACT,
        "licence": settings.DATA_LICENCE,
    }
