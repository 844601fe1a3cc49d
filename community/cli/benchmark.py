"""Measure one worker's pages over a keep-alive connection, each relative to a bare view."""

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
from community.cli.virtualenv import SetupError, run_process

HEADERS = {"Accept-Encoding": "br, gzip"}
BARE_PATH, INDEX_PATH, EDIT_PATH, LIST_PATH = (
    "/bench/bare",
    "/bench/index",
    "/bench/edit",
    "/members/",
)
HAN_PATH = f"{LIST_PATH}?q={{}}"
FILTERED_PATH = f"{LIST_PATH}?kind=enterprise&region=650000&role=member"
PAGE_SIZE, FAR_PAGE = 50, 1000
# Requests for each case, and the time limit.
MAX_REQUESTS, MIN_REQUESTS, MAX_SECONDS = 200, 30, 10
CSV_ROWS = 100_000

# Pairs of Chinese characters that are adjacent in some names: last of a trade, first of a form.
HAN_PAIRS = tuple(a + b for b in "有职大研行服产" for a in "织装纺染料纤绸饰机整品绒帽边仔巾篷网毯")

# Targets, as multiples of the bare view's median.
LIST_TARGETS = {"100k": 9, "1M": 10}
SEARCH_TARGETS = {"sqlite": {"1M": 12}, "postgresql": {"1M": 40}}
CACHE_TARGETS = dict.fromkeys(("60", "10k", "100k", "1M"), 2)
CONDITIONAL_TARGETS = dict.fromkeys(CACHE_TARGETS, 1.5)
MAX_GROWTH = 1.5
MIN_CSV_RATE, MAX_CSV_MB, MAX_INDEX_MB = 40_000, 60, 100
MAX_STALE_SECONDS = 5


@dataclass(frozen=True)
class BenchmarkCase:
    """A page to measure, with its target for each size as a multiple of a bare view's time."""

    name: str
    path: str
    targets: dict = field(default_factory=dict)
    # Each request has an ignored parameter of its own, so that no page comes from the cache.
    bypass_cache: bool = True
    headers: dict = field(default_factory=dict)
    status: int = 200
    # Whether its p95 is compared between sizes.
    check_growth: bool = False
    # Values for {} in the path, another with each request, so that nothing is cached.
    placeholders: tuple = ()


@dataclass(frozen=True)
class CaseResult:
    """Times of a page and of the bare view in ms; `peak` is the worker's memory in MB."""

    case: BenchmarkCase
    p50: float
    p95: float
    baseline: float
    peak: float
    target: float | None = None

    @property
    def ratio(self):
        """Median as a multiple of the bare view's."""
        return self.p50 / self.baseline


