"""The admin of aliases: every other name under which an organization is found."""

from django import forms
from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy

from directory.admin.base.autocomplete import OrganizationSearchMixin
from directory.admin.base.citation_questions import CitationQuestionMixin
from directory.admin.base.inlines import TableInline
from directory.admin.base.model_admin import DirectoryModelAdmin, DirectoryModelForm
from directory.models import Alias


class AliasRowForm(CitationQuestionMixin):
    """An alias on the page of its organization."""

    cited_fields = (("name", gettext_lazy("alias")),)
    owner = "alias"

    def get_row_label(self) -> str:
        return str(self.initial.get("name", ""))


class AliasForm(CitationQuestionMixin, DirectoryModelForm):
    """An alias on a page of its own."""

    cited_fields = AliasRowForm.cited_fields
    owner = AliasRowForm.owner


class AliasInline(TableInline):
    model = Alias
    form = AliasRowForm
    fields = ("name", "sort", "language")
    formfield_overrides = {
        models.CharField: {"widget": forms.TextInput(attrs={"class": "vTextField", "size": 40})}
    }


@admin.register(Alias)
class AliasAdmin(OrganizationSearchMixin, DirectoryModelAdmin):
    form = AliasForm
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
