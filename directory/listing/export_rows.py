"""The public record as a row of a file: its columns, and the rows of a list by the batch.

Codes, not labels; several values of a column stand in the order of the roles, joined by "; ".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from directory.db import columns
from directory.db.expressions import Among
from directory.listing.index.reference_data import Vocabulary
from directory.models import Alias, Membership, Organization
from directory.tabular import JOIN

PLAIN = (
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
)
Rows = list[tuple]


class Read(NamedTuple):
    """What the database says of these organizations, each in rows that begin with its id."""

    keys: list[int]
    plain: Rows
    seats: Rows
    aliases: Rows
    sectors: Rows


def read(keys: list[int], on: date | None) -> Read:
    """In four queries: the organizations, what each holds that day, its aliases, its sectors."""
    organizations = Organization.objects.published().filter(Among("pk", keys)).order_by()
    held = Membership.objects.current(on).filter(Among("organization", keys)).order_by()
    aliases = Alias.objects.filter(Among("organization", keys)).order_by("pk")
    sectors = Organization.sectors.through.objects.filter(Among("organization", keys))
    return Read(
        keys,
        columns.rows(organizations, "id", *PLAIN),
        columns.rows(held, "organization_id", "role_id", "community_id", "since"),
        columns.rows(aliases, "organization_id", "name"),
        columns.rows(sectors.order_by("sector_id"), "organization_id", "sector_id"),
    )


def told(found: Read, vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    """The rows of those who are members that day, in the order asked, each cell as text."""
    plain = {key: values for key, *values in found.plain}
    seats, names = _seats(found.seats, vocabulary), vocabulary.full_names
    aliases, sectors = _gathered(found.aliases), _gathered(found.sectors)
    for key in found.keys:
        if key not in plain or key not in seats:
            continue
        name, name_en, kind, region, credit, school, site, about, about_en, verified = plain[key]
        roles, communities, since = seats[key]
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
            verified or "",
        )


def _seats(rows: Rows, vocabulary: Vocabulary) -> dict[int, tuple[str, str, str]]:
    """The roles of each by their rank, and beside each role its community and its first day."""
    ranks = {code: role.rank for code, role in vocabulary.role.items()}
    codes = {key: community.code for key, community in vocabulary.community_by_key.items()}
    held: dict[int, list] = {}
    for key, role, community, since in rows:
        if role in ranks and community in codes:
            seat = ranks[role], codes[community], role, since or ""
            if key in held:
                held[key].append(seat)
            else:
                held[key] = [seat]
    return {key: _beside(seats) for key, seats in held.items()}


def _beside(seats: list) -> tuple[str, str, str]:
    if len(seats) == 1:
        [(_rank, community, role, since)] = seats
        return role, community, since
    _ranks, communities, roles, since = zip(*sorted(seats), strict=True)
    return JOIN.join(roles), JOIN.join(communities), JOIN.join(since) if any(since) else ""


def _gathered(pairs: Iterable[tuple[int, str]]) -> dict[int, str]:
    found: dict[int, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: JOIN.join(values) for key, values in found.items()}
