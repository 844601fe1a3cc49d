"""The records of a page, fetched together in three queries, however many members it has."""

from datetime import date
from functools import cache, lru_cache

from django.db import models
from django.db.models import Q

from directory.asking.records import Record, Seat
from directory.asking.vocabulary import Vocabulary
from directory.asking.worded import Worded, made
from directory.models import Alias, Citation, Membership, Organization, Source, State
from directory.models.conditions import Among
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


def fetch(keys: list[int], vocabulary: Vocabulary, on: date | None = None) -> list[Record]:
    """The records of these published organizations, in this order, in three queries.

    Whoever has a record has a published membership, so the memberships bring the organizations.
    """
    if not keys:
        return []
    on = on or today()
    held = _held(on).rows(keys=keys)
    size = len(MEMBERSHIP)
    rows = {values[1]: values[size:] for values in held}
    records = {
        row.pk: Record(row, vocabulary.path(row.region_id), vocabulary)
        for row in made(Organization, ORGANIZATION, rows.values())
    }
    memberships = made(Membership, MEMBERSHIP, (values[:size] for values in held))
    for row in sorted(memberships, key=lambda row: _seniority(row, vocabulary)):
        _seat(records[row.organization_id], row, vocabulary, on)
    for alias in made(Alias, ALIAS, _named().rows(keys=records)):
        records[alias.organization_id].aliases.append(alias)
    _add_citations(records, vocabulary.source)
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
def _cited() -> Worded:
    """Asked by keys that are known by now: an OR across joins would read every citation."""
    owners = Among("organization", "{organization}")
    owners = Q(owners) | Q(Among("alias", "{alias}")) | Q(Among("membership", "{membership}"))
    return Worded(Citation.objects.filter(owners).order_by("source_id", "pk"), *CITATION)


def _seniority(membership: Membership, vocabulary: Vocabulary) -> tuple:
    role = vocabulary.role.get(membership.role_id)
    return (role.rank if role else 0), membership.community_id, membership.pk


def _seat(record: Record, membership: Membership, vocabulary: Vocabulary, on: date) -> None:
    """Put the membership where it belongs, its role and community from the vocabulary."""
    for name, known, key in (
        ("role", vocabulary.role, membership.role_id),
        ("community", vocabulary.community_by_key, membership.community_id),
    ):
        if key in known:
            relate(membership, name, known[key])
    over = membership.until is not None and membership.until <= on
    seats = record.former if over else record.coming
    relate(membership, "organization", record.organization)
    (record.seats if membership.in_force else seats).append(Seat(membership, {}))


def relate(row: models.Model, name: str, other: models.Model) -> None:
    """As `row.name = other`, whose key the row has already: a page has hundreds of them."""
    row._state.fields_cache[name] = other


def _add_citations(records: dict[int, Record], sources: dict[str, Source]) -> None:
    owners = _owners(records)
    for citation in made(Citation, CITATION, _cited().rows(**owners)):
        if citation.source_id in sources:
            relate(citation, "source", sources[citation.source_id])
        kind, target = _hung(citation)
        row, record = owners[kind][target]
        relate(citation, kind, row)
        record.cited.setdefault((kind, target, citation.field), []).append(citation)
    for record in records.values():
        for seat in record.every_seat:
            for name in ("role", "since", "until"):
                seat.citations[name] = record.cited.get(
                    ("membership", seat.membership.pk, name), []
                )


def _hung(citation: Citation) -> tuple[str, int]:
    """On what a citation hangs: its kind and key."""
    if citation.membership_id:
        return "membership", citation.membership_id
    if citation.organization_id:
        return "organization", citation.organization_id
    return "alias", citation.alias_id


def _owners(records: dict[int, Record]) -> dict[str, dict[int, tuple]]:
    """What a citation may hang on, by kind and key, each with its record."""
    every = records.values()
    return {
        "organization": {r.organization.pk: (r.organization, r) for r in every},
        "alias": {alias.pk: (alias, r) for r in every for alias in r.aliases},
        "membership": {s.membership.pk: (s.membership, r) for r in every for s in r.every_seat},
    }
