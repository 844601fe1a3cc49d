"""Ask what becomes of the citations of a fact when a form changes its value."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.forms import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from directory.admin.base.form_fields import TextField
from directory.history.recorder import ChangeRecorder
from directory.models import Citation, Source
from directory.models.citation import CitationQuerySet, Evidence
from directory.models.citation_values import get_value_fields
from directory.permissions import scope

KEEP, NEW, NONE = "keep", "new", "none"
# The answers, each with the permission that it needs; the fields of a new citation follow the last.
CHOICES = (
    (KEEP, _("The source says the new value too: keep its citation"), "directory.change_citation"),
    (
        NONE,
        _("It does not: the citation stays with the old value and is not shown any more"),
        "",
    ),
    (NEW, _("Another source says it: enter that source and its words"), "directory.add_citation"),
)
PREFIX = "citations_of_"


@dataclass(frozen=True)
class CitationQuestion:
    """The form fields of one question; `new` are those of a new citation, if it may be added."""

    answer: BoundField
    new: list[BoundField]


class CitationQuestionMixin(forms.ModelForm):
    """A form that asks about each cited value it changes, on a page of its own or in an inline.

    A citation speaks only for the value it was made for. Whoever changes the value says in the
    same step whether its source says the new one too, or which other one does; until then nothing
    is saved.
    """

    # The facts that can be cited of the row, by the form field of their value, with their labels.
    cited_fields: tuple[tuple[str, Any], ...] = ()
    owner = ""  # the foreign key of Citation to the row
    user: Any = None  # who is editing, set by the admin

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed_facts: dict[str, str] = {}
        self.asked_citations: dict[str, list[int]] = {}
        self.question_names: list[str] = []
        if self.is_bound and self.instance.pk:
            self.changed_facts = self._find_changed_facts()
        for name, label in self.changed_facts.items():
            self._add_question(name, label)

    def get_row_label(self) -> str:
        """Which row of the page is asked about; "" where there is only one."""
        return ""

    def _find_changed_facts(self) -> dict[str, str]:
        """The labels of the facts that speaking citations support and the form changes."""
        changed = {
            name: str(label)
            for name, label in self.cited_fields
            if any(map(self._is_changed, self._get_columns(name)))
        }
        if not changed:
            return {}
        for name in changed:
            cited = self.get_citations(name).speaking(self.owner).exclude(evidence="differs")
            self.asked_citations[name] = list(cited.values_list("pk", flat=True))
        return {name: label for name, label in changed.items() if self.asked_citations[name]}

    def _is_changed(self, field: str) -> bool:
        # Not `changed_data`, which is kept from the first time that it is asked for.
        return self[field]._has_changed()  # type: ignore[attr-defined]  # missing in the stubs

    def _get_columns(self, name: str) -> list[str]:
        """The form's fields that make the value of a fact: in both languages, for a purpose."""
        columns = get_value_fields(self.owner, name)
        return [column for column in columns if column in self.fields]

    def get_citations(self, name: str) -> CitationQuerySet:
        """The citations of one fact of the row."""
        return Citation.objects.filter(**self._get_target(name))

    def _get_target(self, name: str) -> dict[str, Any]:
        field = "" if self.owner == "alias" else name
        return {f"{self.owner}_id": self.instance.pk, "field": field}

    # -- The question --------------------------------------------------------

    def _add_question(self, name: str, label: str) -> None:
        row = self.get_row_label()
        about = {"fact": label, "row": row}
        choices = [(key, text) for key, text, permission in CHOICES if self._may(permission)]
        fields: dict[str, forms.Field] = {
            "": forms.ChoiceField(
                label=_("%(row)s: “%(fact)s” is cited. What of its citation?") % about
                if row
                else _("“%(fact)s” is cited. What of its citation?") % about,
                choices=choices,
                widget=forms.RadioSelect,
                error_messages={"required": _("Nothing was saved yet: answer this first.")},
            )
        }
        if self._may("directory.add_citation"):
            fields |= self._build_citation_fields()
        for suffix, field in fields.items():
            field.is_question = True  # type: ignore[attr-defined]  # no value of the row
            self.fields[f"{PREFIX}{name}{suffix}"] = field
            self.question_names.append(f"{PREFIX}{name}{suffix}")

    def _build_citation_fields(self) -> dict[str, forms.Field]:
        relation = Citation._meta.get_field("source").remote_field
        may_add = self._may("directory.add_source")
        sources = scope.filter_visible(self.user, Source.objects.newest_first())
        source = forms.ModelChoiceField(sources, label=capfirst(_("source")), required=False)
        source.widget = RelatedFieldWidgetWrapper(source.widget, relation, admin.site, may_add)
        # By its placeholder the style sheet knows whether a field is filled.
        words = forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField", "placeholder": " "})
        place = forms.TextInput(attrs={"placeholder": " "})
        return {
            "_source": source,
            "_passage": TextField(
                label=capfirst(_("its very words")), required=False, widget=words
            ),
            "_place": TextField(
                label=capfirst(_("line or row")), required=False, max_length=40, widget=place
            ),
        }

    def _may(self, permission: str) -> bool:
        return not permission or self.user is None or self.user.has_perm(permission)

    @property
    def citation_questions(self) -> list[CitationQuestion]:
        return [
            CitationQuestion(
                self[PREFIX + name],
                [self[each] for each in self._get_citation_names(name) if each in self.fields],
            )
            for name in self.changed_facts
        ]

    @staticmethod
    def _get_citation_names(name: str) -> list[str]:
        return [f"{PREFIX}{name}_{column}" for column in ("source", "passage", "place")]

    # -- The answer ----------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """A new citation needs its source and words; and words need to be asked for."""
        cleaned = super().clean() or self.cleaned_data
        for name in self.changed_facts:
            answer = cleaned.get(PREFIX + name)
            source, passage, place = self._get_citation_names(name)
            if answer == NEW and not cleaned.get(source) and source not in self.errors:
                self.add_error(source, _("Choose the source that says the new value."))
            if answer == NEW and not cleaned.get(passage):
                self.add_error(passage, _("Enter the very words of the source."))
            if answer in (KEEP, NONE) and any(map(cleaned.get, (source, passage, place))):
                text = _("Another source is entered here: choose that answer, or empty its fields.")
                self.add_error(PREFIX + name, text)
        return cleaned

    def get_answer(self, name: str) -> str:
        """The answer about one fact; "" where it is not asked or not answered."""
        return self.cleaned_data.get(PREFIX + name, "")

    def get_new_sources(self) -> list[Source]:
        """The sources of the new citations that the answers ask for."""
        asked = [name for name in self.changed_facts if self.get_answer(name) == NEW]
        sources = [self.cleaned_data.get(f"{PREFIX}{name}_source") for name in asked]
        return [source for source in sources if source is not None]

    def save_citation_answers(self, change: ChangeRecorder) -> None:
        """Bind the citations that are kept to the new value, and add new ones.

        Call it within the recorded change, after everything else on the page was saved.
        """
        for name in self.changed_facts:
            answer = self.cleaned_data[PREFIX + name]
            if answer == KEEP:
                kept = self.get_citations(name).filter(pk__in=self.asked_citations[name])
                kept.update(value=None)
            elif answer == NEW:
                self._add_citation(name, change)

    def _add_citation(self, name: str, change: ChangeRecorder) -> None:
        source, passage, place = (self.cleaned_data[n] for n in self._get_citation_names(name))
        values = {"source": source, "passage": passage, "place": place}
        language, evidence = source.language, Evidence.STATED
        row = Citation(**self._get_target(name), **values, language=language, evidence=evidence)
        change.track_row(row)
        row.save()
        change.mark_changed(row)


def iter_question_forms(
    form: forms.BaseForm, formsets: Iterable[Any]
) -> Iterator[CitationQuestionMixin]:
    """The forms of a page that may ask, but not those of rows that are being deleted."""
    yield from (each for each in (form,) if isinstance(each, CitationQuestionMixin))
    for formset in formsets:
        for row_form in formset.forms if formset.is_bound else ():
            if isinstance(row_form, CitationQuestionMixin) and not formset.is_removed(row_form):
                yield row_form
