"""Read a file of any supported type into rows; its bytes, not its name, decide the type.

The file is read by a child process with limits of its own. The lines that it writes stay in a
temporary file, so that a long list is never held in memory.
"""

import json
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, NamedTuple, cast

from django.conf import settings

from directory.importing.readers import headings, limits
from directory.importing.readers.limits import UnreadableFile
from directory.models import Import

CHILD_MODULE = "directory.importing.readers"
# How the child ends the line of a row that is not skipped: with an empty reason.
NOT_SKIPPED_SUFFIX = b',""]\n'


class Row(NamedTuple):
    """A row of the list: its number in the file, and its cells as text.

    `computed_columns` are the indexes of cells of which only the last value of a formula is
    known, and limits.HIDDEN_ROW where the row is hidden.
    """

    number: int
    cells: list[str]
    computed_columns: Sequence[int] = ()


class SkippedRow(NamedTuple):
    """A row that is not one of the list, the reason, and the beginning of its text."""

    number: int
    reason: str
    text: str


@dataclass
class TableReading:
    """A file that was read: how, and its rows, which may be iterated more than once.

    Of each column it has the heading, the field (or the kind of a column that is not imported),
    how many cells are filled, and the first values.
    """

    encoding: str
    separator: str
    sheet: str
    other_sheets: list[str]
    header_row: int
    headings: list[str]
    mapping: list[str]
    filled_counts: list[int]
    first_values: list[list[str]]
    last_row: int
    row_count: int
    lines: IO[bytes]
    skipped_rows: list[SkippedRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        weakref.finalize(self, self.lines.close)
        self.skipped_rows = [
            SkippedRow(number, reason, cells[0])
            for number, cells, reason in self._iter_lines(skipped=True)
        ]

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the list from the first; skipped ones are left out."""
        for number, cells, *computed_columns, _reason in self._iter_lines(skipped=False):
            yield Row(number, cells, *computed_columns)

    def _iter_lines(self, skipped: bool) -> Iterator[list]:
        self.lines.seek(0)
        for line in self.lines:
            if line.startswith(b"[") and line.endswith(NOT_SKIPPED_SUFFIX) != skipped:
                yield json.loads(line)

    @property
    def fields_by_heading(self) -> dict[str, str | None]:
        """The field of each heading (see labels); None where the column is not imported."""
        return {
            label: name if name in headings.FIELDS else None
            for label, name in zip(self.labels, self.mapping, strict=True)
        }

    @property
    def labels(self) -> list[str]:
        """The heading of each column, with its number where it is blank or was there before."""
        labels: list[str] = []
        for column, heading in enumerate(self.headings):
            label = " ".join(heading.split()) or f"#{column + 1}"
            while label in labels:
                label = f"{label} #{column + 1}"
            labels.append(label)
        return labels


def read_table(data: bytes, sheet: str = "") -> TableReading:
    """Read a file; raises UnreadableFile, with one sentence, if it is refused as a whole.

    Of a workbook the sheet of this name is read; without a name, the one whose headings score
    best.
    """
    if len(data) > limits.FILE_SIZE:
        raise UnreadableFile("large", most=limits.FILE_SIZE // limits.MEGABYTE)
    lines = tempfile.TemporaryFile(prefix="import-rows-")  # noqa: SIM115 - TableReading closes it
    try:
        _run_child(data, sheet, lines)
        description, end = _parse_first_and_last_line(lines)
    except UnreadableFile:
        lines.close()
        raise
    return TableReading(**description, **end, lines=lines)


def reread_import(job: Import) -> TableReading:
    """Read the stored file of an import again, the same sheet of it."""
    return read_table(bytes(cast(bytes, job.content)), job.sheet)


def _run_child(data: bytes, sheet: str, lines: IO[bytes]) -> None:
    """Run the child process on the data, with its output in `lines`."""
    with tempfile.NamedTemporaryFile(prefix="import-") as file:
        file.write(data)
        file.flush()
        try:
            subprocess.run(
                [sys.executable, "-m", CHILD_MODULE, file.name, sheet.replace("\0", "")],
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.DEVNULL,
                cwd=settings.BASE_DIR,
                timeout=limits.SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise UnreadableFile("heavy") from error


def _parse_first_and_last_line(lines: IO[bytes]) -> tuple[dict, dict]:
    """Return the description of the file and the count of its rows; raises the child's refusal."""
    first = last = b""
    lines.seek(0)
    for line in lines:
        first = first or line
        last = line
    end = json.loads(last) if last.endswith(b"\n") and last.startswith(b"{") else {}
    if "refused" in end:
        raise UnreadableFile(end["refused"], **end["params"])
    if "row_count" not in end:
        raise UnreadableFile("heavy")  # one of its limits ended the child
    return json.loads(first), end
