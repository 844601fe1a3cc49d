"""The scales: fictional directories of four sizes, served from both engines."""

import argparse
import contextlib
import hashlib
import shutil
from urllib.parse import quote

from community.cli import benchmark, postgresql
from community.cli.test import find_postgresql, surroundings
from community.cli.virtualenv import ROOT, Environment, SetupError, child, output

SCRATCH = ROOT / "var" / "bench"
SIZES = {"60": 60, "10k": 10_000, "100k": 100_000, "1M": 1_000_000}
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# What a made directory depends on: with other files it is made anew.
MAKERS = (
    "tests/bench/fictional.py",
    *(f"directory/{n}.py" for n in ("text/tokens", "search/index", "search/indexer")),
)


def names(known):
    """A parser of one or several known names, such as 10k,100k."""

    def read(text):
        asked = [part.strip().lower() for part in text.split(",")]
        if not set(asked) <= {name.lower() for name in known}:
            raise argparse.ArgumentTypeError(f"choose from {', '.join(known)}, not {text}")
        return [name for name in known if name.lower() in asked]

    return read


def options(command):
    for name, known in (("--size", SIZES), ("--engine", ENGINES)):
        words = f"{', '.join(known)}, or several with commas (all)"
        command.add_argument(name, type=names(known), default=list(known), help=words)


def bench(sizes, engines):
    place = Environment()
    with place.alone():
        place.ensure("test")
    programs = find_postgresql(place) if "postgresql" in engines else None
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with Environment(SCRATCH).alone():
        collect_static(place)
        for engine in engines:
            tables = {}
            for size in sizes:
                with database(place, engine, size, programs) as url:
                    print(f"\n== {ENGINES[engine]}, {SIZES[size]:,} organizations ==")
                    tables[size] = benchmark.measure(place, environment(url), engine, size)
            benchmark.compare(tables.get("10k"), tables.get("1M"))
    return 0


def environment(url):
    changes = {"DJANGO_SETTINGS_MODULE": "tests.bench.settings", "PYTHONPATH": str(ROOT)}
    return surroundings(DATABASE_URL=url, **changes)


def collect_static(place):
    """The style sheets as they are now: pages name them by their content."""
    command = [place.python, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    # Named, never opened: no scratch database is there yet.
    said, well = output(command, env=environment(address(SCRATCH)))
    if not well:
        raise SetupError(f"The static files could not be collected: {said.splitlines()[-1]}")


# -- Scratch databases -------------------------------------------------------


def stamp(size):
    found = hashlib.sha256(size.encode())
    for path in (*MAKERS, *sorted((ROOT / "directory" / "migrations").glob("0*.py"))):
        found.update((ROOT / path).read_bytes())
    return found.hexdigest()


@contextlib.contextmanager
def database(place, engine, size, programs):
    """The address of a directory of that size, made now or kept from an earlier run."""
    folder = SCRATCH / f"{engine}-{size}"
    kept, fresh = folder / "stamp", stamp(size)
    again = kept.is_file() and kept.read_text() == fresh
    if not again:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    with running(folder, programs if engine == "postgresql" else None) as url:
        if not again:
            make(place, url, size)
            kept.write_text(fresh)
        yield url


def make(place, url, size):
    print(f"\nMaking {SIZES[size]:,} fictional organizations, once.")
    command = [place.python, "-m", "tests.bench.fictional", SIZES[size]]
    with child(command, env=environment(url)) as process:
        process.wait()
    if process.returncode:
        raise SetupError("The fictional organizations could not be made: see the lines above.")


def address(folder):
    return "sqlite:///" + quote(str(folder / "db.sqlite3"))


@contextlib.contextmanager
def running(folder, programs):
    """The address of the database in this folder, while it can be asked."""
    if programs is None:
        yield address(folder)
        return
    postgresql.hand_over(folder)
    programs = postgresql.reachable(programs, folder)
    if not (folder / "data").exists():
        postgresql.make_cluster(programs, folder)
    with postgresql.running(programs, folder):
        yield f"postgres://community@{quote(str(folder), safe='')}/postgres"
