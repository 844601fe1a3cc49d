"""Applies an import plan: in one transaction, as one revision, and only once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, transaction

from directory.db.bulk import InstanceFactory, bulk_insert_models
from directory.db.locks import exclusive_transaction
from directory.history import recorder
from directory.importing.apply import recheck
from directory.importing.apply.checks import (
    Owner,
    RowChecker,
    build_taken_reason,
    find_code_owners,
    load_communities,
)
from directory.importing.apply.citations import CitationWriter, may_cite
from directory.importing.apply.selection import (
    BATCH,
    COLUMNS,
    WrittenRow,
    get_accepted_values,
    get_code_keys,
    get_column_values,
    get_date_columns,
    get_name_pair,
    get_new_values,
    get_unique_keys,
    is_new,
    iter_batches,
)
from directory.importing.parse.messages import Reason
from directory.importing.plan import current as current_values
from directory.jobs import ProgressCallback
from directory.models import (
    Alias,
    Community,
    Import,
    ImportRow,
    Membership,
    Organization,
    State,
)
from directory.permissions import disclosure, policy

ORGANIZATION_FACTORY = InstanceFactory(Organization)
# Executed for thousands of rows; Django would build the statement anew for each batch.
UPDATE_ROW_SQL = "UPDATE directory_importrow SET applied = %s, organization = %s WHERE id = %s"
Outcome = ImportRow.Outcome


class AlreadyAppliedError(RuntimeError):
    """The import was applied before."""


def apply_import(
    job: Import, who: policy.Account, on_progress: ProgressCallback | None = None
) -> Import:
    """Write every accepted row; rows changed by somebody since the plan are rejected.

    Imports are applied one at a time: what another one has just entered is there to compare with.
    Raises AlreadyAppliedError if the import was applied before.
    """
    with (
        exclusive_transaction("import"),
        recorder.record_changes(who=who, via="import", comment=job.name) as change,
    ):
        locked = Import.objects.select_for_update().defer("content").get(pk=job.pk)
        if locked.state == Import.State.APPLIED:
            raise AlreadyAppliedError(job.name)
        permission = policy.permission_for(who)
        publish = permission.can_publish and bool(job.options.get("publish"))
        citations = CitationWriter(job, change) if may_cite(who) else CitationWriter()
        asked_count, done = recheck.update_plan(job), 0
        hidden = disclosure.find_other_parts(job.who).hidden
        writer = ImportWriter(
            change, publish, permission, citations, hidden, rejected_count=asked_count
        )
        for batch in iter_batches(job, change.indexer):
            writer.write_safely(batch)
            change.flush()
            done += len(batch)
            if on_progress:
                on_progress(done)
        save_result(locked, job, writer)
    job.refresh_from_db()
    return job


def save_result(locked: Import, job: Import, writer: "ImportWriter") -> None:
    """Store that the import was applied, and delete its file."""
    locked.state, locked.revision = Import.State.APPLIED, writer.change.revision
    counts = {"applied": writer.applied_count, "stale": writer.rejected_count}
    locked.counts = job.counts | counts
    locked.options = job.options | {"source": writer.citations.source}
    locked.content, locked.problem = None, ""
    fields = ["state", "revision", "counts", "options", "content", "problem"]
    locked.save(update_fields=fields)


@dataclass
class ImportWriter:
    """Writes rows in batches, all as one revision."""

    change: recorder.ChangeRecorder
    publish: bool = False
    # Rows that this does not allow to write are rejected.
    permission: policy.WritePermission = field(default_factory=policy.WritePermission)
    citations: CitationWriter = field(default_factory=CitationWriter)
    # Organizations of which whoever brought the file may not know.
    hidden: Collection[int] = ()
    applied_count: int = 0
    rejected_count: int = 0
    rejected: list[ImportRow] = field(default_factory=list)
    # Organizations that rows above have changed.
    changed_pks: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.communities = dict(Community.objects.values_list("code", "pk"))
        self.checker = RowChecker(self.permission, self.communities)

    def write_safely(self, rows: list[ImportRow]) -> None:
        """Write the rows at once; if the database refuses, one by one without those refused."""
        source, counts = self.citations.source, (self.applied_count, self.rejected_count)
        try:
            with transaction.atomic():
                self.write(rows)
        except IntegrityError:
            self.citations.source, (self.applied_count, self.rejected_count) = source, counts
            for row in self.rejected:
                row.reasons, row.applied = row.reasons[:-1], ""
            self.rejected.clear()
            self.change.discard_pending()
            if len(rows) > 1:
                for row in rows:
                    self.write_safely([row])
            else:
                self.reject(rows[0], Reason("clashes", ""))
                self.record_outcomes([])

    def write(self, rows: list[ImportRow]) -> None:
        """Write the rows at once."""
        written = self.create_organizations([row for row in rows if is_new(row)])
        written += self.change_organizations([row for row in rows if not is_new(row)])
        self.write_related(written)
        self.citations.cite(written)
        self.applied_count += len(written)
        self.record_outcomes(written)

    def record_outcomes(self, written: list[WrittenRow]) -> None:
        """Store of each row written its organization, and of each rejected one the reason."""
        values = [("yes", each.row.organization, each.row.pk) for each in written]
        with connection.cursor() as cursor:
            cursor.executemany(UPDATE_ROW_SQL, values)
        ImportRow.objects.bulk_update(self.rejected, ["applied", "reasons"], BATCH)
        self.rejected.clear()

    def reject(self, row: ImportRow, reason: Reason) -> None:
        """Leave the row out, with one more reason."""
        row.reasons = [*row.reasons, list(reason)]
        row.applied = "no"
        self.rejected.append(row)
        self.rejected_count += 1

    # -- New organizations ---------------------------------------------------

    def create_organizations(self, rows: list[ImportRow]) -> list[WrittenRow]:
        written, taken = [], self.find_taken_keys(rows)
        for row in rows:
            values = get_new_values(row)
            keys = get_unique_keys(row, values)
            same = next((key for key in keys if key in taken), "")
            column = "name" if same.startswith("=") else ""
            reason = build_taken_reason(column, row, taken[same], self.hidden) if same else None
            reason = reason or self.checker.check_new(values)
            if reason:
                self.reject(row, reason)
                continue
            taken |= dict.fromkeys(keys, (0, row.name))
            written.append(WrittenRow(row, self.build_organization(values), values))
        self.change.insert_new([each.organization for each in written])
        for each in written:
            each.row.organization = each.organization.pk
        return written

    def build_organization(self, values: dict) -> Organization:
        organization = ORGANIZATION_FACTORY.build(get_column_values(values))
        if self.publish:
            recorder.publish(organization)
        return organization

    def find_taken_keys(self, rows: list[ImportRow]) -> dict[str, Owner]:
        """Find the organizations that have got a code or a name of these rows since the plan."""
        get_name_keys = self.change.indexer.get_name_keys
        pinyin = {
            row.name: get_name_keys(*get_name_pair(row.full_values))[1]
            for row in rows
            if row.outcome == Outcome.NEW
        }
        same_pinyin = current_values.filter_by_pinyin({*pinyin.values()})
        taken = {
            f"={name}": (pk, name)
            for pk, name in same_pinyin.values_list("pk", "name")
            if name in pinyin
        }
        owners = find_code_owners([row.full_values for row in rows])
        return taken | {key: each[-1] for key, each in owners.items()}

    # -- Recorded organizations ----------------------------------------------

    def change_organizations(self, rows: list[ImportRow]) -> list[WrittenRow]:
        pks = [row.organization for row in rows if row.organization]
        self.change.track(pks)
        organizations = Organization.objects.in_bulk(pks)
        owners = find_code_owners([row.values for row in rows])
        communities = load_communities(pks)
        written = []
        for row in rows:
            organization = organizations.pop(row.organization, None)
            if organization is None:
                twice = row.organization in self.changed_pks
                self.reject(row, Reason("twice" if twice else "gone"))
                continue
            values = get_accepted_values(row, row.values)
            own_communities = communities.get(organization.pk, set())
            reason = self.check_change(row, organization, own_communities, values, owners)
            if reason:
                self.reject(row, reason)
                continue
            for column, value in get_column_values(values).items():
                setattr(organization, column, value)
            written.append(WrittenRow(row, organization, values))
            self.changed_pks.add(organization.pk)
        self.save_organizations([each.organization for each in written])
        return written

    def save_organizations(self, organizations: list[Organization]) -> None:
        Organization.objects.bulk_update(organizations, COLUMNS, batch_size=BATCH)
        for organization in organizations:
            self.change.mark_changed(organization)

    def check_change(
        self,
        row: ImportRow,
        organization: Organization,
        communities: set[int],
        values: dict,
        owners: dict[str, list[Owner]],
    ) -> Reason | None:
        """Return why the organization may not be changed, or None."""
        if organization.version != row.version:
            return Reason("twice" if organization.pk in self.changed_pks else "stale")
        reason = self.checker.check_change(organization, communities, values)
        others = (owner for key in get_code_keys(values) for owner in owners.get(key, ()))
        other = next((owner for owner in others if owner[0] != organization.pk), None)
        return reason or (build_taken_reason("", row, other, self.hidden) if other else None)

    # -- What belongs to them ------------------------------------------------

    def write_related(self, written: list[WrittenRow]) -> None:
        """Insert sectors, aliases and memberships, and change days of memberships."""
        through = Organization.sectors.through
        sectors, aliases, memberships = [], [], list[Membership]()
        for _row, organization, values in written:
            pk = organization.pk
            for code in values.get("sectors", ()):
                sectors.append(through(organization_id=pk, sector_id=code))
            for name, sort, language in values.get("aliases", ()):
                aliases.append(Alias(organization_id=pk, name=name, sort=sort, language=language))
            memberships += self.build_memberships(organization, values.get("memberships", ()))
        bulk_insert_models(sectors, ignore_conflicts=True)
        bulk_insert_models(aliases, ignore_conflicts=True)
        bulk_insert_models(memberships)

    def build_memberships(self, owner: Organization, wanted: list[dict]) -> Iterator[Membership]:
        """Yield the new memberships; change the days of the recorded ones, which have a key."""
        # A new one of a published organization would be visible at once: only a publisher may.
        published = self.publish or owner.state != State.PUBLISHED
        for each in wanted:
            days: dict = {}
            for name in ("since", "until"):
                days |= get_date_columns(Membership, name, each[name]) if each.get(name) else {}
            if "key" in each:
                Membership.objects.filter(pk=each["key"], organization=owner.pk).update(**days)
                continue
            yield Membership(
                organization_id=owner.pk,
                community_id=self.communities[each["community"]],
                role_id=each["role"],
                state=State.PUBLISHED if published else State.DRAFT,
                **days,
            )
