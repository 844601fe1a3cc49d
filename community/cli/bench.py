"""`python3 -m community bench`: speed with made-up directories of four sizes, on both engines."""

import argparse
import contextlib
import hashlib
import shutil
from urllib.parse import quote

from community.cli import benchmark, postgresql
from community.cli.test import build_environ, find_postgresql
from community.cli.virtualenv import (
    ROOT,
    SetupError,
    VirtualEnvironment,
    capture_output,
    run_process,
)

BENCH_DIR = ROOT / "var" / "bench"
SIZES = {"60": 60, "10k": 10_000, "100k": 100_000, "1M": 1_000_000}
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# What made-up data depends on: if one of these files changes it is generated again.
FINGERPRINT_FILES = (
    "tests/bench/fictional.py",
    *(f"directory/{n}.py" for n in ("text/tokens", "search/index", "search/indexer")),
)


def build_choices_parser(names):
    """Build an argparse type for one or several of the known names, such as 10k,100k."""

    def parse_choices(text):
        chosen = [part.strip().lower() for part in text.split(",")]
        if not set(chosen) <= {name.lower() for name in names}:
            raise argparse.ArgumentTypeError(f"choose from {', '.join(names)}, not {text}")
        return [name for name in names if name.lower() in chosen]

    return parse_choices


def add_arguments(command):
    """Add the options of `bench` to its argparse subparser."""
    for name, known in (("--size", SIZES), ("--engine", ENGINES)):
        help_text = f"{', '.join(known)}, or several with commas (all)"
        command.add_argument(
            name, type=build_choices_parser(known), default=list(known), help=help_text
        )


def run_benchmarks(sizes, engines):
    """Measure every size on every engine, print the tables and return 0."""
    venv = VirtualEnvironment()
    with venv.exclusive_lock():
        venv.ensure_installed("test")
    programs = find_postgresql(venv) if "postgresql" in engines else None
    BENCH_DIR.mkdir(parents=True, exist_ok=True)
    with VirtualEnvironment(BENCH_DIR).exclusive_lock():
        collect_static(venv)
        for engine in engines:
            results = {}
            for size in sizes:
                with open_database(venv, engine, size, programs) as url:
                    print(f"\n== {ENGINES[engine]}, {SIZES[size]:,} organizations ==")
                    results[size] = benchmark.measure_all(
                        venv, build_bench_environ(url), engine, size
                    )
            benchmark.print_growth(results.get("10k"), results.get("1M"))
    return 0


def build_bench_environ(url):
    """Environment variables of a server that uses the database at `url`."""
    changes = {"DJANGO_SETTINGS_MODULE": "tests.bench.settings", "PYTHONPATH": str(ROOT)}
    return build_environ(DATABASE_URL=url, **changes)


def collect_static(venv):
    """Run collectstatic: pages link style sheets by a hash of their content."""
    command = [venv.python, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    # The database is only named, never opened: it does not exist yet.
    printed, succeeded = capture_output(command, env=build_bench_environ(sqlite_url(BENCH_DIR)))
    if not succeeded:
        raise SetupError(f"The static files could not be collected: {printed.splitlines()[-1]}")


# -- Databases with made-up data -------------------------------------------------------


def compute_fingerprint(size):
    """Hash of the size and of all files that the made-up data depends on."""
    digest = hashlib.sha256(size.encode())
    for path in (*FINGERPRINT_FILES, *sorted((ROOT / "directory" / "migrations").glob("0*.py"))):
        digest.update((ROOT / path).read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def open_database(venv, engine, size, programs):
    """Context manager: URL of a database of that size, generated now or by an earlier run."""
    folder = BENCH_DIR / f"{engine}-{size}"
    stamp_file, fingerprint = folder / "stamp", compute_fingerprint(size)
    is_current = stamp_file.is_file() and stamp_file.read_text() == fingerprint
    if not is_current:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    with run_database(folder, programs if engine == "postgresql" else None) as url:
        if not is_current:
            generate_organizations(venv, url, size)
            stamp_file.write_text(fingerprint)
        yield url


def generate_organizations(venv, url, size):
    """Fill the database with made-up organizations; SetupError if that fails."""
    print(f"\nMaking {SIZES[size]:,} fictional organizations, once.")
    command = [venv.python, "-m", "tests.bench.fictional", SIZES[size]]
    with run_process(command, env=build_bench_environ(url)) as process:
        process.wait()
    if process.returncode:
        raise SetupError("The fictional organizations could not be made: see the lines above.")


def sqlite_url(folder):
    """DATABASE_URL of the SQLite file in a folder."""
    return "sqlite:///" + quote(str(folder / "db.sqlite3"))


@contextlib.contextmanager
def run_database(folder, programs):
    """Context manager: URL of the database in this folder, with its server running."""
    if programs is None:
        yield sqlite_url(folder)
        return
    postgresql.chown_to_server_user(folder)
    programs = postgresql.ensure_runnable(programs, folder)
    if not (folder / "data").exists():
        postgresql.init_cluster(programs, folder)
    with postgresql.run_server(programs, folder):
        yield f"postgres://community@{quote(str(folder), safe='')}/postgres"
