"""A plan or an application under way: who holds it, how far it is, and that it runs only once.

The lock is the operating system's: it ends with the process, however that ends. So an import
that is "being applied" while nobody holds its lock was interrupted.
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

EVERY = 500
STARTING = 8  # seconds
Progress = Callable[[int], None]


class BusyError(RuntimeError):
    """Somebody else is at it."""


def _database() -> str:
    """Its name in short: imports are numbered in each database for itself."""
    named = connection.settings_dict
    place = f"{named['HOST']}:{named['PORT']} {named['NAME']}"
    return hashlib.sha256(place.encode()).hexdigest()[:12]


def _path(key: int, ending: str = "lock") -> Path:
    folder = settings.VAR_DIR / "imports" / _database()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{key}.{ending}"


@contextmanager
def held(key: int, total: int) -> Iterator[Progress]:
    """Hold the import; what is called with a number of rows tells how far it is."""
    with _path(key).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError from error

        def tell(done: int) -> None:
            text = json.dumps({"done": done, "total": total})
            os.ftruncate(file.fileno(), 0)
            os.pwrite(file.fileno(), text.encode(), 0)

        tell(0)
        _path(key, "starting").unlink(missing_ok=True)
        yield tell
        tell(total)


def is_running(key: int) -> bool:
    with _path(key).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def is_starting(key: int) -> bool:
    """Whether a process was started a moment ago: it takes a second to hold the lock."""
    mark = _path(key, "starting")
    return mark.exists() and time.time() - mark.stat().st_mtime < STARTING


def how_far(key: int) -> tuple[int, int]:
    """Rows done, and of how many."""
    try:
        found = json.loads(_path(key).read_text())
        return found["done"], found["total"]
    except (OSError, ValueError, KeyError):
        return 0, 0


def forget(key: int) -> None:
    for ending in ("lock", "starting"):
        _path(key, ending).unlink(missing_ok=True)


def sit_down() -> None:
    """For a process that does nothing but one import: what it has loaded by now will stay."""
    gc.freeze()  # else the collector looks through it again and again


def told(rows: Iterable, tell: Progress | None) -> Iterator:
    """The rows; every few hundred of them it is told how many there were."""
    for count, row in enumerate(rows, 1):
        yield row
        if tell and count % EVERY == 0:
            tell(count)


def start(key: int) -> None:
    """Go on in a process of its own, that outlives the request and the server."""
    _path(key, "starting").touch()
    subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_import", str(key)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        start_new_session=True,
    )
