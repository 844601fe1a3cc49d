"""Record changes: the transaction for every write, which updates derived data and saves a revision.

    with recorder.record_changes(who=user, via="admin") as change:
        change.track_row(organization)      # before the write: its stored values are read
        organization.save()
        change.mark_changed(organization)   # after the write

Every organization marked as changed gets its slug, pinyin sort key, search documents, quality
issues and a new version. The values of each row before and after are saved as a revision; if there
is one, the data version grows by one, once for the whole transaction.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Max
from django.utils import timezone

from directory import snapshots
from directory.db.bulk import assign_keys, build_key_filter, bulk_insert, bulk_insert_models
from directory.models import (
    Alias,
    Citation,
    DataVersion,
    Organization,
    Reading,
    Region,
    Revision,
    RowChange,
    State,
)
from directory.permissions import approval, policy
from directory.permissions.policy import Account
from directory.quality import issues as quality_issues
from directory.search import index as search_index
from directory.search.documents import build_name_keys
from directory.search.indexer import RegionWords, SearchIndexer, get_name_rows
from directory.snapshots import RowKey, RowSnapshot, Snapshots


class UntrackedWriteError(RuntimeError):
    """An existing organization was written without `track`: its old values would be lost."""


@dataclass
class ChangeRecorder:
    """The rows that one transaction has changed so far, and their values before it."""

    who: Account
    via: str
    comment: str = ""
    undoes: Revision | None = None
    # The greatest organization number before this transaction, or at the last flush.
    last_key: int = 0
    revision: Revision | None = None
    organizations: set[int] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    # Organizations inserted by this transaction: their derived columns are already set.
    inserted: dict[int, RowSnapshot] = field(default_factory=dict)
    # Characters whose pinyin reading changed: names with them get new derived columns.
    changed_characters: set[str] = field(default_factory=set)
    # Rows of which an undo restores every column.
    fully_restored: set[RowKey] = field(default_factory=set)
    # Changed rows that belong to no organization.
    unowned_rows: dict[RowKey, models.Model] = field(default_factory=dict)
    tracked: set[int] = field(default_factory=set)
    indexer: SearchIndexer = field(default_factory=SearchIndexer)
    # The values of all tracked rows before the transaction, or at the last flush.
    before: Snapshots = field(default_factory=dict)

    def track(self, keys: Iterable[int]) -> None:
        """Lock these organizations and snapshot them with all rows that belong to them.

        Call it before writing anything that belongs to an organization that exists already.
        """
        untracked = {key for key in keys if key} - self.tracked
        for batch in snapshots.split_into_batches(sorted(untracked)):
            locked = Organization.objects.select_for_update().filter(pk__in=batch).order_by("pk")
            list(locked.values_list("pk"))
        # What this transaction inserted has no earlier values.
        existing = {key for key in untracked if key <= self.last_key}
        self.before |= snapshots.snapshot_organizations(existing)
        self.tracked |= untracked

    def track_row(self, row: models.Model) -> None:
        """Track whatever this row belongs to, both as it is stored and as it is now."""
        if row.pk is None:
            self.track(snapshots.get_owner_keys(row))
            return
        stored = type(row)._base_manager.filter(pk=row.pk).first()
        versions = [row, stored] if stored else [row]
        keys = {key for each in versions for key in snapshots.get_owner_keys(each)}
        self.track(keys)
        for root in map(snapshots.get_unowned_root, versions):
            if root is not None and not keys:
                self._track_unowned(root)

    def _track_unowned(self, row: models.Model) -> None:
        row_key = snapshots.get_model_name(row), str(row.pk)
        if row.pk is not None and row_key not in self.unowned_rows:
            self.unowned_rows[row_key] = row
            self.before |= snapshots.snapshot_row(row)

    def mark_changed(self, row: models.Model) -> None:
        """Mark a row as changed; call it after saving the row, or before deleting it."""
        self.organizations |= snapshots.get_owner_keys(row)
        if isinstance(row, Organization):
            self.inserted.pop(row.pk, None)
        if isinstance(row, Region):
            self.regions.add(row.code)
        if isinstance(row, Reading):
            self.changed_characters.add(row.han)
        root = snapshots.get_unowned_root(row)
        if root is not None and root.pk is not None:
            self.unowned_rows.setdefault((snapshots.get_model_name(root), str(root.pk)), root)

    def insert_new(self, rows: list[Organization]) -> None:
        """Insert new organizations in bulk, each with a new number and its derived columns."""
        assign_keys(rows)
        search_index.load_readings()
        for row in rows:
            row.slug, row.pinyin = self.indexer.get_name_keys(row.name, row.name_en)
        bulk_insert_models(rows)
        self.inserted |= {row.pk: snapshots.snapshot_inserted(row) for row in rows}
        self.organizations |= self.inserted.keys()

    def mark_deleted(self, organization: Organization) -> None:
        """Track an organization and mark it as deleted; call it before the deletion."""
        self.track([organization.pk])
        self.deleted.add(organization.pk)

    def mark_all_changed(self) -> None:
        """Mark every organization as changed, after a bulk insert into an empty directory."""
        self.organizations.update(Organization.objects.values_list("pk", flat=True))

    def flush(self) -> None:
        """Finalize the changes so far and start anew, in the same transaction and revision."""
        finalize(self)
        self.organizations, self.deleted = set(), set()
        self.regions, self.changed_characters = set(), set()
        self.unowned_rows, self.tracked, self.before, self.inserted = {}, set(), {}, {}
        self.last_key = get_last_key()

    def discard_pending(self) -> None:
        """Forget the changes since the last flush, after their savepoint was rolled back."""
        self.organizations, self.inserted = set(), {}

    def get_revision(self) -> Revision:
        """Return the revision of this transaction, created on the first call."""
        if self.revision is None:
            user = self.who if isinstance(self.who, User) and self.who.pk else None
            self.revision = Revision.objects.create(
                who=user,
                who_name=user.get_username() if user else "",
                via=self.via,
                comment=self.comment[:300],
                undoes=self.undoes,
            )
        return self.revision


@contextmanager
def record_changes(
    who: Account, via: str, comment: str = "", undoes: Revision | None = None
) -> Iterator[ChangeRecorder]:
    """Open the transaction in which to write; `via` is the origin, one of `Revision.Via`."""
    with transaction.atomic(), closing(SearchIndexer()) as indexer:
        recorder = ChangeRecorder(who, via, comment, undoes, get_last_key(), indexer=indexer)
        yield recorder
        finalize(recorder)
        indexer.finish()
        if recorder.revision is not None:
            recorder.revision.version = DataVersion.increment()
            recorder.revision.save(update_fields=["version", "count"])


def get_last_key() -> int:
    """Return the greatest number of any organization, or 0."""
    return Organization.objects.aggregate(newest=Max("pk"))["newest"] or 0


def finalize(recorder: ChangeRecorder) -> None:
    """Bring everything derived up to date with the recorded changes, and save them."""
    enforce_approval(recorder)
    recorder.indexer.finish()
    search_index.delete_documents(recorder.deleted)
    index_organizations(recorder)
    Citation.objects.all().bind()
    quality_issues.refresh(recorder.organizations - recorder.deleted)
    save_differences(recorder)
    updated = sorted(recorder.organizations - recorder.inserted.keys())
    for batch in snapshots.split_into_batches(updated):
        Organization.objects.filter(**build_key_filter(batch)).update(version=F("version") + 1)
    recorder.indexer.name_keys.clear()


def index_organizations(recorder: ChangeRecorder) -> None:
    """Update derived columns and search documents of all organizations with changed texts."""
    characters = recorder.changed_characters
    keys = recorder.organizations - recorder.deleted | find_organizations_by_characters(characters)
    region_codes = recorder.regions | _find_regions_by_characters(characters)
    if region_codes:
        recorder.indexer.region_words = RegionWords()
    for code in region_codes:
        keys.update(Organization.objects.within(code).values_list("pk", flat=True))
    for batch in snapshots.split_into_batches(sorted(keys)):
        if stored := [key for key in batch if key not in recorder.inserted]:
            rows = Organization.objects.filter(**build_key_filter(stored))
            update_derived_columns(rows, recorder.indexer.get_name_keys)
        rows = Organization.objects.filter(**build_key_filter(batch))
        recorder.indexer.enqueue(get_name_rows(rows))


def enforce_approval(recorder: ChangeRecorder) -> None:
    """Turn back into drafts the roles that a second person must publish."""
    if recorder.via != Revision.Via.FIXTURES:
        merging = recorder.via == Revision.Via.MERGE or approval.is_merge(recorder.undoes)
        keys = recorder.organizations | recorder.tracked
        restored = recorder.fully_restored
        approval.enforce_second_person(keys, recorder.before, recorder.who, merging, restored)


def find_organizations_by_characters(characters: Collection[str]) -> set[int]:
    """Return the keys of organizations with one of these characters in a name or alias."""
    keys: set[int] = set()
    for han in characters:
        for manager, column in (
            (Organization.objects, "pk"),
            (Alias.objects, "organization_id"),
        ):
            keys.update(manager.filter(name__contains=han).values_list(column, flat=True))
    return keys


def _find_regions_by_characters(characters: Collection[str]) -> set[str]:
    querysets = (Region.objects.filter(name__contains=han) for han in characters)
    return {code for rows in querysets for code in rows.values_list("pk", flat=True)}


def save_differences(recorder: ChangeRecorder) -> None:
    """Save a row change for each row that differs, if the account may write them all.

    Raises UntrackedWriteError, or PermissionDenied with the reason.
    """
    untracked = recorder.organizations - recorder.tracked
    if untracked and min(untracked) <= recorder.last_key:
        raise UntrackedWriteError(f"organization {min(untracked)}")
    after = snapshots.snapshot_organizations(
        recorder.organizations | recorder.tracked, recorder.inserted
    )
    for row in recorder.unowned_rows.values():
        after |= snapshots.snapshot_row(row)
    differences = list(snapshots.diff_snapshots(recorder.before, after))
    policy.enforce(recorder.who, differences, recorder.before, after)
    if differences:
        revision = recorder.get_revision()
        names = ("revision_id", *snapshots.RowDifference._fields)
        bulk_insert(RowChange, names, ((revision.pk, *row) for row in differences))
        revision.count += len(differences)


def update_derived_columns(
    organizations: models.QuerySet[Organization],
    derive: Callable[[str, str], tuple[str, str]] = build_name_keys,
) -> None:
    """Update the slug and the pinyin sort key where they differ from what is stored."""
    search_index.load_readings()
    stale = []
    rows = organizations.order_by().values_list("pk", "name", "name_en", "slug", "pinyin")
    for key, name, name_en, *stored in rows.iterator(1000):
        slug, pinyin = derive(name, name_en)
        if (slug, pinyin) != tuple(stored):
            stale.append(Organization(pk=key, slug=slug, pinyin=pinyin))
    Organization.objects.bulk_update(stale, ["slug", "pinyin"], batch_size=500)


def publish(organization: Organization) -> None:
    """Set the fields of a published organization, without saving; the first date is kept."""
    organization.state = State.PUBLISHED
    organization.withdrawn_reason = ""
    organization.first_published_at = organization.first_published_at or timezone.now()


def withdraw(organization: Organization, reason: str) -> None:
    """Set the fields of a withdrawn organization, without saving.

    Its public page then answers 410 with this reason.
    """
    organization.state = State.WITHDRAWN
    organization.withdrawn_reason = reason.strip()


def get_row_changes(keys: Collection[int]) -> models.QuerySet[RowChange]:
    """Return changes of rows that belong or belonged to these organizations, newest first."""
    owned = models.Q(organization__in=keys) | models.Q(formerly__in=keys)
    return RowChange.objects.filter(owned).order_by("-pk")
