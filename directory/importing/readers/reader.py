"""Any file into rows: the bytes, not the name, say what it is.

The file is read by a child process with limits of its own; what it says is kept in a temporary
file, so that a long list is never held in memory.
"""

import json
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, NamedTuple

from django.conf import settings

from directory.importing.readers import headings, limits
from directory.importing.readers.limits import Unreadable
from directory.models import Import

CHILD = "directory.importing.readers"
# How the child ends the line of a row that it does not pass over.
KEPT = b',""]\n'


class Row(NamedTuple):
    """A row of the list: its number as in the file, and its cells as text.

    `valued` are the columns where a formula stands of which only the last value is known, and
    `limits.HIDDEN` where the row is hidden.
    """

    number: int
    cells: list[str]
    valued: Sequence[int] = ()


class Skipped(NamedTuple):
    """A row that is none of the list, why, and the beginning of what it says."""

    number: int
    reason: str
    text: str


@dataclass
class Reading:
    """What a file says: how it was read, and its rows as often as they are asked for."""

    encoding: str
    separator: str
    sheet: str
    left_out: list[str]
    header_row: int
    headings: list[str]
    mapping: list[str]
    last_row: int
    count: int
    lines: IO[bytes]
    skipped: list[Skipped] = field(default_factory=list)

    def __post_init__(self) -> None:
        weakref.finalize(self, self.lines.close)
        self.skipped = [
            Skipped(number, reason, cells[0]) for number, cells, reason in self._lines(kept=False)
        ]

    def rows(self) -> Iterator[Row]:
        for number, cells, *valued, _reason in self._lines(kept=True):
            yield Row(number, cells, *valued)

    def _lines(self, kept: bool) -> Iterator[list]:
        self.lines.seek(0)
        for line in self.lines:
            if line.startswith(b"[") and line.endswith(KEPT) == kept:
                yield json.loads(line)

    @property
    def named_mapping(self) -> dict[str, str | None]:
        """Each heading with the field it is taken for; None for what is not imported."""
        found: dict[str, str | None] = {}
        for column, heading in enumerate(self.headings):
            name = self.mapping[column]
            label = " ".join(heading.split()) or f"#{column + 1}"
            key = label if label not in found else f"{label} #{column + 1}"
            found[key] = name if name in headings.FIELDS else None
        return found


def read(data: bytes, sheet: str = "") -> Reading:
    """The rows of a file; raises Unreadable, with one sentence, if it is refused as a whole.

    Of a workbook that sheet is read; without a name, the one that looks most like a list.
    """
    if len(data) > limits.FILE:
        raise Unreadable("large", most=limits.FILE // limits.MEGABYTE)
    lines = tempfile.TemporaryFile(prefix="import-rows-")  # noqa: SIM115 - the reading keeps it
    try:
        _tell(data, sheet, lines)
        first, end = _ends(lines)
    except Unreadable:
        lines.close()
        raise
    return Reading(**first, last_row=end["end"], count=end["rows"], lines=lines)


def again(of: Import) -> Reading:
    """An import's file once more, as it was read."""
    return read(bytes(of.content), of.sheet)


def _tell(data: bytes, sheet: str, lines: IO[bytes]) -> None:
    """Have the child write its lines."""
    with tempfile.NamedTemporaryFile(prefix="import-") as file:
        file.write(data)
        file.flush()
        try:
            subprocess.run(
                [sys.executable, "-m", CHILD, file.name, sheet.replace("\0", "")],
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.DEVNULL,
                cwd=settings.BASE_DIR,
                timeout=limits.SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unreadable("heavy") from error


def _ends(lines: IO[bytes]) -> tuple[dict, dict]:
    """What the first line says of the file and the last of its rows; or the refusal."""
    first, last = None, b""
    lines.seek(0)
    for line in lines:
        first = line if first is None else first
        last = line
    end = json.loads(last) if last.endswith(b"\n") and last.startswith(b"{") else {}
    if "refused" in end:
        raise Unreadable(end["refused"], **end["params"])
    if "end" not in end:
        raise Unreadable("heavy")  # it was stopped by one of its limits
    return json.loads(first), end
