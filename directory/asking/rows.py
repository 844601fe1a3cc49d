"""The public record as a row of a file: its columns, and the rows of a list by the batch.

Codes, not labels; several values of a column stand in the order of the roles, joined by "; ".
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models.expressions import RawSQL

from directory.asking import gathering
from directory.asking.gathering import among
from directory.asking.vocabulary import Vocabulary
from directory.columns import JOIN
from directory.models import Alias, Membership, Organization

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
Several = dict[int, list]


def fetch(keys: list[int], vocabulary: Vocabulary, on: date | None) -> list[list[str]]:
    """The rows of these members, in this order, each cell as text; in four queries."""
    these = among(keys)
    found = Organization.objects.published().filter(pk__in=these).order_by()
    plain = {key: values for key, *values in gathering.rows(found, "id", *PLAIN)}
    seats, aliases, sectors = _seats(these, vocabulary, on), _aliases(these), _sectors(these)
    return [
        _row(key, plain[key], seats[key], aliases[key], sectors[key], vocabulary)
        for key in keys
        if key in plain and key in seats
    ]


def _row(key: int, plain: list, seats: list, aliases: list, sectors: list, vocabulary) -> list[str]:
    name, name_en, kind, region, credit, school, site, about, about_en, verified = plain
    _ranks, communities, roles, since = zip(*sorted(seats), strict=True)
    return [
        str(key),
        name,
        name_en,
        kind,
        JOIN.join(roles),
        JOIN.join(communities),
        JOIN.join(since) if any(since) else "",
        region or "",
        vocabulary.full_name(region),
        credit,
        school,
        site,
        JOIN.join(sectors),
        JOIN.join(aliases),
        about,
        about_en,
        verified or "",
    ]


def _seats(these: RawSQL, vocabulary: Vocabulary, on: date | None) -> Several:
    """What each holds that day as `(rank, community, role, since)`."""
    held = Membership.objects.current(on).filter(organization__in=these).order_by()
    ranks = {code: role.rank for code, role in vocabulary.role.items()}
    codes = {key: community.code for key, community in vocabulary.community_by_key.items()}
    found: Several = defaultdict(list)
    columns = "organization_id", "role_id", "community_id", "since"
    for key, role, community, since in gathering.rows(held, *columns):
        if role in ranks and community in codes:
            found[key].append((ranks[role], codes[community], role, since or ""))
    return found


def _aliases(these: RawSQL) -> Several:
    rows = Alias.objects.filter(organization__in=these).order_by("pk")
    return _gathered(gathering.rows(rows, "organization_id", "name"))


def _sectors(these: RawSQL) -> Several:
    through = Organization.sectors.through.objects.filter(organization__in=these)
    rows = through.order_by("sector_id")
    return _gathered(gathering.rows(rows, "organization_id", "sector_id"))


def _gathered(pairs: Iterable[tuple[int, str]]) -> Several:
    found: Several = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
