"""Lists what of an organization that was never published a merge would make public.

Each item moves only if an officer ticks it. What is not ticked stays in the history, and comes back
when the merge is undone. Whatever stays hidden after the merge moves without a tick: roles that are
not published, contacts that are hidden.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.merging.comparison import (
    ALIAS_LANGUAGES,
    MERGED_FIELDS,
    VERIFIED_FIELD,
    get_contact_key,
)
from directory.merging.memberships import Period, merge_periods
from directory.models import Citation, Membership, Organization, State
from directory.models.date_fields import get_partial_date
from directory.text.language import list_separator

NAMES, FACTS = gettext_lazy("Names"), gettext_lazy("Facts")
SECTORS, ROLES = gettext_lazy("Sectors"), gettext_lazy("Roles")
CONTACTS, PASSAGES = gettext_lazy("Contacts"), gettext_lazy("Passages of sources")


@dataclass(frozen=True)
class DraftItem:
    """Something that becomes public only if it is ticked; `key` is what a tick sends."""

    key: str
    group: Promise
    label: str
    text: str
    note: str = ""


def needs_ticks(kept: Organization, gone: Organization) -> bool:
    """Whether what moves must be ticked: `gone` was never published, and `kept` was.

    The day of the first publication is never taken back, not even by an undo. Two drafts need no
    ticks: nothing becomes public before somebody publishes the one that is kept.
    """
    return gone.first_published_at is None and kept.first_published_at is not None


def list_draft_items(kept: Organization, gone: Organization) -> list[DraftItem]:
    """List all that `gone` would make public, by group; independent of choices and ticks."""
    return [
        *iter_names(kept, gone),
        *iter_facts(kept, gone),
        *iter_sectors(kept, gone),
        *iter_roles(kept, gone),
        *iter_contacts(kept, gone),
        *iter_citations(kept, gone),
    ]


def iter_names(kept: Organization, gone: Organization) -> Iterator[DraftItem]:
    """Yield the names that the one that is kept does not have."""
    known = {kept.name, kept.name_en, *(row.name for row in kept.aliases.all())}
    for field in ALIAS_LANGUAGES:
        name, fills_gap = getattr(gone, field), not getattr(kept, field)
        if name and (fills_gap or name not in known):
            note = _("becomes the English name") if fills_gap else _("becomes an alias")
            yield DraftItem(field, NAMES, get_label(field), name, note)
    for row in gone.aliases.all():
        if row.name not in known:
            yield DraftItem(f"alias-{row.pk}", NAMES, row.get_sort_display(), row.name)


def iter_facts(kept: Organization, gone: Organization) -> Iterator[DraftItem]:
    """Yield the facts that the one that is kept lacks; others are chosen one by one."""
    for field in MERGED_FIELDS:
        value = getattr(gone, field)
        if field not in ALIAS_LANGUAGES and value and not getattr(kept, field):
            yield DraftItem(field, FACTS, get_label(field), str(value))
    if (gone.verified_on or date.min) > (kept.verified_on or date.min):
        day = str(get_partial_date(gone, VERIFIED_FIELD))
        yield DraftItem(VERIFIED_FIELD, FACTS, get_label(VERIFIED_FIELD), day)


def iter_sectors(kept: Organization, gone: Organization) -> Iterator[DraftItem]:
    known = {row.pk for row in kept.sectors.all()}
    for row in gone.sectors.all():
        if row.pk not in known:
            yield DraftItem(f"sector-{row.pk}", SECTORS, "", str(row))


def iter_roles(kept: Organization, gone: Organization) -> Iterator[DraftItem]:
    """Yield the published roles that add a period, or days to a period of the one kept."""
    held = load_memberships(kept)
    for row in load_memberships(gone):
        if row.state == State.PUBLISHED and any(map(is_new, merge_periods(held, [row]))):
            text = f"{row.role.label} · {row.community.label}"
            since = get_partial_date(row, "since") or _("an unknown day")
            until = get_partial_date(row, "until") or _("further notice")
            yield DraftItem(f"membership-{row.pk}", ROLES, "", text, f"{since} – {until}")


def iter_contacts(kept: Organization, gone: Organization) -> Iterator[DraftItem]:
    """Yield the contacts that visitors would see."""
    known = {get_contact_key(row) for row in kept.contacts.all()}
    for row in gone.contacts.all():
        if not row.hidden and get_contact_key(row) not in known:
            yield DraftItem(f"contact-{row.pk}", CONTACTS, str(row), row.value)


def iter_citations(kept: Organization, gone: Organization) -> Iterator[DraftItem]:
    """Yield the citations, except those of roles that visitors would not see."""
    periods = merge_periods(load_memberships(kept), load_memberships(gone))
    shown = [
        row.pk
        for period in periods
        if period.state == State.PUBLISHED
        for row in (period.row, *period.absorbed)
    ]
    rows = load_citations(gone).exclude(
        models.Q(membership__isnull=False) & ~models.Q(membership__in=shown)
    )
    for row in rows:
        about = row.alias.name if row.alias else row.membership.role.label if row.membership else ""
        label = list_separator().join(filter(None, (row.fact_label, about)))
        source = " ".join(filter(None, (str(row.source), row.place, row.note, row.note_en)))
        yield DraftItem(f"citation-{row.pk}", PASSAGES, label, f"“{row.passage}”", source)


def load_memberships(organization: Organization) -> models.QuerySet[Membership]:
    return organization.memberships.select_related("community", "role").order_by("pk")


def load_citations(organization: Organization) -> models.QuerySet[Citation]:
    """Load the citations of an organization, its aliases and its memberships."""
    owners = (
        models.Q(organization=organization.pk)
        | models.Q(alias__organization=organization.pk)
        | models.Q(membership__organization=organization.pk)
    )
    related = ("source", "organization", "alias", "membership__role")
    return Citation.objects.filter(owners).select_related(*related).order_by("pk")


def is_new(period: Period) -> bool:
    """Whether visitors would see a role, or days of it, that were not there before."""
    return period.moves or period.is_changed


def get_label(field: str) -> str:
    return str(Organization._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
