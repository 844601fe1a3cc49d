"""Pictures drawn here, pixel by pixel and without letters: what a link shows, and the icons.

A bare server has no font with Han characters, so a picture of ours carries threads, not words.
"""

import struct
import zlib
from functools import lru_cache

PAPER, INK, MADDER, THREAD = (250, 248, 243), (29, 53, 87), (166, 61, 47), (179, 172, 155)
SHADES = 14
# Colours by number: paper, ink, madder, then the thread fading into the paper.
PALETTE = [PAPER, INK, MADDER] + [
    tuple(round(t + (p - t) * n / SHADES) for t, p in zip(THREAD, PAPER, strict=True))
    for n in range(SHADES)
]
WIDTH, HEIGHT, EDGE = 1200, 630, 80
MOST_THREADS = 160


class Cloth:
    """A sheet of pixels, each the number of a colour."""

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self.rows = [bytearray(width) for _ in range(height)]

    def fill(self, x: float, y: float, wide: float, high: float, colour: int) -> None:
        left, right = max(0, round(x)), min(self.width, round(x + wide))
        piece = bytes([colour]) * max(0, right - left)
        for row in self.rows[max(0, round(y)) : round(y + high)]:
            row[left:right] = piece

    def png(self) -> bytes:
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        pixels = b"".join(b"\0" + bytes(row) for row in self.rows)
        return (
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", header)
            + _chunk(b"PLTE", bytes(value for colour in PALETTE for value in colour))
            + _chunk(b"IDAT", zlib.compress(pixels, 9))
            + _chunk(b"IEND", b"")
        )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@lru_cache(maxsize=4)
def shared(named: int, stated: int | None) -> bytes:
    """The community as cloth: a dyed thread for each named member, pale ones for the rest."""
    cloth = Cloth(WIDTH, HEIGHT)
    for top in (0, HEIGHT - 48):
        _weave(cloth, top)
    shown, certain = _threads(named, stated)
    fading = SHADES - 1 if stated and certain > shown else 0
    step = (WIDTH - 2 * EDGE) / max(1, certain + fading)
    woven = [EDGE + step * (n + 0.5) for n in range(shown)]
    _pale(cloth, range(shown, certain + fading), certain, step)
    crossings = range(150, HEIGHT - 140, 24) if shown <= 40 else ()
    for y in crossings:
        cloth.fill(EDGE, y, step * shown, 4, 1)
    for x in woven:
        cloth.fill(x - min(5, step / 4), 120, min(10, step / 2), HEIGHT - 240, 2)
    for row, y in enumerate(crossings):
        for place, x in enumerate(woven):
            if (row + place) % 2:
                cloth.fill(x - step / 2, y, step, 4, 1)
    cloth.fill(EDGE, HEIGHT - 120, WIDTH - 2 * EDGE, 4, 1)
    return cloth.png()


def _pale(cloth: Cloth, places: range, certain: int, step: float) -> None:
    for place in places:
        shade = 3 + max(0, place - certain + 1)
        cloth.fill(EDGE + step * (place + 0.5) - 2, 120, min(4, step / 2), HEIGHT - 240, shade)


def _threads(named: int, stated: int | None) -> tuple[int, int]:
    """How many threads are dyed and how many are certain, as many as the width can show."""
    certain = max(stated or 0, named)
    if certain > MOST_THREADS:
        return round(named * MOST_THREADS / certain), MOST_THREADS
    return named, certain


def _weave(cloth: Cloth, top: int) -> None:
    """The band at the head and the foot: a plain weave of two yarns."""
    for row in range(4):
        for place in range(WIDTH // 12):
            across = (row + place) % 2
            cloth.fill(place * 12, top + row * 12, 9 if across else 12, 12 if across else 9, 1)
            if not across:
                cloth.fill(place * 12, top + row * 12, 12, 9, 3)


ICON = (
    *((x - 2, 3, 4, 26, 2) for x in (7, 16, 25)),
    *((x, y, 8, 4, 1) for x, y in ((3, 7), (21, 7), (12, 14), (3, 21), (21, 21))),
)


@lru_cache(maxsize=8)
def icon(size: int) -> bytes:
    cloth, unit = Cloth(size, size), size / 32
    for x, y, wide, high, colour in ICON:
        cloth.fill(x * unit, y * unit, wide * unit, high * unit, colour)
    return cloth.png()


def favicon() -> bytes:
    """The icon for browsers that ask for the oldest address there is."""
    body = icon(32)
    entry = struct.pack("<BBBBHHII", 32, 32, 0, 0, 1, 8, len(body), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + body
