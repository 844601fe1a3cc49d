"""The page of one row of an import, whose cells can be corrected until it is applied."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from django import forms
from django.contrib import messages
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import jobs
from directory.admin.base import unsaved_forms, unsaved_pages
from directory.admin.base.unsaved_forms import redisplays_form
from directory.admin.imports import presenters
from directory.admin.imports.page_frame import ImportPageMixin, import_view, redirect_to_import
from directory.admin.imports.planned_rows import RowPresenter
from directory.importing import corrections
from directory.importing import service as import_service
from directory.importing.parse.terms import get_kind_words
from directory.importing.readers.limits import UnreadableFile
from directory.models import Community, Import, ImportCorrection, ImportRow, Role
from directory.text.normalization import normalize_characters

MAX_CELL_LENGTH = 5_000  # characters that somebody types; a cell of the file may hold more
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
LINE_ENDINGS = re.compile(r"\r\n?")
TEXTAREA_COLUMNS = ("description", "description_en")
CORRECTION_OUTDATED = gettext_lazy(
    "Somebody corrected this row while you were at it, so yours was not kept. Below is what you "
    "entered, beside how the row stands now. Saving again keeps yours."
)


def normalize_newlines(text: str) -> str:
    return LINE_ENDINGS.sub("\n", text)


def normalize_cell(text: str) -> str:
    """Return the text of a cell as it may be stored."""
    return normalize_characters(normalize_newlines(text))


@dataclass
class CellField:
    """A cell as the form shows it: the value of the file, its correction, and the form field."""

    column: str
    label: str
    file_value: str
    correction: ImportCorrection | None
    field: forms.BoundField

    @property
    def current_value(self) -> str:
        return self.correction.value if self.correction else self.file_value


class RowForm(forms.Form):
    """Edits the cells of one row; a cell that is left as it is makes no correction."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data, cells: dict[str, str], saved: list[ImportCorrection]):
        self.file_values, self.saved = cells, {each.column: each for each in saved}
        super().__init__(data, initial={"seen": corrections.build_version_token(saved)})
        for column in (*cells, *(name for name in corrections.COLUMNS if name not in cells)):
            self.fields[column] = self.build_field(column)

    def build_field(self, column: str) -> forms.Field:
        text = self.get_text(column)
        attributes = {"list": f"known-{column}"} if column in get_suggestions() else {}
        widget: forms.Widget = forms.TextInput(
            attributes | {"autocomplete": "off", "class": "vTextField"}
        )
        if column in TEXTAREA_COLUMNS or "\n" in text:
            widget = forms.Textarea({"rows": 3, "class": "vLargeTextField"})
        return forms.CharField(
            label=presenters.get_column_label(column),
            initial=text,
            required=False,
            strip=False,
            widget=widget,
        )

    def get_text(self, column: str) -> str:
        """Get what a cell says now: its correction, or what the file says."""
        saved = self.saved.get(column)
        return normalize_cell(saved.value if saved else self.file_values.get(column, ""))

    def build_cells(self) -> Iterator[CellField]:
        for field in self.visible_fields():
            value = self.file_values.get(field.name, "")
            saved = self.saved.get(field.name)
            yield CellField(field.name, str(field.label), value, saved, field)

    def build_page_context(self) -> dict:
        cells = list(self.build_cells())
        other_cells = [cell for cell in cells if cell.column not in self.file_values]
        return {
            "form": self,
            "file_cells": [cell for cell in cells if cell.column in self.file_values],
            "other_cells": other_cells,
            "show_other_cells": any(cell.correction or cell.field.errors for cell in other_cells),
            "suggestions": get_suggestions(),
        }

    def mark_outdated(self) -> None:
        """Add the error that somebody was faster; sending the form again then overwrites that."""
        self.add_error(None, CORRECTION_OUTDATED)
        self.data = cast(QueryDict, self.data).dict() | {"seen": self.initial["seen"]}

    def clean(self):
        cleaned = super().clean()
        for column in [name for name in self.fields if name in cleaned and name != "seen"]:
            typed = normalize_newlines(cleaned[column])
            value = cleaned[column] = normalize_cell(typed)
            if value == self.get_text(column):
                continue
            if len(value) > MAX_CELL_LENGTH:
                text = _("At most %(most)d characters can be typed into a cell.")
                self.add_error(column, text % {"most": MAX_CELL_LENGTH})
            elif INVISIBLE.search(typed):
                self.add_error(column, _("This holds characters that nobody can see: type it."))
        return cleaned

    def build_corrections(self, user) -> list[ImportCorrection]:
        """Build all corrections of the row; a cell that equals the file's makes none."""
        result = []
        for column in (name for name in self.fields if name != "seen"):
            value, file_value = self.cleaned_data[column], self.file_values.get(column, "")
            if value == self.get_text(column) and column in self.saved:
                result.append(self.saved[column])
            elif value not in (normalize_cell(file_value), self.get_text(column)):
                correction = ImportCorrection(column=column, said=file_value, value=value)
                correction.who_name = user.get_username()
                result.append(correction)
        return result


