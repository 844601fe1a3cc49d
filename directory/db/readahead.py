"""Read the next batches in threads while one is processed: the database works meanwhile."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

Batch = TypeVar("Batch")
Result = TypeVar("Result")
# Two that wait for the database keep it busier than one; a third adds nothing.
THREADS = 2


def read_ahead(read: Callable[[Batch], Result], batches: Iterable[Batch]) -> Iterator[Result]:
    """Yield `read(batch)` for each batch in order; the next ones are read in threads meanwhile.

    Within a transaction other connections do not see what was written: there each batch is read
    in this thread, when it is needed.
    """
    remaining = iter(batches)
    first = list(islice(remaining, 2))
    if connection.in_atomic_block or len(first) < 2:
        yield from map(read, chain(first, remaining))
        return
    opened: list[BaseDatabaseWrapper] = []
    executor = ThreadPoolExecutor(THREADS, "ahead", _register_connection, (opened,))
    pending: deque[Future[Result]] = deque()
    try:
        for batch in chain(first, remaining):
            pending.append(executor.submit(read, batch))
            if len(pending) > THREADS:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)
        for each in opened:
            each.close()


def _register_connection(opened: list[BaseDatabaseWrapper]) -> None:
    """Add this thread's own connection to `opened`; the main thread closes it at the end."""
    connection.inc_thread_sharing()
    opened.append(connections[DEFAULT_DB_ALIAS])
