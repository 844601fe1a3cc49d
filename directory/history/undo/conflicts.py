"""Writing a plan of going back; what cannot come back is left out before, and told.

The engines judge only at the end whether what a row points to is there, so that is asked before.
"""

from collections.abc import Collection
from operator import itemgetter

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from directory import snapshots
from directory.history.recorder import Change
from directory.history.undo import plan as undo_plan
from directory.history.undo.plan import OWNED, Plan, Undone, built, write
from directory.models import MergedNumber, Organization, Sector
from directory.snapshots import Image, Key

OWN = ("organization", "community")
# On whom a citation hangs and which fact of it: one without the other says nothing.
TARGET = ("organization_id", "community_id", "alias_id", "membership_id", "field")


def written(plan: Plan, noted: Change, now: dict[Key, Image], done: Undone) -> None:
    """All at once; where the database refuses that, without what it refuses."""
    leave_out(plan, now, done)
    while error := refusal(plan):
        refused = clashing(plan)
        if not refused:
            raise error
        for place, columns in refused:
            give_way(plan, place, columns, now, done)
        leave_out(plan, now, done)
    done.restored += plan.size
    noted.whole |= plan.whole
    going = {int(key) for key in plan.remove["organization"]}
    noted.organizations |= noted.opened - going
    done.organizations |= noted.organizations
    noted.gone |= going
    noted.regions |= {*plan.insert["region"], *plan.update["region"]}
    readings = (plan.remove["reading"], plan.insert["reading"], plan.update["reading"])
    noted.spoken.update(*readings)


def leave_out(plan: Plan, now: dict[Key, Image], done: Undone) -> None:
    """What is known before the database is asked."""
    leave_numbers(plan, now, done)
    for noun in snapshots.NOUNS:
        for field in snapshots.columns(noun):
            if isinstance(field, models.ForeignKey):
                leave_orphans(plan, noun, field, now, done)
    leave_sectors(plan, now, done)


# -- What points to nothing -------------------------------------------------------


def there(plan: Plan, model: type[models.Model], wanted: Collection[str]) -> set[str]:
    """Which of these rows will be there."""
    noun = model._meta.model_name
    rows = model._base_manager.filter(pk__in=wanted)
    found = {str(key) for key in rows.values_list("pk", flat=True)}
    return found - {*plan.remove[noun]} | {*plan.insert[noun]}


def leave_orphans(plan: Plan, noun: str, link: models.ForeignKey, now, done: Undone) -> None:
    rows = plan.going_back(noun)
    wanted = {str(v[link.attname]) for v in rows.values() if v.get(link.attname) is not None}
    missing = wanted and wanted - there(plan, link.related_model, wanted)
    for key, values in rows.items():
        if missing and str(values.get(link.attname)) in missing:
            leave_link(plan, (noun, key), link, now, done)


def leave_link(plan: Plan, place: Key, link: models.ForeignKey, now, done: Undone) -> None:
    """Without the row that it points to: the rest comes back, where it can stand alone."""
    noun, key = place
    if key in plan.update[noun]:
        owning = noun in OWNED and link.attname in TARGET
        reason = undo_plan.ORPHANED if owning else undo_plan.NOT_THERE
        done.keep(place, now, reason, link.attname)
        columns = TARGET if noun == "citation" and owning else [link.attname]
        for column in columns:
            plan.spare(place, column)
    elif noun in OWN and link.null:
        done.keep(place, now, undo_plan.NOT_THERE, link.attname)
        plan.spare(place, link.attname)
    else:
        done.keep(place, now, undo_plan.ORPHANED)
        plan.drop(place)


def leave_sectors(plan: Plan, now: dict[Key, Image], done: Undone) -> None:
    rows = plan.going_back("organization")
    wanted = {code for values in rows.values() for code in values.get("sectors") or ()}
    missing = wanted and wanted - there(plan, Sector, wanted)
    for key, values in rows.items():
        if missing and not missing.isdisjoint(values.get("sectors") or ()):
            left = [code for code in values["sectors"] if code not in missing]
            part = plan.insert if key in plan.insert["organization"] else plan.update
            part["organization"][key] = values | {"sectors": left}
            done.keep(("organization", key), now, undo_plan.NOT_THERE, "sectors")


