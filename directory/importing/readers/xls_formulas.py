"""The records of an old binary workbook, read only to learn where formulas stand.

The reader of workbooks gives their last values. What is not as it should be here is simply not
known: whether the file can be read is for that reader to say.
"""

import struct
from collections.abc import Iterator

from directory.importing.readers import limits

SIZES = {9: 512, 12: 4096}  # bytes of a sector, by what the file calls them
SMALL = 64  # bytes of a sector of a small stream
LAST = 0xFFFFFFFA  # from here on a number of a sector means none
STREAMS = ("Workbook", "Book")
FORMULA, BOUNDSHEET, EOF = 0x0006, 0x0085, 0x000A


class Compound:
    """A compound file: sectors, chained by a table of links, that hold named streams."""

    def __init__(self, data: bytes):
        self.data, self.size = data, SIZES[struct.unpack_from("<H", data, 30)[0]]
        self.least, small, _count, more = struct.unpack_from("<4I", data, 56)
        first, tables = struct.unpack_from("<I", data, 48)[0], []
        tables += struct.unpack_from("<109I", data, 76)
        while more < LAST and len(tables) < len(data) // self.size:
            *found, more = self.numbers(self.sector(more))
            tables += found
        self.links = [n for at in tables if at < LAST for n in self.numbers(self.sector(at))]
        self.entries = list(struct.iter_unpack("<64sHBB12x36xIQ", self.chained(first)))
        self.small_links = self.numbers(self.chained(small))
        self.small = self.chained(self.entries[0][4])

    def sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    def numbers(self, data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def chained(self, number: int) -> bytes:
        return b"".join(map(self.sector, self.follow(number, self.links)))

    def follow(self, number: int, links: list[int]) -> Iterator[int]:
        for _once in links:  # a ring ends
            if number >= LAST:
                return
            yield number
            number = links[number]

    def stream(self, name: str) -> bytes:
        for raw, length, _kind, _colour, first, size in self.entries:
            if raw[: max(length - 2, 0)].decode("utf-16-le", "replace") != name:
                continue
            if size >= self.least:
                return self.chained(first)[:size]
            parts = self.follow(first, self.small_links)
            return b"".join(self.small[at * SMALL : (at + 1) * SMALL] for at in parts)[:size]
        return b""


def records(stream: bytes, at: int = 0) -> Iterator[tuple[int, int]]:
    """The kind and place of every record down to the end of this part."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4
        at += 4 + length
        if kind == EOF:
            return


def _of_sheet(stream: bytes, place: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for kind, at in records(stream, place):
        if kind == FORMULA:
            row, column = struct.unpack_from("<HH", stream, at)
            found.setdefault(row + 1, []).append(column)
    return found


def formulas(data: bytes) -> list[dict[int, list[int]]]:
    """By row from 1 the columns from 0 of all formulas, for each sheet in the workbook's order."""
    try:
        book = Compound(data)
        stream = next(filter(None, map(book.stream, STREAMS)), b"")
        sheets = [
            struct.unpack_from("<I", stream, at)[0]
            for kind, at in records(stream)
            if kind == BOUNDSHEET
        ]
        return [_of_sheet(stream, place) for place in sheets[: limits.SHEETS]]
    except (struct.error, LookupError, ValueError, MemoryError):
        return []
