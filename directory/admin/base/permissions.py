"""Permissions in the admin: which rows an account sees and may write, and why not the others.

An editor prepares drafts. What is public can only be viewed, with a sentence that says why and
whom to ask: a change of it is seen at once, so it is for those who may publish.
"""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from directory.models import Membership, Organization
from directory.permissions import approval, disclosure, policy, scope
from directory.text.language import is_english, list_separator

MAX_NAMES = 5
AUTH_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class PendingConfirmation:
    """A membership that waits for a second person, and why this account cannot be it, or ""."""

    membership: Membership
    denial_reason: str


def format_publisher_names(user: User) -> str:
    """The names of others who may publish: officers first, else the administrators."""
    accounts = User._default_manager
    publishers = accounts.with_perm(policy.PUBLISH, include_superusers=False, backend=AUTH_BACKEND)
    active = {"is_active": True, "is_staff": True}
    officers, administrators = (
        rows.filter(**active).exclude(pk=user.pk).order_by("username")[:MAX_NAMES]
        for rows in (publishers, accounts.filter(is_superuser=True))
    )
    people = [*officers] or [*administrators]
    return list_separator().join(map(format_user_name, people))


def format_user_name(user: User) -> str:
    """The user's full name in the order of the page's language, else the account's name."""
    name = user.get_full_name() if is_english() else f"{user.last_name}{user.first_name}"
    return name or user.get_username()


class ElsewhereMixin(admin.ModelAdmin):
    """Tells of a row in another part of the directory that it is there, not that it was deleted."""

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts, object_id: str):
        if not disclosure.is_elsewhere(request.user, self.model, object_id):
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]  # missing in the stubs
        text = disclosure.format_row_elsewhere(self.model, object_id)
        self.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:index"))


class ScopedPermissionsMixin(ElsewhereMixin):
    """Limits an admin to the rows in the account's scope, and explains what it may not change."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return scope.filter_visible(request.user, super().get_queryset(request))

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and not (obj and self.get_denial_reason(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and self.get_denial_reason(request, obj))

    def get_denial_reason(self, request: HttpRequest, row: models.Model) -> str:
        """Why the account may not write the row, or "".

        Computed once, of the row as stored: an invalid form has put other values into it.
        """
        attributes = vars(row)
        if "denial_reason" not in attributes:
            attributes["denial_reason"] = scope.denial_reason(request.user, row)
        return attributes["denial_reason"]

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """For actions with `permissions=["publish"]`."""
        return super().has_change_permission(request) and policy.may_publish(request.user)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def _create_formsets(self, request, obj, change):
        """Build the formsets; each gets the user who is editing."""
        formsets, inlines = super()._create_formsets(request, obj, change)
        for formset in formsets:
            formset.user = request.user
        return formsets, inlines

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and super().has_change_permission(request):
            context["denial_reason"] = self.get_denial_reason(request, obj)
            if context["denial_reason"]:
                context["publisher_names"] = format_publisher_names(request.user)
        if obj is not None:
            context["pending_confirmations"] = list_pending_confirmations(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)


def list_pending_confirmations(
    request: HttpRequest, row: models.Model
) -> list[PendingConfirmation]:
    """The memberships on this page that wait for a second person."""
    if not isinstance(row, Organization | Membership):
        return []
    owned = {"pk": row.pk} if isinstance(row, Membership) else {"organization": row.pk}
    rows = Membership.objects.awaiting_confirmation().filter(**owned)
    rows = rows.select_related("organization", "community", "role").order_by("pk")
    return [
        PendingConfirmation(each, get_confirm_denial_reason(request.user, each)) for each in rows
    ]


def get_confirm_denial_reason(user: User | AnonymousUser, row: Membership) -> str:
    """Why this account cannot be the second person, or ""."""
    if not (policy.may_publish(user) and user.has_perm("directory.change_membership")):
        return _("somebody who may publish confirms it")
    return scope.denial_reason(user, row) or approval.confirmation_denial_reason(row, user)


def build_pending_warnings(rows: models.QuerySet[Membership]) -> list[str]:
    """A sentence for each of these memberships that was saved as proposed only."""
    pending = rows.awaiting_confirmation().select_related("role")  # type: ignore[attr-defined]  # of the model's own QuerySet
    sentence = _("“%(role)s” is proposed: another person who may publish must confirm it.")
    return [sentence % {"role": row.role.label} for row in pending]
