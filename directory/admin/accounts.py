"""The desk of accounts: who may sign in, what each may do, and to what part each is limited.

Whoever keeps accounts without being an administrator makes nobody one, touches no
administrator's account, and gives nothing to itself. A name, once given, stays: history and
proposals speak of it.
"""

from copy import copy

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin import permission_labels
from directory.admin.base import edit_conflicts
from directory.admin.base.model_admin import Relations
from directory.admin.base.optimistic_lock import Guarded, TwoEditors
from directory.models import Remit
from directory.permissions import groups

admin.site.unregister([User, Group])
ONLY_ADMINISTRATORS = ("is_superuser", "user_permissions")


class RemitForm(forms.ModelForm):
    def clean(self):
        cleaned = super().clean()
        if not (cleaned.get("regions") or cleaned.get("community")) and not self.errors:
            nothing = _("Choose regions or a community, or delete the limit.")
            self.add_error("regions", nothing)
        return cleaned


class RemitInline(Relations, admin.StackedInline):
    model = Remit
    form = RemitForm
    extra = 0
    autocomplete_fields = ("regions", "community")
    verbose_name_plural = gettext_lazy("Limited to a part of the directory")


class AccountForm(Guarded, UserChangeForm):
    pass


class Ticked:
    """Groups and rights as boxes to tick, worded for the page."""

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["widget"] = forms.CheckboxSelectMultiple
        if db_field.name == "groups":
            kwargs["form_class"] = GroupChoice
        elif db_field.remote_field.model is Permission:
            kwargs |= {"form_class": permission_labels.RightsChoice}
            kwargs["queryset"] = permission_labels.asked_for()
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class GroupChoice(permission_labels.KeysChoice):
    def label_from_instance(self, group: Group) -> str:
        return groups.label(group)


@admin.register(User)
class AccountAdmin(Ticked, TwoEditors, UserAdmin):
    form = AccountForm
    change_form_template = "admin/directory/change_form.html"
    list_display = ("username", "last_name", "first_name", "duties", "limits", "is_active")
    list_filter = ("groups", "is_staff", "is_superuser", "is_active")
    filter_horizontal = ()
    show_facets = admin.ShowFacets.NEVER
    inlines = (RemitInline,)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("last_name", "first_name", "email")}),
        (gettext_lazy("Rights"), {"fields": ("is_active", "is_staff", "groups")}),
        (gettext_lazy("Administrators only"), {"fields": ONLY_ADMINISTRATORS}),
        (gettext_lazy("Days"), {"fields": ("last_login", "date_joined")}),
    )

    def get_queryset(self, request: HttpRequest):
        rows = super().get_queryset(request)
        return rows.prefetch_related("groups", "remit__regions", "remit__community")

    @admin.display(description=gettext_lazy("duties"))
    def duties(self, row: User) -> str:
        names = [_("administrator")] if row.is_superuser else []
        return _(", ").join([*names, *map(groups.label, row.groups.all())]) or "—"

    @admin.display(description=gettext_lazy("limited to"))
    def limits(self, row: User) -> str:
        return str(row.remit) if hasattr(row, "remit") else "—"

    def token(self, request: HttpRequest, row: User) -> str:
        """What was seen of an account; that it has signed in since is no matter."""
        seen, remit = copy(row), Remit.objects.filter(user=row.pk).first()
        seen.last_login = None
        beside = [*row.groups.order_by("pk"), *row.user_permissions.order_by("pk")]
        beside += [remit, *remit.regions.order_by("pk")] if remit else []
        return edit_conflicts.token(seen, beside)

    def told_formsets(self, context: dict) -> list:
        return []

    # -- Whose account is whose -----------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_change_permission(request, obj) and self.is_theirs(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_theirs(request, obj)

    def is_theirs(self, request: HttpRequest, row: User | None) -> bool:
        if row is None or request.user.is_superuser:
            return True
        return not row.is_superuser and row.pk != request.user.pk

    def get_inlines(self, request: HttpRequest, obj: User | None):
        return self.inlines if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj=None):
        found = super().get_fieldsets(request, obj)
        if obj is None or request.user.is_superuser:
            return found
        return [pair for pair in found if pair[1]["fields"] != ONLY_ADMINISTRATORS]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        fixed = ("username", "last_login", "date_joined") if obj else ()
        return (*super().get_readonly_fields(request, obj), *fixed)


@admin.register(Group)
class DutyAdmin(Ticked, GroupAdmin):
    list_display = ("name", "label")
    filter_horizontal = ()

    @admin.display(description=gettext_lazy("what it does"))
    def label(self, row: Group) -> str:
        return groups.label(row) if row.name in groups.LABELS else "—"

    def is_theirs(self, request: HttpRequest, row: Group | None) -> bool:
        """Nobody gives to itself by way of a group."""
        if row is None or request.user.is_superuser:
            return True
        return not request.user.groups.filter(pk=row.pk).exists()

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_change_permission(request, obj) and self.is_theirs(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_theirs(request, obj)
