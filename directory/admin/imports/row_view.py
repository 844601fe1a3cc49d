"""One row of an import, whose cells can be corrected while nothing of it is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import jobs
from directory.admin.imports import presenters
from directory.admin.imports.page_frame import Pages, of_import, to
from directory.importing import corrections
from directory.importing import service as import_service
from directory.importing.readers.limits import Unreadable
from directory.models import Community, Import, ImportCorrection, ImportRow, Kind, Role

LONGEST = 5_000  # characters that somebody types; a cell of the file may hold more
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
LINES = re.compile(r"\r\n?")
LONG = ("description", "description_en")
OVERTAKEN = gettext_lazy(
    "Somebody corrected this row while you were at it, so yours was not kept. Below is what you "
    "entered, beside how the row stands now. Saving again keeps yours."
)


def plain(text: str) -> str:
    return LINES.sub("\n", text)


@dataclass
class Cell:
    """A cell as the form shows it: what the file says, what it is corrected to, and by whom."""

    column: str
    label: str
    said: str
    correction: ImportCorrection | None
    field: forms.BoundField

    @property
    def now(self) -> str:
        return self.correction.value if self.correction else self.said


class RowForm(forms.Form):
    """The cells of one row; what is left as it stands is no correction."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data, cells: dict[str, str], there: list[ImportCorrection]):
        self.said, self.there = cells, {each.column: each for each in there}
        super().__init__(data, initial={"seen": corrections.token(there)})
        for column in (*cells, *(name for name in corrections.COLUMNS if name not in cells)):
            self.fields[column] = self.field(column)

    def field(self, column: str) -> forms.Field:
        shown = self.shown(column)
        attributes = {"list": f"known-{column}"} if column in lists() else {}
        widget = forms.TextInput(attributes | {"autocomplete": "off", "class": "vTextField"})
        if column in LONG or "\n" in shown:
            widget = forms.Textarea({"rows": 3, "class": "vLargeTextField"})
        return forms.CharField(
            label=presenters.label(column),
            initial=shown,
            required=False,
            strip=False,
            widget=widget,
        )

    def shown(self, column: str) -> str:
        correction = self.there.get(column)
        return plain(correction.value if correction else self.said.get(column, ""))

    def cells(self) -> Iterator[Cell]:
        for field in self.visible_fields():
            said = self.said.get(field.name, "")
            yield Cell(field.name, field.label, said, self.there.get(field.name), field)

    def context(self) -> dict:
        cells = list(self.cells())
        untold = [cell for cell in cells if cell.column not in self.said]
        return {
            "form": self,
            "told": [cell for cell in cells if cell.column in self.said],
            "untold": untold,
            "opened": any(cell.correction or cell.field.errors for cell in untold),
            "lists": lists(),
        }

    def overtaken(self) -> None:
        """It is sent again by somebody who has seen what stands there now."""
        self.add_error(None, OVERTAKEN)
        self.data = self.data.dict() | {"seen": self.initial["seen"]}

    def clean(self):
        cleaned = super().clean()
        for column in [name for name in self.fields if name in cleaned and name != "seen"]:
            value = cleaned[column] = plain(cleaned[column])
            if value == self.shown(column):
                continue
            if len(value) > LONGEST:
                words = _("At most %(most)d characters can be typed into a cell.")
                self.add_error(column, words % {"most": LONGEST})
            elif UNSEEN.search(value):
                self.add_error(column, _("This holds characters that nobody can see: type it."))
        return cleaned

    def wanted(self, user) -> list[ImportCorrection]:
        """The row's corrections as they shall be; what the file says already is none."""
        found = []
        for column in (name for name in self.fields if name != "seen"):
            value, said = self.cleaned_data[column], self.said.get(column, "")
            if value == self.shown(column) and column in self.there:
                found.append(self.there[column])
            elif value not in (plain(said), self.shown(column)):
                each = ImportCorrection(column=column, said=said, value=value)
                each.who_name = user.get_username()
                found.append(each)
        return found


def lists() -> dict[str, list[str]]:
    """The words that a cell may say, for columns that have few."""
    return {
        "kind": [str(label) for label in Kind.labels],
        "roles": [role.label for role in Role.objects.all()],
        "communities": [community.label for community in Community.objects.all()],
    }


class RowPage(Pages):
    """The page of one row, for the admin of imports."""

    @of_import
    def row(self, request: HttpRequest, of: Import, number: int) -> HttpResponse:
        row = of.rows.filter(number=number).first()
        if row is None:
            raise Http404
        there = corrections.there(of, number)
        if of.state != Import.State.PLANNED:
            if request.method == "POST":
                messages.error(request, closed())
            return self.shown(request, of, row, None, there)
        posted = request.POST if request.method == "POST" else None
        form = RowForm(posted, corrections.cells(of, number), there)
        if posted is None or not form.is_valid():
            return self.shown(request, of, row, form, there)
        return self.correct(request, of, row, form)

    def correct(self, request, of: Import, row: ImportRow, form: RowForm) -> HttpResponse:
        wanted = form.wanted(request.user)
        if form.cleaned_data["seen"] == form.initial["seen"] and wanted == list(
            form.there.values()
        ):
            messages.info(request, _("No cell was changed."))
            return to("row", of, row.number)
        try:
            import_service.correct(of, row.number, form.cleaned_data["seen"], wanted)
        except corrections.OvertakenError:
            form.overtaken()
            return self.shown(request, of, row, form, list(form.there.values()), 409)
        except (corrections.ClosedError, jobs.BusyError):
            messages.error(request, closed())
            return to("change", of)
        except (Unreadable, DatabaseError) as error:
            import_service.fail(of, str(error))
            return to("change", of)
        return self.corrected(request, of, row.number)

    def corrected(self, request: HttpRequest, of: Import, number: int) -> HttpResponse:
        row = of.rows.filter(number=number).first()
        if of.state != Import.State.PLANNED or row is None:
            return to("change", of)
        words = _("Row %(number)d was planned anew as corrected: %(outcome)s.")
        told = {"number": number, "outcome": row.get_outcome_display()}
        messages.success(request, words % told)
        return to("row", of, number)

    def shown(self, request, of, row, form, there, status: int = 200) -> HttpResponse:
        if form is not None and form.is_bound and status == 200:
            status = 422
        context = {
            "title": _("Row %(number)d of %(name)s") % {"number": row.number, "name": of},
            "of": of,
            "line": presenters.Words([row]).lines()[0],
            "corrections": presenters.corrected(there),
        }
        return self.page(request, "row", context | (form.context() if form else {}), status)


def closed() -> str:
    return _("This import is not open any more: its cells cannot be corrected now.")
