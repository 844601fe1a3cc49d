"""Two organizations beside each other: what would move, and where they disagree.

The preview and the merging ask the same `Comparison`, so what is shown is what happens.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from directory.merging.memberships import Period, laid_together
from directory.models import Alias, Citation, Contact, Kind, Organization, Role, State
from directory.quality import rules as quality_rules

FACTS = (
    "name", "name_en", "kind", "region", "credit_code", "school_code", "website",
    "description", "description_en",
)  # fmt: skip
VERIFIED = "verified_on"
NAMES = {"name": Alias.Language.CHINESE, "name_en": Alias.Language.ENGLISH}
SORTS = (Alias.Sort.SPELLING, Alias.Sort.FORMER, Alias.Sort.SHORT)


@dataclass(frozen=True)
class Fact:
    """What both say of one thing, and whose word stands."""

    field: str
    label: str
    kept: object
    gone: object
    chosen: str

    @property
    def disagrees(self) -> bool:
        return bool(self.kept and self.gone and self.kept != self.gone)

    @property
    def takes(self) -> bool:
        """Whether the word of the one that goes stands."""
        return bool(self.gone and not self.kept) or (self.disagrees and self.chosen == "gone")

    @property
    def stands(self) -> object:
        return self.gone if self.takes else self.kept

    @property
    def falls(self) -> object:
        return (self.kept if self.takes else self.gone) if self.disagrees else None


@dataclass
class Comparison:
    """Everything that merging `gone` into `kept` means."""

    kept: Organization
    gone: Organization
    choices: dict[str, str] = field(default_factory=dict)
    sort: str = Alias.Sort.SPELLING

    @cached_property
    def facts(self) -> list[Fact]:
        labels = {
            f.name: str(f.verbose_name) for f in Organization._meta.get_fields() if f.concrete
        }
        chosen = {name: self.choices.get(name, "kept") for name in FACTS}
        return [
            Fact(name, labels[name], getattr(self.kept, name), getattr(self.gone, name), choice)
            for name, choice in (chosen | {VERIFIED: self.later_verified}).items()
        ]

    @property
    def later_verified(self) -> str:
        """Whose day of verification is the later one: nobody need choose that."""
        kept, gone = (row.verified_on or date.min for row in (self.kept, self.gone))
        return "gone" if gone > kept else "kept"

    @property
    def disagreements(self) -> list[Fact]:
        return [fact for fact in self.facts if fact.disagrees and fact.field != VERIFIED]

    @property
    def filled(self) -> list[Fact]:
        return [fact for fact in self.facts if fact.takes and not fact.disagrees]

    def fact(self, name: str) -> Fact:
        return next(fact for fact in self.facts if fact.field == name)

    # -- Names ---------------------------------------------------------------

    @property
    def standing_names(self) -> dict[str, str]:
        """Which names are no aliases afterwards, and of which fact they are the value."""
        return {self.fact(name).stands: name for name in reversed(NAMES) if self.fact(name).stands}

    @cached_property
    def aliases(self) -> list[Alias]:
        """The aliases that move."""
        known = {*self.standing_names, *(row.name for row in self.kept.aliases.all())}
        return [row for row in self.gone.aliases.all() if row.name not in known]

    @cached_property
    def made(self) -> list[Alias]:
        """The registered and English names that become aliases."""
        known = {*self.standing_names, *(row.name for row in self.kept.aliases.all())}
        known |= {row.name for row in self.aliases}
        fallen = {self.fact(name).falls: name for name in NAMES}
        return [
            Alias(organization=self.kept, name=words, sort=self.sort, language=NAMES[name])
            for words, name in fallen.items()
            if words and words not in known
        ]

    # -- Roles, contacts, sectors, citations, numbers --------------------------

    @cached_property
    def periods(self) -> list[Period]:
        held = [
            row.memberships.select_related("community", "role").order_by("pk")
            for row in (self.kept, self.gone)
        ]
        return laid_together(*held)

    @property
    def moving(self) -> list[Period]:
        return [period for period in self.periods if period.moves]

    @property
    def joined(self) -> list[Period]:
        return [period for period in self.periods if period.absorbed]

    @cached_property
    def contacts(self) -> list[Contact]:
        there = {reached(row) for row in self.kept.contacts.all()}
        return [row for row in self.gone.contacts.all() if reached(row) not in there]

    @cached_property
    def hiding(self) -> list[Contact]:
        """Contacts of the kept one that the other hides: what is hidden stays hidden."""
        hidden = {reached(row) for row in self.gone.contacts.all() if row.hidden}
        return [
            row for row in self.kept.contacts.all() if not row.hidden and reached(row) in hidden
        ]

    @cached_property
    def sectors(self) -> list:
        there = {row.pk for row in self.kept.sectors.all()}
        return [row for row in self.gone.sectors.all() if row.pk not in there]

    @property
    def citations(self) -> int:
        own = Citation.objects.filter(organization=self.gone.pk).count()
        names = Citation.objects.filter(alias__organization=self.gone.pk).count()
        return own + names + Citation.objects.filter(membership__organization=self.gone.pk).count()

    # -- What speaks against it ------------------------------------------------

    def refusals(self) -> Iterator[str]:
        if self.kept.pk == self.gone.pk:
            yield _("This is one organization: choose two.")
        elif self.gone.state == State.PUBLISHED and self.kept.state != State.PUBLISHED:
            yield _(
                "Number %(gone)d is published and number %(kept)d is not: keep the published one."
            ) % {"gone": self.gone.pk, "kept": self.kept.pk}
        elif self.gone.first_published_at and not self.kept.first_published_at:
            yield _(
                "Number %(gone)d was published once and number %(kept)d never was: keep number "
                "%(gone)d, so that its address goes on answering."
            ) % {"gone": self.gone.pk, "kept": self.kept.pk}
        if self.fact("kind").stands == Kind.ENTERPRISE and self.fact("school_code").stands:
            yield _("An enterprise has no school code. Empty it, or choose another kind.")

    def warnings(self) -> Iterator[str]:
        if self.gone.first_published_at is None and self.kept.state == State.PUBLISHED:
            yield (
                _("Number %d is a draft: what moves from it becomes visible to visitors.")
                % self.gone.pk
            )
        if self.gone.state == State.WITHDRAWN and self.kept.state == State.PUBLISHED:
            yield (
                _(
                    "Number %d was withdrawn: its names, and its published roles, become visible "
                    "to visitors again."
                )
                % self.gone.pk
            )
        kind = self.fact("kind").stands
        roles: dict[str, Role] = {p.row.role_id: p.row.role for p in self.periods}
        yield from (
            reason for role in roles.values() if (reason := quality_rules.ineligible(role, kind))
        )


def reached(row: Contact) -> tuple[str, str]:
    """What is reached by it, however it is written."""
    value = unicodedata.normalize("NFKC", row.value).casefold()
    return row.channel, "".join(c for c in value if c.isalnum() or c == "@")
