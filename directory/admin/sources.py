"""The admin of sources: the documents that the citations quote."""

from django import forms
from django.contrib import admin
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from directory.admin.base import pagination
from directory.admin.base.autocomplete import NameSearchMixin
from directory.admin.base.form_fields import LanguageField
from directory.admin.base.model_admin import DirectoryModelAdmin, DirectoryModelForm
from directory.models import Source
from directory.permissions import scope


class SourceForm(DirectoryModelForm):
    """A source, with a choice of languages."""

    class Meta:
        field_classes = {"language": LanguageField}
        widgets = {"language": forms.Select}


class SourceChangeList(pagination.DirectoryChangeList):
    """The list of sources; each row gets the number of its citations in the account's scope."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        for row in self.result_list:
            citations = scope.filter_visible(request.user, row.citations.all())
            row.use_count = pagination.count_up_to_limit(citations)


@admin.register(Source)
class SourceAdmin(NameSearchMixin, DirectoryModelAdmin):
    form = SourceForm
    list_display = ("code", "title", "publisher", "medium", "dated", "uses")
    list_display_links = ("code", "title")
    list_filter = ("medium",)
    ordering = (Length("code"), "code")

    def get_changelist(self, request: HttpRequest, **kwargs) -> type[SourceChangeList]:
        return SourceChangeList

    def get_names(self, row: Source) -> tuple[str, ...]:
        return row.code, row.title, row.title_en, row.publisher, row.publisher_en

    @admin.display(description=gettext_lazy("citations"))
    def uses(self, row: Source) -> str:
        count = row.use_count  # type: ignore[attr-defined]  # set by SourceChangeList
        return f"{pagination.MAX_ROWS}+" if count > pagination.MAX_ROWS else str(count)
