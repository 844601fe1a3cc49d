"""Confirmation of a lead or council role by a second person, after another one proposed it."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from directory.admin.base.model_admin import record_admin_changes
from directory.models import Membership, State
from directory.permissions import approval, scope


def confirm_memberships(request: HttpRequest, rows: QuerySet) -> tuple[int, list[str]]:
    """Confirm memberships; returns how many, and the reasons of those that were refused."""
    done, refused = 0, []
    with record_admin_changes(request) as change:
        keys = rows.order_by().values_list("organization_id", flat=True)
        change.track(set(keys))
        memberships = rows.select_related("organization", "role", "community").order_by("pk")
        for row in memberships.select_for_update(of=("self",)):
            reason = scope.denial_reason(request.user, row)
            reason = reason or approval.confirmation_denial_reason(row, request.user)
            if reason:
                refused.append(f"{row}: {reason}")
                continue
            row.state = State.PUBLISHED
            row.save(update_fields=["state"])
            change.mark_changed(row)
            done += 1
    return done, refused


def report_confirmations(request: HttpRequest, done: int, refused: list[str]) -> None:
    if done:
        text = ngettext("%(n)d role confirmed.", "%(n)d roles confirmed.", done)
        messages.success(request, text % {"n": done})
    for reason in refused[:20]:
        messages.warning(request, reason)


@admin.action(permissions=["publish"], description=gettext_lazy("Confirm what another proposed"))
def confirm(modeladmin, request: HttpRequest, queryset: QuerySet) -> None:
    report_confirmations(request, *confirm_memberships(request, queryset))


class SecondPersonFilter(admin.SimpleListFilter):
    """Filters the memberships that wait for a second person."""

    title = gettext_lazy("second person")
    parameter_name = "second"

    def lookups(self, request, model_admin):
        return [("awaited", _("awaited"))]

    def queryset(self, request, queryset: QuerySet) -> QuerySet:
        if self.value() != "awaited":
            return queryset
        return queryset.awaiting_confirmation()  # type: ignore[attr-defined]  # of Membership


class ConfirmationMixin(admin.ModelAdmin):
    """Add a URL to which a membership's page posts the confirmation by a second person."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.confirm_view))
        own = path("<int:key>/confirm/", view, name="directory_membership_confirm")
        return [own, *super().get_urls()]

    def confirm_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not self.has_publish_permission(request):  # type: ignore[attr-defined]  # of the admin
            raise PermissionDenied
        row = self.get_object(request, str(key))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(key))  # type: ignore[attr-defined]  # missing in the stubs
        report_confirmations(
            request, *confirm_memberships(request, Membership.objects.filter(pk=row.pk))
        )
        page, key = "admin:directory_membership_change", row.pk
        if "organization" in request.POST:
            page, key = "admin:directory_organization_change", row.organization_id
        return HttpResponseRedirect(reverse(page, args=[key]))
