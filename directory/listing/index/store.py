"""The index of the data as they are now: read once, then only what was touched is read anew."""

import logging
from datetime import date
from pickle import UnpicklingError
from threading import Lock, Thread

from django.db import Error, connection

from directory.db.columns import one_moment
from directory.listing.index import refresh, subprocess_build
from directory.listing.index.bitmaps import Day, Index
from directory.listing.index.builder import build
from directory.listing.index.reference_data import Vocabulary
from directory.models import DataVersion
from directory.models.membership import today
from directory.search import index as search_index

_kept: list[Index] = []
_building, _renewing = Lock(), Lock()
LARGE = 100_000
logger = logging.getLogger(__name__)


def current(on: date | None = None) -> Day:
    """The members of that day (today), by the data as they are now.

    Up to `LARGE` organizations an edit is in it on the next question. Above, the questions go on
    being answered from the index before, until the new one is ready behind them.
    """
    version = DataVersion.now()
    found = _kept[0] if _kept else None
    if found is None or found.version != version:
        if found is not None and found.size > LARGE:
            renew_behind()
        else:
            found = renewed(version)
    return found.on(on or today())


def renewed(version: int) -> Index:
    """The index of this data version or a later one."""
    with _building:
        if not _kept or _kept[0].version != version:
            search_index.read_corrections()
            with one_moment():
                fresh = refresh.renewed(_kept[0]) if _kept else None
            fresh = fresh or built()
            # What the first question would have to wait for is thought out before it comes.
            _ = fresh.on(today()).ranks
            _kept[:] = [fresh]
        return _kept[0]


def built() -> Index:
    """Read here, or in a process of its own where there is much to read."""
    if subprocess_build.is_wanted():
        try:
            return subprocess_build.built()
        except (OSError, EOFError, UnpicklingError):
            logger.exception("The index could not be built in a process of its own.")
    with one_moment():
        return build(DataVersion.now(), Vocabulary.read())


def renew_behind() -> None:
    """Build the new index in a thread of its own, unless one is at it already."""
    if _renewing.acquire(blocking=False):
        Thread(target=_renew, name="index", daemon=True).start()


def _renew() -> None:
    try:
        renewed(DataVersion.now())
    except Error:
        logger.exception("The index could not be renewed; the next question tries again.")
    finally:
        connection.close()
        _renewing.release()


def forget() -> None:
    """Drop what is kept: for tests, whose rollbacks turn the data version back."""
    _kept.clear()
