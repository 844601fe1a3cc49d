"""Admin of the history: revisions with their changes, undo, and recovery of deleted rows."""

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from directory.admin.base import pagination
from directory.admin.base.permissions import ElsewhereMixin
from directory.duplicates import pairs
from directory.history import describe, recorder
from directory.history.undo import service as undo_service
from directory.history.undo.plan import UndoRefused, UndoResult
from directory.models import Import, ImportCorrection, Organization, Revision, RowChange
from directory.permissions import disclosure, policy, scope
from directory.permissions.policy import Account

PAGE_SIZE = 100
MAX_NAMED = 20
MAX_COMPARED = 20


@dataclass
class HistoryEntry:
    """What one revision changed of one organization, or of rows that belong to none."""

    revision: Revision
    number: int | None
    name: str = ""
    exists: bool = False
    lines: list[describe.ChangeLine] = field(default_factory=list)


def build_entries(changes: list[RowChange], user: Account) -> list[HistoryEntry]:
    """Group changes by revision and organization, each as lines of text that `user` may read."""
    describer = describe.ChangeDescriber(changes, user)
    describe.hide_merged_numbers((change.revision for change in changes), user)
    numbers = {change.organization for change in changes if change.organization is not None}
    names = describe.get_current_names(numbers)
    entries = []
    for (_pk, number), group in groupby(changes, key=attrgetter("revision_id", "organization")):
        rows = list(group)
        number = None if number in describer.hidden else number
        name = names.get(number or 0) or _get_last_name(rows, number)
        entry = HistoryEntry(rows[0].revision, number, name, number in names)
        entry.lines = [line for change in rows for line in describer.describe(change)]
        entries.append(entry)
    return entries


def _get_last_name(rows: list[RowChange], number: int | None) -> str:
    """Get the last recorded name of an organization that does not exist any more."""
    if number is None:
        return ""
    deletions = RowChange.objects.filter(
        organization=number, noun="organization", after__isnull=True
    )
    last = deletions.order_by("-pk").values_list("before__name", flat=True).first()
    return last or str(number)


def report_undo(request: HttpRequest, result: UndoResult) -> None:
    """Add messages about an undo, and look again for duplicates of what it restored."""
    # More than a few come back from an import: the next search compares them.
    if len(result.organizations) <= MAX_COMPARED:
        pairs.compare_again(result.organizations)
    text = ngettext("%(n)d row was put back.", "%(n)d rows were put back.", result.restored)
    messages.success(request, text % {"n": result.restored})
    numbers = {item.organization for item in result.not_restored if item.organization is not None}
    numbers -= disclosure.find_hidden(request.user, numbers)
    names = describe.get_current_names(numbers)
    for item in result.not_restored[:MAX_NAMED]:
        label = describe.get_column_label(item.model_name, item.column)
        name = names.get(item.organization or 0, "")
        messages.warning(request, f"{name} · {label}: {item.reason}".strip(" ·"))
    if len(result.not_restored) > MAX_NAMED:
        more = _("… and %d more were left as they were.") % (len(result.not_restored) - MAX_NAMED)
        messages.warning(request, more)


class RevisionList(ChangeList):
    """The list of revisions, which reads the names of organizations in one go."""

    def get_results(self, request: HttpRequest) -> None:
        """Give each revision of the page the name of the first organization that it changed.

        An account that is limited to a part reads only names of organizations there.
        """
        super().get_results(request)
        self.result_list = list(self.result_list)
        describe.hide_merged_numbers(self.result_list, request.user)
        # A revision of very many rows has a comment: an import's file.
        uncommented = [row.pk for row in self.result_list if not (row.comment or row.undoes_id)]
        changes = RowChange.objects.filter(revision__in=uncommented, organization__isnull=False)
        changes = scope.filter_visible(request.user, changes)
        first_numbers = (
            changes.order_by().values_list("revision").annotate(first=Min("organization"))
        )
        first: dict[int, int] = dict(first_numbers)
        names = describe.get_current_names({*first.values()})
        for row in self.result_list:
            row.first_organization_name = names.get(first.get(row.pk, 0), "—")


class CountedPaginator(Paginator):
    """A paginator whose count is known: a revision stores how many rows it wrote."""

    def __init__(self, rows: QuerySet, per_page: int, count: int):
        super().__init__(rows, per_page)
        self.count = count


def get_change_pages(request: HttpRequest, revision: Revision) -> Paginator:
    """Get the pages of what a revision wrote, within the account's scope."""
    changes = revision.changes.select_related("revision").order_by("organization", "pk")
    if scope.build_scope_filter(request.user) is None:
        return CountedPaginator(changes, PAGE_SIZE, revision.count)
    return pagination.BoundedPaginator(scope.filter_visible(request.user, changes), PAGE_SIZE)


