"""Exports a plan as CSV: each row with its outcome and reasons, formulas escaped."""

import codecs
import csv
from collections.abc import Iterator
from io import StringIO

from directory.importing.parse.messages import format_reason
from directory.importing.plan.diff import ADDITIVE_COLUMNS
from directory.importing.readable_rows import iter_readable
from directory.importing.readers import messages as reader_messages
from directory.models import Import
from directory.permissions import disclosure
from directory.permissions.policy import Account
from directory.tabular import SEPARATOR, escape_formula, escape_row

COLUMNS = (
    "row", "outcome", "name", "organization", "reason", "changes", "decision", "applied",
    "corrected",
)  # fmt: skip


def format_skipped_rows(job: Import) -> list[tuple[int, str]]:
    """Return the rows that the reader skipped, with the reason."""
    return [
        (number, reader_messages.format_skip_reason(reason, text))
        for number, reason, text in job.skipped
    ]


def format_corrections(job: Import) -> dict[int, list[str]]:
    """Return the corrections as texts, by row: the value of the file, and the corrected one."""
    texts: dict[int, list[str]] = {}
    for each in job.corrections.all():
        texts.setdefault(each.number, []).append(f"{each.column}: {each.said} → {each.value}")
    return texts


def iter_csv_lines(job: Import, outcome: str = "", user: Account = None) -> Iterator[bytes]:
    """Yield the lines of the file that `user` reads; with an outcome only the rows that have it."""
    yield codecs.BOM_UTF8
    yield format_csv_line(list(COLUMNS))
    corrections = format_corrections(job)
    rows = job.rows.filter(outcome=outcome) if outcome else job.rows
    hidden = disclosure.find_other_parts(user).hidden
    for row in iter_readable(rows.order_by("number").iterator(chunk_size=500), hidden):
        changes = [format_change(name, row.before[name], row.values[name]) for name in row.before]
        reasons = " ".join(map(format_reason, row.reasons))
        cells = [row.number, row.outcome, row.name, row.organization or "", reasons]
        cells += [SEPARATOR.join(changes), row.decision, row.applied]
        cells.append(SEPARATOR.join(corrections.get(row.number, ())))
        yield format_csv_line(escape_row(map(str, cells)))
    for number, why in format_skipped_rows(job) if not outcome else ():
        yield format_csv_line([str(number), "skipped", "", "", escape_formula(why), "", "", "", ""])


def format_change(column: str, before: object, now: object) -> str:
    """Return a change as text: what is added, or the values before and after."""
    if column in ADDITIVE_COLUMNS:
        return f"{column}: + {format_value(now)}"
    return f"{column}: {format_value(before)} → {format_value(now)}"


def format_value(value: object) -> str:
    """Return a value of a plan as text."""
    if isinstance(value, list):
        # An alias is a list of name, sort and language: only its name.
        return ", ".join(
            format_value(each[0] if isinstance(each, list) else each) for each in value
        )
    if isinstance(value, dict):
        days = f" {value['since']}–{value['until']}" if value["since"] or value["until"] else ""
        return f"{value['role']} {value['community']}{days}"
    return str(value or "")


def format_csv_line(cells: list[str]) -> bytes:
    """Return one line of CSV."""
    buffer = StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
