"""A plan written into the directory: in one transaction, as one revision, and only once."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, transaction

from directory.db.bulk import Blank, made, pour_whole
from directory.history import recorder
from directory.importing.apply.checks import Laws
from directory.importing.apply.citations import Citing, may_cite
from directory.importing.apply.selection import (
    COLUMNS,
    Written,
    accepted,
    as_day,
    claims,
    codes_in,
    columns,
    is_fresh,
    kept,
    kept_in_full,
    pair_of,
)
from directory.importing.parse.messages import Reason
from directory.importing.plan import current as current_values
from directory.jobs import Progress
from directory.models import (
    Alias,
    Community,
    Import,
    ImportRow,
    Membership,
    Organization,
    State,
)
from directory.permissions import policy
from directory.search.indexer import Scribe

BATCH = 1000
BLANK = Blank(Organization)
# What is read of a row to write it.
READ = tuple(f.attname for f in ImportRow._meta.concrete_fields if f.name != "before")
# Thousands of rows in a statement that Django would build anew for each batch.
NOTE = "UPDATE directory_importrow SET applied = %s, organization = %s WHERE id = %s"
Outcome = ImportRow.Outcome


class AppliedError(RuntimeError):
    """It was applied before: twice is impossible."""


def apply(of: Import, who: object, tell: Progress | None = None) -> Import:
    """Write every accepted row; what somebody changed since the plan is left and reported."""
    with recorder.change(who=who, via="import", comment=of.name) as change:
        held = Import.objects.select_for_update().defer("content").get(pk=of.pk)
        if held.state == Import.State.APPLIED:
            raise AppliedError(of.name)
        asked = policy.writer(who)
        publish = asked.publishes and bool(of.options.get("publish"))
        cites = Citing(of, change) if may_cite(who) else Citing()
        writer = Writer(change, publish, asked, cites)
        done = 0
        for batch in expected(of, change.scribe):
            writer.write_safely(batch)
            change.flush()
            done += len(batch)
            if tell:
                tell(done)
        held.state, held.revision = Import.State.APPLIED, change.revision
        held.counts = of.counts | {"applied": writer.applied, "stale": writer.stale}
        held.options = of.options | {"source": writer.citing.source}
        held.content, held.problem = None, ""
        kept = ["state", "revision", "counts", "options", "content", "problem"]
        held.save(update_fields=kept)
    of.refresh_from_db()
    return of


def expected(of: Import, scribe: Scribe) -> Iterator[list[ImportRow]]:
    """The accepted rows by the batch; while one is written, the next one's names are thought of."""
    last, waiting = 0, []
    rows = accepted(of).values_list(*READ)
    while batch := list(made(ImportRow, READ, rows.filter(number__gt=last)[:BATCH])):
        scribe.expect([pair_of(row.in_full) for row in batch if is_fresh(row)])
        if waiting:
            yield waiting
        last, waiting = batch[-1].number, batch
    if waiting:
        yield waiting


