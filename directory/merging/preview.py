"""Computes what merging two organizations would change, and where they disagree.

The page and the merge use the same `MergePreview`, so what is shown is what happens.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from directory.merging.memberships import Period, merge_periods
from directory.models import Alias, Citation, Contact, Kind, Organization, Role, Sector, State
from directory.models.date_fields import PartialDateField, get_partial_date
from directory.quality import rules as quality_rules

MERGED_FIELDS = (
    "name", "name_en", "kind", "region", "credit_code", "school_code", "website",
    "description", "description_en",
)  # fmt: skip
VERIFIED_FIELD = "verified_on"
ALIAS_LANGUAGES = {"name": Alias.Language.CHINESE, "name_en": Alias.Language.ENGLISH}
ALIAS_SORTS = (Alias.Sort.SPELLING, Alias.Sort.FORMER, Alias.Sort.SHORT)


@dataclass(frozen=True)
class FactComparison:
    """The values of one field in both organizations, and which of them is `chosen`."""

    field: str
    label: str
    kept: object
    gone: object
    chosen: str

    @property
    def is_conflict(self) -> bool:
        """Whether both have a value, and these differ."""
        return bool(self.kept and self.gone and self.kept != self.gone)

    @property
    def uses_gone(self) -> bool:
        """Whether the value of the organization that goes is used."""
        return bool(self.gone and not self.kept) or (self.is_conflict and self.chosen == "gone")

    @property
    def result(self) -> object:
        """The value after the merge."""
        return self.gone if self.uses_gone else self.kept

    @property
    def dropped(self) -> object:
        """The value that is lost; None if they do not disagree."""
        return (self.kept if self.uses_gone else self.gone) if self.is_conflict else None


@dataclass
class MergePreview:
    """Everything that merging `gone` into `kept` changes.

    `choices` tells by field whose value is used ("kept" or "gone"), `sort` is the sort of the
    aliases that names become.
    """

    kept: Organization
    gone: Organization
    choices: dict[str, str] = field(default_factory=dict)
    sort: str = Alias.Sort.SPELLING

    @cached_property
    def facts(self) -> list[FactComparison]:
        """The fields of both, compared."""
        labels = {
            f.name: str(f.verbose_name) for f in Organization._meta.get_fields() if f.concrete
        }
        choices = {name: self.choices.get(name, "kept") for name in MERGED_FIELDS}
        return [
            FactComparison(
                name, labels[name], get_value(self.kept, name), get_value(self.gone, name), choice
            )
            for name, choice in (choices | {VERIFIED_FIELD: self.later_verified_side}).items()
        ]

    @property
    def later_verified_side(self) -> str:
        """Which one was verified later: its day is used without a choice."""
        kept, gone = (row.verified_on or date.min for row in (self.kept, self.gone))
        return "gone" if gone > kept else "kept"

    @property
    def disagreements(self) -> list[FactComparison]:
        """The facts of which an officer chooses one."""
        return [fact for fact in self.facts if fact.is_conflict and fact.field != VERIFIED_FIELD]

    @property
    def filled_facts(self) -> list[FactComparison]:
        """The facts that only the organization that goes has."""
        return [fact for fact in self.facts if fact.uses_gone and not fact.is_conflict]

    def get_fact(self, name: str) -> FactComparison:
        """Return the comparison of a field."""
        return next(fact for fact in self.facts if fact.field == name)

    # -- Names ---------------------------------------------------------------

    @property
    def resulting_names(self) -> dict[str, str]:
        """The names after the merge, with the field that holds each."""
        names = {field: self.get_fact(field).result for field in reversed(ALIAS_LANGUAGES)}
        return {str(name): field for field, name in names.items() if name}

    @cached_property
    def moved_aliases(self) -> list[Alias]:
        """The aliases that move."""
        existing = {*self.resulting_names, *(row.name for row in self.kept.aliases.all())}
        return [row for row in self.gone.aliases.all() if row.name not in existing]

    @cached_property
    def new_aliases(self) -> list[Alias]:
        """The registered and English names that become aliases."""
        existing = {*self.resulting_names, *(row.name for row in self.kept.aliases.all())}
        existing |= {row.name for row in self.moved_aliases}
        dropped = {self.get_fact(field).dropped: field for field in ALIAS_LANGUAGES}
        return [
            Alias(
                organization=self.kept,
                name=str(name),
                sort=self.sort,
                language=ALIAS_LANGUAGES[field],
            )
            for name, field in dropped.items()
            if name and name not in existing
        ]

    # -- Roles, contacts, sectors, citations ---------------------------------

    @cached_property
    def periods(self) -> list[Period]:
        """All periods of roles after the merge."""
        kept, gone = (
            row.memberships.select_related("community", "role").order_by("pk")
            for row in (self.kept, self.gone)
        )
        return merge_periods(kept, gone)

    @property
    def moved_periods(self) -> list[Period]:
        """The periods whose row moves to the organization that is kept."""
        return [period for period in self.periods if period.moves]

    @property
    def joined_periods(self) -> list[Period]:
        """The periods that several rows become."""
        return [period for period in self.periods if period.absorbed]

    @cached_property
    def moved_contacts(self) -> list[Contact]:
        """The contacts that move: those that the other one does not have."""
        existing = {get_contact_key(row) for row in self.kept.contacts.all()}
        return [row for row in self.gone.contacts.all() if get_contact_key(row) not in existing]

    @cached_property
    def contacts_to_hide(self) -> list[Contact]:
        """The contacts that become hidden, because the organization that goes hides them."""
        hidden = {get_contact_key(row) for row in self.gone.contacts.all() if row.hidden}
        visible = [row for row in self.kept.contacts.all() if not row.hidden]
        return [row for row in visible if get_contact_key(row) in hidden]

    @cached_property
    def added_sectors(self) -> list[Sector]:
        """The sectors that the organization that is kept does not have."""
        existing = {row.pk for row in self.kept.sectors.all()}
        return [row for row in self.gone.sectors.all() if row.pk not in existing]

    @property
    def citation_count(self) -> int:
        """How many citations move: of the organization, its aliases and its memberships."""
        own = Citation.objects.filter(organization=self.gone.pk).count()
        of_aliases = Citation.objects.filter(alias__organization=self.gone.pk).count()
        of_memberships = Citation.objects.filter(membership__organization=self.gone.pk).count()
        return own + of_aliases + of_memberships

    # -- Checks --------------------------------------------------------------

    def find_refusals(self) -> Iterator[str]:
        """Yield the reasons for which the two cannot be merged."""
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
        if self.get_fact("kind").result == Kind.ENTERPRISE and self.get_fact("school_code").result:
            yield _("An enterprise has no school code. Empty it, or choose another kind.")

    def find_warnings(self) -> Iterator[str]:
        """Yield what an officer should know before merging them."""
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
        kind = str(self.get_fact("kind").result)
        roles: dict[str, Role] = {p.row.role_id: p.row.role for p in self.periods}
        reasons = (quality_rules.ineligibility_reason(role, kind) for role in roles.values())
        yield from filter(None, reasons)


def get_value(row: Organization, name: str) -> object:
    """Return what the row says in a field: a row of another model, a PartialDate, or the value."""
    is_date = isinstance(row._meta.get_field(name), PartialDateField)
    return get_partial_date(row, name) if is_date else getattr(row, name)


def get_contact_key(row: Contact) -> tuple[str, str]:
    """Return channel and normalized value, to compare contacts apart from their spelling."""
    value = unicodedata.normalize("NFKC", row.value).casefold()
    return row.channel, "".join(c for c in value if c.isalnum() or c == "@")
