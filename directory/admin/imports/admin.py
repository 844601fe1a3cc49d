"""Admin of imports: upload a file, map its columns, look at its changes, and apply them."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
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
from directory.admin.base import unsaved_forms, unsaved_pages
from directory.admin.base.unsaved_forms import redisplays_form
from directory.admin.imports import plan_page, presenters
from directory.admin.imports.columns_view import ColumnsMixin
from directory.admin.imports.forms import (
    UploadForm,
    describe_lost_decisions,
    read_decisions,
)
from directory.admin.imports.page_frame import (
    ensure_post,
    filter_visible,
    get_import_url,
    import_view,
    redirect_to_import,
)
from directory.admin.imports.row_view import RowCorrectionMixin
from directory.history.undo import service as undo_service
from directory.importing import report as import_report
from directory.importing import service as import_service
from directory.importing.apply import writer as import_writer
from directory.importing.readers.limits import UnreadableFile
from directory.models import Import, ImportRow
from directory.permissions import policy, scope

IMPORT_PERMISSIONS = ("directory.add_organization", "directory.change_organization")
DECISIONS_OUTDATED = gettext_lazy(
    "Somebody decided or corrected something of this import since you opened the page, so your "
    "decisions were not kept and nothing was applied. Below is how it stands now: look, and "
    "decide again."
)
REFRESH_SECONDS = 2  # after which the browser reloads a page of progress
State, Outcome = Import.State, ImportRow.Outcome


@admin.register(Import)
class ImportAdmin(ColumnsMixin, RowCorrectionMixin, admin.ModelAdmin):
    """Files on their way into the directory: read, planned row by row, and applied once."""

    list_display = ("name", "at", "who_name", "condition", "outcome")
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return select_list_columns(filter_visible(request.user, super().get_queryset(request)))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse questions about JSON and the file itself, which not every database can answer."""
        columns = {column.name: column for column in self.opts.concrete_fields}
        column = columns.get(lookup.split("__")[0])
        is_plain = not isinstance(column, models.JSONField | models.BinaryField)
        return is_plain and super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.has_perms(IMPORT_PERMISSIONS)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and request.user.has_perms(IMPORT_PERMISSIONS)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def condition(self, row: Import) -> str:
        return presenters.format_state(row)

    @admin.display(description=gettext_lazy("rows"))
    def outcome(self, row: Import) -> str:
        return presenters.format_counts(row) or "—"

    def get_urls(self):
        def at(ending: str, view, name: str):
            full = f"directory_import_{name}"
            return path(f"<int:key>/{ending}/", self.admin_site.admin_view(view), name=full)

        return [
            at("columns", self.columns_view, "columns"),
            at("decide", self.decide_view, "decide"),
            at("apply", self.apply_view, "apply"),
            at("again", self.restart_view, "again"),
            at("discard", self.discard_view, "discard"),
            at("rows", self.rows_csv_view, "rows"),
            at("row/<int:number>", self.row_view, "row"),
            *super().get_urls(),
        ]

    # -- Uploading a file -----------------------------------------------------

    def add_view(self, request: HttpRequest, form_url="", extra_context=None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if posted else UploadForm()
        if posted and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                job = import_service.create_import(file.name, file.read(), request.user)
                return redirect_to_import("columns", job)
            except UnreadableFile as refusal:
                form.add_error("file", str(refusal))
        context = {"title": _("Import a file"), "form": form}
        return self.render_page(request, "upload", context, status=422 if form.errors else 200)

    # -- The plan and its decisions -------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        if not object_id.isdecimal() or len(object_id) > 18:
            raise Http404
        return self.plan_view(request, int(object_id))

    @import_view
    def plan_view(self, request: HttpRequest, job: Import) -> HttpResponse:
        if job.state == State.READ:
            return redirect_to_import("columns", job)
        if job.state in (State.PLANNING, State.APPLYING, State.FAILED):
            return self.render_progress(request, job)
        return self.render_plan(request, job)

    def render_plan(self, request: HttpRequest, job: Import) -> HttpResponse:
        chosen = request.GET.get("outcome", "")
        page = request.GET.get("page")
        context = plan_page.build_context(job, chosen, page, request.user) | {
            "may_undo": self.may_undo(request, job),
            "has_undo_permission": request.user.has_perm(policy.UNDO),
        }
        return self.render_page(request, "plan", context)

    def may_undo(self, request: HttpRequest, job: Import) -> bool:
        return bool(
            job.revision
            and scope.may_undo(request.user, job.revision)
            and undo_service.is_undoable(job.revision)
        )

    def render_progress(self, request: HttpRequest, job: Import) -> HttpResponse:
        """Render how far it is; the browser reloads the page by itself, without a script."""
        is_running = jobs.is_running(job.pk) or jobs.is_starting(job.pk)
        done, total = jobs.get_progress(job.pk)
        context = {
            "title": job.name,
            "job": job,
            "state": presenters.format_state(job),
            "is_running": is_running,
            "done": done,
            "total": total,
        }
        response = self.render_page(request, "progress", context)
        if is_running:
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    @redisplays_form
    @import_view
    def decide_view(self, request: HttpRequest, job: Import) -> HttpResponse:
        if request.method != "POST":  # a link of the page that shows unsaved decisions again
            return self.redirect_to_plan(request, job)
        if unsaved_forms.is_redisplay(request):
            return self.show_decisions_again(request, job)
        apply_now = "_apply" in request.POST
        if job.state == State.PLANNED and self.save_decisions(request, job, apply_now):
            if apply_now:
                return self.start_stage(request, job, State.APPLYING)
            messages.success(request, _("Your decisions were kept; nothing is applied yet."))
        return self.redirect_to_plan(request, job)

    def redirect_to_plan(self, request: HttpRequest, job: Import) -> HttpResponse:
        """Redirect to the rows of the plan that the query asks for."""
        url, query = get_import_url("change", job), request.META.get("QUERY_STRING", "")
        return HttpResponseRedirect(f"{url}?{query}" if query else url)

    def show_decisions_again(self, request: HttpRequest, job: Import) -> HttpResponse:
        """Render the plan with the decisions of an unsaved form, unless it changed meanwhile."""
        if job.state != State.PLANNED:
            messages.error(request, _("This import cannot be applied now, or was applied before."))
            return redirect_to_import("change", job)
        decided = read_decisions(job, request.POST)
        if request.POST.get("version", "") != str(job.version):
            messages.error(request, DECISIONS_OUTDATED)
            for text in describe_lost_decisions(decided):
                messages.warning(request, text)
        else:
            # Rolled back with all else that a form that is only shown again writes.
            ImportRow.objects.bulk_update(decided, ["decision", "left"], batch_size=200)
            unsaved_pages.add_redisplay_message(request)
        return self.render_plan(request, job)

    def save_decisions(self, request: HttpRequest, job: Import, apply_now: bool) -> bool:
        """Save the posted decisions; returns False, with messages, if the page was outdated."""
        seen = request.POST.get("version", "")
        state = State.APPLYING if apply_now else State.PLANNED
        with transaction.atomic():
            changed = read_decisions(job, request.POST)
            if import_service.claim_version(job, seen, state):
                ImportRow.objects.bulk_update(changed, ["decision", "left"], batch_size=200)
                return True
        messages.error(request, DECISIONS_OUTDATED)
        for text in describe_lost_decisions(changed):
            messages.warning(request, text)
        return False

    @import_view
    def rows_csv_view(self, request: HttpRequest, job: Import) -> StreamingHttpResponse:
        outcome = request.GET.get("outcome", "")
        outcome = outcome if outcome in Outcome.values else ""
        lines = import_report.iter_csv_lines(job, outcome, request.user)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="import-{job.pk}.csv"'
        return response

    # -- Planning and applying ------------------------------------------------------------

    @import_view
    def apply_view(self, request: HttpRequest, job: Import) -> HttpResponse:
        ensure_post(request)
        return self.start_stage(request, job, State.APPLYING)

    @import_view
    def restart_view(self, request: HttpRequest, job: Import) -> HttpResponse:
        """Start an interrupted stage again: nothing of it had been written."""
        ensure_post(request)
        is_waiting = job.state in (State.PLANNING, State.APPLYING)
        return self.start_stage(request, job, job.state if is_waiting else State.PLANNING)

    @import_view
    def discard_view(self, request: HttpRequest, job: Import) -> HttpResponse:
        ensure_post(request)
        if job.state != State.APPLIED and not jobs.is_running(job.pk):
            import_service.discard_import(job)
            messages.success(
                request, _("“%(name)s” was put away; nothing was changed.") % {"name": job}
            )
        return HttpResponseRedirect(reverse("admin:directory_import_changelist"))

    def start_stage(self, request: HttpRequest, job: Import, state: str) -> HttpResponse:
        """Plan or apply the import, at once or in another process; says why it cannot be."""
        allowed = state == State.PLANNING or job.state in (State.PLANNED, State.APPLYING)
        if not allowed or not import_service.mark_started(job, state, request.user):
            messages.error(request, _("This import cannot be applied now, or was applied before."))
            return redirect_to_import("change", job)
        try:
            import_service.run_or_start(job)
        except jobs.BusyError:
            messages.warning(request, _("This import is under way already."))
        except import_writer.AlreadyAppliedError:
            messages.error(request, _("This import was applied before."))
        except (UnreadableFile, PermissionDenied, DatabaseError) as error:
            import_service.mark_failed(job, str(error))
        return redirect_to_import("change", job)


def select_list_columns(rows: models.QuerySet) -> models.QuerySet:
    """Leave out the large columns that only the pages of one import show."""
    return rows.select_related("revision").defer("content", "skipped", "headings", "mapping")
