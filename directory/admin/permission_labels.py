"""Form fields for permissions: translated labels, and only permissions that the admin uses."""

from typing import cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

ACTION_LABELS = {
    "view": _("may see"),
    "add": _("may add"),
    "change": _("may change"),
    "delete": _("may delete"),
}


class BoundedModelChoiceField(forms.ModelMultipleChoiceField):
    """A multiple choice that refuses a key too large for the database like any other."""

    def _check_values(self, value):
        try:
            return super()._check_values(value)
        except OverflowError as error:
            params = {"pk": max(map(str, value), key=len)}
            message = self.error_messages["invalid_pk_value"]
            raise forms.ValidationError(message, "invalid_pk_value", params) from error


class PermissionChoiceField(BoundedModelChoiceField):
    """Labels permissions in the language of the page; Django stores their names in English."""

    def label_from_instance(self, permission: Permission) -> str:
        model = cast(type[Model], permission.content_type.model_class())
        model_name = capfirst(str(model._meta.verbose_name))
        custom = dict(model._meta.permissions).get(permission.codename)
        action = permission.codename.partition("_")[0]
        return f"{model_name} · {custom or ACTION_LABELS.get(action, permission.name)}"


def get_used_permissions() -> QuerySet[Permission]:
    """Get the permissions that some admin page checks; any other would have no effect."""
    models: set[type[Model]] = set()
    for model, model_admin in admin.site._registry.items():
        models |= {model, *(inline.model for inline in model_admin.inlines)}
    types = ContentType.objects.get_for_models(*models, for_concrete_models=False).values()
    permissions = Permission.objects.filter(content_type__in=[each.pk for each in types])
    return permissions.select_related("content_type")
