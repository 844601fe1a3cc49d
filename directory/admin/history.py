"""The desk of history: what was changed by whom, old and new, and the way back."""

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from directory.admin.base import pagination
from directory.duplicates import pairs
from directory.history import describe, recorder
from directory.history.undo import service as undo_service
from directory.history.undo.plan import Undone
from directory.models import Import, ImportCorrection, Organization, Revision, RowChange
from directory.permissions import policy, scope

PAGE = 100
MOST_NAMED = 20
MOST_COMPARED = 20


@dataclass
class Entry:
    """What one revision did to one organization, or to what belongs to none."""

    revision: Revision
    number: int | None
    name: str = ""
    there: bool = False
    lines: list[describe.Line] = field(default_factory=list)


def entries(changes: list[RowChange]) -> list[Entry]:
    """The changes by revision and organization, in words."""
    words = describe.Words(changes)
    names = describe.names_now({change.organization for change in changes} - {None})
    found = []
    for (_pk, number), group in groupby(changes, key=attrgetter("revision_id", "organization")):
        rows = list(group)
        name = names.get(number) or _name_then(rows, number)
        entry = Entry(rows[0].revision, number, name, number in names)
        entry.lines = [line for change in rows for line in words.lines(change)]
        found.append(entry)
    return found


def _name_then(rows: list[RowChange], number: int | None) -> str:
    """What it was called, where it is not there any more."""
    if number is None:
        return ""
    hers = RowChange.objects.filter(organization=number, noun="organization", after__isnull=True)
    last = hers.order_by("-pk").values_list("before__name", flat=True).first()
    return last or str(number)


def report(request: HttpRequest, done: Undone) -> None:
    """What came of an undo, as messages; those it touched are compared with everybody again."""
    # More than a few come back from an import: the next search compares them.
    if len(done.organizations) <= MOST_COMPARED:
        pairs.look_again(done.organizations)
    text = ngettext("%(n)d row was put back.", "%(n)d rows were put back.", done.restored)
    messages.success(request, text % {"n": done.restored})
    names = describe.names_now({kept.organization for kept in done.kept} - {None})
    for kept in done.kept[:MOST_NAMED]:
        where = describe.label_of(kept.noun, kept.column)
        whose = names.get(kept.organization, "")
        messages.warning(request, f"{whose} · {where}: {kept.reason}".strip(" ·"))
    if len(done.kept) > MOST_NAMED:
        more = _("… and %d more were left as they were.") % (len(done.kept) - MOST_NAMED)
        messages.warning(request, more)


