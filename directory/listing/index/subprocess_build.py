"""Build a large member index in a child process.

There it does not keep requests waiting for the interpreter lock, and the memory that building
takes is freed with the process; only the finished index is passed back, part by part.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, Any, cast

from django.db import connection

from directory.db.columns import consistent_read
from directory.listing.index.bitmaps import MemberIndex
from directory.listing.index.builder import build_index
from directory.listing.index.reference_data import ReferenceData
from directory.models import DataVersion, Organization

CHILD_CODE = (
    "import django; django.setup(); "
    "from directory.listing.index.subprocess_build import write_index; write_index()"
)
# Up to so many organizations, the index is built quickly enough in this process.
MAX_IN_PROCESS = 100_000


def is_needed() -> bool:
    """Whether there is much to read, in a database that another process can see."""
    if connection.vendor == "sqlite" and cast(Any, connection).is_in_memory_db():
        return False
    return Organization.objects.order_by("pk")[MAX_IN_PROCESS:].exists()


def build_in_subprocess() -> MemberIndex:
    """Build the index in a child process; raises OSError or EOFError if that one fails."""
    index = MemberIndex(0, ReferenceData.load())
    command = [sys.executable, "-c", CHILD_CODE, str(connection.settings_dict["NAME"])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        while part := pickle.load(cast("IO[bytes]", process.stdout)):
            add_part(index, *part)
    return index


def write_index() -> None:
    """In the child process: build the index and write its parts to the parent's pipe."""
    _name, database = sys.argv
    # Whatever else is printed may not come between the parts.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        connection.settings_dict["NAME"] = database
        with consistent_read():
            index = build_index(DataVersion.get_current(), ReferenceData.load())
        for part in split_index(index):
            pickle.dump(part, out)
        pickle.dump(None, out)


def split_index(index: MemberIndex) -> Iterator[tuple]:
    """Yield the index in parts so small that adding one keeps no request waiting."""
    yield "version", None, index.version
    for name in ("orders", "bitmaps"):
        for key, value in getattr(index, name).items():
            yield name, key, value
    for membership_key, spans in index.intervals.spans.items():
        yield "intervals", membership_key, spans


def add_part(index: MemberIndex, name: str, key: Any, value: Any) -> None:
    if name == "version":
        index.version = value
    elif name == "intervals":
        index.intervals.spans[key] = value
    else:
        getattr(index, name)[key] = value
