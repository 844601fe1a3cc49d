"""The site's addresses and three more: a bare view, the index's costs here, and an edit."""

import gc
import os
import time
from collections import Counter
from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import path

from community.urls import (  # noqa: F401  Django asks this module for the handlers
    handler400,
    handler403,
    handler404,
    handler500,
    urlpatterns,
)
from directory.history import recorder
from directory.listing.filters import MemberFilter
from directory.listing.index import store as index_store
from directory.listing.index.reference_data import Vocabulary
from directory.listing.listing import PAGE_SIZE
from directory.listing.loader import fetch
from directory.models import DataVersion, Membership, Organization

# Where the plain answer is asked too: at larger sizes it would only be waited for.
PLAIN = 10_000


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("bare")


def resident(line: str = "VmRSS") -> float:
    """This process's memory in MB; 0 where no /proc tells it."""
    status = Path("/proc/self/status")
    told = status.read_text() if status.exists() else ""
    return next((int(row.split()[1]) / 1024 for row in told.splitlines() if line in row), 0)


def built(request: HttpRequest) -> JsonResponse:
    """The index, built now if it was not: its seconds and MB, beside the plain answer's seconds."""
    gc.collect()
    before, start = resident(), time.perf_counter()
    day = index_store.current()
    seconds = time.perf_counter() - start
    gc.collect()
    after, peak = resident(), resident("VmHWM")
    found = {"pid": os.getpid(), "seconds": seconds, "kept": after - before, "idle": after}
    found |= {"peak": peak - before, "members": len(day.everyone)}
    if len(day.everyone) <= PLAIN:
        found["plain"] = plainly()
    return JsonResponse(found)


def plainly() -> float:
    """The seconds in which the database alone answers what the first page asks of the index."""
    start = time.perf_counter()
    vocabulary = Vocabulary.read()
    answering = MemberFilter(QueryDict(), vocabulary).qs
    held = Membership.objects.current().filter(organization__in=answering)
    Counter(held.values_list("role", "citations__evidence"))
    Counter(held.values_list("community"))
    for column in ("kind", "region", "sectors"):
        Counter(Organization.objects.filter(pk__in=answering).values_list(column))
    ranked = held.order_by("role__rank", "organization__pinyin").values_list("organization_id")
    fetch([key for (key,) in ranked[:PAGE_SIZE]], vocabulary)
    return time.perf_counter() - start


def edited(request: HttpRequest) -> HttpResponse:
    """An edit as an officer makes it: a member gets another name, its search words with it."""
    row = Organization.objects.members().order_by("-pk").first()
    with recorder.change(who=None, via="command") as change:
        change.open_row(row)
        row.name = f"{row.name[:20]}{DataVersion.now()}"
        row.save()
        change.touch(row)
    return HttpResponse("edited")


urlpatterns = [
    path("bench/bare", bare),
    path("bench/index", built),
    path("bench/edit", edited),
    *urlpatterns,
]
