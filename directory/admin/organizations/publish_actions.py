"""Publishing and archiving many organizations at once, naming those that cannot be."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from directory.admin.base.model_admin import open_change
from directory.history import recorder
from directory.models import Organization, State

MOST_NAMED = 20


class ArchiveForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("reason of withdrawal"),
        max_length=300,
        help_text=gettext_lazy("Visitors read it at the old addresses."),
        widget=AdminTextInputWidget,
    )


@admin.action(permissions=["publish"], description=gettext_lazy("Publish"))
def publish(modeladmin, request: HttpRequest, queryset: QuerySet) -> None:
    done, refused = write_each(request, queryset, hinders_publishing, recorder.publish)
    text = ngettext("%(n)d organization published.", "%(n)d organizations published.", len(done))
    report(modeladmin, request, done, refused, text)


@admin.action(permissions=["publish"], description=gettext_lazy("Archive (withdraw)…"))
def archive(modeladmin, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
    asked = "reason" in request.POST
    form = ArchiveForm(request.POST if asked else None)
    if not (asked and form.is_valid()):
        return ask_reason(modeladmin, request, queryset, form)
    reason = form.cleaned_data["reason"]
    done, refused = write_each(
        request, queryset, hinders_archiving, lambda row: recorder.withdraw(row, reason)
    )
    text = ngettext("%(n)d organization withdrawn.", "%(n)d organizations withdrawn.", len(done))
    report(modeladmin, request, done, refused, text)
    return None


def ask_reason(modeladmin, request, queryset: QuerySet, form: forms.Form) -> TemplateResponse:
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Archive: take from the public"),
        "opts": modeladmin.opts,
        "form": form,
        "count": queryset.count(),
        "rows": queryset[:MOST_NAMED],
        "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
        "media": modeladmin.media,
    }
    request.current_app = modeladmin.admin_site.name
    return TemplateResponse(request, "admin/directory/archive.html", context)


def write_each(
    request: HttpRequest, queryset: QuerySet, hinders: Callable, write: Callable
) -> tuple[list[Organization], list[str]]:
    """The rows written, and the reasons of those that were not."""
    done, refused = [], []
    with open_change(request) as change:
        for row in queryset.order_by("pk").select_for_update(of=("self",)):
            reason = hinders(row)
            if reason:
                refused.append(f"{row.label} ({row.pk}): {reason}")
                continue
            change.open_row(row)
            write(row)
            row.save(update_fields=["state", "first_published_at", "withdrawn_reason"])
            change.touch(row)
            done.append(row)
        remember(request, done)
    return done, refused


def remember(request: HttpRequest, rows: list[Organization]) -> None:
    """In the desk's own log, so that each row's history says who did it."""
    if rows:
        message = [{"changed": {"fields": ["state"]}}]
        LogEntry.objects.log_actions(request.user.pk, rows, CHANGE, message)


def hinders_publishing(row: Organization) -> str:
    if row.state == State.PUBLISHED:
        return _("is published already")
    if row.state == State.WITHDRAWN:
        return _("was withdrawn for a reason; open it to publish it again")
    try:
        row.full_clean()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def hinders_archiving(row: Organization) -> str:
    if row.state == State.WITHDRAWN:
        return _("is withdrawn already")
    if row.state == State.DRAFT:
        return _("is a draft that nobody has seen; delete it instead")
    return ""


def report(modeladmin, request, done: list, refused: list[str], text: str) -> None:
    if done:
        modeladmin.message_user(request, text % {"n": len(done)}, messages.SUCCESS)
    for reason in refused[:MOST_NAMED]:
        modeladmin.message_user(request, reason, messages.WARNING)
    if len(refused) > MOST_NAMED:
        more = _("… and %d more were left as they were.") % (len(refused) - MOST_NAMED)
        modeladmin.message_user(request, more, messages.WARNING)
