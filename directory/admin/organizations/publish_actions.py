"""Admin actions that publish or archive the selected organizations, and report refusals."""

from collections.abc import Callable
from typing import cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from directory.admin.base import selections, unsaved_forms
from directory.admin.base.form_fields import TextField
from directory.admin.base.model_admin import record_admin_changes
from directory.history import recorder
from directory.models import Organization, State

MAX_LISTED = 20


class ArchiveForm(forms.Form):
    """The reason for which the selected organizations are withdrawn."""

    reason = TextField(
        label=gettext_lazy("reason of withdrawal"),
        max_length=300,
        help_text=gettext_lazy("Visitors read it at the old addresses."),
        widget=AdminTextInputWidget,
    )


@admin.action(permissions=["publish"], description=gettext_lazy("Publish"))
def publish(modeladmin, request: HttpRequest, queryset: QuerySet) -> None:
    done, refused = write_allowed(request, queryset, get_publish_denial_reason, recorder.publish)
    text = ngettext("%(n)d organization published.", "%(n)d organizations published.", len(done))
    add_result_messages(modeladmin, request, done, refused, text)


@admin.action(permissions=["publish"], description=gettext_lazy("Archive (withdraw)…"))
def archive(modeladmin, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
    is_answered = "reason" in request.POST
    form = ArchiveForm(request.POST if is_answered else None)
    if not (is_answered and form.is_valid()) or unsaved_forms.is_redisplay(request):
        return render_reason_form(modeladmin, request, queryset, form)
    reason = form.cleaned_data["reason"]
    done, refused = write_allowed(
        request, queryset, get_archive_denial_reason, lambda row: recorder.withdraw(row, reason)
    )
    text = ngettext("%(n)d organization withdrawn.", "%(n)d organizations withdrawn.", len(done))
    add_result_messages(modeladmin, request, done, refused, text)
    return None


def render_reason_form(
    modeladmin, request, queryset: QuerySet, form: forms.Form
) -> TemplateResponse:
    """The page that asks for the reason before anything is withdrawn."""
    rows = list(queryset)
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Archive: take from the public"),
        "opts": modeladmin.opts,
        "form": form,
        "action": "archive",
        "count": len(rows),
        "rows": rows[: selections.MAX_LISTED],
        "more": max(0, len(rows) - selections.MAX_LISTED),
        "media": modeladmin.media,
    }
    request.current_app = modeladmin.admin_site.name
    return TemplateResponse(request, "admin/directory/archive.html", context)


def write_allowed(
    request: HttpRequest, queryset: QuerySet, get_denial_reason: Callable, write: Callable
) -> tuple[list[Organization], list[str]]:
    """Write each row that may be; the rows written, and the reasons for the others."""
    done: list[Organization] = []
    refused: list[str] = []
    with record_admin_changes(request) as change:
        for row in queryset.order_by("pk").select_for_update(of=("self",)):
            reason = get_denial_reason(row)
            if reason:
                refused.append(f"{row.label} ({row.pk}): {reason}")
                continue
            change.track_row(row)
            write(row)
            row.save(update_fields=["state", "first_published_at", "withdrawn_reason"])
            change.mark_changed(row)
            done.append(row)
        log_state_changes(request, done)
    return done, refused


def log_state_changes(request: HttpRequest, rows: list[Organization]) -> None:
    """Write the changes to the admin's own log, which names who made each of them."""
    if rows:
        message = [{"changed": {"fields": ["state"]}}]
        LogEntry.objects.log_actions(cast(int, request.user.pk), rows, CHANGE, message)


def get_publish_denial_reason(row: Organization) -> str:
    """Why the organization cannot be published, or ""."""
    if row.state == State.PUBLISHED:
        return _("is published already")
    if row.state == State.WITHDRAWN:
        return _("was withdrawn for a reason; open it to publish it again")
    try:
        row.full_clean()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def get_archive_denial_reason(row: Organization) -> str:
    """Why the organization cannot be withdrawn, or ""."""
    if row.state == State.WITHDRAWN:
        return _("is withdrawn already")
    if row.state == State.DRAFT:
        return _("is a draft that nobody has seen; delete it instead")
    return ""


def add_result_messages(modeladmin, request, done: list, refused: list[str], text: str) -> None:
    """Tell how many were written, and the first reasons for which others were not."""
    if done:
        modeladmin.message_user(request, text % {"n": len(done)}, messages.SUCCESS)
    for reason in refused[:MAX_LISTED]:
        modeladmin.message_user(request, reason, messages.WARNING)
    if len(refused) > MAX_LISTED:
        more = _("… and %d more were left as they were.") % (len(refused) - MAX_LISTED)
        modeladmin.message_user(request, more, messages.WARNING)