def build_cases(engine, total, member, tag):
    """List the pages to measure; `member` is a member's path, `tag` the ETag of a list."""
    page = max(1, min(FAR_PAGE, total // PAGE_SIZE))
    pages = tuple(range(1, page + 1, max(1, page // MAX_REQUESTS)))
    conditional = {"bypass_cache": False, "status": 304, "headers": {"If-None-Match": tag}}
    return [
        BenchmarkCase("bare view again", BARE_PATH),
        BenchmarkCase("unfiltered list", LIST_PATH, LIST_TARGETS, check_growth=True),
        BenchmarkCase("filtered and faceted", FILTERED_PATH, LIST_TARGETS, check_growth=True),
        BenchmarkCase("far page", f"{LIST_PATH}?page={page}", LIST_TARGETS, check_growth=True),
        BenchmarkCase("far page by English name", f"{LIST_PATH}?sort=name&page={page}"),
        BenchmarkCase("another page each time", f"{LIST_PATH}?page={{}}", placeholders=pages),
        BenchmarkCase("as of a past day", f"{LIST_PATH}?on=2020-06-30"),
        BenchmarkCase("two Han characters, few", f"{LIST_PATH}?q=羊绒", SEARCH_TARGETS[engine]),
        BenchmarkCase(
            "another two each time", HAN_PATH, SEARCH_TARGETS[engine], placeholders=HAN_PAIRS
        ),
        BenchmarkCase("two Han characters, everyone", f"{LIST_PATH}?q=示例"),
        BenchmarkCase("beginning of pinyin", f"{LIST_PATH}?q=yangro"),
        BenchmarkCase("mistyped, nobody found", f"{LIST_PATH}?q=yangronk"),
        BenchmarkCase("one member", member),
        BenchmarkCase("remembered page", FILTERED_PATH, CACHE_TARGETS, bypass_cache=False),
        BenchmarkCase("not modified", FILTERED_PATH, CONDITIONAL_TARGETS, **conditional),
    ]


class WorkerClient:
    """HTTP client with a keep-alive connection to the server's single worker."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.pid, self.request_count = None, 0

    def get(self, path, headers=HEADERS, status=200):
        """Return response, body and seconds; SetupError on another status than expected."""
        start = time.perf_counter()
        self.connection.request("GET", quote(path, safe="/?&=%-"), headers=headers)
        response = self.connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - start
        if response.status != status:
            raise SetupError(f"{path} answered {response.status} instead of {status}.")
        return response, body, seconds

    def time_request(self, case):
        """Send one request of a case and return its milliseconds."""
        self.request_count += 1
        path = case.path
        if case.placeholders:
            # Every second request is one of the bare view.
            path = path.format(case.placeholders[self.request_count // 2 % len(case.placeholders)])
        suffix = f"{'&' if '?' in path else '?'}n={self.request_count}" if case.bypass_cache else ""
        return 1000 * self.get(path + suffix, HEADERS | case.headers, case.status)[2]

    def read_memory(self, key):
        """A memory value of the worker from /proc/PID/status in MB; 0 where there is no /proc."""
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.pid}/status").read_text()
            return next(int(row.split()[1]) / 1024 for row in status.splitlines() if key in row)
        return 0

    def reset_peak_memory(self):
        """Let VmHWM start again from the current memory."""
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.pid}/clear_refs").write_text("5")


@contextlib.contextmanager
def start_worker(venv, environment):
    """Context manager: a WorkerClient of a gunicorn with one worker on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # gunicorn uses the last --workers option.
    command = [*serve_command.gunicorn_command(venv, "127.0.0.1", port), "--workers", 1]
    with run_process(command, env=environment) as server:
        serve_command.wait_until_ready(server, "127.0.0.1", port)
        yield WorkerClient(port)


def measure_all(venv, environment, engine, size):
    """Measure all cases, print the table, and return the results by name of the case."""
    with start_worker(venv, environment) as client:
        first = client.get(LIST_PATH)[2]
    with start_worker(venv, environment) as client:
        index = json.loads(client.get(INDEX_PATH)[1])
        client.pid = index["pid"]
        print_index(index, first, size)
        member = client.get(f"{LIST_PATH}7/", status=301)[0].headers["Location"]
        tag = client.get(FILTERED_PATH)[0].headers["ETag"]
        print(format_row("", "p50 ms", "p95 ms", "× bare", "peak MB", "target"))
        results = {}
        for case in build_cases(engine, index["members"], member, tag):
            results[case.name] = result = measure_case(client, case, size)
            print(format_result(result))
        measure_csv(client, size)
        measure_edit(client)
    return results


def measure_case(client, case, size):
    """Measure a case, alternating with the bare view, so that other load slows both."""
    bare = BenchmarkCase("bare view", BARE_PATH)
    for each in (bare, case) * 3:
        client.time_request(each)
    client.reset_peak_memory()
    pairs, start = [], time.monotonic()
    while len(pairs) < MAX_REQUESTS and not is_finished(len(pairs), time.monotonic() - start):
        pairs.append((client.time_request(bare), client.time_request(case)))
    baseline, times = zip(*pairs, strict=True)
    p50, p95 = statistics.median(times), percentile(times, 95)
    peak, target = client.read_memory("VmHWM"), case.targets.get(size)
    return CaseResult(case, p50, p95, statistics.median(baseline), peak, target)


def is_finished(count, seconds):
    """Whether to stop: after MAX_SECONDS and MIN_REQUESTS, or after three times as long."""
    return seconds > (MAX_SECONDS if count >= MIN_REQUESTS else 3 * MAX_SECONDS)


def percentile(values, share):
    """The value below which `share` per cent of the values lie."""
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


def measure_csv(client, size):
    """Measure the CSV download, of which at most CSV_ROWS rows are read, and print the result."""
    client.reset_peak_memory()
    idle, start, rows = client.read_memory("VmRSS"), time.perf_counter(), -1
    file = http.client.HTTPConnection("127.0.0.1", client.connection.port, timeout=600)
    file.request("GET", "/members.csv")
    response = file.getresponse()
    while rows < CSV_ROWS and (read := response.read1(65536)):
        rows += read.count(b"\n")
    rate = rows / (time.perf_counter() - start)
    more = client.read_memory("VmHWM") - idle
    response.close()
    file.close()
    verdict = (
        format_verdict(rate, MIN_CSV_RATE, rate >= MIN_CSV_RATE, "≥") if rows >= 50_000 else ""
    )
    memory = format_verdict(more, MAX_CSV_MB, more <= MAX_CSV_MB)
    print(f"CSV: {rows:,} rows, {rate:,.0f} a second{verdict}; {more:.0f} MB above idle{memory}")


def measure_edit(client):
    """Measure how long the list shows old data after an edit, and print the result."""
    # The server has closed the idle connection by now: the next request opens a new one.
    client.connection.close()
    before = client.get(LIST_PATH)[0].headers["ETag"]
    client.get(EDIT_PATH)
    start, times, seen = time.monotonic(), [], False
    while not seen and time.monotonic() - start < serve_command.STARTUP_TIMEOUT:
        response, _body, seconds = client.get(LIST_PATH)
        seen = response.headers["ETag"] != before
        times.append(seconds)
    waited = time.monotonic() - start
    verdict = format_verdict(waited, MAX_STALE_SECONDS, seen and waited <= MAX_STALE_SECONDS)
    slowest = 1000 * max(times)
    print(
        f"an edit is seen after {waited:.1f} s{verdict}; "
        f"the slowest page meanwhile: {slowest:,.0f} ms"
    )


# -- Output ------------------------------------------------------------------


def format_row(name, *cells):
    """Format a line of the table: name, right-aligned numbers, remark."""
    *numbers, last = cells
    return f"{name:30}{''.join(f'{number:>10}' for number in numbers)}   {last}".rstrip()


def format_result(result):
    """Format a result as a line of the table."""
    numbers = [f"{number:.1f}" for number in (result.p50, result.p95, result.ratio, result.peak)]
    target = result.target
    passed = target is not None and result.ratio <= target
    remark = format_verdict(result.ratio, target, passed).strip(" ()") if target else ""
    return format_row(result.case.name, *numbers, remark)


def format_verdict(value, limit, passed, sign="≤"):
    """Format a limit and whether it was kept, such as " (≤ 9: ok)"."""
    return f" ({sign} {limit:,g}: {'ok' if passed else 'over' if sign == '≤' else 'under'})"


def print_index(index, first, size):
    """Print time and memory of building the index; `first` are the seconds of the first page."""
    size_mb, seconds = index["kept"], index["seconds"]
    verdict = format_verdict(size_mb, MAX_INDEX_MB, size_mb <= MAX_INDEX_MB) if size == "1M" else ""
    print(
        f"index of {index['members']:,} members: {seconds * 1000:,.0f} ms to build, "
        f"{size_mb:.0f} MB kept{verdict}, {index['peak']:.0f} MB at its peak; "
        f"worker then {index['idle']:.0f} MB"
    )
    if "plain" in index:
        verdict = format_verdict(seconds * 1000, index["plain"] * 1000, seconds <= index["plain"])
        print(f"the database alone, asked the same: {index['plain'] * 1000:,.0f} ms{verdict}")
    print(f"first page after start: {first * 1000:,.0f} ms")


def print_growth(small, large):
    """Print how much the p95 of lists grows from 10k to 1M organizations."""
    pairs = [(small[name], large[name]) for name in small or () if name in (large or ())]
    for before, after in pairs:
        if before.case.check_growth:
            grown = after.p95 / before.p95
            verdict = format_verdict(grown, MAX_GROWTH, grown <= MAX_GROWTH)
            print(f"p95 at 1M, {before.case.name}: {grown:.2f} × that at 10k{verdict}")
