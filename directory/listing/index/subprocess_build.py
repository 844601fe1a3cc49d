"""The annex: a large index is read in a process of its own.

There it keeps no question waiting for the interpreter, and what the reading needed of memory
goes away with the process; only the finished index is handed over, part by part.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator

from django.db import connection

from directory.db.columns import one_moment
from directory.listing.index.bitmaps import Index
from directory.listing.index.builder import build
from directory.listing.index.reference_data import Vocabulary
from directory.models import DataVersion, Organization

BEGIN = (
    "import django; django.setup(); "
    "from directory.listing.index.subprocess_build import hand_over; hand_over()"
)
# So many organizations are read in a moment wherever it is.
MOST_HERE = 100_000


def is_wanted() -> bool:
    """Whether there is much to read, in a database that another process can see."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        return False
    return Organization.objects.order_by("pk")[MOST_HERE:].exists()


def built() -> Index:
    """The index as another process reads it; OSError or EOFError if that one fails."""
    index = Index(0, Vocabulary.read())
    command = [sys.executable, "-c", BEGIN, str(connection.settings_dict["NAME"])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        while part := pickle.load(process.stdout):
            add(index, *part)
    return index


def hand_over() -> None:
    """In the other process: read the index and write its parts where the first one reads."""
    _name, database = sys.argv
    # Whatever else is printed may not come between the parts.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        connection.settings_dict["NAME"] = database
        with one_moment():
            index = build(DataVersion.now(), Vocabulary.read())
        for part in parts(index):
            pickle.dump(part, out)
        pickle.dump(None, out)


def parts(index: Index) -> Iterator[tuple]:
    """So small that taking one in keeps nobody waiting."""
    yield "version", None, index.version
    for name in ("orders", "bitmaps"):
        for key, value in getattr(index, name).items():
            yield name, key, value
    for seat, spans in index.tenures.spans.items():
        yield "tenures", seat, spans


def add(index: Index, name: str, key: object, value: object) -> None:
    if name == "version":
        index.version = value
    elif name == "tenures":
        index.tenures.spans[key] = value
    else:
        getattr(index, name)[key] = value
