"""The second person at the desk: a lead or council role that another one proposed is confirmed."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from directory.admin.base.model_admin import open_change
from directory.models import Membership, State
from directory.permissions import approval, scope


def confirm_each(request: HttpRequest, rows: QuerySet) -> tuple[int, list[str]]:
    """How many were confirmed, and the reasons of those that were not."""
    done, refused = 0, []
    with open_change(request) as change:
        keys = rows.order_by().values_list("organization_id", flat=True)
        change.open(set(keys))
        held = rows.select_related("organization", "role", "community").order_by("pk")
        for row in held.select_for_update(of=("self",)):
            reason = scope.hinders(request.user, row)
            reason = reason or approval.hinders_confirming(row, request.user)
            if reason:
                refused.append(f"{row}: {reason}")
                continue
            row.state = State.PUBLISHED
            row.save(update_fields=["state"])
            change.touch(row)
            done += 1
    return done, refused


def report(request: HttpRequest, done: int, refused: list[str]) -> None:
    if done:
        text = ngettext("%(n)d role confirmed.", "%(n)d roles confirmed.", done)
        messages.success(request, text % {"n": done})
    for reason in refused[:20]:
        messages.warning(request, reason)


@admin.action(permissions=["publish"], description=gettext_lazy("Confirm what another proposed"))
def confirm(modeladmin, request: HttpRequest, queryset: QuerySet) -> None:
    report(request, *confirm_each(request, queryset))


class AwaitsSecond(admin.SimpleListFilter):
    title = gettext_lazy("second person")
    parameter_name = "second"

    def lookups(self, request, model_admin):
        return [("awaited", _("awaited"))]

    def queryset(self, request, queryset: QuerySet) -> QuerySet:
        return queryset.awaiting_second() if self.value() == "awaited" else queryset


class WithSecond(admin.ModelAdmin):
    """A membership's page has a button for the second person."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.confirm_view))
        own = path("<int:key>/confirm/", view, name="directory_membership_confirm")
        return [own, *super().get_urls()]

    def confirm_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not self.has_publish_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=key)
        report(request, *confirm_each(request, Membership.objects.filter(pk=row.pk)))
        noun, back = (
            ("organization", row.organization_id)
            if "organization" in request.POST
            else (
                "membership",
                row.pk,
            )
        )
        return HttpResponseRedirect(reverse(f"admin:directory_{noun}_change", args=[back]))
