"""An import's way: a file is taken in, planned into rows that are kept, and applied once."""

import hashlib
import json
from itertools import islice

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from directory import jobs
from directory.db.bulk import pour_whole
from directory.importing import corrections
from directory.importing.apply import writer as import_writer
from directory.importing.plan.planner import OUTCOMES, Planner
from directory.importing.readers import limits, reader
from directory.importing.readers.reader import Reading
from directory.jobs import Progress
from directory.models import Import, ImportCorrection, ImportRow

AT_ONCE = 1500  # rows that a page waits for; more go into a process of their own
BATCH = 2000
State = Import.State


def take_in(
    name: str, data: bytes, who: object, options: dict | None = None, found: Reading | None = None
) -> Import:
    """The file as an import that can be planned; raises Unreadable and keeps nothing.

    Who has read it already lends what was `found`.
    """
    found = found or reader.read(data)
    user = who if getattr(who, "pk", None) else None
    return Import.objects.create(
        name=name[-200:],
        sha256=hashlib.sha256(data).hexdigest(),
        who=user,
        who_name=user.get_username() if user else "",
        content=data,
        options=options or {},
        **read_as(found),
    )


def read_as(found: Reading) -> dict:
    """The columns of an import that say how its file was read."""
    return {
        "encoding": found.encoding,
        "sheet": found.sheet[:100],
        "left_out": found.left_out[: limits.SHEETS],
        "header_row": found.header_row,
        "last_row": found.last_row,
        "rows_found": found.count,
        "headings": found.headings,
        "mapping": found.mapping,
        "skipped": [list(each) for each in found.skipped],
    }


def turn_to(of: Import, sheet: str) -> None:
    """Read another sheet of the workbook: what was planned and corrected of this one goes."""
    found = read_as(reader.read(bytes(of.content), sheet))
    waiting = Import.objects.filter(pk=of.pk, state__in=[State.READ, State.PLANNED, State.FAILED])
    if waiting.update(state=State.READ, counts={}, version=F("version") + 1, **found):
        ImportRow.objects.filter(of=of).delete()
        ImportCorrection.objects.filter(of=of).delete()


def plan(of: Import, tell: Progress | None = None, found: Reading | None = None) -> None:
    """Plan every row anew, as corrected; nothing of the directory is written."""
    found, corrected = found or reader.again(of), corrections.Corrected(of)
    decided = decisions(of)
    ImportRow.objects.filter(of=of).delete()
    counts = dict.fromkeys(OUTCOMES, 0)
    planner = Planner(corrected.mapping, of.options)
    todo = jobs.told(planner.plan(corrected.rows(found.rows())), tell)
    while batch := list(islice(todo, BATCH)):
        for row in batch:
            row.of_id = of.pk
            counts[row.outcome] += 1
            before = decided.get(row.number)
            if before and said(before) == said(row):
                row.decision, row.left = before.decision, before.left
        pour_whole(batch)
    corrected.remember()
    of.counts, of.state, of.problem = counts, State.PLANNED, ""
    of.version = F("version") + 1
    of.save(update_fields=["counts", "state", "problem", "version"])
    of.refresh_from_db(fields=["version"])


def decisions(of: Import) -> dict[int, ImportRow]:
    """The rows of which somebody decided something; it stands where they are planned alike."""
    rows = ImportRow.objects.filter(of=of).exclude(decision="", left=[])
    return {row.number: row for row in rows.iterator(BATCH)}


def said(row: ImportRow) -> str:
    shown = [row.outcome, row.organization, row.values, row.before, row.whole, row.reasons]
    return json.dumps(shown, sort_keys=True)


def claim(of: Import, seen: str, state: str) -> bool:
    """Whether the page that was seen is still how it stands; nobody else has it then."""
    if not (seen.isdecimal() and len(seen) < 10):
        return False
    same = Import.objects.filter(pk=of.pk, state=State.PLANNED, version=int(seen))
    return bool(same.update(version=F("version") + 1, state=state))


def correct(of: Import, number: int, seen: str, wanted: list[ImportCorrection]) -> None:
    """Correct cells of one row, and plan anew: the rows beside it may be read otherwise then."""
    with transaction.atomic():
        corrections.keep(of, number, seen, wanted)
        begin(of, State.PLANNING)
        go_on(of)


def begin(of: Import, state: str, who: object = None) -> bool:
    """Say that it is being planned, or applied by whom; false if it was applied meanwhile."""
    open_ones = Import.objects.filter(pk=of.pk).exclude(state=State.APPLIED)
    of.state, of.accepted_by = state, who
    return bool(open_ones.update(state=state, accepted_by=who, problem=""))


def run(of: Import) -> None:
    """Do what it is waiting for: called by a page for few rows, by a process for many."""
    with jobs.held(of.pk, of.rows_found) as tell:
        of.refresh_from_db()
        if of.state == State.PLANNING:
            plan(of, tell)
        elif of.state == State.APPLYING:
            if of.accepted_by is None:  # nobody has all rights: only a command is nobody
                raise PermissionDenied(_("The account that accepted this is not there any more."))
            import_writer.apply(of, of.accepted_by, tell)


def go_on(of: Import) -> None:
    """Now, if it is short; else in a process of its own."""
    if of.rows_found > AT_ONCE:
        transaction.on_commit(lambda: jobs.start(of.pk))
    else:
        run(of)


def sample(of: Import, count: int = 3) -> list[list[str]]:
    """The first rows of the file, as long as it is kept."""
    found: Reading = reader.again(of)
    return [row.cells for row in islice(found.rows(), count)]


def fail(of: Import, problem: str) -> None:
    """Keep why it could not be planned or applied; it may be tried again."""
    open_ones = Import.objects.filter(pk=of.pk).exclude(state=State.APPLIED)
    open_ones.update(state=State.FAILED, problem=problem[:500])


def discard(of: Import) -> None:
    jobs.forget(of.pk)
    of.delete()
