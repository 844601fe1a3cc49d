"""The admin of sources: the documents that the citations quote."""

from django import forms
from django.contrib import admin
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy

from directory.admin.base import pagination
from directory.admin.base.autocomplete import NameSearchMixin
from directory.admin.base.form_fields import LanguageField
from directory.admin.base.model_admin import DirectoryModelAdmin, DirectoryModelForm
from directory.models import Source


class SourceForm(DirectoryModelForm):
    """A source, with a choice of languages."""

    class Meta:
        field_classes = {"language": LanguageField}
        widgets = {"language": forms.Select}


@admin.register(Source)
class SourceAdmin(NameSearchMixin, DirectoryModelAdmin):
    form = SourceForm
    list_display = ("code", "title", "publisher", "medium", "dated", "uses")
    list_display_links = ("code", "title")
    list_filter = ("medium",)
    ordering = (Length("code"), "code")

    def get_names(self, row: Source) -> tuple[str, ...]:
        return row.code, row.title, row.title_en, row.publisher, row.publisher_en

    @admin.display(description=gettext_lazy("citations"))
    def uses(self, row: Source) -> str:
        count = pagination.count_up_to_limit(row.citations.all())
        return f"{pagination.MAX_ROWS}+" if count > pagination.MAX_ROWS else str(count)
