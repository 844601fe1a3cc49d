"""Writing rows as they were: what goes, what comes back, what says again what it said."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy

from directory import snapshots
from directory.models import MergedNumber, Organization, Revision
from directory.snapshots import Image, Key

CHANGED_SINCE = gettext_lazy("edited since")
GONE_SINCE = gettext_lazy("deleted since")
BACK_SINCE = gettext_lazy("entered again since")
PUBLIC_SINCE = gettext_lazy("was published, so it is withdrawn instead of deleted")
NEEDED_SINCE = gettext_lazy("something entered since belongs to it")
ORPHANED = gettext_lazy("what it belonged to is not there any more")
NOT_THERE = gettext_lazy("what was chosen there is not there any more")
LEADS_ON = gettext_lazy("goes on leading here, because its own entry does not come back")
HAS_ENTRY = gettext_lazy("has an entry of its own again, so it leads nowhere")
MERGED_SINCE = gettext_lazy("number %(gone)d was merged into number %(kept)d since")
CLASHES = gettext_lazy("clashes with what was entered since")

NOUNS = list(snapshots.NOUNS)
OWNED = [noun for noun in NOUNS if snapshots.ORDER[noun] > snapshots.ORDER["organization"]]
# A row that goes takes along what hangs on it: so what moves to another row is moved before.
STEPS = [
    ("update", "citation"),
    *(("remove", noun) for noun in reversed(OWNED)),
    *(("update", noun) for noun in OWNED if noun != "citation"),
    *(("remove", noun) for noun in reversed(NOUNS) if noun not in OWNED),
    *(("update", noun) for noun in NOUNS if noun not in OWNED),
    *(("insert", noun) for noun in NOUNS),
]


def merged(row: MergedNumber) -> str:
    return MERGED_SINCE % {"gone": row.number, "kept": row.organization_id}


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
    """What came of it: the new revision (None if nothing was written), and what was kept.

    `organizations`: whose rows were looked at, of those that are there.
    """

    revision: Revision | None = None
    organizations: set[int] = field(default_factory=set)
    restored: int = 0
    kept: list[Kept] = field(default_factory=list)

    def keep(self, place: Key, now: dict[Key, Image], reason: object, column: str = "") -> None:
        noun, key = place
        back = int(key) if noun == "organization" else None
        owner = now[place].owner if place in now else back
        self.kept.append(Kept(owner, noun, key, column, reason))


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

    def going_back(self, noun: str) -> dict[str, dict]:
        """The rows of that noun that come back or change, with what they will say."""
        return self.insert[noun] | self.update[noun]

    def spare(self, place: Key, column: str, empty: object = None) -> None:
        """A column stays as it is; in a row that comes back it is left empty."""
        noun, key = place
        self.whole.discard(place)
        if key in self.insert[noun]:
            self.insert[noun][key] = self.insert[noun][key] | {column: empty}
        for name in (column, "proposed_by"):
            self.update[noun].get(key, {}).pop(name, None)
        if not self.update[noun].get(key):
            self.update[noun].pop(key, None)


def built(noun: str, key: str, values: dict) -> models.Model:
    """The row as those columns say; other columns have their defaults."""
    model = snapshots.NOUNS[noun]
    fields = (each for each in snapshots.columns(noun) if each.attname in values)
    known = {each.attname: each.to_python(values[each.attname]) for each in fields}
    return model(pk=model._meta.pk.to_python(key), **known)


def write(plan: Plan) -> None:
    for name, noun in STEPS:
        rows = getattr(plan, name)[noun]
        if rows:
            WRITERS[name](noun, rows)


def _remove(noun: str, keys: list[str]) -> None:
    snapshots.NOUNS[noun]._base_manager.filter(pk__in=keys).delete()


def _update(noun: str, rows: dict[str, dict]) -> None:
    model = snapshots.NOUNS[noun]
    fields = {field.attname: field for field in snapshots.columns(noun)}
    for key, values in rows.items():
        known = {n: fields[n].to_python(v) for n, v in values.items() if n in fields}
        if known:
            model._base_manager.filter(pk=key).update(**known)
        if "sectors" in values:
            Organization(pk=int(key)).sectors.set(values["sectors"])


def _insert(noun: str, rows: dict[str, dict]) -> None:
    made = [built(noun, key, values) for key, values in rows.items()]
    snapshots.NOUNS[noun]._base_manager.bulk_create(made, batch_size=snapshots.BATCH)
    for row in made:
        if noun == "organization" and (codes := rows[str(row.pk)].get("sectors")):
            row.sectors.set(codes)


WRITERS = {"remove": _remove, "update": _update, "insert": _insert}