@dataclass
class Writer:
    """Writes rows by the batch into one change."""

    change: recorder.Change
    publish: bool = False
    # What the account may not write is left where it is, and told.
    asked: policy.Writer = field(default_factory=policy.Writer)
    citing: Citing = field(default_factory=Citing)
    applied: int = 0
    stale: int = 0
    left: list[ImportRow] = field(default_factory=list)
    # Those that rows above have changed.
    altered: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.communities = dict(Community.objects.values_list("code", "pk"))
        self.laws = Laws(self.asked, self.communities)

    def write_safely(self, rows: list[ImportRow]) -> None:
        """All at once; where the database refuses that, one by one without those it refuses."""
        source, counted = self.citing.source, (self.applied, self.stale)
        try:
            with transaction.atomic():
                self.write(rows)
        except IntegrityError:
            self.citing.source, (self.applied, self.stale) = source, counted
            for row in self.left:
                row.reasons, row.applied = row.reasons[:-1], ""
            self.left.clear()
            self.change.unwritten()
            if len(rows) > 1:
                for row in rows:
                    self.write_safely([row])
            else:
                self.leave(rows[0], Reason("clashes", ""))
                self.note([])

    def write(self, rows: list[ImportRow]) -> None:
        fresh, known = [], []
        for row in rows:
            (fresh if is_fresh(row) else known).append(row)
        written = [*self.create(fresh), *self.alter(known)]
        self.belongings(written)
        self.citing.cite(written)
        self.applied += len(written)
        self.note([("yes", row.organization, row.pk) for row, _organization, _values in written])

    def note(self, applied: list[tuple[str, int, int]]) -> None:
        """What became of the rows: of those applied which organization, of others why not."""
        with connection.cursor() as cursor:
            cursor.executemany(NOTE, applied)
        ImportRow.objects.bulk_update(self.left, ["applied", "reasons"], BATCH)
        self.left.clear()

    def leave(self, row: ImportRow, reason: Reason) -> None:
        row.reasons = [*row.reasons, list(reason)]
        row.applied = "no"
        self.left.append(row)
        self.stale += 1

    # -- New ones ------------------------------------------------------------

    def create(self, rows: list[ImportRow]) -> list[Written]:
        written, taken = [], self.taken(rows)
        for row in rows:
            values = kept_in_full(row)
            same = next((taken[key] for key in claims(row, values) if key in taken), None)
            if same:
                params = {"cell": row.name, "number": same[0], "name": same[1]}
                self.leave(row, Reason("code-taken", "name", params))
                continue
            if reason := self.laws.against_new(values):
                self.leave(row, reason)
                continue
            taken |= dict.fromkeys(claims(row, values), (0, row.name))
            written.append(Written(row, self.fresh(values), values))
        self.change.insert([each.organization for each in written])
        for each in written:
            each.row.organization = each.organization.pk
        return written

    def fresh(self, values: dict) -> Organization:
        row = BLANK.row(columns(values))
        if self.publish:
            recorder.publish(row)
        return row

    def taken(self, rows: list[ImportRow]) -> dict[str, tuple[int, str]]:
        """Who has come into the directory since the plan with a code or a name of these rows."""
        derived, fresh = self.change.scribe.derived, (r for r in rows if r.outcome == Outcome.NEW)
        found, spoken = {}, {row.name: derived(*pair_of(row.in_full))[1] for row in fresh}
        for key, name in current_values.spoken_so({*spoken.values()}).values_list("pk", "name"):
            if name in spoken:
                found[f"={name}"] = key, name
        for claim, owners in self.owners([row.in_full for row in rows]).items():
            found[claim] = owners[-1]
        return found

    # -- Those that are there ------------------------------------------------

    def alter(self, rows: list[ImportRow]) -> list[Written]:
        keys = [row.organization for row in rows if row.organization]
        self.change.open(keys)
        now = Organization.objects.in_bulk(keys)
        owners, communities = self.owners([row.values for row in rows]), held_in(keys)
        written = []
        for row in rows:
            organization, values = now.pop(row.organization, None), kept(row, row.values)
            held = communities.get(row.organization, set())
            reason = self.overtaken(row, organization) or self.laws.against(
                organization, held, values
            )
            other = next((o for c in codes_in(values) for o in owners.get(c, ())
                          if o[0] != row.organization), None)  # fmt: skip
            if not reason and other:
                params = {"cell": row.name, "number": other[0], "name": other[1]}
                reason = Reason("code-taken", "", params)
            if reason:
                self.leave(row, reason)
                continue
            for column, value in columns(values).items():
                setattr(organization, column, value)
            written.append(Written(row, organization, values))
            self.altered.add(organization.pk)
        changed = [each.organization for each in written]
        Organization.objects.bulk_update(changed, COLUMNS, batch_size=BATCH)
        for organization in changed:
            self.change.touch(organization)
        return written

    def overtaken(self, row: ImportRow, organization: Organization | None) -> Reason | None:
        if organization is None or organization.version != row.version:
            twice = row.organization in self.altered
            return Reason("twice" if twice else "stale" if organization else "gone")
        return None

    def owners(self, wanted: list[dict]) -> dict[str, list[tuple[int, str]]]:
        """Who has the codes of these values."""
        found: dict[str, list[tuple[int, str]]] = {}
        for column in ("credit_code", "school_code"):
            codes = [values[column] for values in wanted if values.get(column)]
            rows = current_values.coded(column, codes).values_list("pk", "name", column)
            for key, name, code in rows:
                found.setdefault(f"{column} {code}", []).append((key, name))
        return found

    # -- What belongs to them ------------------------------------------------

    def belongings(self, written: list[Written]) -> None:
        through = Organization.sectors.through
        sectors, aliases, memberships = [], [], []
        for _row, row, values in written:
            for code in values.get("sectors", ()):
                sectors.append(through(organization_id=row.pk, sector_id=code))
            for name, sort, language in values.get("aliases", ()):
                aliases.append(
                    Alias(organization_id=row.pk, name=name, sort=sort, language=language)
                )
            memberships += self.memberships(row, values.get("memberships", ()))
        pour_whole(sectors, known=True)
        pour_whole(aliases, known=True)
        pour_whole(memberships)

    def memberships(self, row: Organization, wanted: list[dict]) -> Iterator[Membership]:
        # What is added to a published entry would be seen at once: that is for a publisher.
        seen = self.publish or row.state != State.PUBLISHED
        for each in wanted:
            days = {name: as_day(each[name]) for name in ("since", "until") if each.get(name)}
            if "key" in each:
                Membership.objects.filter(pk=each["key"], organization=row.pk).update(**days)
                continue
            yield Membership(
                organization_id=row.pk,
                community_id=self.communities[each["community"]],
                role_id=each["role"],
                state=State.PUBLISHED if seen else State.DRAFT,
                **days,
            )


def held_in(keys: list[int]) -> dict[int, set[int]]:
    """The communities in which these organizations have a role."""
    found: dict[int, set[int]] = {}
    held = Membership.objects.filter(organization__in=keys).order_by()
    for key, community in held.values_list("organization_id", "community_id"):
        found.setdefault(key, set()).add(community)
    return found
