"""The admin of aliases: every other name under which an organization is found."""

from typing import cast

from django import forms
from django.contrib import admin
from django.db import models
from django.utils.translation import gettext as _

from directory.admin.base.autocomplete import OrganizationSearchMixin
from directory.admin.base.inlines import DirectoryFormSet, TableInline
from directory.admin.base.model_admin import DirectoryModelAdmin
from directory.models import Alias


class AliasFormSet(DirectoryFormSet):
    """The aliases of an organization: none twice, nor one that was added meanwhile."""

    def get_unique_error_message(self, unique_check) -> str:
        return _("This organization already has this alias.")

    def clean(self) -> None:
        super().clean()
        added_names = {cast(Alias, row).name for row in self.get_added_rows()}
        for form in self.get_remaining_forms():
            if form.instance.name in added_names:
                form.add_error("name", self.get_unique_error_message(()))


class AliasInline(TableInline):
    model = Alias
    formset = AliasFormSet
    fields = ("name", "sort", "language")
    formfield_overrides = {
        models.CharField: {"widget": forms.TextInput(attrs={"class": "vTextField", "size": 40})}
    }


@admin.register(Alias)
class AliasAdmin(OrganizationSearchMixin, DirectoryModelAdmin):
    list_display = ("name", "organization", "sort", "language")
    list_filter = ("sort", "language")
    list_select_related = ("organization",)
    autocomplete_fields = ("organization",)
    ordering = ("-pk",)
    sortable_by = ()

    def get_choice_labels(self, rows: list[Alias]) -> dict[int, str]:
        keys = [row.pk for row in rows]
        aliases = Alias.objects.select_related("organization").filter(pk__in=keys)
        return {row.pk: f"{row.name} · {row.organization}" for row in aliases}
