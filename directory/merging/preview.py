"""Computes what merging two organizations would change, and where they disagree.

The page and the merge use the same `MergePreview`, so what is shown is what happens.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from directory.merging import draft_items
from directory.merging.comparison import (
    ALIAS_LANGUAGES,
    MERGED_FIELDS,
    VERIFIED_FIELD,
    FactComparison,
    get_contact_key,
)
from directory.merging.draft_items import DraftItem
from directory.merging.memberships import Period, merge_periods
from directory.models import Alias, Citation, Contact, Kind, Organization, Role, Sector, State
from directory.models.date_fields import PartialDateField, get_partial_date
from directory.quality import rules as quality_rules

ALIAS_SORTS = (Alias.Sort.SPELLING, Alias.Sort.FORMER, Alias.Sort.SHORT)


@dataclass
class MergePreview:
    """Everything that merging `gone` into `kept` changes.

    `choices` tells by field whose value is used ("kept" or "gone"), `sort` is the sort of the
    aliases that names become, `ticked` has the keys of the draft items that move.
    """

    kept: Organization
    gone: Organization
    choices: dict[str, str] = field(default_factory=dict)
    sort: str = Alias.Sort.SPELLING
    ticked: Collection[str] = ()

    # -- What must be ticked -------------------------------------------------

    @cached_property
    def draft_items(self) -> list[DraftItem]:
        """What moves only if it is ticked; empty if nothing becomes public by the merge alone."""
        is_asked = draft_items.needs_ticks(self.kept, self.gone)
        return draft_items.list_draft_items(self.kept, self.gone) if is_asked else []

    @cached_property
    def left_items(self) -> list[DraftItem]:
        """What was neither ticked nor chosen: it does not move and stays in the history only."""
        moving = {*self.ticked, *(name for name, side in self.choices.items() if side == "gone")}
        return [item for item in self.draft_items if item.key not in moving]

    @cached_property
    def left_keys(self) -> set[str]:
        return {item.key for item in self.left_items}

    def may_move(self, noun: str, row: models.Model) -> bool:
        """Whether a row may move: it was ticked, or needs no tick."""
        return f"{noun}-{row.pk}" not in self.left_keys

    # -- Facts ---------------------------------------------------------------

    @cached_property
    def facts(self) -> list[FactComparison]:
        """The fields of both, compared."""
        labels = {
            f.name: str(f.verbose_name) for f in Organization._meta.get_fields() if f.concrete
        }
        choices = {name: self.choices.get(name, "kept") for name in MERGED_FIELDS}
        return [
            FactComparison(
                name,
                labels[name],
                get_value(self.kept, name),
                get_value(self.gone, name),
                choice,
                name not in self.left_keys,
            )
            for name, choice in (choices | {VERIFIED_FIELD: self.later_verified_side}).items()
        ]

    @property
    def later_verified_side(self) -> str:
        """Which one was verified later: its day is used without a choice."""
        kept, gone = (row.verified_on or date.min for row in (self.kept, self.gone))
        return "gone" if gone > kept and VERIFIED_FIELD not in self.left_keys else "kept"

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
        rows = [row for row in self.gone.aliases.all() if self.may_move("alias", row)]
        return [row for row in rows if row.name not in existing]

    @cached_property
    def new_aliases(self) -> list[Alias]:
        """The registered and English names that become aliases."""
        existing = {*self.resulting_names, *(row.name for row in self.kept.aliases.all())}
        existing |= {row.name for row in self.moved_aliases}
        facts = [self.get_fact(field) for field in ALIAS_LANGUAGES]
        dropped = {
            fact.dropped: fact.field
            for fact in facts
            if fact.uses_gone or fact.field not in self.left_keys
        }
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
        kept, gone = map(draft_items.load_memberships, (self.kept, self.gone))
        return merge_periods(kept, [row for row in gone if self.may_move("membership", row)])

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
        rows = [row for row in self.gone.contacts.all() if self.may_move("contact", row)]
        return [row for row in rows if get_contact_key(row) not in existing]

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
        rows = [row for row in self.gone.sectors.all() if row.pk not in existing]
        return [row for row in rows if self.may_move("sector", row)]

    @cached_property
    def moved_citations(self) -> list[Citation]:
        """The citations that move: of the organization, its aliases and its memberships."""
        rows = draft_items.load_citations(self.gone)
        return [row for row in rows if self.may_move("citation", row)]

    @property
    def citation_count(self) -> int:
        return len(self.moved_citations)

    def has_target(self, citation: Citation) -> bool:
        """Whether the name, fact or role that the citation speaks of is there after the merge."""
        if citation.membership_id:
            periods = self.periods
            held = {row.pk for each in periods for row in (each.row, *each.absorbed)}
            return citation.membership_id in held
        if citation.field == "sectors":
            return bool(self.added_sectors or self.kept.sectors.all())
        if citation.field and citation.field not in ALIAS_LANGUAGES:
            return bool(self.get_fact(citation.field).result)
        name = citation.alias.name if citation.alias else getattr(self.gone, citation.field)
        aliases = [*self.new_aliases, *self.moved_aliases, *self.kept.aliases.all()]
        return not name or name in {*self.resulting_names, *(row.name for row in aliases)}

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

    def find_choice_refusals(self) -> Iterator[str]:
        """Yield the reasons for which they cannot be merged by these choices and ticks."""
        if self.get_fact("kind").result == Kind.ENTERPRISE and self.get_fact("school_code").result:
            yield _("An enterprise has no school code. Empty it, or choose another kind.")
        items = {item.key: item for item in self.draft_items}
        for key in sorted({*self.ticked} - items.keys()):
            yield (
                _("“%(key)s” is ticked, but nothing of number %(gone)d is to be ticked under it.")
                % {"key": key[:40], "gone": self.gone.pk}
            )
        for citation in self.moved_citations if items else ():
            item = items.get(f"citation-{citation.pk}")
            if item and not self.has_target(citation):
                yield (
                    _(
                        "The passage %(passage)s is ticked, but not what it speaks for "
                        "(%(fact)s): tick that too, or untick the passage."
                    )
                    % {"passage": Truncator(item.text).chars(60), "fact": item.label}
                )

    def find_warnings(self) -> Iterator[str]:
        """Yield what an officer should know before merging them."""
        if draft_items.needs_ticks(self.kept, self.gone):
            yield (
                _(
                    "Number %d was never published: of what visitors could see, only what you tick "
                    "or choose below moves."
                )
                % self.gone.pk
            )
        elif self.gone.first_published_at is None:
            yield (
                _(
                    "Both are drafts: all moves, and becomes public when number %d is published. "
                    "Look through it before that."
                )
                % self.kept.pk
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
