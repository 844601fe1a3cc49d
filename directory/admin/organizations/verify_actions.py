"""“Nothing changed”: one click says that an entry was compared with its sources today."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from directory.admin.base.model_admin import open_change
from directory.models import Organization
from directory.models.membership import today


def verify(request: HttpRequest, rows) -> int:
    """Date these entries; how many were."""
    with open_change(request) as change:
        found = list(rows.order_by("pk").select_for_update(of=("self",)))
        change.open(row.pk for row in found)
        for row in found:
            row.verified_on = today()
            row.save(update_fields=["verified_on"])
            change.touch(row)
    return len(found)


def report(request: HttpRequest, count: int) -> None:
    text = ngettext(
        "%(n)d entry confirmed: nothing changed.",
        "%(n)d entries confirmed: nothing changed.",
        count,
    )
    messages.success(request, text % {"n": count})


@admin.action(permissions=["change"], description=gettext_lazy("Confirm: nothing changed"))
def confirm(modeladmin, request: HttpRequest, queryset) -> None:
    report(request, verify(request, Organization.objects.filter(pk__in=queryset.values("pk"))))


class WithVerifying(admin.ModelAdmin):
    """An organization's page and the worklist confirm it by a button."""

    def get_urls(self):
        info = self.opts.app_label, self.opts.model_name
        view = self.admin_site.admin_view(require_POST(self.verify_view))
        own = path("<int:key>/verify/", view, name="{}_{}_verify".format(*info))
        return [own, *super().get_urls()]

    def verify_view(self, request: HttpRequest, key: int):
        row = self.get_object(request, str(key))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(key))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        report(request, verify(request, Organization.objects.filter(pk=row.pk)))
        if request.POST.get("next") == "worklist":
            return HttpResponseRedirect(reverse("admin:index"))
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(page, args=[row.pk]))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        extra = {"verify_label": _("Nothing changed: confirm today")}
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))
