"""The guest room: finds PostgreSQL's programs and lends a throw-away server to the tests."""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from community.cli.virtualenv import SetupError, child, environ, output

PROGRAMS = ("initdb", "postgres")
PATTERNS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/pgsql/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
# Nothing here outlives the tests, so nothing waits for the disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
PATIENCE = 60


def account():
    """Whom the server runs as: PostgreSQL refuses root. Options for subprocess, and user id."""
    if os.geteuid():
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names.get("nobody")
    if entry is None:
        raise SetupError(
            "PostgreSQL does not run as root, and there is no user postgres or nobody: "
            "start the tests as another user, or with --sqlite-only."
        )
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def surroundings():
    """The environment without libpq's variables, which would point to another server."""
    return {key: value for key, value in environ().items() if not key.startswith("PG")}


def version(programs):
    """Of the programs in a folder, such as 15.18; empty if the server's user cannot run them."""
    if not all((programs / name).is_file() for name in PROGRAMS):
        return ""
    try:
        printed, well = output([programs / "postgres", "--version"], cwd="/", **account())
    except OSError:
        return ""
    found = re.search(r"\d+(\.\d+)*", printed)
    return found[0] if found and well else ""


def newest(folder):
    return [int(number) for number in re.findall(r"\d+", str(folder))]


def folders(root=Path("/")):
    """Where this machine may keep PostgreSQL's programs, the likeliest first."""
    if config := shutil.which("pg_config"):
        yield Path(output([config, "--bindir"])[0])
    for name in PROGRAMS:
        if program := shutil.which(name):
            yield Path(program).resolve().parent
    for pattern in PATTERNS:
        yield from sorted(root.glob(pattern), key=newest, reverse=True)


def programs_of_machine():
    return next((folder for folder in folders() if version(folder)), None)


def programs_of_wheel(place):
    """Install PostgreSQL's own binaries, beside the packages of the site, not among them."""
    target = place.folder / "postgresql"
    with place.alone():
        place.ensure("postgresql", target)
    found = sorted(target.glob("*/pginstall*/bin"), key=newest)
    if not found:
        raise SetupError(f"No PostgreSQL is in {target}: install PostgreSQL or add --sqlite-only.")
    return found[-1]


@contextlib.contextmanager
def server(programs):
    """A server in a temporary folder, always removed: its version and its DATABASE_URL."""
    # Short, for a socket's name has 107 bytes at most, and open to the server's own user.
    folder = Path(tempfile.mkdtemp(prefix="community-", dir="/tmp"))
    try:
        hand_over(folder)
        programs = reachable(programs, folder)
        make_cluster(programs, folder)
        with running(programs, folder):
            yield version(programs), f"postgres://community@{quote(str(folder), safe='')}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hand_over(folder):
    if owner := account():
        for each in (folder, *folder.rglob("*")):
            os.chown(each, owner["user"], owner["group"], follow_symlinks=False)


def reachable(programs, folder):
    """The programs where the server's user can run them: a home folder may be closed to it."""
    if not version(programs):
        # With the libraries of the wheel, which lie beside its package.
        wheel = programs.parents[2]
        shutil.copytree(wheel, folder / "wheel", symlinks=True)
        hand_over(folder)
        programs = folder / "wheel" / programs.relative_to(wheel)
    if not version(programs):
        raise SetupError(f"PostgreSQL's programs in {programs} do not run: add --sqlite-only.")
    return programs


def make_cluster(programs, folder):
    command = [programs / "initdb", "-D", folder / "data", "-U", "community", "--auth=trust"]
    command += ["--no-sync", "--encoding=UTF8"]
    options = {"cwd": folder, "env": surroundings()} | account()
    for locale in ("C.UTF-8", "C"):
        printed, well = output([*command, f"--locale={locale}"], **options)
        if well:
            return
    last = printed.splitlines()[-1] if printed else "no reason given"
    raise SetupError(f"PostgreSQL could not be set up ({last}): add --sqlite-only to do without.")


@contextlib.contextmanager
def running(programs, folder):
    command = [programs / "postgres", "-D", folder / "data", "-k", folder]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    options = {"cwd": folder, "env": surroundings()} | account()
    # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client.
    with (
        (folder / "log").open("w") as log,
        child(command, signal.SIGINT, stdout=log, stderr=subprocess.STDOUT, **options) as process,
    ):
        wait(process, folder)
        yield


def wait(process, folder):
    """Return when the server says, as it says to pg_ctl, that it is ready."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            if "ready" in (folder / "data" / "postmaster.pid").read_text():
                return
        time.sleep(0.05)
    said = (folder / "log").read_text(errors="replace").splitlines() or ["no reason given"]
    raise SetupError(f"PostgreSQL did not start ({said[-1]}): add --sqlite-only to do without.")
