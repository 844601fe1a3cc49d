"""The desk of sources: the documents from which everything here is known."""

from django import forms
from django.contrib import admin
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy

from directory.admin.base import pagination
from directory.admin.base.autocomplete import FoundByNames
from directory.admin.base.form_fields import LanguageField
from directory.admin.base.model_admin import DeskAdmin, DeskForm
from directory.models import Source


class SourceForm(DeskForm):
    class Meta:
        field_classes = {"language": LanguageField}
        widgets = {"language": forms.Select}


@admin.register(Source)
class SourceAdmin(FoundByNames, DeskAdmin):
    form = SourceForm
    list_display = ("code", "title", "publisher", "medium", "dated", "uses")
    list_display_links = ("code", "title")
    list_filter = ("medium",)
    ordering = (Length("code"), "code")

    def names_of(self, row: Source) -> tuple[str, ...]:
        return row.code, row.title, row.title_en, row.publisher, row.publisher_en

    @admin.display(description=gettext_lazy("citations"))
    def uses(self, row: Source) -> str:
        used = pagination.bounded(row.citations.all())
        return f"{pagination.MOST}+" if used > pagination.MOST else str(used)