class RevisionList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """The page's revisions, each with whom it changed: read together."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        # A revision of very many rows has a comment: an import's file.
        plain = [row.pk for row in self.result_list if not (row.comment or row.undoes_id)]
        written = RowChange.objects.filter(revision__in=plain, organization__isnull=False)
        first = written.order_by().values_list("revision").annotate(first=Min("organization"))
        whose = dict(first)
        names = describe.names_now({*whose.values()})
        for row in self.result_list:
            row.first_name = names.get(whose.get(row.pk), "—")


class Whole(Paginator):
    """Pages of all that one revision wrote: how much that is, it knows itself."""

    def __init__(self, rows: QuerySet, per_page: int, count: int):
        super().__init__(rows, per_page)
        self.count = count


@admin.register(Revision)
class RevisionAdmin(admin.ModelAdmin):
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
        return scope.visible(request.user, rows)

    def get_changelist(self, request: HttpRequest, **kwargs) -> type[ChangeList]:
        return RevisionList

    def get_paginator(self, request: HttpRequest, *args, **kwargs) -> Paginator:
        """What lies in a remit is asked of each revision, so it is not counted to the end."""
        limited = scope.within(request.user) is not None
        return (pagination.BoundedPaginator if limited else Paginator)(*args, **kwargs)

    @admin.display(description=gettext_lazy("what"))
    def what(self, row: Revision) -> str:
        """The comment, or the first organization that it changed."""
        if row.comment and row.undoes_id is None:
            return row.comment
        if row.undoes_id:
            return _("takes back number %(n)d") % {"n": row.undoes_id} + f" {row.comment}"
        return row.first_name

    @admin.display(description=gettext_lazy("undone"))
    def undone(self, row: Revision) -> str:
        return _("yes") if undo_service.is_undone(row) else "—"

    def get_urls(self):
        undo = path(
            "<int:key>/undo/",
            self.admin_site.admin_view(require_POST(self.undo)),
            name="directory_revision_undo",
        )
        gone = path(
            "deleted/", self.admin_site.admin_view(self.deleted), name="directory_revision_deleted"
        )
        return [undo, gone, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """What the revision wrote, a hundred rows at a time."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        rows = row.changes.select_related("revision").order_by("organization", "pk")
        changes = scope.visible(request.user, rows)
        limited = scope.within(request.user) is not None
        pages = (
            pagination.BoundedPaginator(changes, PAGE) if limited else Whole(rows, PAGE, row.count)
        )
        page = pages.get_page(request.GET.get("page"))
        context = self.admin_site.each_context(request) | {
            "title": _("Revision %(n)d") % {"n": row.pk},
            "opts": self.opts,
            "revision": row,
            "entries": entries(list(page)),
            "page": page,
            "may_undo": scope.may_undo(request.user, row) and undo_service.can_be(row),
            "brought": Import.objects.filter(revision=row).only("name").first(),
            "corrected": ImportCorrection.objects.filter(of__revision=row).count(),
            "cut": limited and pages.cut and pages.count,
            "elsewhere": 0 if limited and pages.cut else row.count - pages.count,
        }
        return TemplateResponse(request, "admin/directory/revision.html", context)

    def undo(self, request: HttpRequest, key: int) -> HttpResponse:
        if not request.user.has_perm(policy.UNDO):
            raise PermissionDenied
        revision = get_object_or_404(self.get_queryset(request), pk=key)
        if not scope.may_undo(request.user, revision):
            raise PermissionDenied
        try:
            report(request, undo_service.undo(revision, request.user))
        except ValueError as reason:
            messages.error(request, str(reason))
        return HttpResponseRedirect(reverse("admin:directory_revision_change", args=[key]))

    def deleted(self, request: HttpRequest) -> HttpResponse:
        """Organizations that were deleted and are not there again; each can be recovered."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self.recover(request)
        rows = scope.deletions(request.user).order_by("-pk").select_related("revision")
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
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
            scope.deletions(request.user)
            .filter(pk=key if key.isdecimal() and len(key) < 19 else 0)
            .first()
        )
        if change is None:
            raise Http404
        done = undo_service.restore(change.organization, change.revision_id - 1, request.user)
        report(request, done)
        page = reverse("admin:directory_organization_change", args=[change.organization])
        return HttpResponseRedirect(page)


class WithHistory(admin.ModelAdmin):
    """An organization's own history: each change in words, and the way back to any."""

    def history_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        if request.method == "POST":
            return self.go_back(request, row)
        changes = recorder.of([row.pk]).select_related("revision")
        page = Paginator(changes, PAGE).get_page(request.GET.get("page"))
        context = self.admin_site.each_context(request) | {
            "title": _("History: %s") % row,
            "opts": self.opts,
            "object": row,
            "entries": entries(list(page)),
            "page": page,
            "may_undo": request.user.has_perm(policy.UNDO)
            and self.has_change_permission(request, row),
        }
        return TemplateResponse(request, "admin/directory/history.html", context)

    def go_back(self, request: HttpRequest, row: Organization) -> HttpResponse:
        if not (request.user.has_perm(policy.UNDO) and self.has_change_permission(request, row)):
            raise PermissionDenied
        key = request.POST.get("revision", "")
        known = recorder.of([row.pk]).filter(revision=key if key.isdecimal() else 0)
        if not (key.isdecimal() and len(key) < 19 and known.exists()):
            raise Http404
        report(request, undo_service.restore(row.pk, int(key), request.user))
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
        return HttpResponseRedirect(reverse(page, args=[row.pk]))
