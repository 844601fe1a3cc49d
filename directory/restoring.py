"""Writing rows as they were: what goes, what comes back, what says again what it said."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy

from directory import images
from directory.history import Change
from directory.images import Image, Key
from directory.models import Organization, Revision

CHANGED_SINCE = gettext_lazy("edited since")
GONE_SINCE = gettext_lazy("deleted since")
BACK_SINCE = gettext_lazy("entered again since")
PUBLIC_SINCE = gettext_lazy("was published, so it is withdrawn instead of deleted")
NEEDED_SINCE = gettext_lazy("something entered since belongs to it")
ORPHANED = gettext_lazy("what it belonged to is not there any more")
CLASHES = gettext_lazy("clashes with what was entered since")

NOUNS = list(images.NOUNS)
OWNED = [noun for noun in NOUNS if images.ORDER[noun] > images.ORDER["organization"]]
# A row that goes takes along what hangs on it: so what moves to another row is moved before.
STEPS = [
    ("update", "citation"),
    *(("remove", noun) for noun in reversed(OWNED)),
    *(("update", noun) for noun in OWNED if noun != "citation"),
    *(("remove", noun) for noun in reversed(NOUNS) if noun not in OWNED),
    *(("update", noun) for noun in NOUNS if noun not in OWNED),
    *(("insert", noun) for noun in NOUNS),
]


@dataclass(frozen=True)
class Kept:
    """One thing that was not put back: whose, which row and column, and why."""

    organization: int | None
    noun: str
    key: str
    column: str
    reason: object


@dataclass
class Undone:
    """What came of it: the new revision (None if nothing was written), and what was kept."""

    revision: Revision | None = None
    restored: int = 0
    kept: list[Kept] = field(default_factory=list)

    def keep(self, place: Key, now: dict[Key, Image], reason: object, column: str = "") -> None:
        owner = now[place].owner if place in now else None
        self.kept.append(Kept(owner, *place, column, reason))


@dataclass
class Plan:
    """What is to be written so that rows say again what they said, by noun and key."""

    remove: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    insert: dict[str, dict[str, dict]] = field(default_factory=lambda: defaultdict(dict))
    update: dict[str, dict[str, dict]] = field(default_factory=lambda: defaultdict(dict))
    # Rows that will say again all that they once said, and not only in part.
    whole: set[Key] = field(default_factory=set)

    @property
    def size(self) -> int:
        parts = (self.remove, self.insert, self.update)
        return sum(len(rows) for part in parts for rows in part.values())

    def singles(self) -> Iterator[tuple["Plan", Key]]:
        """The same, row by row, in the order of the steps."""
        for name, noun in STEPS:
            for key in list(getattr(self, name)[noun]):
                single = Plan()
                if name == "remove":
                    single.remove[noun].append(key)
                else:
                    getattr(single, name)[noun][key] = getattr(self, name)[noun][key]
                yield single, (noun, key)

    def drop(self, place: Key) -> None:
        noun, key = place
        if key in self.remove[noun]:
            self.remove[noun].remove(key)
        self.insert[noun].pop(key, None)
        self.update[noun].pop(key, None)


def written(plan: Plan, noted: Change, now: dict[Key, Image], done: Undone) -> None:
    """All at once; where the database refuses that, one by one, telling what could not be."""
    leave_out_orphans(plan, now, done)
    try:
        with transaction.atomic():
            write(plan)
    except IntegrityError:
        one_by_one(plan, now, done)
    done.restored += plan.size
    noted.whole |= plan.whole
    going = {int(key) for key in plan.remove["organization"]}
    noted.organizations |= noted.opened - going
    noted.gone |= going
    noted.regions |= {*plan.insert["region"], *plan.update["region"]}
    readings = (plan.remove["reading"], plan.insert["reading"], plan.update["reading"])
    noted.spoken.update(*readings)


def one_by_one(plan: Plan, now: dict[Key, Image], done: Undone) -> None:
    """Each row on its own; those refused are taken out of the plan and told."""
    for single, place in plan.singles():
        try:
            with transaction.atomic():
                write(single)
        except IntegrityError:
            done.keep(place, now, CLASHES)
            plan.drop(place)


def leave_out_orphans(plan: Plan, now: dict[Key, Image], done: Undone) -> None:
    """The engines judge at the end whether what a row points to is there: ask before."""
    for noun in images.NOUNS:
        for field_ in images.columns(noun):
            if isinstance(field_, models.ForeignKey):
                _leave_out(plan, noun, field_, now, done)


def _leave_out(plan: Plan, noun: str, link: models.ForeignKey, now, done: Undone) -> None:
    rows = plan.insert[noun] | plan.update[noun]
    wanted = {str(v[link.attname]) for v in rows.values() if v.get(link.attname) is not None}
    if not wanted:
        return
    other = images.noun_of(link.related_model())
    rows_there = link.related_model._base_manager.filter(pk__in=wanted)
    there = {str(key) for key in rows_there.values_list("pk", flat=True)}
    there = there - {*plan.remove[other]} | {*plan.insert[other]}
    for key, values in rows.items():
        if str(values.get(link.attname)) in wanted - there:
            done.keep((noun, key), now, ORPHANED)
            plan.drop((noun, key))


def built(noun: str, key: str, values: dict) -> models.Model:
    """The row as those columns say; other columns have their defaults."""
    model = images.NOUNS[noun]
    fields = (each for each in images.columns(noun) if each.attname in values)
    known = {each.attname: each.to_python(values[each.attname]) for each in fields}
    return model(pk=model._meta.pk.to_python(key), **known)


def write(plan: Plan) -> None:
    for name, noun in STEPS:
        rows = getattr(plan, name)[noun]
        if rows:
            WRITERS[name](noun, rows)


def _remove(noun: str, keys: list[str]) -> None:
    images.NOUNS[noun]._base_manager.filter(pk__in=keys).delete()


def _update(noun: str, rows: dict[str, dict]) -> None:
    model = images.NOUNS[noun]
    fields = {field.attname: field for field in images.columns(noun)}
    for key, values in rows.items():
        known = {n: fields[n].to_python(v) for n, v in values.items() if n in fields}
        if known:
            model._base_manager.filter(pk=key).update(**known)
        if "sectors" in values:
            Organization(pk=int(key)).sectors.set(values["sectors"])


def _insert(noun: str, rows: dict[str, dict]) -> None:
    made = [built(noun, key, values) for key, values in rows.items()]
    images.NOUNS[noun]._base_manager.bulk_create(made, batch_size=images.BATCH)
    for row in made:
        if noun == "organization" and (codes := rows[str(row.pk)].get("sectors")):
            row.sectors.set(codes)


WRITERS = {"remove": _remove, "update": _update, "insert": _insert}
