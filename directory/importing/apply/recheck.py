"""Compares accepted rows once more, where the directory has changed since they were planned."""

from collections import Counter

from directory import snapshots
from directory.importing import corrections
from directory.importing.apply.selection import get_accepted_rows, is_new
from directory.importing.parse.messages import Reason
from directory.importing.plan.planner import plan_file, serialize_plan
from directory.importing.readers import reader
from directory.models import DataVersion, Import, ImportRow

BATCH = 2000
PLANNED_FIELDS = ("organization", "version", "values", "before", "whole")
STORED_FIELDS = (*PLANNED_FIELDS, "outcome", "reasons", "decision", "applied")
Outcome, Decision = ImportRow.Outcome, ImportRow.Decision


def update_plan(job: Import) -> int:
    """Plan again the accepted rows that mean something else now, and count them anew.

    A row whose organization has come in since becomes unchanged, or doubtful if it would write
    more than that; returns the number of these doubtful ones, which are not applied. Must run in
    the transaction that writes. Rows that change somebody are left to the check of versions.
    """
    if job.data_version == DataVersion.get_current():
        return 0
    reading, corrected = reader.reread_import(job), corrections.CorrectedRows(job)
    plan = plan_file(
        corrected.mapping, job.options, lambda: corrected.iter_rows(reading.rows()), job.who
    )
    asked_count, counts = 0, Counter(job.counts)
    for batch in snapshots.split_into_batches(plan, BATCH):
        planned = {row.number: row for row in batch}
        accepted = get_accepted_rows(job).filter(number__range=(min(planned), max(planned)))
        revised = []
        for row in accepted:
            before = row.outcome
            if revise(row, planned[row.number]):
                counts.update({before: -1, row.outcome: 1})
                asked_count += row.outcome == Outcome.DOUBTFUL
                revised.append(row)
        ImportRow.objects.bulk_update(revised, STORED_FIELDS, BATCH)
    job.counts = dict(counts)
    return asked_count


def revise(row: ImportRow, planned: ImportRow) -> bool:
    """Give the row what is planned now, if it may not be written as it was; returns whether."""
    is_unchanged = planned.outcome == Outcome.UNCHANGED
    if not is_unchanged and (not is_new(row) or is_same_decision(row, planned)):
        return False
    for name in PLANNED_FIELDS:
        setattr(row, name, getattr(planned, name))
    row.outcome, row.reasons, row.decision = planned.outcome, planned.reasons, Decision.OPEN
    if not is_unchanged:
        row.outcome, row.applied = Outcome.DOUBTFUL, "no"
        row.reasons = [*row.reasons, list(Reason("meanwhile"))]
    return True


def is_same_decision(row: ImportRow, planned: ImportRow) -> bool:
    """Whether it would be decided on what was seen: it is still new, or the same is in doubt."""
    if row.outcome == Outcome.NEW:
        return planned.outcome == Outcome.NEW
    return serialize_plan(row) == serialize_plan(planned)
