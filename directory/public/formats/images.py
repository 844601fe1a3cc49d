"""PNG images drawn pixel by pixel: the image of link previews, and the icons.

They hold no text, because a bare server has no font with Han characters.
"""

import struct
import zlib
from functools import lru_cache

PAPER, INK, MADDER, THREAD = (250, 248, 243), (29, 53, 87), (166, 61, 47), (179, 172, 155)
FADING_SHADES = 14
# Colours by number: paper, ink, madder, then the thread fading into the paper.
PALETTE = [PAPER, INK, MADDER] + [
    tuple(round(t + (p - t) * n / FADING_SHADES) for t, p in zip(THREAD, PAPER, strict=True))
    for n in range(FADING_SHADES)
]
WIDTH, HEIGHT, EDGE = 1200, 630, 80
MAX_THREADS = 160


class Canvas:
    """A sheet of pixels, each the number of a colour of the palette."""

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self.rows = [bytearray(width) for _ in range(height)]

    def fill_rectangle(self, x: float, y: float, width: float, height: float, colour: int) -> None:
        left, right = max(0, round(x)), min(self.width, round(x + width))
        pixels = bytes([colour]) * max(0, right - left)
        for row in self.rows[max(0, round(y)) : round(y + height)]:
            row[left:right] = pixels

    def encode_png(self) -> bytes:
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        pixels = b"".join(b"\0" + bytes(row) for row in self.rows)
        return (
            b"\x89PNG\r\n\x1a\n"
            + _build_chunk(b"IHDR", header)
            + _build_chunk(b"PLTE", bytes(value for colour in PALETTE for value in colour))
            + _build_chunk(b"IDAT", zlib.compress(pixels, 9))
            + _build_chunk(b"IEND", b"")
        )


def _build_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@lru_cache(maxsize=4)
def draw_share_image(named: int, stated: int | None) -> bytes:
    """The image of link previews: a dyed thread for each named member, pale ones for the rest."""
    canvas = Canvas(WIDTH, HEIGHT)
    for top in (0, HEIGHT - 48):
        _draw_band(canvas, top)
    shown, certain = _count_threads(named, stated)
    fading = FADING_SHADES - 1 if stated and certain > shown else 0
    step = (WIDTH - 2 * EDGE) / max(1, certain + fading)
    _draw_stated_threads(canvas, range(shown, certain + fading), certain, step)
    _draw_named_threads(canvas, shown, step)
    canvas.fill_rectangle(EDGE, HEIGHT - 120, WIDTH - 2 * EDGE, 4, 1)
    return canvas.encode_png()


def _draw_named_threads(canvas: Canvas, shown: int, step: float) -> None:
    """Dyed threads, and where they are few, cross threads over and under them."""
    thread_xs = [EDGE + step * (n + 0.5) for n in range(shown)]
    weft_ys = range(150, HEIGHT - 140, 24) if shown <= 40 else range(0)
    for y in weft_ys:
        canvas.fill_rectangle(EDGE, y, step * shown, 4, 1)
    for x in thread_xs:
        width = min(10, step / 2)
        canvas.fill_rectangle(x - min(5, step / 4), 120, width, HEIGHT - 240, 2)
    for row, y in enumerate(weft_ys):
        for place, x in enumerate(thread_xs):
            if (row + place) % 2:
                canvas.fill_rectangle(x - step / 2, y, step, 4, 1)


def _draw_stated_threads(canvas: Canvas, places: range, certain: int, step: float) -> None:
    for place in places:
        shade = 3 + max(0, place - certain + 1)
        x, width = EDGE + step * (place + 0.5) - 2, min(4, step / 2)
        canvas.fill_rectangle(x, 120, width, HEIGHT - 240, shade)


def _count_threads(named: int, stated: int | None) -> tuple[int, int]:
    """How many threads are dyed, and how many stand for certain: no more than can be seen."""
    certain = max(stated or 0, named)
    if certain > MAX_THREADS:
        return round(named * MAX_THREADS / certain), MAX_THREADS
    return named, certain


def _draw_band(canvas: Canvas, top: int) -> None:
    """Draw the band at the top or the bottom: a plain weave of two yarns."""
    for row in range(4):
        for place in range(WIDTH // 12):
            x, y = place * 12, top + row * 12
            if (row + place) % 2:
                canvas.fill_rectangle(x, y, 9, 12, 1)
            else:
                canvas.fill_rectangle(x, y, 12, 9, 3)


ICON_RECTANGLES = (
    *((x - 2, 3, 4, 26, 2) for x in (7, 16, 25)),
    *((x, y, 8, 4, 1) for x, y in ((3, 7), (21, 7), (12, 14), (3, 21), (21, 21))),
)


@lru_cache(maxsize=8)
def draw_icon(size: int) -> bytes:
    canvas, unit = Canvas(size, size), size / 32
    for x, y, width, height, colour in ICON_RECTANGLES:
        canvas.fill_rectangle(x * unit, y * unit, width * unit, height * unit, colour)
    return canvas.encode_png()


def draw_favicon() -> bytes:
    """The icon in the ICO format, for browsers that ask for /favicon.ico."""
    body = draw_icon(32)
    entry = struct.pack("<BBBBHHII", 32, 32, 0, 0, 1, 8, len(body), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + body
