"""Corrections of cells of an imported file: stored beside it, and planned instead of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile

from directory.importing.readers import headings, reader
from directory.importing.readers.reader import Row
from directory.models import Import, ImportCorrection

# A fingerprint is signed by this site: nobody can enter one.
COLUMNS = tuple(name for name in headings.FIELDS if name != "fingerprint")


class ImportClosedError(RuntimeError):
    """The import is being planned or applied, or was applied: no cell can be corrected."""


class CorrectionConflictError(RuntimeError):
    """Somebody else corrected the row since the page was shown."""


class CorrectedRows:
    """Applies corrections to the rows of a file; `mapping` has columns for all of them."""

    def __init__(self, job: Import):
        self.corrections = list(ImportCorrection.objects.filter(of=job))
        added = sorted({each.column for each in self.corrections} - set(job.mapping))
        self.width = max(len(job.mapping), len(job.headings))
        self.mapping = [*job.mapping, *[""] * (self.width - len(job.mapping)), *added]
        self.column_index = {name: at for at, name in enumerate(self.mapping) if name}
        self.by_row: dict[int, list[ImportCorrection]] = defaultdict(list)
        for each in self.corrections:
            self.by_row[each.number].append(each)

    def iter_rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows with their corrections."""
        for row in rows:
            yield self.correct(row) if row.number in self.by_row else row

    def correct(self, row: Row) -> Row:
        """Return the row with its corrections, which learn the value of the file."""
        cells = row.cells[: self.width]
        cells += [""] * (len(self.mapping) - len(cells))
        corrected = set()
        for each in self.by_row[row.number]:
            at = self.column_index[each.column]
            each.said, cells[at] = cells[at], each.value
            corrected.add(at)
        return Row(row.number, cells, [at for at in row.computed_columns if at not in corrected])

    def save_file_values(self) -> None:
        """Store the values of the file, which another mapping may have changed."""
        ImportCorrection.objects.bulk_update(self.corrections, ["said"], batch_size=500)


def read_row_cells(job: Import, number: int) -> dict[str, str]:
    """Read the cells of one row of the file, by column; empty if there is no such row."""
    rows = takewhile(lambda row: row.number <= number, reader.reread_import(job).rows())
    row = next((row for row in rows if row.number == number), None)
    if row is None:
        return {}
    columns = {name: at for at, name in enumerate(job.mapping) if name in COLUMNS}
    return {name: row.cells[at] if at < len(row.cells) else "" for name, at in columns.items()}


def get_corrections(job: Import, number: int) -> list[ImportCorrection]:
    """Return the corrections of one row."""
    return list(ImportCorrection.objects.filter(of=job, number=number).order_by("pk"))


def build_version_token(corrections: Iterable[ImportCorrection]) -> str:
    """Return a token of a row's corrections: each change creates them anew, with other keys."""
    return ".".join(str(each.pk) for each in corrections)


def replace_corrections(
    job: Import, number: int, seen: str, wanted: list[ImportCorrection]
) -> None:
    """Replace the corrections of the row; must run in a transaction.

    Raises ImportClosedError if the import is not open, CorrectionConflictError if the row was
    corrected since it was `seen`.
    """
    locked = Import.objects.select_for_update().only("state").get(pk=job.pk)
    if locked.state != Import.State.PLANNED:
        raise ImportClosedError
    if build_version_token(get_corrections(job, number)) != seen:
        raise CorrectionConflictError
    ImportCorrection.objects.filter(of=job, number=number).delete()
    for each in wanted:
        each.pk, each.of, each.number = None, job, number
    ImportCorrection.objects.bulk_create(wanted)
