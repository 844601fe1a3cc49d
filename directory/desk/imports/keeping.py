"""An import's way: a file is taken in, planned into rows that are kept, and applied once."""

import hashlib
from itertools import islice

from django.db import transaction

from directory.desk.imports import applying, limits, reading, running
from directory.desk.imports.planning import OUTCOMES, Planner
from directory.desk.imports.reading import Reading
from directory.desk.imports.running import Progress
from directory.models import Import, ImportRow
from directory.pouring import pour_whole

AT_ONCE = 1500  # rows that a page waits for; more go into a process of their own
BATCH = 2000
State = Import.State


def take_in(
    name: str, data: bytes, who: object, options: dict | None = None, found: Reading | None = None
) -> Import:
    """The file as an import that can be planned; raises Unreadable and keeps nothing.

    Who has read it already lends what was `found`.
    """
    found = found or reading.read(data)
    user = who if getattr(who, "pk", None) else None
    return Import.objects.create(
        name=name[-200:],
        sha256=hashlib.sha256(data).hexdigest(),
        who=user,
        who_name=user.get_username() if user else "",
        content=data,
        encoding=found.encoding,
        sheet=found.sheet[:100],
        left_out=found.left_out[: limits.SHEETS],
        header_row=found.header_row,
        last_row=found.last_row,
        rows_found=found.count,
        headings=found.headings,
        mapping=found.mapping,
        skipped=[list(each) for each in found.skipped],
        options=options or {},
    )


def plan(of: Import, tell: Progress | None = None, found: Reading | None = None) -> None:
    """Plan every row anew; nothing of the directory is written."""
    found = found or reading.read(bytes(of.content))
    found.mapping = of.mapping
    ImportRow.objects.filter(of=of).delete()
    counts = dict.fromkeys(OUTCOMES, 0)
    todo = running.told(planner(of).plan(found.rows()), tell)
    while batch := list(islice(todo, BATCH)):
        for row in batch:
            row.of_id = of.pk
            counts[row.outcome] += 1
        pour_whole(batch)
    of.counts, of.state, of.problem = counts, State.PLANNED, ""
    of.save(update_fields=["counts", "state", "problem"])


def planner(of: Import) -> Planner:
    return Planner(of.mapping, of.options)


def begin(of: Import, state: str) -> bool:
    """Say that it is being planned or applied; false if it was applied meanwhile."""
    open_ones = Import.objects.filter(pk=of.pk).exclude(state=State.APPLIED)
    of.state = state
    return bool(open_ones.update(state=state, problem=""))


def run(of: Import) -> None:
    """Do what it is waiting for: called by a page for few rows, by a process for many."""
    with running.held(of.pk, of.rows_found) as tell:
        of.refresh_from_db()
        if of.state == State.PLANNING:
            plan(of, tell)
        elif of.state == State.APPLYING:
            applying.apply(of, of.who, tell)


def go_on(of: Import) -> None:
    """Now, if it is short; else in a process of its own."""
    if of.rows_found > AT_ONCE:
        transaction.on_commit(lambda: running.start(of.pk))
    else:
        run(of)


def sample(of: Import, count: int = 3) -> list[list[str]]:
    """The first rows of the file, as long as it is kept."""
    found: Reading = reading.read(bytes(of.content))
    return [row.cells for row in islice(found.rows(), count)]


def fail(of: Import, problem: str) -> None:
    """Keep why it could not be planned or applied; it may be tried again."""
    open_ones = Import.objects.filter(pk=of.pk).exclude(state=State.APPLIED)
    open_ones.update(state=State.FAILED, problem=problem[:500])


def discard(of: Import) -> None:
    running.forget(of.pk)
    of.delete()
