"""The records of a page, fetched together in three queries, however many members it has."""

from datetime import date
from functools import cache, lru_cache

from django.db import models
from django.db.models import Q

from directory.db.bulk import made
from directory.db.expressions import Among
from directory.db.prepared import Worded
from directory.listing.index.reference_data import Vocabulary
from directory.listing.records import Record, Seat
from directory.models import Alias, Citation, Membership, Organization, Source, State
from directory.models.membership import today

# What a record is made of.
ORGANIZATION = (
    *("id", "name", "name_en", "kind", "region_id", "credit_code", "school_code", "website"),
    *("description", "description_en", "verified_on", "state", "slug"),
)
MEMBERSHIP = ("id", "organization_id", "community_id", "role_id", "since", "until", "in_force")
ALIAS = ("id", "organization_id", "name", "sort", "language")
CITATION = (
    *("id", "source_id", "evidence", "passage", "place", "language", "note", "note_en", "field"),
    *("organization_id", "alias_id", "membership_id", "community_id"),
)


def fetch(
    keys: list[int], vocabulary: Vocabulary, on: date | None = None, brief: bool = False
) -> list[Record]:
    """The records of these published organizations, in this order, in three queries.

    Whoever has a record has a published membership, so the memberships bring the organizations.
    `brief`: with no citations but those of the roles, as a line of a long list shows them.
    """
    if not keys:
        return []
    on = on or today()
    held = _held(on).rows(keys=keys)
    size = len(MEMBERSHIP)
    rows = {values[1]: values[size:] for values in held}
    records = {
        row.id: Record(row, vocabulary.path(row.region_id), vocabulary)
        for row in made(Organization, ORGANIZATION, rows.values())
    }
    memberships = made(Membership, MEMBERSHIP, (values[:size] for values in held))
    for row in sorted(memberships, key=lambda row: _seniority(row, vocabulary)):
        _seat(records[row.organization_id], row, vocabulary, on)
    for alias in made(Alias, ALIAS, _named().rows(keys=records)):
        records[alias.organization_id].aliases.append(alias)
    _add_citations(records, vocabulary.source, brief)
    return [records[key] for key in keys if key in records]


@lru_cache(maxsize=100)
def _held(on: date) -> Worded:
    """The published memberships of published organizations, each with its organization."""
    held = Membership.objects.published().filter(
        Among("organization", "{keys}"), organization__state=State.PUBLISHED
    )
    organization = (f"organization__{name}" for name in ORGANIZATION)
    return Worded(held.judged(on).order_by(), *MEMBERSHIP, *organization)


@cache
def _named() -> Worded:
    return Worded(Alias.objects.filter(Among("organization", "{keys}")).order_by("pk"), *ALIAS)


@cache
def _cited(brief: bool) -> Worded:
    """Asked by keys that are known by now: an OR across joins would read every citation."""
    held, owners = Among("membership", "{membership}"), Among("organization", "{organization}")
    every = Q(owners) | Q(Among("alias", "{alias}")) | Q(held)
    wanted = Q(held, field="role") if brief else every
    return Worded(Citation.objects.filter(wanted).order_by("source_id", "pk"), *CITATION)


def _seniority(membership: Membership, vocabulary: Vocabulary) -> tuple:
    role = vocabulary.role.get(membership.role_id)
    return (role.rank if role else 0), membership.community_id, membership.id


def _seat(record: Record, membership: Membership, vocabulary: Vocabulary, on: date) -> None:
    """Put the membership where it belongs, its role and community from the vocabulary."""
    role, community = membership.role_id, membership.community_id
    known = {"organization": record.organization}
    if role in vocabulary.role:
        known["role"] = vocabulary.role[role]
    if community in vocabulary.community_by_key:
        known["community"] = vocabulary.community_by_key[community]
    relate(membership, known)
    over = membership.until is not None and membership.until <= on
    seats = record.former if over else record.coming
    (record.seats if membership.in_force else seats).append(Seat(membership))


def relate(row: models.Model, others: dict[str, models.Model]) -> None:
    """As `row.name = other`, whose key the row has already: a page has hundreds of them."""
    row._state.fields_cache = others


def _add_citations(records: dict[int, Record], sources: dict[str, Source], brief: bool) -> None:
    owners = _owners(records)
    for citation in made(Citation, CITATION, _cited(brief).rows(**owners)):
        kind, target = _hung(citation)
        row, record, seat = owners[kind][target]
        source = sources.get(citation.source_id)
        relate(citation, {kind: row} | ({"source": source} if source else {}))
        record.cited.setdefault((kind, target, citation.field), []).append(citation)
        if seat:
            seat.citations[citation.field].append(citation)


def _hung(citation: Citation) -> tuple[str, int]:
    """On what a citation hangs: its kind and key."""
    if citation.membership_id:
        return "membership", citation.membership_id
    if citation.organization_id:
        return "organization", citation.organization_id
    return "alias", citation.alias_id


def _owners(records: dict[int, Record]) -> dict[str, dict[int, tuple]]:
    """What a citation may hang on, by kind and key, each with its record, and a role its seat."""
    every = records.values()
    return {
        "organization": {key: (r.organization, r, None) for key, r in records.items()},
        "alias": {alias.id: (alias, r, None) for r in every for alias in r.aliases},
        "membership": {s.membership.id: (s.membership, r, s) for r in every for s in r.every_seat},
    }
