"""The member index of the current data, cached in the process and updated as the data change."""

import logging
from datetime import date
from pickle import UnpicklingError
from threading import Lock, Thread

from django.db import Error, connection

from directory.db.columns import consistent_read
from directory.listing.index import refresh, subprocess_build
from directory.listing.index.bitmaps import DayIndex, MemberIndex
from directory.listing.index.builder import build_index
from directory.listing.index.reference_data import ReferenceData
from directory.models import DataVersion
from directory.models.membership import today
from directory.search import index as search_index

_cache: list[MemberIndex] = []
_building, _refreshing = Lock(), Lock()
# Of more organizations, an outdated index is used while the new one is built in the background.
MAX_FOREGROUND_SIZE = 100_000
logger = logging.getLogger(__name__)


def get_day_index(on: date | None = None) -> DayIndex:
    """Return the index of the members of that day (today), by the current data.

    Up to `MAX_FOREGROUND_SIZE` organizations an edit is in it on the next request. Above, requests
    are answered from the old index until the new one is ready.
    """
    version = DataVersion.get_current()
    index = _cache[0] if _cache else None
    if index is None or index.version != version:
        if index is not None and index.size > MAX_FOREGROUND_SIZE:
            refresh_in_background()
        else:
            index = refresh_now(version)
    return index.get_day(on or today())


def refresh_now(version: int) -> MemberIndex:
    """Update the cached index, or build it, and return it: of this data version or a later one."""
    with _building:
        if not _cache or _cache[0].version != version:
            search_index.load_readings()
            with consistent_read():
                fresh = refresh.refresh_index(_cache[0]) if _cache else None
            fresh = fresh or rebuild()
            # Computed before the first request has to wait for it.
            _ = fresh.get_day(today()).ranks
            _cache[:] = [fresh]
        return _cache[0]


def rebuild() -> MemberIndex:
    """Build the index here, or in a process of its own where there is much to read."""
    if subprocess_build.is_needed():
        try:
            return subprocess_build.build_in_subprocess()
        except (OSError, EOFError, UnpicklingError):
            logger.exception("The index could not be built in a process of its own.")
    with consistent_read():
        return build_index(DataVersion.get_current(), ReferenceData.load())


def refresh_in_background() -> None:
    """Start a thread that updates the index, unless one is running already."""
    if _refreshing.acquire(blocking=False):
        Thread(target=_refresh_in_thread, name="index", daemon=True).start()


def _refresh_in_thread() -> None:
    try:
        refresh_now(DataVersion.get_current())
    except Error:
        logger.exception("The index could not be renewed; the next question tries again.")
    finally:
        connection.close()
        _refreshing.release()


def clear() -> None:
    """Drop the cached index: for tests, whose rollbacks turn the data version back."""
    _cache.clear()
