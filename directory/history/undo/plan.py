"""The undo plan: which rows to delete, insert and update, and how it is written."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from directory import snapshots
from directory.db.unique_keys import get_unique_keys, release_keys
from directory.models import MergedNumber, Organization, Revision
from directory.snapshots import RowKey, Snapshots

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
HIDDEN_SINCE = gettext_lazy("was hidden or withdrawn since, so visitors still do not see it")
RETURNS_HIDDEN = gettext_lazy("comes back, but visitors do not see it until somebody publishes it")
CLASHES = gettext_lazy("clashes with what was entered since")

MODEL_NAMES = list(snapshots.MODELS_BY_NAME)
# The models whose rows belong to an organization.
OWNED_MODELS = MODEL_NAMES[snapshots.MODEL_ORDER["organization"] + 1 :]
# Deleting a row deletes what refers to it: so rows that move to another owner are updated first.
STEPS = [
    ("update", "citation"),
    *(("remove", name) for name in reversed(OWNED_MODELS)),
    *(("update", name) for name in OWNED_MODELS if name != "citation"),
    *(("remove", name) for name in reversed(MODEL_NAMES) if name not in OWNED_MODELS),
    *(("update", name) for name in MODEL_NAMES if name not in OWNED_MODELS),
    *(("insert", name) for name in MODEL_NAMES),
]


class UndoRefused(Exception):  # noqa: N818 - a refusal, not a fault
    """An undo is refused as a whole; the argument is the reason as a text for people."""


def format_merged_reason(row: MergedNumber) -> str:
    """Return the reason why an organization that was merged since is not restored."""
    return MERGED_SINCE % {"gone": row.number, "kept": row.organization_id}


@dataclass(frozen=True)
class NotRestored:
    """A row or column that was not restored: its organization, its key, and the reason."""

    organization: int | None
    model_name: str
    key: str
    column: str
    reason: object


@dataclass
class UndoResult:
    """The outcome: the new revision (None if nothing was written), and what was not restored.

    `organizations`: the existing ones whose rows were considered.
    """

    revision: Revision | None = None
    organizations: set[int] = field(default_factory=set)
    restored: int = 0
    not_restored: list[NotRestored] = field(default_factory=list)

    def add_not_restored(
        self, row_key: RowKey, now: Snapshots, reason: object, column: str = ""
    ) -> None:
        """Add a row, or one column of it; its organization is taken from the snapshots `now`."""
        model_name, key = row_key
        number = int(key) if model_name == "organization" else None
        owner = now[row_key].owner if row_key in now else number
        self.not_restored.append(NotRestored(owner, model_name, key, column, reason))


@dataclass
class UndoPlan:
    """The rows to remove, insert and update, by model name and key."""

    remove: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    insert: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    update: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    # Rows of which every column is restored.
    fully_restored: set[RowKey] = field(default_factory=set)

    @property
    def size(self) -> int:
        """The number of rows to write."""
        removed = sum(map(len, self.remove.values()))
        return removed + sum(map(len, self.insert.values())) + sum(map(len, self.update.values()))

    def split_into_single_rows(self) -> Iterator[tuple["UndoPlan", RowKey]]:
        """Yield a plan for each row, in the order of the steps."""
        for step, model_name in STEPS:
            for key in list(getattr(self, step)[model_name]):
                single = UndoPlan()
                if step == "remove":
                    single.remove[model_name].append(key)
                else:
                    getattr(single, step)[model_name][key] = getattr(self, step)[model_name][key]
                yield single, (model_name, key)

    def drop_row(self, row_key: RowKey) -> None:
        """Leave a row as it is."""
        model_name, key = row_key
        if key in self.remove[model_name]:
            self.remove[model_name].remove(key)
        self.insert[model_name].pop(key, None)
        self.update[model_name].pop(key, None)

    def get_restored_rows(self, model_name: str) -> dict[str, dict[str, Any]]:
        """Return the rows of a model that are inserted or updated, with their new values."""
        return self.insert[model_name] | self.update[model_name]

    def drop_column(self, row_key: RowKey, column: str, empty: object = None) -> None:
        """Leave a column as it is, or `empty` in a row that is inserted."""
        model_name, key = row_key
        self.fully_restored.discard(row_key)
        if key in self.insert[model_name]:
            self.insert[model_name][key] = self.insert[model_name][key] | {column: empty}
        for name in (column, "proposed_by"):
            self.update[model_name].get(key, {}).pop(name, None)
        if not self.update[model_name].get(key):
            self.update[model_name].pop(key, None)


def build_row(model_name: str, key: str, values: dict[str, Any]) -> models.Model:
    """Build an unsaved model instance with these column values, and defaults for all others."""
    model = snapshots.MODELS_BY_NAME[model_name]
    attributes = snapshots.build_column_values(model_name, values)
    return model(pk=model._meta.pk.to_python(key), **attributes)


def write_plan(plan: UndoPlan) -> None:
    """Write the whole plan; raises IntegrityError where the database refuses a row."""
    for step, model_name in STEPS:
        if step == "remove":
            _remove(model_name, plan.remove[model_name])
        elif step == "update":
            _update(model_name, plan.update[model_name])
        else:
            _insert(model_name, plan.insert[model_name])


def _remove(model_name: str, keys: list[str]) -> None:
    if keys:
        snapshots.MODELS_BY_NAME[model_name]._base_manager.filter(pk__in=keys).delete()


def _update(model_name: str, rows: dict[str, dict[str, Any]]) -> None:
    model = snapshots.MODELS_BY_NAME[model_name]
    for key, values in release_updated_keys(model_name, rows).items():
        if columns := snapshots.build_column_values(model_name, values):
            model._base_manager.filter(pk=key).update(**columns)
        if "sectors" in values:
            Organization(pk=int(key)).sectors.set(values["sectors"])


def release_updated_keys(
    model_name: str, rows: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Let these updates exchange unique keys: returns them with the columns they have to write."""
    model = snapshots.MODELS_BY_NAME[model_name]
    columns = {name for key in get_unique_keys(model) for name in key.column_names}
    if len(rows) < 2 or not any(columns & values.keys() for values in rows.values()):
        return rows
    targets = {str(row.pk): row for row in model._base_manager.filter(pk__in=rows)}
    for key, row in targets.items():
        changed = build_row(model_name, key, rows[key])
        for name in snapshots.build_column_values(model_name, rows[key]):
            setattr(row, name, getattr(changed, name))
    written = {
        str(pk): {name: getattr(targets[str(pk)], name) for name in names}
        for pk, names in release_keys(targets.values()).items()
    }
    return {key: values | written.get(key, {}) for key, values in rows.items()}


def _insert(model_name: str, rows: dict[str, dict[str, Any]]) -> None:
    if not rows:
        return
    instances = [build_row(model_name, key, values) for key, values in rows.items()]
    manager = snapshots.MODELS_BY_NAME[model_name]._base_manager
    manager.bulk_create(instances, batch_size=snapshots.BATCH_SIZE)
    for row in instances:
        if isinstance(row, Organization) and (codes := rows[str(row.pk)].get("sectors")):
            row.sectors.set(codes)
