"""The admin's first page: the worklist, links to add and import, and the latest changes."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from directory.admin import history as history_admin
from directory.admin import worklist
from directory.admin.imports import admin as imports_admin
from directory.admin.imports import presenters
from directory.admin.imports.forms import UploadForm
from directory.admin.imports.page_frame import filter_visible
from directory.models import Enterprise, Import, Institution, RowChange, Source
from directory.permissions import scope

LATEST_ENTRIES = 5
LATEST_IMPORTS = 3
MAX_ROWS_READ = 60


@dataclass(frozen=True)
class AddLink:
    """A link to the page that adds a row of a model."""

    url: str
    label: str


@dataclass(frozen=True)
class ImportSummary:
    """One of the latest imports, with its state and how many rows it has of each outcome."""

    job: Import
    state: str
    counts: str


def build_dashboard(request: HttpRequest) -> dict:
    """Build the context of the first page; empty without the permission to see organizations."""
    if not request.user.has_perm("directory.view_organization"):
        return {}
    groups = worklist.build_groups(request.user)
    case_count, misleading_count = worklist.count_cases(groups)
    rows = scope.filter_visible(request.user, RowChange.objects.select_related("revision"))
    rows = rows.order_by("-revision_id", "-organization")
    return {
        "may_view": True,
        "may_change": request.user.has_perm("directory.change_organization"),
        "groups": groups,
        "case_count": case_count,
        "misleading_count": misleading_count,
        "add_links": list(get_add_links(request)),
        **build_import_panel(request.user),
        "latest_entries": history_admin.build_entries(list(rows[:MAX_ROWS_READ]), request.user)[
            :LATEST_ENTRIES
        ],
    }


def get_add_links(request: HttpRequest) -> Iterator[AddLink]:
    for model in (Institution, Enterprise, Source):
        name = model._meta.model_name
        if request.user.has_perm(f"directory.add_{name}"):
            label = capfirst(str(model._meta.verbose_name))
            yield AddLink(reverse(f"admin:directory_{name}_add"), label)


def build_import_panel(user: User | AnonymousUser) -> dict:
    """Build the upload form and the latest imports, for accounts that may import."""
    if not user.has_perms(("directory.add_import", *imports_admin.IMPORT_PERMISSIONS)):
        return {}
    rows = filter_visible(user, Import.objects.order_by("-pk"))
    jobs = imports_admin.select_list_columns(rows)[:LATEST_IMPORTS]
    summaries = [
        ImportSummary(job, presenters.format_state(job), presenters.format_counts(job))
        for job in jobs
    ]
    return {"upload_form": UploadForm(), "latest_imports": summaries}
