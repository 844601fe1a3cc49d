"""The public record of an organization: what is known of it, and how it is known."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from directory.listing.index.reference_data import Vocabulary
from directory.models import (
    Alias,
    Citation,
    Contact,
    Kind,
    Membership,
    Organization,
    Region,
)

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
    citations: dict[str, list[Citation]] = field(
        default_factory=lambda: {"role": [], "since": [], "until": []}
    )

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


def public_contacts(organization: Organization) -> list[Contact]:
    return list(organization.contacts.public())
