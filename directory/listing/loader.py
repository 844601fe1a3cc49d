"""Load the records of a page in three queries, however many members it has."""

from datetime import date
from functools import cache, lru_cache
from typing import cast

from django.db import models
from django.db.models import Q

from directory.db.bulk import build_instances
from directory.db.expressions import InKeys
from directory.db.prepared import PreparedQuery
from directory.listing.index.reference_data import ReferenceData
from directory.listing.records import Record, RecordMembership
from directory.models import Alias, Citation, Membership, Organization, Source, State
from directory.models.membership import counts_undated, today

# The columns that a record is made of. `directory.checks` compares them with the models' fields.
ORGANIZATION_COLUMNS = (
    *("id", "name", "name_en", "kind", "region_id", "credit_code", "school_code", "website"),
    *("description", "description_en", "verified_on", "verified_on_precision", "state", "slug"),
)
MEMBERSHIP_COLUMNS = (
    "id",
    "organization_id",
    "community_id",
    "role_id",
    "since",
    "since_precision",
    "until",
    "until_precision",
    "in_force",
)
ALIAS_COLUMNS = ("id", "organization_id", "name", "sort", "language")
CITATION_COLUMNS = (
    *("id", "source_id", "evidence", "passage", "place", "language", "note", "note_en", "field"),
    *("organization_id", "alias_id", "membership_id", "community_id"),
)


def load_records(
    keys: list[int],
    reference_data: ReferenceData,
    on: date | None = None,
    brief: bool = False,
    undated: bool = False,
) -> list[Record]:
    """Return the records of these published organizations, in this order, in three queries.

    Whoever has a record has a published membership, so the organizations are joined to these.
    `brief`: with no citations but those of the roles, as an item of a long list shows them.
    `undated`: roles of which no first day is known are in force on days before today as well.
    """
    if not keys:
        return []
    on = on or today()
    rows = _get_membership_query(on, counts_undated(on, undated)).fetch(keys=keys)
    size = len(MEMBERSHIP_COLUMNS)
    organizations = {values[1]: values[size:] for values in rows}
    records = {
        row.id: Record(row, reference_data.get_path(row.region_id), reference_data)
        for row in build_instances(Organization, ORGANIZATION_COLUMNS, organizations.values())
    }
    memberships = build_instances(
        Membership, MEMBERSHIP_COLUMNS, (values[:size] for values in rows)
    )
    for membership in sorted(memberships, key=lambda row: _get_seniority(row, reference_data)):
        _add_membership(records[membership.organization_id], membership, reference_data, on)
    for alias in build_instances(Alias, ALIAS_COLUMNS, _get_alias_query().fetch(keys=records)):
        records[alias.organization_id].aliases.append(alias)
    _add_citations(records, reference_data.source, brief)
    return [records[key] for key in keys if key in records]


@lru_cache(maxsize=100)
def _get_membership_query(on: date, undated: bool) -> PreparedQuery:
    """Return the query of published memberships, each with its published organization."""
    memberships = Membership.objects.published().filter(
        InKeys("organization", "{keys}"), organization__state=State.PUBLISHED
    )
    organization = (f"organization__{name}" for name in ORGANIZATION_COLUMNS)
    rows = memberships.with_in_force(on, undated).order_by()
    return PreparedQuery(rows, *MEMBERSHIP_COLUMNS, *organization)


@cache
def _get_alias_query() -> PreparedQuery:
    return PreparedQuery(
        Alias.objects.filter(InKeys("organization", "{keys}")).order_by("pk"), *ALIAS_COLUMNS
    )


@cache
def _get_citation_query(brief: bool) -> PreparedQuery:
    """Return the query of the citations that speak, by the keys of what they cite.

    The keys are known by then: an OR across joins would read every citation.
    """
    of_membership = InKeys("membership", "{membership}")
    of_organization, of_alias = InKeys("organization", "{organization}"), InKeys("alias", "{alias}")
    condition = Q(of_organization) | Q(of_alias) | Q(of_membership)
    relations: tuple[str, ...] = ("organization", "alias", "membership")
    if brief:
        condition, relations = Q(of_membership, field="role"), ("membership",)
    citations = Citation.objects.filter(condition).speaking(*relations)
    return PreparedQuery(citations.order_by("source_id", "pk"), *CITATION_COLUMNS)


def _get_seniority(membership: Membership, reference_data: ReferenceData) -> tuple:
    role = reference_data.role.get(membership.role_id)
    return (role.rank if role else 0), membership.community_id, membership.id


def _add_membership(
    record: Record, membership: Membership, reference_data: ReferenceData, on: date
) -> None:
    """Add the membership to the record, with its role and community from the reference data."""
    role, community = membership.role_id, membership.community_id
    related: dict[str, models.Model] = {"organization": record.organization}
    if role in reference_data.role:
        related["role"] = reference_data.role[role]
    if community in reference_data.community_by_key:
        related["community"] = reference_data.community_by_key[community]
    set_related(membership, related)
    is_over = membership.until is not None and membership.until <= on
    others = record.former_memberships if is_over else record.upcoming_memberships
    in_force = membership.in_force  # type: ignore[attr-defined]  # annotated by the query
    (record.memberships if in_force else others).append(RecordMembership(membership))


def set_related(row: models.Model, others: dict[str, models.Model]) -> None:
    """Set related instances whose keys the row has already.

    `row.name = other` does the same more slowly, and a page has hundreds of them.
    """
    row._state.fields_cache = others


def _add_citations(records: dict[int, Record], sources: dict[str, Source], brief: bool) -> None:
    owners = _get_owners(records)
    for citation in build_instances(
        Citation, CITATION_COLUMNS, _get_citation_query(brief).fetch(**owners)
    ):
        kind, target = _get_target(citation)
        row, record, membership = owners[kind][target]
        source = sources.get(citation.source_id)
        set_related(citation, {kind: row} | ({"source": source} if source else {}))
        record.citations.setdefault((kind, target, citation.field), []).append(citation)
        if membership:
            membership.citations[citation.field].append(citation)


def _get_target(citation: Citation) -> tuple[str, int]:
    """Return what a citation cites: the name of its relation and its key."""
    if citation.membership_id:
        return "membership", citation.membership_id
    if citation.organization_id:
        return "organization", citation.organization_id
    return "alias", cast(int, citation.alias_id)  # one of the three is set, by a constraint


def _get_owners(records: dict[int, Record]) -> dict[str, dict[int, tuple]]:
    """Return what citations may cite, by relation and key, as row, record and record membership."""
    every = records.values()
    return {
        "organization": {key: (r.organization, r, None) for key, r in records.items()},
        "alias": {alias.id: (alias, r, None) for r in every for alias in r.aliases},
        "membership": {
            s.membership.id: (s.membership, r, s) for r in every for s in r.all_memberships
        },
    }
