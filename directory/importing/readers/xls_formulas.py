"""Find the cells with formulas in an old binary workbook (XLS, BIFF in an OLE compound file).

Calamine reads the last values of these cells, but not that they were computed. Whatever is
damaged here gives no formulas: whether the file can be read is for calamine to decide.
"""

import struct
from collections.abc import Iterator, Sequence

from directory.importing.readers import limits

SECTOR_SIZES = {9: 512, 12: 4096}  # by the sector shift of the header
MINI_SECTOR_SIZE = 64
FIRST_SPECIAL_SECTOR = 0xFFFFFFFA  # numbers from here on mean no sector
STREAMS = ("Workbook", "Book")
FORMULA, BOUNDSHEET, EOF = 0x0006, 0x0085, 0x000A


class CompoundFile:
    """An OLE compound file: sectors, chained by an allocation table (FAT) into named streams."""

    def __init__(self, data: bytes):
        self.data, self.sector_size = data, SECTOR_SIZES[struct.unpack_from("<H", data, 30)[0]]
        self.mini_stream_cutoff, first_mini_fat, _count, next_difat = struct.unpack_from(
            "<4I", data, 56
        )
        first_directory = struct.unpack_from("<I", data, 48)[0]
        fat_sectors: list[int] = list(struct.unpack_from("<109I", data, 76))
        while (
            next_difat < FIRST_SPECIAL_SECTOR and len(fat_sectors) < len(data) // self.sector_size
        ):
            *numbers, next_difat = unpack_numbers(self.read_sector(next_difat))
            fat_sectors += numbers
        self.fat = [
            number
            for sector in fat_sectors
            if sector < FIRST_SPECIAL_SECTOR
            for number in unpack_numbers(self.read_sector(sector))
        ]
        directory = self.read_chain(first_directory)
        self.entries = list(struct.iter_unpack("<64sHBB12x36xIQ", directory))
        self.mini_fat = unpack_numbers(self.read_chain(first_mini_fat))
        self.mini_stream = self.read_chain(self.entries[0][4])

    def read_sector(self, number: int) -> bytes:
        """Return the bytes of a sector; the header takes the place before sector 0."""
        return self.data[(number + 1) * self.sector_size : (number + 2) * self.sector_size]

    def read_chain(self, number: int) -> bytes:
        """Return the bytes of all sectors from this one to the end of its chain."""
        return b"".join(map(self.read_sector, iter_chain(number, self.fat)))

    def read_stream(self, name: str) -> bytes:
        """Return the bytes of the stream of this name, empty if there is none."""
        for raw, length, _kind, _colour, first, size in self.entries:
            if raw[: max(length - 2, 0)].decode("utf-16-le", "replace") != name:
                continue
            if size >= self.mini_stream_cutoff:
                return self.read_chain(first)[:size]
            starts = (number * MINI_SECTOR_SIZE for number in iter_chain(first, self.mini_fat))
            sectors = (self.mini_stream[start : start + MINI_SECTOR_SIZE] for start in starts)
            return b"".join(sectors)[:size]
        return b""


def unpack_numbers(data: bytes) -> tuple[int, ...]:
    """Return the little-endian 32-bit numbers in the bytes."""
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def iter_chain(number: int, fat: Sequence[int]) -> Iterator[int]:
    """Yield the numbers of a chain of sectors; a chain that is a ring ends too."""
    for _step in fat:
        if number >= FIRST_SPECIAL_SECTOR:
            return
        yield number
        number = fat[number]


def iter_records(stream: bytes, at: int = 0) -> Iterator[tuple[int, int]]:
    """Yield the type and the offset of the data of every record to the next EOF record."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4
        at += 4 + length
        if kind == EOF:
            return


def _find_formulas_of_sheet(stream: bytes, offset: int) -> dict[int, list[int]]:
    columns_by_row: dict[int, list[int]] = {}
    for kind, at in iter_records(stream, offset):
        if kind == FORMULA:
            row, column = struct.unpack_from("<HH", stream, at)
            columns_by_row.setdefault(row + 1, []).append(column)
    return columns_by_row


def find_formulas(data: bytes) -> list[dict[int, list[int]]]:
    """Return, for each sheet in the workbook's order, the columns with formulas by row.

    Rows count from 1, columns from 0. The list is empty if the file is damaged.
    """
    try:
        book = CompoundFile(data)
        stream = next(filter(None, map(book.read_stream, STREAMS)), b"")
        sheets = [
            struct.unpack_from("<I", stream, at)[0]
            for kind, at in iter_records(stream)
            if kind == BOUNDSHEET
        ]
        return [_find_formulas_of_sheet(stream, offset) for offset in sheets[: limits.SHEETS]]
    except (struct.error, LookupError, ValueError, MemoryError):
        return []
