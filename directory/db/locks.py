"""Locks of the whole database, held until the transaction ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

from django.db import connection, transaction


@contextmanager
def exclusive_transaction(name: str) -> Iterator[None]:
    """Open a transaction that waits for the end of any other one of this name.

    What those committed can be read in it. In SQLite all transactions that write wait for each
    other (see `transaction_mode` in the settings); PostgreSQL has a lock for each name.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [crc32(name.encode())])
        yield
