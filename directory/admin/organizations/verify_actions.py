"""“Nothing changed”: an action and a button that mark organizations as verified today."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from directory.admin.base.model_admin import record_admin_changes
from directory.admin.base.unsaved_forms import redisplays_form
from directory.models import Organization
from directory.models.membership import today
from directory.partial_dates import Precision


def mark_verified(request: HttpRequest, rows) -> int:
    """Set today as the day of verification; the number of organizations."""
    with record_admin_changes(request) as change:
        organizations = list(rows.order_by("pk").select_for_update(of=("self",)))
        change.track(row.pk for row in organizations)
        for row in organizations:
            row.verified_on, row.verified_on_precision = today(), Precision.DAY.value
            row.save(update_fields=["verified_on", "verified_on_precision"])
            change.mark_changed(row)
    return len(organizations)


def add_verified_message(request: HttpRequest, count: int) -> None:
    text = ngettext(
        "%(n)d entry confirmed: nothing changed.",
        "%(n)d entries confirmed: nothing changed.",
        count,
    )
    messages.success(request, text % {"n": count})


@admin.action(permissions=["change"], description=gettext_lazy("Confirm: nothing changed"))
def confirm(modeladmin, request: HttpRequest, queryset) -> None:
    rows = Organization.objects.filter(pk__in=queryset.values("pk"))
    add_verified_message(request, mark_verified(request, rows))


class VerifyMixin(admin.ModelAdmin):
    """Adds the view behind the verify button of an organization's page and of the worklist."""

    def get_urls(self):
        info = self.opts.app_label, self.opts.model_name
        view = self.admin_site.admin_view(require_POST(self.verify_view))
        url = path("<int:key>/verify/", view, name="{}_{}_verify".format(*info))
        return [url, *super().get_urls()]

    def verify_view(self, request: HttpRequest, key: int):
        row = self.get_object(request, str(key))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(key))  # type: ignore[attr-defined]  # missing in the stubs
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        rows = Organization.objects.filter(pk=row.pk)
        add_verified_message(request, mark_verified(request, rows))
        if request.POST.get("next") == "worklist":
            return HttpResponseRedirect(reverse("admin:index"))
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(page, args=[row.pk]))

    @redisplays_form
    def change_view(self, request, object_id, form_url="", extra_context=None):
        extra = {"verify_label": _("Nothing changed: confirm today")}
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))
