"""A plan as a file: each row with its outcome and the reason, harmless in a spreadsheet."""

import codecs
import csv
from collections.abc import Iterator
from io import StringIO

from directory.importing.parse.messages import sentence
from directory.importing.plan.diff import ADDED
from directory.importing.readers import messages as reader_messages
from directory.models import Import
from directory.tabular import JOIN, disarm, disarmed

COLUMNS = (
    "row", "outcome", "name", "organization", "reason", "changes", "decision", "applied",
    "corrected",
)  # fmt: skip


def skipped(of: Import) -> list[tuple[int, str]]:
    """The rows that were passed over, and why."""
    return [
        (number, reader_messages.passed_over(reason, text)) for number, reason, text in of.skipped
    ]


def corrections(of: Import) -> dict[int, list[str]]:
    """By row, the cells that were corrected at the desk: what the file says, and what now holds."""
    found: dict[int, list[str]] = {}
    for each in of.corrections.all():
        found.setdefault(each.number, []).append(f"{each.column}: {each.said} → {each.value}")
    return found


def csv_lines(of: Import, outcome: str = "") -> Iterator[bytes]:
    yield codecs.BOM_UTF8
    yield line(list(COLUMNS))
    corrected = corrections(of)
    rows = of.rows.filter(outcome=outcome) if outcome else of.rows
    for row in rows.order_by("number").iterator(chunk_size=500):
        changes = [told(column, row.before[column], row.values[column]) for column in row.before]
        reasons = " ".join(map(sentence, row.reasons))
        cells = [row.number, row.outcome, row.name, row.organization or "", reasons]
        cells += [JOIN.join(changes), row.decision, row.applied]
        cells.append(JOIN.join(corrected.get(row.number, ())))
        yield line(disarmed(map(str, cells)))
    for number, why in skipped(of) if not outcome else ():
        yield line([str(number), "skipped", "", "", disarm(why), "", "", "", ""])


def told(column: str, before: object, now: object) -> str:
    """A change in plain words: what is added to several takes none of them away."""
    if column in ADDED:
        return f"{column}: + {words(now)}"
    return f"{column}: {words(before)} → {words(now)}"


def words(value: object) -> str:
    if isinstance(value, list):
        # Of an alias its name, without its sort and language.
        return ", ".join(words(each[0] if isinstance(each, list) else each) for each in value)
    if isinstance(value, dict):
        days = f" {value['since']}–{value['until']}" if value["since"] or value["until"] else ""
        return f"{value['role']} {value['community']}{days}"
    return str(value or "")


def line(cells: list[str]) -> bytes:
    buffer = StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
