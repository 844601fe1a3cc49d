"""The page on which the columns of an import are mapped to facts."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.base import unsaved_forms, unsaved_pages
from directory.admin.base.unsaved_forms import redisplays_form
from directory.admin.imports import plan_page
from directory.admin.imports.forms import MappingForm
from directory.admin.imports.page_frame import ImportPageMixin, import_view, redirect_to_import
from directory.importing import service as import_service
from directory.importing.readers import reader
from directory.importing.readers.limits import UnreadableFile
from directory.models import Import

PLAN_OUTDATED = gettext_lazy(
    "Somebody planned this import otherwise since you opened the page. Below is how it stands now."
)
State = Import.State


class ColumnsMixin(ImportPageMixin):
    """Add the page of the columns to the admin of imports."""

    start_stage: Any  # of the admin

    @redisplays_form
    @import_view
    def columns_view(self, request: HttpRequest, job: Import) -> HttpResponse:
        if job.state in (State.APPLIED, State.APPLYING, State.PLANNING):
            return redirect_to_import("change", job)
        posted = request.POST if request.method == "POST" else None
        form = MappingForm(posted, job, request.user)
        if unsaved_forms.is_redisplay(request):
            return self.show_columns_again(request, job, form)
        if posted is not None and posted.get("version", str(job.version)) != str(job.version):
            messages.error(request, PLAN_OUTDATED)
            return redirect_to_import("columns", job)
        if posted is not None and posted.get("_sheet") in job.left_out:
            return self.switch_sheet(request, job, posted["_sheet"])
        if posted is not None and form.is_valid():
            form.save()
            return self.start_stage(request, job, State.PLANNING)
        return self.render_columns(request, job, form)

    def show_columns_again(
        self, request: HttpRequest, job: Import, form: MappingForm
    ) -> HttpResponse:
        """Render the columns as an unsaved form had them, unless they were planned otherwise."""
        if request.POST.get("version", str(job.version)) != str(job.version):
            messages.error(request, PLAN_OUTDATED)
            form = MappingForm(None, job, request.user)
        else:
            unsaved_pages.add_redisplay_message(request)
        return self.render_columns(request, job, form)

    def render_columns(self, request: HttpRequest, job: Import, form: MappingForm) -> HttpResponse:
        reading = reader.reread_import(job)
        context = {
            "title": _("Columns of %(name)s") % {"name": job},
            "job": job,
            "form": form,
            "columns": form.build_columns(import_service.read_sample(reading)),
            "skipped": plan_page.build_skipped(job),
        } | plan_page.build_unread(job, reading)
        return self.render_page(request, "columns", context, 422 if form.errors else 200)

    def switch_sheet(self, request: HttpRequest, job: Import, sheet: str) -> HttpResponse:
        try:
            with transaction.atomic():
                import_service.switch_sheet(job, sheet)
        except UnreadableFile as refusal:
            messages.error(request, str(refusal))
        return redirect_to_import("columns", job)
