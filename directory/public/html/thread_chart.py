"""Geometry of the chart that draws one thread for each member, woven where they are few.

Named members are dyed threads, those that the sources only count are pale ones, and a fading end
says that nobody knows how many more there are.
"""

from dataclasses import dataclass

FADING_THREADS = 13
MAX_THREADS = 160
# Above so many named threads the cross threads would be too fine to see.
MAX_WOVEN = 40
WEFT_ROWS = 12


@dataclass(frozen=True)
class Thread:
    """One member as a line: where it stands in per cent of the width, and its opacity."""

    x: str
    opacity: str = ""


@dataclass(frozen=True)
class WeftCrossing:
    """A piece of a cross thread that lies over a named thread."""

    x1: str
    x2: str
    y: str


@dataclass(frozen=True)
class ThreadChart:
    """The chart as its template draws it; positions are in per cent of the width."""

    named: int
    stated: int | None
    named_threads: list[Thread]
    stated_threads: list[Thread]
    weft: list[WeftCrossing]
    named_end: str
    stated_end: str
    has_fading_end: bool


def build_thread_chart(named: int, stated: int | None) -> ThreadChart:
    """A thread for each member: the named dyed, the stated pale, then a fading end.

    Without a stated number there is nothing pale; a large directory is drawn by its share.
    """
    shown, certain = _count_threads(named, stated)
    fading = FADING_THREADS if stated and certain > shown else 0
    width = 100 / max(1, certain + fading)
    threads = [
        Thread(_percent((i + 0.5) * width), _get_opacity(i - certain, fading))
        for i in range(certain + fading)
    ]
    return ThreadChart(
        named=named,
        stated=stated,
        named_threads=threads[:shown],
        stated_threads=threads[shown:],
        weft=_build_weft(width, shown) if shown <= MAX_WOVEN else [],
        named_end=_percent(shown * width),
        stated_end=_percent(certain * width),
        has_fading_end=bool(fading),
    )


def _count_threads(named: int, stated: int | None) -> tuple[int, int]:
    """How many threads are dyed, and how many stand for certain: no more than can be seen."""
    shown = min(named, MAX_THREADS) if not stated else named
    certain = max(stated or 0, shown)
    if certain > MAX_THREADS:
        return round(shown * MAX_THREADS / certain), MAX_THREADS
    return shown, certain


def _get_opacity(past: int, fading: int) -> str:
    return f"{1 - (past + 1) / (fading + 1):.2f}" if past >= 0 else ""


def _build_weft(width: float, shown: int) -> list[WeftCrossing]:
    """Over every second thread, in alternate rows: a plain weave."""
    return [
        WeftCrossing(
            _percent((i + 0.1) * width), _percent((i + 0.9) * width), f"{4 + row * 8.33:.1f}%"
        )
        for row in range(WEFT_ROWS)
        for i in range(shown)
        if (row + i) % 2
    ]


def _percent(value: float) -> str:
    return f"{value:.3f}%"
