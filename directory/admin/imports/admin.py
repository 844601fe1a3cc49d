"""The desk of imports: a file is brought, its columns checked, its changes seen and accepted."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import DatabaseError, models, transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import jobs
from directory.admin.imports import presenters
from directory.admin.imports.forms import MappingForm, UploadForm, decisions, differing
from directory.admin.imports.page_frame import address, must_be_posted, of_import, seen_by, to
from directory.admin.imports.row_view import RowPage
from directory.history.undo import service as undo_service
from directory.importing import report as import_report
from directory.importing import service as import_service
from directory.importing.apply import selection
from directory.importing.apply import writer as import_writer
from directory.importing.readers.limits import Unreadable
from directory.models import Import, ImportRow
from directory.permissions import policy, scope

NEEDED = ("directory.add_organization", "directory.change_organization")
PAGE = 50
FIRST = 5
OVERTAKEN = gettext_lazy(
    "Somebody decided or corrected something of this import since you opened the page, so your "
    "decisions were not kept and nothing was applied. Below is how it stands now: look, and "
    "decide again."
)
PLANNED_SINCE = gettext_lazy(
    "Somebody planned this import otherwise since you opened the page. Below is how it stands now."
)
AGAIN = 2  # seconds until a page of progress is asked for again
State, Outcome = Import.State, ImportRow.Outcome
ORDER = (Outcome.REFUSED, Outcome.DOUBTFUL, Outcome.CHANGED, Outcome.NEW, Outcome.UNCHANGED)


@admin.register(Import)
class ImportAdmin(RowPage, admin.ModelAdmin):
    list_display = ("name", "at", "who_name", "condition", "outcome")
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return listed(seen_by(request.user, super().get_queryset(request)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.has_perms(NEEDED)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and request.user.has_perms(NEEDED)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def condition(self, row: Import) -> str:
        return condition(row)

    @admin.display(description=gettext_lazy("rows"))
    def outcome(self, row: Import) -> str:
        return tally(row) or "—"

    def get_urls(self):
        def at(ending: str, view, name: str):
            full = f"directory_import_{name}"
            return path(f"<int:key>/{ending}/", self.admin_site.admin_view(view), name=full)

        return [
            at("columns", self.columns, "columns"),
            at("decide", self.decide, "decide"),
            at("apply", self.apply, "apply"),
            at("again", self.again, "again"),
            at("discard", self.discard, "discard"),
            at("rows", self.rows, "rows"),
            at("row/<int:number>", self.row, "row"),
            *super().get_urls(),
        ]

    # -- Bringing a file -----------------------------------------------------

    def add_view(self, request: HttpRequest, form_url="", extra_context=None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if posted else UploadForm()
        if posted and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                of = import_service.take_in(file.name, file.read(), request.user)
                return to("columns", of)
            except Unreadable as refusal:
                form.add_error("file", str(refusal))
        context = {"title": _("Import a file"), "form": form}
        return self.page(request, "upload", context, status=422 if form.errors else 200)

    @of_import
    def columns(self, request: HttpRequest, of: Import) -> HttpResponse:
        if of.state in (State.APPLIED, State.APPLYING, State.PLANNING):
            return to("change", of)
        posted = request.POST if request.method == "POST" else None
        form = MappingForm(posted, of, request.user)
        if posted is not None and posted.get("version", str(of.version)) != str(of.version):
            messages.error(request, PLANNED_SINCE)
            return to("columns", of)
        if posted is not None and posted.get("_sheet") in of.left_out:
            return self.turn(request, of, posted["_sheet"])
        if posted is not None and form.is_valid():
            form.keep()
            return self.go_on(request, of, State.PLANNING)
        samples = import_service.sample(of)
        rows = [
            (column, [cells[at] if at < len(cells) else "" for cells in samples])
            for at, column in enumerate(form.columns())
        ]
        context = {"title": _("Columns of %(name)s") % {"name": of}, "form": form, "columns": rows}
        context |= {"skipped": import_report.skipped(of)[:20], "more": max(len(of.skipped) - 20, 0)}
        return self.page(request, "columns", context | {"of": of}, 422 if form.errors else 200)

    def turn(self, request: HttpRequest, of: Import, sheet: str) -> HttpResponse:
        try:
            with transaction.atomic():
                import_service.turn_to(of, sheet)
        except Unreadable as refusal:
            messages.error(request, str(refusal))
        return to("columns", of)

    # -- Seeing and deciding -------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        if not object_id.isdecimal() or len(object_id) > 18:
            raise Http404
        return self.seen(request, int(object_id))

    @of_import
    def seen(self, request: HttpRequest, of: Import) -> HttpResponse:
        if of.state == State.READ:
            return to("columns", of)
        if of.state in (State.PLANNING, State.APPLYING, State.FAILED):
            return self.progress(request, of)
        chosen = request.GET.get("outcome", "")
        outcomes = [chosen] if chosen in Outcome.values else list(ORDER[:-1])
        sections = [self.section(request, of, each, each == chosen) for each in outcomes]
        context = {
            "title": of.name,
            "of": of,
            "condition": condition(of),
            "tally": [(each, Outcome(each).label, of.counts.get(each, 0)) for each in ORDER],
            "total": sum(of.counts.get(each, 0) for each in ORDER),
            "sections": [section for section in sections if section["lines"] or chosen],
            "chosen": chosen,
            "accepted": selection.accepted(of).count(),
            "mapped": presenters.mapped(of),
            "source": presenters.source(of),
            "skipped": import_report.skipped(of)[:20],
            "more": max(len(of.skipped) - 20, 0),
            "may_undo": self.may_undo(request, of),
            "may_take_back": request.user.has_perm(policy.UNDO),
            "corrections": presenters.corrected(of.corrections.all()[:20]),
        }
        return self.page(request, "plan", context)

    def section(self, request: HttpRequest, of: Import, outcome: str, alone: bool) -> dict:
        rows = of.rows.filter(outcome=outcome).order_by("number")
        size = PAGE if alone else FIRST
        page = Paginator(rows, size).get_page(request.GET.get("page") if alone else 1)
        return {
            "outcome": outcome,
            "label": Outcome(outcome).label,
            "count": of.counts.get(outcome, 0),
            "lines": presenters.Words(page).lines(),
            "page": page if alone else None,
        }

    def may_undo(self, request: HttpRequest, of: Import) -> bool:
        return bool(
            of.revision
            and scope.may_undo(request.user, of.revision)
            and undo_service.can_be(of.revision)
        )

    def progress(self, request: HttpRequest, of: Import) -> HttpResponse:
        """Asked again by the browser itself, which needs no script for it."""
        under_way = jobs.is_running(of.pk) or jobs.is_starting(of.pk)
        done, total = jobs.how_far(of.pk)
        context = {"title": of.name, "of": of, "condition": condition(of), "under_way": under_way}
        answer = self.page(request, "progress", context | {"done": done, "total": total})
        if under_way:
            answer["Refresh"] = str(AGAIN)
        return answer

    @of_import
    def decide(self, request: HttpRequest, of: Import) -> HttpResponse:
        must_be_posted(request)
        applies = "_apply" in request.POST
        if of.state == State.PLANNED and self.kept(request, of, applies):
            if applies:
                return self.go_on(request, of, State.APPLYING)
            messages.success(request, _("Your decisions were kept; nothing is applied yet."))
        query = request.META.get("QUERY_STRING", "")
        return HttpResponseRedirect(f"{address('change', of)}{f'?{query}' if query else ''}")

    def kept(self, request: HttpRequest, of: Import, applies: bool) -> bool:
        """Keep what was decided, unless the page was older than what stands there now."""
        seen, state = request.POST.get("version", ""), State.APPLYING if applies else State.PLANNED
        with transaction.atomic():
            changed = decisions(of, request.POST)
            if import_service.claim(of, seen, state):
                ImportRow.objects.bulk_update(changed, ["decision", "left"], batch_size=200)
                return True
        messages.error(request, OVERTAKEN)
        for words in differing(changed):
            messages.warning(request, words)
        return False

    @of_import
    def rows(self, request: HttpRequest, of: Import) -> HttpResponse:
        outcome = request.GET.get("outcome", "")
        lines = import_report.csv_lines(of, outcome if outcome in Outcome.values else "")
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="import-{of.pk}.csv"'
        return answer

    # -- Going on ------------------------------------------------------------

    @of_import
    def apply(self, request: HttpRequest, of: Import) -> HttpResponse:
        must_be_posted(request)
        return self.go_on(request, of, State.APPLYING)

    @of_import
    def again(self, request: HttpRequest, of: Import) -> HttpResponse:
        """Start again what was interrupted: nothing of it had been written."""
        must_be_posted(request)
        waiting = of.state in (State.PLANNING, State.APPLYING)
        return self.go_on(request, of, of.state if waiting else State.PLANNING)

    @of_import
    def discard(self, request: HttpRequest, of: Import) -> HttpResponse:
        must_be_posted(request)
        if of.state != State.APPLIED and not jobs.is_running(of.pk):
            import_service.discard(of)
            messages.success(
                request, _("“%(name)s” was put away; nothing was changed.") % {"name": of}
            )
        return HttpResponseRedirect(reverse("admin:directory_import_changelist"))

    def go_on(self, request: HttpRequest, of: Import, state: str) -> HttpResponse:
        allowed = state == State.PLANNING or of.state in (State.PLANNED, State.APPLYING)
        if not allowed or not import_service.begin(of, state, request.user):
            messages.error(request, _("This import cannot be applied now, or was applied before."))
            return to("change", of)
        try:
            import_service.go_on(of)
        except jobs.BusyError:
            messages.warning(request, _("This import is under way already."))
        except import_writer.AppliedError:
            messages.error(request, _("This import was applied before."))
        except (Unreadable, PermissionDenied, DatabaseError) as error:
            import_service.fail(of, str(error))
        return to("change", of)


def listed(rows: models.QuerySet) -> models.QuerySet:
    """Without what only the pages of one import show."""
    return rows.select_related("revision").defer("content", "skipped", "headings", "mapping")


def tally(of: Import) -> str:
    """How many rows there are of each outcome, in words."""
    counts = [(Outcome(each).label, of.counts.get(each, 0)) for each in ORDER]
    return _(", ").join(f"{label} {count}" for label, count in counts if count)


def condition(of: Import) -> str:
    """The state in a word; what nobody is working at any more was interrupted."""
    if of.state in (State.PLANNING, State.APPLYING) and not jobs.is_running(of.pk):
        return of.get_state_display() if jobs.is_starting(of.pk) else _("interrupted")
    if of.state == State.APPLIED and of.revision and undo_service.is_undone(of.revision):
        return _("applied, and undone")
    return of.get_state_display()
