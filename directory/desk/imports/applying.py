"""A plan written into the directory: in one transaction, as one revision, and only once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from directory import history, rights
from directory.desk.imports import recorded
from directory.desk.imports.reasons import Reason
from directory.desk.imports.running import Progress
from directory.models import (
    Alias,
    Community,
    Import,
    ImportRow,
    Membership,
    Organization,
    State,
)
from directory.pouring import Blank, made, pour_whole
from directory.scribe import Scribe

BATCH = 1000
COLUMNS = (
    "name",
    "name_en",
    "kind",
    "region_id",
    "credit_code",
    "school_code",
    "website",
    "description",
    "description_en",
    "verified_on",
)
BLANK = Blank(Organization)
# What is read of a row to write it.
READ = tuple(f.attname for f in ImportRow._meta.concrete_fields if f.name != "before")
# Thousands of rows in a statement that Django would build anew for each batch.
NOTE = "UPDATE directory_importrow SET applied = %s, organization = %s WHERE id = %s"
Outcome, Decision = ImportRow.Outcome, ImportRow.Decision


class AppliedError(RuntimeError):
    """It was applied before: twice is impossible."""


def accepted(of: Import) -> QuerySet[ImportRow]:
    """The safe rows that nobody skipped, and the doubtful ones that somebody decided."""
    safe = Q(outcome__in=[Outcome.NEW, Outcome.CHANGED]) & ~Q(decision=Decision.SKIP)
    decided = Q(outcome=Outcome.DOUBTFUL, decision__in=[Decision.CREATE, Decision.CHANGE])
    return ImportRow.objects.filter(safe | decided, of=of).order_by("number")


def apply(of: Import, who: object, tell: Progress | None = None) -> Import:
    """Write every accepted row; what somebody changed since the plan is left and reported."""
    with history.change(who=who, via="import", comment=of.name) as change:
        held = Import.objects.select_for_update().defer("content").get(pk=of.pk)
        if held.state == Import.State.APPLIED:
            raise AppliedError(of.name)
        asked = rights.writer(who)
        publish = asked.publishes and bool(of.options.get("publish"))
        writer = Writer(change, publish, asked)
        done = 0
        for batch in expected(of, change.scribe):
            writer.write(batch)
            change.flush()
            done += len(batch)
            if tell:
                tell(done)
        held.state, held.revision = Import.State.APPLIED, change.revision
        held.counts = of.counts | {"applied": writer.applied, "stale": writer.stale}
        held.content, held.problem = None, ""
        held.save(update_fields=["state", "revision", "counts", "content", "problem"])
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


def is_fresh(row: ImportRow) -> bool:
    return row.outcome == Outcome.NEW or row.decision == Decision.CREATE


def pair_of(values: dict) -> tuple[str, str]:
    return values["name"], values.get("name_en", "")


@dataclass
class Writer:
    """Writes rows by the batch into one change."""

    change: history.Change
    publish: bool = False
    # What the account may not write is left where it is, and told.
    asked: rights.Writer = field(default_factory=rights.Writer)
    applied: int = 0
    stale: int = 0
    left: list[ImportRow] = field(default_factory=list)
    communities: dict[str, int] = field(
        default_factory=lambda: dict(Community.objects.values_list("code", "pk"))
    )

    def write(self, rows: list[ImportRow]) -> None:
        fresh, known = [], []
        for row in rows:
            (fresh if is_fresh(row) else known).append(row)
        done = [*self.create(fresh), *self.alter(known)]
        self.applied += len(done)
        noted = [("yes", row.organization, row.pk) for row in done]
        with connection.cursor() as cursor:
            cursor.executemany(NOTE, noted)
        ImportRow.objects.bulk_update(self.left, ["applied", "reasons"], BATCH)
        self.left.clear()

    def leave(self, row: ImportRow, reason: Reason) -> None:
        row.reasons = [*row.reasons, list(reason)]
        row.applied = "no"
        self.left.append(row)
        self.stale += 1

    # -- New ones ------------------------------------------------------------

    def create(self, rows: list[ImportRow]) -> list[ImportRow]:
        done, pairs = [], []
        taken = self.taken(rows)
        for row in rows:
            values = kept_in_full(row)
            same = next((taken[key] for key in claims(row, values) if key in taken), None)
            if same:
                params = {"cell": row.name, "number": same[0], "name": same[1]}
                self.leave(row, Reason("code-taken", "name", params))
                continue
            held = {self.communities[m["community"]] for m in values.get("memberships", ())}
            if reason := self.asked.hinders(values.get("region"), held):
                self.leave(row, Reason("not-yours", "", {"why": reason}))
                continue
            taken |= dict.fromkeys(claims(row, values), (0, row.name))
            pairs.append((self.fresh(values), values))
            done.append(row)
        written = [organization for organization, _values in pairs]
        self.change.insert(written)
        for row, organization in zip(done, written, strict=True):
            row.organization = organization.pk
        self.belongings(pairs)
        return done

    def fresh(self, values: dict) -> Organization:
        row = BLANK.row(columns(values))
        if self.publish:
            history.publish(row)
        return row

    def taken(self, rows: list[ImportRow]) -> dict[str, tuple[int, str]]:
        """Who has come into the directory since the plan with a code or a name of these rows."""
        derived, fresh = self.change.scribe.derived, (r for r in rows if r.outcome == Outcome.NEW)
        found, spoken = {}, {row.name: derived(*pair_of(row.in_full))[1] for row in fresh}
        for key, name in recorded.spoken_so({*spoken.values()}).values_list("pk", "name"):
            if name in spoken:
                found[f"={name}"] = key, name
        for claim, owners in self.owners([row.in_full for row in rows]).items():
            found[claim] = owners[-1]
        return found

    # -- Those that are there ------------------------------------------------

    def alter(self, rows: list[ImportRow]) -> list[ImportRow]:
        keys = [row.organization for row in rows if row.organization]
        self.change.open(keys)
        now = Organization.objects.in_bulk(keys)
        owners, communities = self.owners([row.values for row in rows]), held_in(keys)
        done, pairs = [], []
        for row in rows:
            organization = now.get(row.organization)
            if organization is None:
                self.leave(row, Reason("gone", ""))
                continue
            if organization.version != row.version:
                self.leave(row, Reason("stale", ""))
                continue
            public = organization.first_published_at is not None
            held = communities.get(organization.pk, ())
            if reason := self.asked.hinders(organization.region_id, held, public):
                self.leave(row, Reason("not-yours", "", {"why": reason}))
                continue
            values = kept(row, row.values)
            other = next((o for c in claims(row, values)[1:] for o in owners.get(c, ())
                          if o[0] != organization.pk), None)  # fmt: skip
            if other:
                params = {"cell": row.name, "number": other[0], "name": other[1]}
                self.leave(row, Reason("code-taken", "", params))
                continue
            for column, value in columns(values).items():
                setattr(organization, column, value)
            del now[row.organization]  # a second row for the same one is as good as stale
            pairs.append((organization, values))
            done.append(row)
        changed = [organization for organization, _values in pairs]
        Organization.objects.bulk_update(changed, COLUMNS, batch_size=BATCH)
        self.belongings(pairs)
        for organization in changed:
            self.change.touch(organization)
        return done

    def owners(self, wanted: list[dict]) -> dict[str, list[tuple[int, str]]]:
        """Who has the codes of these values."""
        found: dict[str, list[tuple[int, str]]] = {}
        for column in ("credit_code", "school_code"):
            codes = [values[column] for values in wanted if values.get(column)]
            rows = recorded.coded(column, codes).values_list("pk", "name", column)
            for key, name, code in rows:
                found.setdefault(f"{column} {code}", []).append((key, name))
        return found

    # -- What belongs to them ------------------------------------------------

    def belongings(self, pairs: list[tuple[Organization, dict]]) -> None:
        through = Organization.sectors.through
        sectors, aliases, memberships = [], [], []
        for row, values in pairs:
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


def kept(row: ImportRow, values: dict) -> dict:
    """The cells that nobody unticked."""
    return {c: value for c, value in values.items() if c not in row.left}


def kept_in_full(row: ImportRow) -> dict:
    """The same of a new one: without a name and a kind there is nobody."""
    needed = {c: row.in_full[c] for c in ("name", "kind")}
    return kept(row, row.in_full) | needed


def claims(row: ImportRow, values: dict) -> list[str]:
    """What only one organization may have."""
    codes = [f"{c} {values[c]}" for c in ("credit_code", "school_code") if values.get(c)]
    return [f"={row.name}" if row.outcome == Outcome.NEW else "", *codes]


def columns(values: dict) -> dict:
    """The values of the organization's own row."""
    found = {c: v for c, v in values.items() if c in COLUMNS}
    if "region" in values:
        found["region_id"] = values["region"]
    if "verified_on" in found:
        found["verified_on"] = as_day(found["verified_on"])
    return found


def as_day(value: str) -> date:
    return date.fromisoformat(value)
