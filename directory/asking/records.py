"""The public record of an organization: what is known of it, and how it is known."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext as _

from directory.asking.vocabulary import Vocabulary
from directory.models import (
    Alias,
    Citation,
    Contact,
    Kind,
    Membership,
    Organization,
    Region,
    Source,
    State,
)
from directory.models.membership import today

# The eleven questions that every record answers or leaves "not recorded".
FACTS = (
    "name",
    "name_en",
    "kind",
    "region",
    "school_code",
    "credit_code",
    "website",
    "sectors",
    "description",
    "description_en",
    "verified_on",
)
MEMBERSHIP = [field.attname for field in Membership._meta.concrete_fields]
ORGANIZATION = [field.attname for field in Organization._meta.concrete_fields]


@dataclass
class Fact:
    """One question of the record: its words, its value (or none), and its citations."""

    name: str
    label: str
    value: object
    citations: list[Citation]
    applies: bool = True

    @property
    def recorded(self) -> bool:
        return bool(self.value)


@dataclass
class Seat:
    """A published membership as the record shows it."""

    membership: Membership
    citations: dict[str, list[Citation]]

    @property
    def since(self) -> date | None:
        return self.membership.since

    @property
    def until(self) -> date | None:
        return self.membership.until

    @property
    def role(self):
        return self.membership.role

    @property
    def community(self):
        return self.membership.community


@dataclass
class Record:
    """All that the public may know of one organization, read together."""

    organization: Organization
    path: list[Region]
    vocabulary: Vocabulary
    seats: list[Seat] = field(default_factory=list)
    former: list[Seat] = field(default_factory=list)
    coming: list[Seat] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    cited: dict[tuple[str, int, str], list[Citation]] = field(default_factory=dict)

    @property
    def names(self) -> list[tuple[str, str]]:
        return self.organization.names

    @property
    def is_member(self) -> bool:
        return bool(self.seats)

    @property
    def senior(self) -> Seat | None:
        return self.seats[0] if self.seats else None

    def of(self, name: str) -> list[Citation]:
        """The citations of one of the organization's own fields."""
        return self.cited.get(("organization", self.organization.pk, name), [])

    @property
    def of_name(self) -> list[Citation]:
        return self.of("name")

    @property
    def of_region(self) -> list[Citation]:
        return self.of("region")

    @property
    def more_aliases(self) -> int:
        """How many aliases a list leaves out after the first two."""
        return max(0, len(self.aliases) - 2)

    @property
    def spellings(self) -> list[tuple[Alias, list[Citation]]]:
        return [(alias, self.cited.get(("alias", alias.pk, ""), [])) for alias in self.aliases]

    @property
    def facts(self) -> list[Fact]:
        labels = dict(Citation.ORGANIZATION_FIELDS) | {
            "name": _("Chinese name"),
            "verified_on": _("last verified"),
        }
        row = self.organization
        values = {
            "kind": row.get_kind_display(),
            "region": self.path,
            "sectors": list(row.sectors.all()),
        }
        return [
            Fact(
                name,
                labels[name],
                values[name] if name in values else getattr(row, name),
                self.of(name),
                applies=name != "school_code" or row.kind != Kind.ENTERPRISE,
            )
            for name in FACTS
        ]

    @property
    def answered(self) -> tuple[int, int]:
        """How many questions are answered, of how many that apply."""
        asked = [fact for fact in self.facts if fact.applies]
        return sum(fact.recorded for fact in asked), len(asked)

    @property
    def blanks(self) -> list[Fact]:
        """The questions that apply and are not answered."""
        return [fact for fact in self.facts if fact.applies and not fact.recorded]

    @property
    def every_seat(self) -> list[Seat]:
        return [*self.seats, *self.coming, *self.former]

    @property
    def meter(self) -> list[bool]:
        """One for each question that applies: the answered first."""
        known, asked = self.answered
        return [True] * known + [False] * (asked - known)

    @property
    def differing(self) -> list[tuple[str, list[Citation]]]:
        """The facts of which sources differ, each with all that is said of it."""
        told = [c for c in self.cited.values() if any(x.evidence == "differs" for x in c)]
        return [(citations[0].fact_label, citations) for citations in told]

    @property
    def passages(self) -> list[tuple[object, list[Citation]]]:
        """Every citation of the record, gathered by source."""
        by_source = defaultdict(list)
        for citations in self.cited.values():
            for citation in citations:
                by_source[citation.source].append(citation)
        return sorted(by_source.items(), key=lambda pair: pair[0].code)


def fetch(keys: list[int], vocabulary: Vocabulary, on: date | None = None) -> list[Record]:
    """The records of these published organizations, in this order, in three queries.

    Whoever has a record has a published membership, so the memberships bring the organizations.
    """
    if not keys:
        return []
    on = on or today()
    records: dict[int, Record] = {}
    for membership, values in sorted(
        _held(keys, on), key=lambda pair: _seniority(pair[0], vocabulary)
    ):
        record = records.get(membership.organization_id)
        if record is None:
            row = Organization.from_db(connection.alias, ORGANIZATION, values)
            record = records[row.pk] = Record(row, vocabulary.path(row.region_id), vocabulary)
        _seat(record, membership, vocabulary, on)
    for alias in Alias.objects.filter(organization__in=records).order_by("pk"):
        records[alias.organization_id].aliases.append(alias)
    _add_citations(records, vocabulary.source)
    return [records[key] for key in keys if key in records]


def _held(keys: list[int], on: date) -> Iterator[tuple[Membership, tuple]]:
    """Their published memberships, each with its organization's values, not yet made a row."""
    held = Membership.objects.published().filter(
        organization__in=keys, organization__state=State.PUBLISHED
    )
    wanted = [*MEMBERSHIP, "in_force", *(f"organization__{name}" for name in ORGANIZATION)]
    size = len(MEMBERSHIP)
    for values in held.judged(on).order_by().values_list(*wanted):
        membership = Membership.from_db(connection.alias, MEMBERSHIP, values[:size])
        membership.in_force = values[size]
        yield membership, values[size + 1 :]


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
    """Asked by keys that are known by now: an OR across joins would read every citation."""
    owners = _owners(records)
    aliases, held = owners["alias"], owners["membership"]
    wanted = Q(organization__in=records) | Q(alias__in=aliases) | Q(membership__in=held)
    for citation in Citation.objects.filter(wanted).order_by("source_id", "pk"):
        if citation.source_id in sources:
            relate(citation, "source", sources[citation.source_id])
        kind = next(name for name in owners if getattr(citation, f"{name}_id"))
        target = getattr(citation, f"{kind}_id")
        row, record = owners[kind][target]
        relate(citation, kind, row)
        record.cited.setdefault((kind, target, citation.field), []).append(citation)
    for record in records.values():
        for seat in record.every_seat:
            for name in ("role", "since", "until"):
                seat.citations[name] = record.cited.get(
                    ("membership", seat.membership.pk, name), []
                )


def _owners(records: dict[int, Record]) -> dict[str, dict[int, tuple]]:
    """What a citation may hang on, by kind and key, each with its record."""
    every = records.values()
    return {
        "organization": {r.organization.pk: (r.organization, r) for r in every},
        "alias": {alias.pk: (alias, r) for r in every for alias in r.aliases},
        "membership": {s.membership.pk: (s.membership, r) for r in every for s in r.every_seat},
    }


def public_contacts(organization: Organization) -> list[Contact]:
    return list(organization.contacts.public())
