"""Who may do what, as the desk shows it: only what is the account's own, and why not the rest.

An editor prepares drafts. What is public opens for reading, with a sentence that says why and
whom to ask: a change of it is seen at once, so it is for those who may publish.
"""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from directory.models import Membership, Organization
from directory.permissions import approval, policy, scope
from directory.text.language import is_english

MOST_NAMED = 5
BACKEND = "django.contrib.auth.backends.ModelBackend"


def whom_to_ask(user: object) -> str:
    """The names of those who may publish: officers first, else the administrators."""
    accounts = get_user_model()._default_manager
    able = accounts.with_perm(policy.PUBLISH, include_superusers=False, backend=BACKEND)
    people = {"is_active": True, "is_staff": True}
    able, chiefs = (
        rows.filter(**people).exclude(pk=user.pk).order_by("username")[:MOST_NAMED]
        for rows in (able, accounts.filter(is_superuser=True))
    )
    found = [*able] or [*chiefs]
    return _(", ").join(map(called, found))


def called(user: object) -> str:
    """The name as the page's language orders it."""
    name = user.get_full_name() if is_english() else f"{user.last_name}{user.first_name}"
    return name or user.get_username()


class Permitted(admin.ModelAdmin):
    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return scope.visible(request.user, super().get_queryset(request))

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and not (obj and self.hindrance(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and self.hindrance(request, obj))

    def hindrance(self, request: HttpRequest, row: models.Model) -> str:
        """Asked once, of the row as it is stored: a refused form has put other values into it."""
        if not hasattr(row, "hindrance"):
            row.hindrance = scope.hinders(request.user, row)
        return row.hindrance

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """For actions with `permissions=["publish"]`."""
        return super().has_change_permission(request) and policy.may_publish(request.user)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def _create_formsets(self, request, obj, change):
        """The rows of inlines know whose entry they are."""
        formsets, inlines = super()._create_formsets(request, obj, change)
        for formset in formsets:
            formset.user = request.user
        return formsets, inlines

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and super().has_change_permission(request):
            context["locked"] = self.hindrance(request, obj)
            if context["locked"]:
                context["whom"] = whom_to_ask(request.user)
        if obj is not None:
            context["awaiting"] = awaiting(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)


def awaiting(request: HttpRequest, row: models.Model) -> list[Membership]:
    """The roles on this page that wait for a second person, each with why not this one."""
    if not isinstance(row, Organization | Membership):
        return []
    own = {"pk": row.pk} if isinstance(row, Membership) else {"organization": row.pk}
    rows = Membership.objects.awaiting_second().filter(**own)
    found = list(rows.select_related("organization", "community", "role").order_by("pk"))
    for each in found:
        each.hindrance = hinders_confirming(request.user, each)
    return found


def hinders_confirming(user: object, row: Membership) -> str:
    """Why this account cannot be the second person, or ""."""
    if not (policy.may_publish(user) and user.has_perm("directory.change_membership")):
        return _("somebody who may publish confirms it")
    return scope.hinders(user, row) or approval.hinders_confirming(row, user)


def announced(rows: models.QuerySet) -> list[str]:
    """What the officer should know of roles that were kept as proposed."""
    waiting = rows.awaiting_second().select_related("role")
    sentence = _("“%(role)s” is proposed: another person who may publish must confirm it.")
    return [sentence % {"role": row.role.label} for row in waiting]
