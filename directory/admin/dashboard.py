"""The admin's first page: the worklist, what can be added or brought, and the latest of both."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from directory.admin import history as history_admin
from directory.admin import worklist
from directory.admin.imports import admin as imports_admin
from directory.admin.imports.forms import UploadForm
from directory.models import Enterprise, Import, Institution, RowChange, Source
from directory.permissions import scope

LATEST = 5
LATEST_IMPORTS = 3
READ = 60


def landing(request: HttpRequest) -> dict:
    """Nothing but the rooms for who may not see organizations."""
    if not request.user.has_perm("directory.view_organization"):
        return {}
    groups = worklist.groups(request.user)
    waiting, misleading = worklist.total(groups)
    rows = scope.visible(request.user, RowChange.objects.select_related("revision"))
    rows = rows.order_by("-revision_id", "-organization")
    return {
        "may_work": True,
        "may_change": request.user.has_perm("directory.change_organization"),
        "groups": groups,
        "waiting": waiting,
        "misleading": misleading,
        "adding": list(adding(request)),
        **bringing(request.user),
        "latest": history_admin.entries(list(rows[:READ]))[:LATEST],
    }


def adding(request: HttpRequest):
    for noun in (Institution, Enterprise, Source):
        name = noun._meta.model_name
        if request.user.has_perm(f"directory.add_{name}"):
            label = capfirst(str(noun._meta.verbose_name))
            yield reverse(f"admin:directory_{name}_add"), label


def bringing(user: object) -> dict:
    """A file may be brought here at once; and what became of the latest ones."""
    if not user.has_perms(("directory.add_import", *imports_admin.NEEDED)):
        return {}
    rows = imports_admin.listed(imports_admin.seen_by(user, Import.objects.order_by("-pk")))[
        :LATEST_IMPORTS
    ]
    found = [
        {"of": row, "condition": imports_admin.condition(row), "tally": imports_admin.tally(row)}
        for row in rows
    ]
    return {"bringing": UploadForm(), "imports": found}
