"""Build the rows of an export file from organizations' public records, by the batch.

Codes, not labels; several values of a cell are in the order of the roles, joined by "; ".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from directory.db import columns
from directory.db.expressions import InKeys
from directory.listing.index.reference_data import ReferenceData
from directory.models import Alias, Membership, Organization
from directory.partial_dates import ISO_LENGTHS
from directory.tabular import SEPARATOR

ORGANIZATION_COLUMNS = (
    "name",
    "name_en",
    "kind",
    "region_id",
    "credit_code",
    "school_code",
    "website",
    "description",
    "description_en",
    "verified_on",
    "verified_on_precision",
)
MEMBERSHIP_COLUMNS = ("organization_id", "role_id", "community_id", "since", "since_precision")
Rows = list[Sequence]


class ExportBatch(NamedTuple):
    """Organization ids, and the rows read of these organizations; each begins with an id."""

    keys: list[int]
    organizations: Rows
    memberships: Rows
    aliases: Rows
    sectors: Rows


def read_batch(keys: list[int], on: date | None, undated: bool = False) -> ExportBatch:
    """Read organizations, their memberships of that day, aliases and sectors in four queries.

    `undated`: also memberships of which no first day is known, on a day before today.
    """
    organizations = Organization.objects.published().filter(InKeys("pk", keys)).order_by()
    memberships = Membership.objects.current(on, undated).filter(InKeys("organization", keys))
    aliases = Alias.objects.filter(InKeys("organization", keys)).order_by("pk")
    sectors = Organization.sectors.through.objects.filter(InKeys("organization", keys))
    return ExportBatch(
        keys,
        columns.read_rows(organizations, "id", *ORGANIZATION_COLUMNS),
        columns.read_rows(memberships.order_by(), *MEMBERSHIP_COLUMNS),
        columns.read_rows(aliases, "organization_id", "name"),
        columns.read_rows(sectors.order_by("sector_id"), "organization_id", "sector_id"),
    )


def build_rows(batch: ExportBatch, reference_data: ReferenceData) -> Iterator[tuple[str, ...]]:
    """Yield the rows of those who are members that day, in the batch's order, cells as text."""
    values = {key: others for key, *others in batch.organizations}
    roles_by_key, names = (
        _format_roles(batch.memberships, reference_data),
        reference_data.full_names,
    )
    aliases, sectors = _join_values(batch.aliases), _join_values(batch.sectors)
    for key in batch.keys:
        if key not in values or key not in roles_by_key:
            continue
        name, name_en, kind, region, credit, school, site, about, about_en, *verified = values[key]
        roles, communities, since = roles_by_key[key]
        yield (
            str(key),
            name,
            name_en,
            kind,
            roles,
            communities,
            since,
            region or "",
            names.get(region, ""),
            credit,
            school,
            site,
            sectors.get(key, ""),
            aliases.get(key, ""),
            about,
            about_en,
            _format_date(*verified),
        )


def _format_roles(rows: Rows, reference_data: ReferenceData) -> dict[int, tuple[str, str, str]]:
    """Return the cells of roles, communities and first days by organization id.

    The roles are in the order of their rank, the others in the order of the roles.
    """
    ranks = {code: role.rank for code, role in reference_data.role.items()}
    codes = {key: community.code for key, community in reference_data.community_by_key.items()}
    by_key: dict[int, list] = {}
    for key, role, community, since, precision in rows:
        if role in ranks and community in codes:
            membership = ranks[role], codes[community], role, _format_date(since, precision)
            if key in by_key:
                by_key[key].append(membership)
            else:
                by_key[key] = [membership]
    return {key: _join_roles(memberships) for key, memberships in by_key.items()}


def _format_date(day: str | None, precision: str) -> str:
    """Return a partial date that is stored as its first day: 2023-11-13, 2023-11 or 2023."""
    return day[: ISO_LENGTHS[precision]] if day else ""


def _join_roles(memberships: list) -> tuple[str, str, str]:
    if len(memberships) == 1:
        [(_rank, community, role, since)] = memberships
        return role, community, since
    _ranks, communities, roles, since = zip(*sorted(memberships), strict=True)
    return (
        SEPARATOR.join(roles),
        SEPARATOR.join(communities),
        SEPARATOR.join(since) if any(since) else "",
    )


def _join_values(pairs: Iterable[Sequence]) -> dict[int, str]:
    by_key: dict[int, list[str]] = defaultdict(list)
    for key, value in pairs:
        by_key[key].append(value)
    return {key: SEPARATOR.join(values) for key, values in by_key.items()}
