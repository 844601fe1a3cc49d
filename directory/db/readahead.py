"""The next batches are read while one is written: the database works beside us."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

Batch, Found = TypeVar("Batch"), TypeVar("Found")
# Two that wait for the database keep it busier than one; a third adds nothing.
BESIDE = 2


def ahead(read: Callable[[Batch], Found], batches: Iterable[Batch]) -> Iterator[Found]:
    """What `read` finds for each batch, in order; several are read in threads of their own.

    Within a transaction nobody else sees what was written: there each is read when it is asked for.
    """
    todo = iter(batches)
    first = list(islice(todo, 2))
    if connection.in_atomic_block or len(first) < 2:
        yield from map(read, chain(first, todo))
        return
    opened: list[BaseDatabaseWrapper] = []
    beside = ThreadPoolExecutor(BESIDE, "ahead", _opening, (opened,))
    coming: deque[Future] = deque()
    try:
        for batch in chain(first, todo):
            coming.append(beside.submit(read, batch))
            if len(coming) > BESIDE:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        beside.shutdown(cancel_futures=True)
        for each in opened:
            each.close()


def _opening(opened: list[BaseDatabaseWrapper]) -> None:
    """Tell of this thread's own connection, which whoever asked closes at the end."""
    connection.inc_thread_sharing()
    opened.append(connections[DEFAULT_DB_ALIAS])
