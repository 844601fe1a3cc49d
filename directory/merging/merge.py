"""Merges two organizations: everything moves to the one that keeps its number.

Of one that was never published only what was ticked becomes public. The number of the other one
redirects for ever (`MergedNumber`) if it was public; an undo restores both.
"""

from collections.abc import Collection, Iterable
from typing import cast

from django.db import IntegrityError
from django.db.models import Field
from django.utils.translation import gettext as _

from directory.history import recorder
from directory.merging.comparison import ALIAS_LANGUAGES, MERGED_FIELDS
from directory.merging.draft_items import load_citations
from directory.merging.preview import MergePreview
from directory.models import (
    Alias,
    Citation,
    Contact,
    Evidence,
    Membership,
    MergedNumber,
    Organization,
    Revision,
)
from directory.permissions.policy import Account


class MergeRefusedError(ValueError):
    """The two cannot be merged; the reasons are sentences."""


class StaleMergeError(MergeRefusedError):
    """One of them was changed since the preview was rendered."""


def merge_organizations(
    numbers: tuple[int, int],
    versions: Iterable[int],
    who: Account,
    choices: dict[str, str] | None = None,
    sort: str = Alias.Sort.SPELLING,
    ticked: Collection[str] = (),
) -> Revision:
    """Merge the second into the first; raises MergeRefusedError with the reasons.

    `versions` are those of the preview: StaleMergeError if one of them changed since. `ticked` has
    the keys of `MergePreview.draft_items` that move: without them nothing of an organization that
    was never published becomes public.
    """
    try:
        with recorder.record_changes(who, "merge", f"{numbers[0]} ← {numbers[1]}") as change:
            change.track(numbers)
            kept, gone = get_organizations(numbers)
            if [kept.version, gone.version] != list(versions):
                raise StaleMergeError(_("One of the two was changed since this page was drawn."))
            preview = MergePreview(kept, gone, choices or {}, sort, ticked)
            reasons = [*preview.find_refusals(), *preview.find_choice_refusals()]
            if reasons:
                raise MergeRefusedError(" ".join(reasons))
            write_merge(preview, change)
    except IntegrityError as error:
        raise MergeRefusedError(
            _(
                "Nothing was merged: the database refused it, because the result clashes with "
                "another row."
            )
        ) from error
    return cast(Revision, change.revision)


def get_organizations(numbers: Iterable[int]) -> list[Organization]:
    """Load the organizations of these numbers; raises MergeRefusedError if one is missing."""
    numbers = list(numbers)
    rows = Organization.objects.select_related("region").in_bulk(numbers)
    for number in numbers:
        merged = MergedNumber.objects.filter(number=number).first()
        if number not in rows and merged:
            raise MergeRefusedError(
                _("Number %(number)d was merged into number %(other)d.")
                % {"number": number, "other": merged.organization_id}
            )
        if number not in rows:
            raise MergeRefusedError(_("There is no organization with the number %d.") % number)
    return [rows[number] for number in numbers]


# -- Writing -------------------------------------------------------------------


def write_merge(preview: MergePreview, change: recorder.ChangeRecorder) -> None:
    """Write what the preview shows."""
    kept, gone = preview.kept, preview.gone
    public = Organization.objects.with_public_page().filter(pk=gone.pk).exists()
    if preview.left_items:
        moved = [row.pk for row in preview.moved_citations]
        load_citations(gone).exclude(pk__in=moved).delete()
    Alias.objects.bulk_create(preview.new_aliases)
    move_citations(preview)
    move_periods(preview)
    for rows in (preview.moved_aliases, preview.moved_contacts):
        for row in rows:
            type(row).objects.filter(pk=row.pk).update(organization=kept)
    Contact.objects.filter(pk__in=[row.pk for row in preview.contacts_to_hide]).update(hidden=True)
    kept.sectors.add(*preview.added_sectors)
    MergedNumber.objects.filter(organization=gone).update(organization=kept)
    change.mark_deleted(gone)
    Organization.objects.get(pk=gone.pk).delete()
    MergedNumber.objects.create(number=gone.pk, organization=kept, public=public)
    for fact in preview.facts:
        cast(Field, kept._meta.get_field(fact.field)).save_form_data(kept, fact.result)
    kept.save()
    change.mark_changed(kept)


def find_citation_target(preview: MergePreview, name: str) -> dict:
    """Return the fields of a citation of a name: it is a field of the organization, or an alias."""
    if name in preview.resulting_names:
        return {"organization": preview.kept, "alias": None, "field": preview.resulting_names[name]}
    rows = [*preview.new_aliases, *preview.moved_aliases, *preview.kept.aliases.all()]
    alias = next(row for row in rows if row.name == name)
    return {"organization": None, "alias": alias, "field": ""}


def move_citations(preview: MergePreview) -> None:
    """Move the citations of aliases and fields."""
    for row in Citation.objects.filter(alias__organization=preview.gone).select_related("alias"):
        update_citation(row, find_citation_target(preview, cast(Alias, row.alias).name))
    for organization in (preview.kept, preview.gone):
        for row in Citation.objects.filter(organization=organization):
            name = getattr(organization, row.field) if row.field in ALIAS_LANGUAGES else ""
            if name:
                update_citation(row, find_citation_target(preview, name))
            else:
                update_citation(
                    row, {"organization": preview.kept, "evidence": get_evidence(preview, row)}
                )


def update_citation(row: Citation, values: dict) -> None:
    """Save these values if one of them is new."""
    if values != {name: getattr(row, name) for name in values}:
        Citation.objects.filter(pk=row.pk).update(**values)


def get_evidence(preview: MergePreview, row: Citation) -> str:
    """Return the evidence of a citation: "differs" if its value is dropped."""
    if row.field not in MERGED_FIELDS or not preview.get_fact(row.field).is_conflict:
        return row.evidence
    of_gone = row.organization_id == preview.gone.pk
    return row.evidence if preview.get_fact(row.field).uses_gone == of_gone else Evidence.DIFFERS


def move_periods(preview: MergePreview) -> None:
    """Delete the memberships that were absorbed, and change or move the others."""
    for period in preview.periods:
        keys = [row.pk for row in period.absorbed]
        Citation.objects.filter(membership__in=keys).update(membership=period.row)
        Membership.objects.filter(pk__in=keys).delete()
    for period in preview.periods:
        if period.moves or period.is_changed:
            Membership.objects.filter(pk=period.row.pk).update(
                organization=preview.kept, **period.columns
            )
