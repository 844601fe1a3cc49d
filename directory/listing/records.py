"""The public record of an organization: its facts with the citations that support them."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from directory.listing.index.reference_data import ReferenceData
from directory.models import (
    Alias,
    Citation,
    Community,
    Contact,
    Kind,
    Membership,
    Organization,
    Region,
    Role,
    Source,
)
from directory.models.date_fields import get_partial_date
from directory.partial_dates import PartialDate
from directory.text.language import LocalizedText

# The eleven facts that every record states or shows as "not recorded".
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


@dataclass
class Fact:
    """One fact of the record: its label, its value (or none), and its citations."""

    name: str
    label: str | Promise
    value: object
    citations: list[Citation]
    applies: bool = True

    @property
    def is_recorded(self) -> bool:
        return bool(self.value)


class FactCounts(NamedTuple):
    """How many facts of a record are recorded, of how many that apply to it."""

    recorded: int
    applicable: int


@dataclass
class RecordMembership:
    """A published membership as the record shows it, with its citations by field."""

    membership: Membership
    citations: dict[str, list[Citation]] = field(
        default_factory=lambda: {"role": [], "since": [], "until": []}
    )

    @property
    def since(self) -> PartialDate | None:
        return get_partial_date(self.membership, "since")

    @property
    def until(self) -> PartialDate | None:
        return get_partial_date(self.membership, "until")

    @property
    def role(self) -> Role:
        return self.membership.role

    @property
    def community(self) -> Community:
        return self.membership.community


@dataclass
class Record:
    """All that is public of one organization, loaded together.

    `citations` are by relation, key and field: `("organization", 1, "name")`.
    """

    organization: Organization
    path: list[Region]
    reference_data: ReferenceData
    memberships: list[RecordMembership] = field(default_factory=list)
    former_memberships: list[RecordMembership] = field(default_factory=list)
    upcoming_memberships: list[RecordMembership] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    citations: dict[tuple[str, int, str], list[Citation]] = field(default_factory=dict)

    @property
    def names(self) -> list[LocalizedText]:
        return self.organization.names

    @property
    def is_member(self) -> bool:
        return bool(self.memberships)

    @property
    def senior_membership(self) -> RecordMembership | None:
        return self.memberships[0] if self.memberships else None

    def get_citations(self, name: str) -> list[Citation]:
        """Return the citations of one of the organization's own fields."""
        return self.citations.get(("organization", self.organization.pk, name), [])

    @property
    def name_citations(self) -> list[Citation]:
        return self.get_citations("name")

    @property
    def region_citations(self) -> list[Citation]:
        return self.get_citations("region")

    @property
    def hidden_alias_count(self) -> int:
        """How many aliases a list leaves out after the first two."""
        return max(0, len(self.aliases) - 2)

    @property
    def aliases_with_citations(self) -> list[tuple[Alias, list[Citation]]]:
        return [(alias, self.citations.get(("alias", alias.pk, ""), [])) for alias in self.aliases]

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
            "verified_on": get_partial_date(row, "verified_on"),
        }
        return [
            Fact(
                name,
                labels[name],
                values[name] if name in values else getattr(row, name),
                self.get_citations(name),
                applies=name != "school_code" or row.kind != Kind.ENTERPRISE,
            )
            for name in FACTS
        ]

    @property
    def fact_counts(self) -> FactCounts:
        """How many facts are recorded, of how many that apply."""
        facts = [fact for fact in self.facts if fact.applies]
        return FactCounts(sum(fact.is_recorded for fact in facts), len(facts))

    @property
    def missing_facts(self) -> list[Fact]:
        """The facts that apply and are not recorded."""
        return [fact for fact in self.facts if fact.applies and not fact.is_recorded]

    @property
    def all_memberships(self) -> list[RecordMembership]:
        return [*self.memberships, *self.upcoming_memberships, *self.former_memberships]

    @property
    def completeness(self) -> list[bool]:
        """For each fact that applies whether it is recorded: those recorded first."""
        recorded, applicable = self.fact_counts
        return [True] * recorded + [False] * (applicable - recorded)

    @property
    def disputed_facts(self) -> list[tuple[str, list[Citation]]]:
        """The labels of facts on which sources differ, each with all its citations."""
        disputed = [c for c in self.citations.values() if any(x.evidence == "differs" for x in c)]
        return [(citations[0].fact_label, citations) for citations in disputed]

    @property
    def citations_by_source(self) -> list[tuple[Source, list[Citation]]]:
        """Every citation of the record, grouped by source."""
        by_source = defaultdict(list)
        for citations in self.citations.values():
            for citation in citations:
                by_source[citation.source].append(citation)
        return sorted(by_source.items(), key=lambda pair: pair[0].code)


def get_public_contacts(organization: Organization) -> list[Contact]:
    return list(organization.contacts.public())