def leave_numbers(plan: Plan, now: dict[Key, Image], done: Undone) -> None:
    """A number has an entry or leads to one: never both, and one that led never neither."""
    going, leading = {*plan.remove["mergednumber"]}, {*plan.insert["mergednumber"]}
    if going or leading:
        entered = there(plan, Organization, going | leading)
        refused = [(number, undo_plan.LEADS_ON) for number in going - entered]
        refused += [(number, undo_plan.HAS_ENTRY) for number in leading & entered]
        for number, reason in sorted(refused, key=itemgetter(0)):
            done.keep(("mergednumber", number), now, reason)
            plan.drop(("mergednumber", number))
    if back := {*plan.insert["organization"]}:
        for row in MergedNumber.objects.filter(number__in=back - going):
            done.keep(("organization", str(row.number)), now, undo_plan.merged(row))
            plan.drop(("organization", str(row.number)))


# -- What clashes -----------------------------------------------------------------


def refusal(plan: Plan) -> IntegrityError | None:
    """Write it all; what the database has against it, if anything: then nothing is written."""
    try:
        with transaction.atomic():
            write(plan)
    except IntegrityError as error:
        return error
    return None


def clashing(plan: Plan) -> list[tuple[Key, set[str]]]:
    """Row by row, only to see which are refused, and which of their columns are to blame."""
    found = []
    with transaction.atomic():
        for single, place in plan.singles():
            try:
                with transaction.atomic():
                    write(single)
            except IntegrityError:
                found.append((place, to_blame(single, place)))
        transaction.set_rollback(True)
    return found


def to_blame(single: Plan, place: Key) -> set[str]:
    """The columns of the rules that the row would break."""
    noun, key = place
    model = snapshots.NOUNS[noun]
    row = model._base_manager.filter(pk=key).first()
    for values in filter(None, (single.insert[noun].get(key), single.update[noun].get(key))):
        wanted = built(noun, key, values)
        row = row or wanted
        for name in values.keys() - {"sectors"}:
            setattr(row, name, getattr(wanted, name, None))
    return {column for law in laws(model) if breaks(law, row) for column in spoken_of(law, model)}


def laws(model: type[models.Model]) -> list[models.BaseConstraint]:
    once = [
        models.UniqueConstraint(fields=[field.name], name=field.name)
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    ]
    return [*model._meta.constraints, *once]


def breaks(law: models.BaseConstraint, row: models.Model | None) -> bool:
    if row is None:
        return False
    try:
        law.validate(type(row), row)
    except ValidationError:
        return True
    return False


def spoken_of(law: models.BaseConstraint, model: type[models.Model]) -> set[str]:
    names = {*getattr(law, "fields", ())}
    if law.condition is not None:
        names |= law.condition.referenced_base_fields
    return {model._meta.get_field(name).attname for name in names}


def give_way(plan: Plan, place: Key, columns: set[str], now, done: Undone) -> None:
    """What was entered since stays: without those columns, or without the row."""
    noun, key = place
    if key in plan.update[noun]:
        spared = columns & plan.update[noun][key].keys()
    else:
        spared = emptied(noun, columns, plan.insert[noun].get(key, {}))
    reason = undo_plan.NEEDED_SINCE if key in plan.remove[noun] else undo_plan.CLASHES
    for column in sorted(spared):
        done.keep(place, now, reason, column)
        plan.spare(place, column, "")
    if not spared:
        done.keep(place, now, reason)
        plan.drop(place)


def emptied(noun: str, columns: set[str], values: dict) -> set[str]:
    """Those that a row may lack, if it may lack them all."""
    fields = {field.attname: field for field in snapshots.columns(noun)}
    filled = {name for name in columns if values.get(name) not in (None, "")}
    lacking = all(fields[name].blank and not fields[name].is_relation for name in columns)
    return filled if lacking else set()
