"""Background jobs (imports, comparing all organizations): locks, progress, process start.

The lock is the operating system's: it ends with the process, however that ends. So an import in
the state "being applied" whose lock is free was interrupted.
"""

import fcntl
import gc
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

PROGRESS_INTERVAL = 500
STARTING_SECONDS = 8
ProgressCallback = Callable[[int], None]


class BusyError(RuntimeError):
    """Another process holds the lock of this job."""


def _get_database_hash() -> str:
    """Return a short hash of the database's address: import numbers are unique only in it."""
    options = connection.settings_dict
    address = f"{options['HOST']}:{options['PORT']} {options['NAME']}"
    return hashlib.sha256(address.encode()).hexdigest()[:12]


def _get_job_path(key: int, ending: str = "lock") -> Path:
    folder = settings.VAR_DIR / "imports" / _get_database_hash()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{key}.{ending}"


@contextmanager
def lock_job(key: int, total: int) -> Iterator[ProgressCallback]:
    """Lock the job and yield the function that reports its progress; raises BusyError."""
    with _get_job_path(key).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError from error

        def report(done: int) -> None:
            text = json.dumps({"done": done, "total": total})
            os.ftruncate(file.fileno(), 0)
            os.pwrite(file.fileno(), text.encode(), 0)

        report(0)
        _get_job_path(key, "starting").unlink(missing_ok=True)
        yield report
        report(total)


def is_running(key: int) -> bool:
    """Return whether a process holds the lock of the job."""
    with _get_job_path(key).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def is_starting(key: int) -> bool:
    """Return whether a process was started just now: it takes a second to get the lock."""
    marker = _get_job_path(key, "starting")
    return marker.exists() and time.time() - marker.stat().st_mtime < STARTING_SECONDS


def get_progress(key: int) -> tuple[int, int]:
    """Return the number of rows done and in total; zeros where nothing was reported."""
    try:
        progress = json.loads(_get_job_path(key).read_text())
        return progress["done"], progress["total"]
    except (OSError, ValueError, KeyError):
        return 0, 0


def delete_job_files(key: int) -> None:
    """Delete the lock and marker files of a job."""
    for ending in ("lock", "starting"):
        _get_job_path(key, ending).unlink(missing_ok=True)


def freeze_gc() -> None:
    """Exclude everything loaded so far from garbage collection, in a process for one import.

    Otherwise the collector examines it again and again.
    """
    gc.freeze()


def report_progress(rows: Iterable, report: ProgressCallback | None) -> Iterator:
    """Yield the rows, and report their count at every `PROGRESS_INTERVAL`."""
    for count, row in enumerate(rows, 1):
        yield row
        if report and count % PROGRESS_INTERVAL == 0:
            report(count)


def start_import(key: int) -> None:
    """Start the import in a process of its own."""
    _get_job_path(key, "starting").touch()
    start_command("run_import", str(key))


def start_command(*arguments: str) -> None:
    """Start a management command in a process that outlives the request and the server."""
    subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        start_new_session=True,
    )
