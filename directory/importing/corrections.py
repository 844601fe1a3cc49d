"""Cells that an officer corrected at the desk: kept beside the file, and planned in its place."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile

from directory.importing.readers import headings, reader
from directory.importing.readers.reader import Row
from directory.models import Import, ImportCorrection

# A fingerprint is what the file said of itself: nobody types one.
COLUMNS = tuple(name for name in headings.FIELDS if name != "fingerprint")


class ClosedError(RuntimeError):
    """It is being planned or applied, or was applied: nothing of it is corrected any more."""


class OvertakenError(RuntimeError):
    """Somebody else corrected the row since it was seen."""


class Corrected:
    """The rows of a file with their corrections, under a mapping that has room for them."""

    def __init__(self, of: Import):
        self.found = list(ImportCorrection.objects.filter(of=of))
        more = sorted({each.column for each in self.found} - set(of.mapping))
        self.width = max(len(of.mapping), len(of.headings))
        self.mapping = [*of.mapping, *[""] * (self.width - len(of.mapping)), *more]
        self.at = {name: at for at, name in enumerate(self.mapping) if name}
        self.by_row: dict[int, list[ImportCorrection]] = defaultdict(list)
        for each in self.found:
            self.by_row[each.number].append(each)

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            yield self.row(row) if row.number in self.by_row else row

    def row(self, row: Row) -> Row:
        cells = row.cells[: self.width] + [""] * (len(self.mapping) - len(row.cells[: self.width]))
        typed = {self.at[each.column] for each in self.by_row[row.number]}
        for each in self.by_row[row.number]:
            at = self.at[each.column]
            each.said, cells[at] = cells[at], each.value
        return Row(row.number, cells, [at for at in row.valued if at not in typed])

    def remember(self) -> None:
        """What the file says of each, which another mapping has changed."""
        ImportCorrection.objects.bulk_update(self.found, ["said"], batch_size=500)


def cells(of: Import, number: int) -> dict[str, str]:
    """What the file says in one row, by column; empty if it has no such row."""
    rows = takewhile(lambda row: row.number <= number, reader.again(of).rows())
    row = next((row for row in rows if row.number == number), None)
    if row is None:
        return {}
    named = {name: at for at, name in enumerate(of.mapping) if name in COLUMNS}
    return {name: row.cells[at] if at < len(row.cells) else "" for name, at in named.items()}


def there(of: Import, number: int) -> list[ImportCorrection]:
    return list(ImportCorrection.objects.filter(of=of, number=number).order_by("pk"))


def token(found: Iterable[ImportCorrection]) -> str:
    """What was seen of a row's corrections: they are made anew, so their keys tell."""
    return ".".join(str(each.pk) for each in found)


def keep(of: Import, number: int, seen: str, wanted: list[ImportCorrection]) -> None:
    """These as all corrections of the row, unless somebody was faster; within a transaction."""
    held = Import.objects.select_for_update().only("state").get(pk=of.pk)
    if held.state != Import.State.PLANNED:
        raise ClosedError
    if token(there(of, number)) != seen:
        raise OvertakenError
    ImportCorrection.objects.filter(of=of, number=number).delete()
    for each in wanted:
        each.pk, each.of, each.number = None, of, number
    ImportCorrection.objects.bulk_create(wanted)
