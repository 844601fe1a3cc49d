"""The site's URLs and three more: an empty view, the costs of the index here, and an edit."""

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
from directory.listing.index.reference_data import ReferenceData
from directory.listing.listing import PAGE_SIZE
from directory.listing.loader import load_records
from directory.models import DataVersion, Membership, Organization

# Up to so many members the plain queries are timed too: at larger sizes they take too long.
MAX_PLAIN_MEMBERS = 10_000


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("bare")


def get_memory_mb(line: str = "VmRSS") -> float:
    """Return this process's memory in MB; 0 where there is no /proc."""
    status = Path("/proc/self/status")
    text = status.read_text() if status.exists() else ""
    return next((int(row.split()[1]) / 1024 for row in text.splitlines() if line in row), 0)


def index_costs(request: HttpRequest) -> JsonResponse:
    """Respond with the seconds and MB of building the index, and the plain queries' seconds."""
    gc.collect()
    before, start = get_memory_mb(), time.perf_counter()
    day = index_store.get_day_index()
    seconds = time.perf_counter() - start
    gc.collect()
    after, peak = get_memory_mb(), get_memory_mb("VmHWM")
    costs = {"pid": os.getpid(), "seconds": seconds, "kept": after - before, "idle": after}
    costs |= {"peak": peak - before, "members": len(day.members)}
    if len(day.members) <= MAX_PLAIN_MEMBERS:
        costs["plain"] = time_plain_queries()
    return JsonResponse(costs)


def time_plain_queries() -> float:
    """Return the seconds in which the database alone answers what the first page needs."""
    start = time.perf_counter()
    reference_data = ReferenceData.load()
    members = MemberFilter(QueryDict(), reference_data).qs
    memberships = Membership.objects.current().filter(organization__in=members)
    Counter(memberships.values_list("role", "citations__evidence"))
    Counter(memberships.values_list("community"))
    for column in ("kind", "region", "sectors"):
        Counter(Organization.objects.filter(pk__in=members).values_list(column))
    ranked = memberships.order_by("role__rank", "organization__pinyin").values_list(
        "organization_id"
    )
    load_records([key for (key,) in ranked[:PAGE_SIZE]], reference_data)
    return time.perf_counter() - start


def edit(request: HttpRequest) -> HttpResponse:
    """Edit as an officer does: a member gets another name, and its search words with it."""
    row = Organization.objects.members().order_by("-pk").first()
    with recorder.record_changes(who=None, via="command") as change:
        change.track_row(row)
        row.name = f"{row.name[:20]}{DataVersion.get_current()}"
        row.save()
        change.mark_changed(row)
    return HttpResponse("edited")


urlpatterns = [
    path("bench/bare", bare),
    path("bench/index", index_costs),
    path("bench/edit", edit),
    *urlpatterns,
]
