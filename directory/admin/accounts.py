"""Admin of accounts: who may sign in, their groups and permissions, and their scope.

Who manages accounts without being a superuser cannot make superusers, change their accounts,
or give permissions to itself. A user name never changes: history and proposals store it.
"""

from copy import copy
from typing import cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin import permission_labels
from directory.admin.base import edit_conflicts
from directory.admin.base.model_admin import FormFieldsMixin
from directory.admin.base.optimistic_lock import ConflictCheckMixin, OptimisticLockMixin
from directory.admin.base.redisplay import RedisplayMixin
from directory.admin.base.unique_rows import UniqueRowsFormSet
from directory.models import Remit
from directory.permissions import groups, policy
from directory.text.language import list_separator

admin.site.unregister([User, Group])
ONLY_ADMINISTRATORS = ("is_superuser", "user_permissions")


class RemitForm(forms.ModelForm):
    """Refuses a scope that limits an account to nothing."""

    def clean(self):
        cleaned = super().clean()
        if not (cleaned.get("regions") or cleaned.get("community")) and not self.errors:
            text = _("Choose regions or a community, or delete the limit.")
            self.add_error("regions", text)
        return cleaned


class RemitInline(FormFieldsMixin, admin.StackedInline):
    model = Remit
    form = RemitForm
    formset = UniqueRowsFormSet
    extra = 0
    autocomplete_fields = ("regions", "community")
    verbose_name_plural = gettext_lazy("Limited to a part of the directory")


class AccountForm(ConflictCheckMixin, UserChangeForm):
    """Edits an account, and refuses to overwrite what somebody else saved meanwhile."""


class CheckboxFieldsMixin(admin.ModelAdmin):
    """Show groups and permissions as checkboxes with translated labels."""

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        kwargs["widget"] = forms.CheckboxSelectMultiple
        if db_field.name == "groups":
            kwargs["form_class"] = GroupChoiceField
        elif db_field.remote_field.model is Permission:
            kwargs |= {"form_class": permission_labels.PermissionChoiceField}
            kwargs["queryset"] = permission_labels.get_used_permissions()
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class GroupChoiceField(permission_labels.BoundedModelChoiceField):
    """Labels groups in the language of the page."""

    def label_from_instance(self, group: Group) -> str:
        return groups.get_group_label(group)


@admin.register(User)
class AccountAdmin(CheckboxFieldsMixin, OptimisticLockMixin, UserAdmin):
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
        names += map(groups.get_group_label, row.groups.all())
        return list_separator().join(names) or "—"

    @admin.display(description=gettext_lazy("limited to"))
    def limits(self, row: User) -> str:
        return str(row.remit) if hasattr(row, "remit") else "—"

    def build_version_token(self, request: HttpRequest, row: models.Model) -> str:
        """Build the version token of an account, which signing in does not change."""
        account = cast(User, copy(row))
        account.last_login = None
        remit = Remit.objects.filter(user=row.pk).first()
        related: list[models.Model] = [*account.groups.order_by("pk")]
        related += account.user_permissions.order_by("pk")
        related += [remit, *remit.regions.order_by("pk")] if remit else []
        return edit_conflicts.build_version_token(account, related)

    def get_deleted_objects(self, objs, request):
        """Without the entries of the admin's log, which name what was written anywhere."""
        rows, counts, missing, protected = super().get_deleted_objects(objs, request)
        if policy.permission_for(request.user).is_limited:
            rows = list(map(str, objs))
        return rows, counts, missing, protected

    def get_compared_formsets(self, context: dict) -> list:
        return []

    # -- Who may manage whom --------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_change_permission(request, obj) and self.may_manage(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_manage(request, obj)

    def may_manage(self, request: HttpRequest, row: User | None) -> bool:
        """Forbid changes of superusers and of one's own account, except to superusers."""
        if row is None or request.user.is_superuser:
            return True
        return not row.is_superuser and row.pk != request.user.pk

    def get_inlines(self, request: HttpRequest, obj: User | None):
        return self.inlines if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or request.user.is_superuser:
            return fieldsets
        return [pair for pair in fieldsets if pair[1]["fields"] != ONLY_ADMINISTRATORS]

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        fixed = ("username", "last_login", "date_joined") if obj else ()
        return (*super().get_readonly_fields(request, obj), *fixed)


@admin.register(Group)
class AccountGroupAdmin(CheckboxFieldsMixin, RedisplayMixin, GroupAdmin):
    list_display = ("name", "label")
    filter_horizontal = ()

    @admin.display(description=gettext_lazy("what it does"))
    def label(self, row: Group) -> str:
        return groups.get_group_label(row) if row.name in groups.LABELS else "—"

    def may_manage(self, request: HttpRequest, row: Group | None) -> bool:
        """Forbid changes of one's own groups, by which an account could give itself rights."""
        if row is None or request.user.is_superuser:
            return True
        return not request.user.groups.filter(pk=row.pk).exists()

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_change_permission(request, obj) and self.may_manage(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_manage(request, obj)
