"""Rights as an administrator ticks them: in the language of the page, and only those asked for."""

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

VERBS = {
    "view": _("may see"),
    "add": _("may add"),
    "change": _("may change"),
    "delete": _("may delete"),
}


class KeysChoice(forms.ModelMultipleChoiceField):
    """Several rows by number; one that no column can hold is refused like any other."""

    def _check_values(self, value):
        try:
            return super()._check_values(value)
        except OverflowError as error:
            wrong = {"pk": max(map(str, value), key=len)}
            message = self.error_messages["invalid_pk_value"]
            raise forms.ValidationError(message, "invalid_pk_value", wrong) from error


class RightsChoice(KeysChoice):
    """Django keeps the names of rights in English; here they speak the language of the page."""

    def label_from_instance(self, right: Permission) -> str:
        model = right.content_type.model_class()
        noun = capfirst(str(model._meta.verbose_name))
        own = dict(model._meta.permissions).get(right.codename)
        return f"{noun} · {own or VERBS.get(right.codename.partition('_')[0], right.name)}"


def asked_for() -> QuerySet[Permission]:
    """The rights that some page of the desk asks for; any other would promise what nobody gives."""
    nouns: set[type[Model]] = set()
    for model, desk in admin.site._registry.items():
        nouns |= {model, *(inline.model for inline in desk.inlines)}
    types = ContentType.objects.get_for_models(*nouns, for_concrete_models=False).values()
    found = Permission.objects.filter(content_type__in=[each.pk for each in types])
    return found.select_related("content_type")
