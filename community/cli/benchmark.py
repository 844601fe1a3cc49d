"""The clock: one worker's pages, each beside a bare view over one keep-alive connection."""

import contextlib
import http.client
import json
import socket
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from community.cli import serve as serve_command
from community.cli.virtualenv import SetupError, child

READER = {"Accept-Encoding": "br, gzip"}
BARE, INDEX, EDIT, LIST = "/bench/bare", "/bench/index", "/bench/edit", "/members/"
FILTERED = f"{LIST}?kind=enterprise&region=650000&role=member"
PAGE_SIZE, FAR = 50, 1000
# Each figure is asked so often, within so many seconds.
MOST, LEAST, SECONDS = 200, 30, 10
CSV_ROWS = 100_000

# Two Han characters that stand side by side in some names: a trade's last, a form's first.
ACROSS = tuple(a + b for b in "有职大研行服产" for a in "织装纺染料纤绸饰机整品绒帽边仔巾篷网毯")

# The targets, as multiples of the bare view's p50.
LISTED = {"100k": 9, "1M": 10}
SEARCHED = {"sqlite": {"1M": 12}, "postgresql": {"1M": 40}}
REMEMBERED = dict.fromkeys(("60", "10k", "100k", "1M"), 2)
CONFIRMED = dict.fromkeys(REMEMBERED, 1.5)
GROWTH = 1.5
ROWS_A_SECOND, CSV_MB, INDEX_MB = 40_000, 60, 100
SEEN_WITHIN = 5


@dataclass(frozen=True)
class Figure:
    """One page to measure, and by size how many times as long as a bare view it may take."""

    name: str
    path: str
    targets: dict = field(default_factory=dict)
    # Each request asks with an ignored parameter of its own, so that no page is remembered.
    fresh: bool = True
    headers: dict = field(default_factory=dict)
    status: int = 200
    # Its p95 may not grow with the directory.
    even: bool = False
    # What takes the place of {} in the path, another each time: nothing is drawn or found yet.
    each: tuple = ()


@dataclass(frozen=True)
class Measured:
    """What a page and the bare view took, in ms; `peak` is the worker's memory, in MB."""

    figure: Figure
    p50: float
    p95: float
    bare: float
    peak: float
    target: float | None = None

    @property
    def ratio(self):
        return self.p50 / self.bare


