"""Two organizations made one: everything moves to the one that keeps its number.

The other one's number leads to it for ever (`MergedNumber`); undoing the revision restores both.
"""

from collections.abc import Iterable

from django.db import IntegrityError
from django.utils.translation import gettext as _

from directory.history import recorder
from directory.merging.preview import FACTS, NAMES, Comparison
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


class RefusedError(ValueError):
    """The two cannot be made one; the reasons are sentences."""


class StaleError(RefusedError):
    """One of them was changed since the preview was drawn."""


def merge(
    numbers: tuple[int, int],
    versions: Iterable[int],
    who: object,
    choices: dict[str, str] | None = None,
    sort: str = Alias.Sort.SPELLING,
) -> Revision:
    """Merge the second into the first, if both still say what the preview showed."""
    try:
        with recorder.change(who, "merge", f"{numbers[0]} ← {numbers[1]}") as change:
            change.open(numbers)
            kept, gone = found(numbers)
            if [kept.version, gone.version] != list(versions):
                raise StaleError(_("One of the two was changed since this page was drawn."))
            both = Comparison(kept, gone, choices or {}, sort)
            reasons = list(both.refusals())
            if reasons:
                raise RefusedError(" ".join(reasons))
            write(both, change)
    except IntegrityError as error:
        raise RefusedError(
            _(
                "Nothing was merged: the database refused it, because the result clashes with "
                "another row."
            )
        ) from error
    return change.revision


def found(numbers: Iterable[int]) -> list[Organization]:
    """The organizations of these numbers; one that is not there any more is told by name."""
    numbers = list(numbers)
    rows = Organization.objects.select_related("region").in_bulk(numbers)
    for number in numbers:
        led = MergedNumber.objects.filter(number=number).first()
        if number not in rows and led:
            raise RefusedError(
                _("Number %(number)d was merged into number %(other)d.")
                % {"number": number, "other": led.organization_id}
            )
        if number not in rows:
            raise RefusedError(_("There is no organization with the number %d.") % number)
    return [rows[number] for number in numbers]


# -- Writing -------------------------------------------------------------------


def write(both: Comparison, change: recorder.Change) -> None:
    kept, gone = both.kept, both.gone
    public = Organization.objects.with_a_page().filter(pk=gone.pk).exists()
    Alias.objects.bulk_create(both.made)
    move_citations(both)
    move_periods(both)
    for rows in (both.aliases, both.contacts):
        for row in rows:
            type(row).objects.filter(pk=row.pk).update(organization=kept)
    Contact.objects.filter(pk__in=[row.pk for row in both.hiding]).update(hidden=True)
    kept.sectors.add(*both.sectors)
    MergedNumber.objects.filter(organization=gone).update(organization=kept)
    change.forget(gone)
    Organization.objects.get(pk=gone.pk).delete()
    MergedNumber.objects.create(number=gone.pk, organization=kept, public=public)
    for fact in both.facts:
        setattr(kept, fact.field, fact.stands)
    kept.save()
    change.touch(kept)


def target(both: Comparison, name: str) -> dict:
    """Where words about a name belong afterwards."""
    if name in both.standing_names:
        return {"organization": both.kept, "alias": None, "field": both.standing_names[name]}
    rows = [*both.made, *both.aliases, *both.kept.aliases.all()]
    alias = next(row for row in rows if row.name == name)
    return {"organization": None, "alias": alias, "field": ""}


def move_citations(both: Comparison) -> None:
    for row in Citation.objects.filter(alias__organization=both.gone).select_related("alias"):
        aim(row, target(both, row.alias.name))
    for said in (both.kept, both.gone):
        for row in Citation.objects.filter(organization=said):
            name = getattr(said, row.field) if row.field in NAMES else ""
            if name:
                aim(row, target(both, name))
            else:
                aim(row, {"organization": both.kept, "evidence": evidence(both, row)})


def aim(row: Citation, values: dict) -> None:
    if values != {name: getattr(row, name) for name in values}:
        Citation.objects.filter(pk=row.pk).update(**values)


def evidence(both: Comparison, row: Citation) -> str:
    """What speaks for a value that does not stand says that sources differ."""
    if row.field not in FACTS or not both.fact(row.field).disagrees:
        return row.evidence
    of_gone = row.organization_id == both.gone.pk
    return row.evidence if both.fact(row.field).takes == of_gone else Evidence.DIFFERS


def move_periods(both: Comparison) -> None:
    for period in both.periods:
        keys = [row.pk for row in period.absorbed]
        Citation.objects.filter(membership__in=keys).update(membership=period.row)
        Membership.objects.filter(pk__in=keys).delete()
    for period in both.periods:
        if period.moves or period.changed:
            Membership.objects.filter(pk=period.row.pk).update(
                organization=both.kept,
                since=period.since,
                until=period.until,
                state=period.state,
            )
