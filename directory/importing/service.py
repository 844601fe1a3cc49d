"""The steps of an import: a file is stored, planned into rows, decided upon, and applied once."""

import hashlib
from itertools import islice
from typing import cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from directory import jobs
from directory.db.bulk import bulk_insert_models
from directory.importing import corrections
from directory.importing.apply import writer as import_writer
from directory.importing.plan.planner import OUTCOMES, plan_file, serialize_plan
from directory.importing.readers import limits, reader
from directory.importing.readers.reader import TableReading
from directory.jobs import ProgressCallback
from directory.models import DataVersion, Import, ImportCorrection, ImportRow
from directory.permissions.policy import Account
from directory.text.normalization import normalize_characters

MAX_ROWS_IN_REQUEST = 1500  # larger imports run in a process of their own
BATCH = 2000
State = Import.State


def create_import(
    name: str,
    data: bytes,
    who: Account,
    options: dict | None = None,
    reading: TableReading | None = None,
) -> Import:
    """Store the file as an import that can be planned; raises UnreadableFile.

    Whoever has read the file already passes the `reading`.
    """
    reading = reading or reader.read_table(data)
    user = who if isinstance(who, User) and who.pk else None
    return Import.objects.create(
        name=normalize_characters(name)[-200:],
        sha256=hashlib.sha256(data).hexdigest(),
        who=user,
        who_name=user.get_username() if user else "",
        content=data,
        options=options or {},
        **get_reading_fields(reading),
    )


def get_reading_fields(reading: TableReading) -> dict:
    """Return the fields of an import that tell how its file was read."""
    return {
        "encoding": reading.encoding,
        "sheet": reading.sheet[:100],
        "left_out": reading.other_sheets[: limits.SHEETS],
        "header_row": reading.header_row,
        "last_row": reading.last_row,
        "rows_found": reading.row_count,
        "headings": reading.headings,
        "mapping": reading.mapping,
        "skipped": [list(each) for each in reading.skipped_rows],
    }


def switch_sheet(job: Import, sheet: str) -> None:
    """Read another sheet of the workbook; delete what was planned and corrected of this one."""
    fields = get_reading_fields(reader.read_table(bytes(cast(bytes, job.content)), sheet))
    waiting = Import.objects.filter(pk=job.pk, state__in=[State.READ, State.PLANNED, State.FAILED])
    if waiting.update(state=State.READ, counts={}, version=F("version") + 1, **fields):
        ImportRow.objects.filter(of=job).delete()
        ImportCorrection.objects.filter(of=job).delete()


def plan_import(
    job: Import,
    on_progress: ProgressCallback | None = None,
    reading: TableReading | None = None,
) -> None:
    """Plan every row anew, with its corrections; nothing is written to the directory."""
    reading, corrected = reading or reader.reread_import(job), corrections.CorrectedRows(job)
    decisions, job.data_version = load_decisions(job), DataVersion.get_current()
    ImportRow.objects.filter(of=job).delete()
    counts = dict.fromkeys(OUTCOMES, 0)
    plan = plan_file(
        corrected.mapping, job.options, lambda: corrected.iter_rows(reading.rows()), job.who
    )
    rows = jobs.report_progress(plan, on_progress)
    while batch := list(islice(rows, BATCH)):
        for row in batch:
            row.of_id = job.pk
            counts[row.outcome] += 1
            before = decisions.get(row.number)
            if before and serialize_plan(before) == serialize_plan(row):
                row.decision, row.left = before.decision, before.left
        bulk_insert_models(batch)
    corrected.save_file_values()
    job.counts, job.state, job.problem = counts, State.PLANNED, ""
    job.version = F("version") + 1
    job.save(update_fields=["counts", "state", "problem", "version", "data_version"])
    job.refresh_from_db(fields=["version"])


def load_decisions(job: Import) -> dict[int, ImportRow]:
    """Load the rows with a decision, which is kept where the new plan is the same."""
    rows = ImportRow.objects.filter(of=job).exclude(decision="", left=[])
    return {row.number: row for row in rows.iterator(BATCH)}


def claim_version(job: Import, seen: str, state: str) -> bool:
    """Take the next version if the `seen` one is current; false if somebody was faster."""
    if not (seen.isdecimal() and len(seen) < 10):
        return False
    current = Import.objects.filter(pk=job.pk, state=State.PLANNED, version=int(seen))
    return bool(current.update(version=F("version") + 1, state=state))


def correct_row(job: Import, number: int, seen: str, wanted: list[ImportCorrection]) -> None:
    """Correct cells of one row, and plan all rows anew: others may be compared with it."""
    with transaction.atomic():
        corrections.replace_corrections(job, number, seen, wanted)
        mark_started(job, State.PLANNING)
        run_or_start(job)


def mark_started(job: Import, state: str, who: Account = None) -> bool:
    """Mark the import as being planned, or applied by `who`; false if it was applied before."""
    unapplied = Import.objects.filter(pk=job.pk).exclude(state=State.APPLIED)
    job.state, job.accepted_by = state, cast(User | None, who)
    return bool(unapplied.update(state=state, accepted_by=who, problem=""))


def run_import(job: Import) -> None:
    """Plan or apply the import, as its state says; holds its lock meanwhile.

    Raises BusyError if another process does, PermissionDenied without an account to apply it.
    """
    with jobs.lock_job(job.pk, job.rows_found) as on_progress:
        job.refresh_from_db()
        if job.state == State.PLANNING:
            plan_import(job, on_progress)
        elif job.state == State.APPLYING:
            if job.accepted_by is None:  # without an account there is no limit: only for commands
                raise PermissionDenied(_("The account that accepted this is not there any more."))
            import_writer.apply_import(job, job.accepted_by, on_progress)


def run_or_start(job: Import) -> None:
    """Run a small import at once, start a process for a large one."""
    if job.rows_found > MAX_ROWS_IN_REQUEST:
        transaction.on_commit(lambda: jobs.start_import(job.pk))
    else:
        run_import(job)


def read_sample(reading: TableReading, count: int = 3) -> list[list[str]]:
    """Return the cells of the first rows of the file."""
    return [row.cells for row in islice(reading.rows(), count)]


def mark_failed(job: Import, problem: str) -> None:
    """Store why the import could not be planned or applied; it may be tried again."""
    unapplied = Import.objects.filter(pk=job.pk).exclude(state=State.APPLIED)
    unapplied.update(state=State.FAILED, problem=problem[:500])


def discard_import(job: Import) -> None:
    """Delete the import with its rows, and the files of its process."""
    jobs.delete_job_files(job.pk)
    job.delete()