def figures(engine, total, member, tag):
    page = max(1, min(FAR, total // PAGE_SIZE))
    pages = tuple(range(1, page + 1, max(1, page // MOST)))
    conditional = {"fresh": False, "status": 304, "headers": {"If-None-Match": tag}}
    return [
        Figure("bare view again", BARE),
        Figure("unfiltered list", LIST, LISTED, even=True),
        Figure("filtered and faceted", FILTERED, LISTED, even=True),
        Figure("far page", f"{LIST}?page={page}", LISTED, even=True),
        Figure("far page by English name", f"{LIST}?sort=name&page={page}"),
        Figure("another page each time", f"{LIST}?page={{}}", each=pages),
        Figure("as of a past day", f"{LIST}?on=2020-06-30"),
        Figure("two Han characters, few", f"{LIST}?q=羊绒", SEARCHED[engine]),
        Figure("another two each time", f"{LIST}?q={{}}", SEARCHED[engine], each=ACROSS),
        Figure("two Han characters, everyone", f"{LIST}?q=示例"),
        Figure("beginning of pinyin", f"{LIST}?q=yangro"),
        Figure("mistyped, nobody found", f"{LIST}?q=yangronk"),
        Figure("one member", member),
        Figure("remembered page", FILTERED, REMEMBERED, fresh=False),
        Figure("not modified", FILTERED, CONFIRMED, **conditional),
    ]


class Worker:
    """The one worker and a keep-alive connection to it."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.pid, self.asked = None, 0

    def get(self, path, headers=READER, status=200):
        """The answer, its body, and the seconds until it was read."""
        start = time.perf_counter()
        self.connection.request("GET", quote(path, safe="/?&=%-"), headers=headers)
        response = self.connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - start
        if response.status != status:
            raise SetupError(f"{path} answered {response.status} instead of {status}.")
        return response, body, seconds

    def ask(self, figure):
        """The milliseconds of one request."""
        self.asked += 1
        path = figure.path
        if figure.each:
            # Every second request is the bare one.
            path = path.format(figure.each[self.asked // 2 % len(figure.each)])
        mark = f"{'&' if '?' in path else '?'}n={self.asked}" if figure.fresh else ""
        return 1000 * self.get(path + mark, READER | figure.headers, figure.status)[2]

    def memory(self, line):
        """The worker's memory in MB; 0 where no /proc tells it."""
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{self.pid}/status").read_text()
            return next(int(row.split()[1]) / 1024 for row in told.splitlines() if line in row)
        return 0

    def forget_peak(self):
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.pid}/clear_refs").write_text("5")


@contextlib.contextmanager
def worker(place, environment):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Of two numbers of workers gunicorn takes the last.
    command = [*serve_command.gunicorn(place, "127.0.0.1", port), "--workers", 1]
    with child(command, env=environment) as server:
        serve_command.wait(server, "127.0.0.1", port)
        yield Worker(port)


def measure(place, environment, engine, size):
    with worker(place, environment) as started:
        first = started.get(LIST)[2]
    with worker(place, environment) as one:
        index = json.loads(one.get(INDEX)[1])
        one.pid = index["pid"]
        show_index(index, first, size)
        member = one.get(f"{LIST}7/", status=301)[0].headers["Location"]
        tag = one.get(FILTERED)[0].headers["ETag"]
        print(line("", "p50 ms", "p95 ms", "× bare", "peak MB", "target"))
        found = {}
        for figure in figures(engine, index["members"], member, tag):
            found[figure.name] = taken = interleaved(one, figure, size)
            print(told(taken))
        show_csv(one, size)
        show_edit(one)
    return found


def interleaved(one, figure, size):
    """Every request beside a bare one, so that the machine's other work slows both."""
    bare = Figure("bare view", BARE)
    for each in (bare, figure) * 3:
        one.ask(each)
    one.forget_peak()
    pairs, start = [], time.monotonic()
    while len(pairs) < MOST and not finished(len(pairs), time.monotonic() - start):
        pairs.append((one.ask(bare), one.ask(figure)))
    plain, taken = zip(*pairs, strict=True)
    half, most = statistics.median(taken), percentile(taken, 95)
    peak, target = one.memory("VmHWM"), figure.targets.get(size)
    return Measured(figure, half, most, statistics.median(plain), peak, target)


def finished(count, seconds):
    """A slow page is asked LEAST times at least; a very slow one as often as can be waited for."""
    return seconds > (SECONDS if count >= LEAST else 3 * SECONDS)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


def show_csv(one, size):
    """The file of up to 100,000 rows; what is left of a longer one is not read."""
    one.forget_peak()
    idle, start, rows = one.memory("VmRSS"), time.perf_counter(), -1
    file = http.client.HTTPConnection("127.0.0.1", one.connection.port, timeout=600)
    file.request("GET", "/members.csv")
    response = file.getresponse()
    while rows < CSV_ROWS and (read := response.read1(65536)):
        rows += read.count(b"\n")
    rate = rows / (time.perf_counter() - start)
    more = one.memory("VmHWM") - idle
    response.close()
    file.close()
    wanted = judged(rate, ROWS_A_SECOND, rate >= ROWS_A_SECOND, "≥") if rows >= 50_000 else ""
    memory = judged(more, CSV_MB, more <= CSV_MB)
    print(f"CSV: {rows:,} rows, {rate:,.0f} a second{wanted}; {more:.0f} MB above idle{memory}")


def show_edit(one):
    """How long the list goes on without an edit, and how long a page takes meanwhile."""
    # By now the server has closed a connection that was left idle: the next request opens another.
    one.connection.close()
    before = one.get(LIST)[0].headers["ETag"]
    one.get(EDIT)
    start, taken, seen = time.monotonic(), [], False
    while not seen and time.monotonic() - start < serve_command.PATIENCE:
        response, _body, seconds = one.get(LIST)
        seen = response.headers["ETag"] != before
        taken.append(seconds)
    waited = time.monotonic() - start
    told = judged(waited, SEEN_WITHIN, seen and waited <= SEEN_WITHIN)
    slowest = 1000 * max(taken)
    print(
        f"an edit is seen after {waited:.1f} s{told}; the slowest page meanwhile: {slowest:,.0f} ms"
    )


# -- Telling -----------------------------------------------------------------


def line(name, *cells):
    *numbers, last = cells
    return f"{name:30}{''.join(f'{number:>10}' for number in numbers)}   {last}".rstrip()


def told(taken):
    numbers = [f"{number:.1f}" for number in (taken.p50, taken.p95, taken.ratio, taken.peak)]
    target = taken.target
    words = judged(taken.ratio, target, taken.ratio <= target).strip(" ()") if target else ""
    return line(taken.figure.name, *numbers, words)


def judged(value, limit, well, sign="≤"):
    return f" ({sign} {limit:,g}: {'ok' if well else 'over' if sign == '≤' else 'under'})"


def show_index(index, first, size):
    kept, seconds = index["kept"], index["seconds"]
    memory = judged(kept, INDEX_MB, kept <= INDEX_MB) if size == "1M" else ""
    print(
        f"index of {index['members']:,} members: {seconds * 1000:,.0f} ms to build, "
        f"{kept:.0f} MB kept{memory}, {index['peak']:.0f} MB at its peak; "
        f"worker then {index['idle']:.0f} MB"
    )
    if "plain" in index:
        told = judged(seconds * 1000, index["plain"] * 1000, seconds <= index["plain"])
        print(f"the database alone, asked the same: {index['plain'] * 1000:,.0f} ms{told}")
    print(f"first page after start: {first * 1000:,.0f} ms")


def compare(small, large):
    """Whether the p95 of lists stays even from 10k to 1M."""
    pairs = [(small[name], large[name]) for name in small or () if name in (large or ())]
    for before, after in pairs:
        if before.figure.even:
            grown = after.p95 / before.p95
            verdict = judged(grown, GROWTH, grown <= GROWTH)
            print(f"p95 at 1M, {before.figure.name}: {grown:.2f} × that at 10k{verdict}")