def get_suggestions() -> dict[str, list[str]]:
    """List the values to suggest for a cell, by column, where there are few of them."""
    return {
        "kind": get_kind_words(),
        "roles": [role.label for role in Role.objects.all()],
        "communities": [community.label for community in Community.objects.all()],
    }


class RowCorrectionMixin(ImportPageMixin):
    """Add the page of one row to the admin of imports."""

    @redisplays_form
    @import_view
    def row_view(self, request: HttpRequest, job: Import, number: int) -> HttpResponse:
        row = job.rows.filter(number=number).first()
        if row is None:
            raise Http404
        saved = corrections.get_corrections(job, number)
        if job.state != Import.State.PLANNED:
            if request.method == "POST":
                return unsaved_pages.render_refused(request, get_closed_message(), 409)
            return self.render_row(request, job, row, None, saved)
        posted = request.POST if request.method == "POST" else None
        form = RowForm(posted, corrections.read_row_cells(job, number), saved)
        if unsaved_forms.is_redisplay(request):
            return self.show_row_again(request, job, row, form, saved)
        if posted is None or not form.is_valid():
            return self.render_row(request, job, row, form, saved)
        return self.save_corrections(request, job, row, form)

    def show_row_again(self, request, job, row, form: RowForm, saved) -> HttpResponse:
        """Render the cells as an unsaved form had them."""
        if form.is_valid() and form.cleaned_data["seen"] != form.initial["seen"]:
            form.mark_outdated()
        unsaved_pages.add_redisplay_message(request)
        return self.render_row(request, job, row, form, saved)

    def save_corrections(self, request, job: Import, row: ImportRow, form: RowForm) -> HttpResponse:
        wanted, saved = form.build_corrections(request.user), list(form.saved.values())
        if form.cleaned_data["seen"] == form.initial["seen"] and wanted == saved:
            messages.info(request, _("No cell was changed."))
            return redirect_to_import("row", job, row.number)
        try:
            import_service.correct_row(job, row.number, form.cleaned_data["seen"], wanted)
        except corrections.CorrectionConflictError:
            form.mark_outdated()
            return self.render_row(request, job, row, form, saved, 409)
        except (corrections.ImportClosedError, jobs.BusyError):
            return unsaved_pages.render_refused(request, get_closed_message(), 409)
        except (UnreadableFile, DatabaseError) as error:
            import_service.mark_failed(job, str(error))
            return redirect_to_import("change", job)
        return self.redirect_after_correction(request, job, row.number)

    def redirect_after_correction(self, request, job: Import, number: int) -> HttpResponse:
        """Redirect to the row with its new outcome, or to the import if it is not planned yet."""
        row = job.rows.filter(number=number).first()
        if job.state != Import.State.PLANNED or row is None:
            return redirect_to_import("change", job)
        text = _("Row %(number)d was planned anew as corrected: %(outcome)s.")
        values = {"number": number, "outcome": row.get_outcome_display()}
        messages.success(request, text % values)
        return redirect_to_import("row", job, number)

    def render_row(self, request, job, row, form, saved, status: int = 200) -> HttpResponse:
        if form is not None and form.is_bound and form.errors and status == 200:
            status = 422
        context = {
            "title": _("Row %(number)d of %(name)s") % {"number": row.number, "name": job},
            "job": job,
            "line": RowPresenter([row], request.user).build_rows()[0],
            "corrections": presenters.describe_corrections(saved),
        }
        context |= form.build_page_context() if form else {}
        return self.render_page(request, "row", context, status)


def get_closed_message() -> str:
    return _("This import is not open any more: its cells cannot be corrected now.")