@admin.register(Revision)
class RevisionAdmin(ElsewhereMixin, admin.ModelAdmin):
    list_display = ("at", "who_name", "via", "what", "count", "undone")
    list_filter = ("via",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest):
        rows = super().get_queryset(request).prefetch_related("undone_by__undone_by")
        return scope.filter_visible(request.user, rows)

    def get_changelist(self, request: HttpRequest, **kwargs) -> type[ChangeList]:
        return RevisionList

    def get_paginator(self, request: HttpRequest, *args, **kwargs) -> Paginator:
        """Do not count to the end within a scope, which is checked for each revision."""
        is_limited = scope.build_scope_filter(request.user) is not None
        return (pagination.BoundedPaginator if is_limited else Paginator)(*args, **kwargs)

    @admin.display(description=gettext_lazy("what"))
    def what(self, row: Revision) -> str:
        """Get the comment, or the first organization that it changed."""
        comment = row.shown_comment  # type: ignore[attr-defined]  # see RevisionList
        if comment and row.undoes_id is None:
            return comment
        if row.undoes_id:
            return _("takes back number %(n)d") % {"n": row.undoes_id} + f" {comment}"
        return row.first_organization_name  # type: ignore[attr-defined]  # see RevisionList

    @admin.display(description=gettext_lazy("undone"))
    def undone(self, row: Revision) -> str:
        return _("yes") if undo_service.is_undone(row) else "—"

    def get_urls(self):
        undo = self.admin_site.admin_view(require_POST(self.undo_view))
        deleted = self.admin_site.admin_view(self.deleted_view)
        return [
            path("<int:key>/undo/", undo, name="directory_revision_undo"),
            path("deleted/", deleted, name="directory_revision_deleted"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show what the revision wrote, a hundred rows at a time."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        describe.hide_merged_numbers([row], request.user)
        pages = get_change_pages(request, row)
        page = pages.get_page(request.GET.get("page"))
        is_truncated = isinstance(pages, pagination.BoundedPaginator) and pages.is_truncated
        context = self.admin_site.each_context(request) | {
            "title": _("Revision %(n)d") % {"n": row.pk},
            "opts": self.opts,
            "revision": row,
            "entries": build_entries(list(page), request.user),
            "page": page,
            "may_undo": scope.may_undo(request.user, row) and undo_service.is_undoable(row),
            "import_job": Import.objects.filter(revision=row).only("name").first(),
            "corrected_count": ImportCorrection.objects.filter(of__revision=row).count(),
            "shown_limit": pages.count if is_truncated else 0,
            "hidden_count": 0 if is_truncated else row.count - pages.count,
        }
        return TemplateResponse(request, "admin/directory/revision.html", context)

    def history_view(self, request, object_id, extra_context=None):
        """Show the revision itself: it has no other history."""
        return self.change_view(request, object_id)

    def undo_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not request.user.has_perm(policy.UNDO):
            raise PermissionDenied
        revision = self.get_object(request, str(key))
        if revision is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(key))
        if not scope.may_undo(request.user, revision):
            raise PermissionDenied
        try:
            report_undo(request, undo_service.undo(revision, request.user))
        except UndoRefused as reason:
            messages.error(request, str(reason))
        return HttpResponseRedirect(reverse("admin:directory_revision_change", args=[key]))

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """List the organizations that were deleted and not recovered; POST recovers one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self.recover(request)
        rows = scope.get_deletions(request.user).order_by("-pk").select_related("revision")
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        context = self.admin_site.each_context(request) | {
            "title": _("Deleted organizations"),
            "opts": self.opts,
            "page": page,
            "may_undo": request.user.has_perm(policy.UNDO),
        }
        return TemplateResponse(request, "admin/directory/deleted.html", context)

    def recover(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(policy.UNDO):
            raise PermissionDenied
        key = request.POST.get("change", "")
        change = (
            scope.get_deletions(request.user)
            .filter(pk=key if key.isdecimal() and len(key) < 19 else 0)
            .first()
        )
        if change is None:
            raise Http404
        number = cast(int, change.organization)
        result = undo_service.restore(number, change.revision_id - 1, request.user)
        report_undo(request, result)
        return HttpResponseRedirect(reverse("admin:directory_organization_change", args=[number]))


class HistoryMixin(admin.ModelAdmin):
    """Show an organization's history: each change as text, and a button to go back to it."""

    def history_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        if request.method == "POST":
            return self.restore_revision(request, row)
        changes = recorder.get_row_changes([row.pk]).select_related("revision")
        page = Paginator(changes, PAGE_SIZE).get_page(request.GET.get("page"))
        context = self.admin_site.each_context(request) | {
            "title": _("History: %s") % row,
            "opts": self.opts,
            "object": row,
            "entries": build_entries(list(page), request.user),
            "page": page,
            "may_undo": request.user.has_perm(policy.UNDO)
            and self.has_change_permission(request, row),
        }
        return TemplateResponse(request, "admin/directory/history.html", context)

    def restore_revision(self, request: HttpRequest, row: Organization) -> HttpResponse:
        """Restore the organization to how it was after the posted revision."""
        if not (request.user.has_perm(policy.UNDO) and self.has_change_permission(request, row)):
            raise PermissionDenied
        key = request.POST.get("revision", "")
        if not (key.isdecimal() and len(key) < 19):
            raise Http404
        if not recorder.get_row_changes([row.pk]).filter(revision=int(key)).exists():
            raise Http404
        report_undo(request, undo_service.restore(row.pk, int(key), request.user))
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
        return HttpResponseRedirect(reverse(page, args=[row.pk]))
