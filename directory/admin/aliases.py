"""The desk of aliases: every other name under which an organization is found."""

from django import forms
from django.contrib import admin
from django.db import models
from django.utils.translation import gettext as _

from directory.admin.base.autocomplete import FoundByOrganization
from directory.admin.base.inlines import DeskFormSet, TableInline
from directory.admin.base.model_admin import DeskAdmin
from directory.models import Alias


class AliasFormSet(DeskFormSet):
    def get_unique_error_message(self, unique_check) -> str:
        return _("This organization already has this alias.")

    def clean(self) -> None:
        super().clean()
        there = {row.name for row in self.added()}
        for form in self.standing():
            if form.instance.name in there:
                form.add_error("name", self.get_unique_error_message(()))


class AliasInline(TableInline):
    model = Alias
    formset = AliasFormSet
    fields = ("name", "sort", "language")
    formfield_overrides = {
        models.CharField: {"widget": forms.TextInput(attrs={"class": "vTextField", "size": 40})}
    }


@admin.register(Alias)
class AliasAdmin(FoundByOrganization, DeskAdmin):
    list_display = ("name", "organization", "sort", "language")
    list_filter = ("sort", "language")
    list_select_related = ("organization",)
    autocomplete_fields = ("organization",)
    ordering = ("-pk",)
    sortable_by = ()

    def choice_labels(self, rows: list[Alias]) -> dict[int, str]:
        keys = [row.pk for row in rows]
        named = Alias.objects.select_related("organization").filter(pk__in=keys)
        return {row.pk: f"{row.name} · {row.organization}" for row in named}
