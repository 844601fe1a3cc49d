"""Forms of an import: the file, the mapping of its columns, and the decisions of its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.imports import presenters
from directory.importing.apply import citations, list_source
from directory.importing.apply.list_source import ListSource
from directory.importing.readers import headings, limits
from directory.models import Community, Import, ImportRow, Role, Source
from directory.permissions import policy, scope
from directory.permissions.policy import Account

Decision, Outcome = ImportRow.Decision, ImportRow.Outcome
MAX_NAMED = 10
MAX_SOURCES = 100
LIST_PREFIX = "list-"  # of the fields that say what the list is, if it becomes a source
LIST_FACTS = ("title", "title_en", "publisher", "publisher_en", "medium", "dated")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Import a list: choose the file, or drag it here"),
        label_suffix="",
        help_text=gettext_lazy("Excel (XLSX or XLS) or CSV, in any encoding, titles and all."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xls,.xlsx"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > limits.FILE_SIZE:
            refusal = limits.UnreadableFile("large", most=limits.FILE_SIZE // limits.MEGABYTE)
            raise forms.ValidationError(str(refusal))
        return file


def get_source_choices(user: Account) -> list[tuple[str, object]]:
    """Build the choices of a source: none, a recorded one, latest first, or the list itself."""
    rows = scope.filter_visible(user, Source.objects.newest_first())[:MAX_SOURCES]
    recorded = [(row.code, Truncator(str(row)).chars(60)) for row in rows]
    return [
        ("", _("— none: the facts read “no source recorded” —")),
        (list_source.FILE_SOURCE, _("this list itself, as a new source shown in public")),
        *recorded,
    ]


@dataclass(frozen=True)
class ColumnSample:
    """The field that maps a column, and what the column says in the first rows."""

    field: forms.BoundField
    cells: list[str]


class MappingForm(forms.Form):
    """Maps each column of the file to a fact, and sets what holds for all rows.

    The fields `list-…` say what the list is, if it shall become a source; they are fields of a
    `ListSource`.
    """

    community = forms.ModelChoiceField(
        label=gettext_lazy("Community of rows that name none"),
        queryset=Community.objects.order_by("pk"),
        to_field_name="code",
        required=False,
    )
    role = forms.ModelChoiceField(
        label=gettext_lazy("Role of rows that name none"),
        queryset=Role.objects.order_by("rank"),
        required=False,
        help_text=gettext_lazy("None: organizations without a membership, seen at the desk only."),
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Source of what the list says"),
        required=False,
        help_text=gettext_lazy(
            "With a source, each fact that is written cites its row on the public pages, word for "
            "word. What you correct is cited as an inference."
        ),
    )
    publish = forms.BooleanField(
        label=gettext_lazy("Publish at once what is new"),
        required=False,
        help_text=gettext_lazy("Otherwise new organizations are drafts."),
    )

    def __init__(self, data, job: Import, user: Account):
        self.job = job
        super().__init__(data, initial=build_initial(job))
        if not policy.may_publish(user):
            del self.fields["publish"]
        cast(forms.ChoiceField, self.fields["source"]).choices = get_source_choices(user)
        if citations.may_cite(user):
            self.fields |= build_list_fields(job)
        else:
            del self.fields["source"]
        for at, heading in enumerate(job.headings):
            name = job.mapping[at]
            self.fields[f"column-{at}"] = forms.ChoiceField(
                label=" ".join(heading.split()) or _("column %(n)d") % {"n": at + 1},
                choices=presenters.get_column_choices,
                required=False,
                initial=name if name in headings.FIELDS else "",
            )

    def build_columns(self, samples: list[list[str]]) -> list[ColumnSample]:
        """Build the field of each column, beside its cells in the first rows of the file."""
        return [
            ColumnSample(
                self[f"column-{at}"],
                [cells[at] if at < len(cells) else "" for cells in samples],
            )
            for at in range(len(self.job.headings))
        ]

    def shared_fields(self) -> list[forms.BoundField]:
        """List the fields that hold for all rows, in the order of the class."""
        return [self[name] for name in self.base_fields if name in self.fields]

    def list_fields(self) -> list[forms.BoundField]:
        """List the fields that say what the list is; none if the account may not cite."""
        return [self[name] for name in self.fields if name.startswith(LIST_PREFIX)]

    def export_warning(self) -> str:
        """Say why it is odd to cite this file, if it was exported from here; else ""."""
        is_export = headings.is_own_export(self.job.headings)
        return list_source.get_export_warning() if is_export else ""

    def clean(self):
        cleaned = super().clean()
        chosen = [cleaned.get(f"column-{at}", "") for at in range(len(self.job.headings))]
        repeated = {name for name in chosen if name and chosen.count(name) > 1}
        for at, name in enumerate(chosen):
            if name in repeated:
                self.add_error(f"column-{at}", _("Two columns cannot be the same fact."))
        if not {"name", "name_en"} & set(chosen):
            self.add_error(None, str(limits.UnreadableFile("nameless")))
        if cleaned.get("role") and not cleaned.get("community") and Community.objects.count() > 1:
            self.add_error("community", _("A role needs a community."))
        self.clean_source_of_list(cleaned)
        return cleaned

    def clean_source_of_list(self, cleaned: dict) -> None:
        """Check what is said of the list, if it shall be a source; refuse it if it shall not."""
        if "source" not in self.fields:
            return
        if cleaned.get("source") == list_source.FILE_SOURCE:
            refusals = get_list_source(cleaned).find_refusals(self.job.headings, self.job.sha256)
            for name, reason in refusals:
                field = name if name == "source" else f"{LIST_PREFIX}{name}"
                if field not in self.errors:
                    self.add_error(field, reason)
        elif cleaned.get(f"{LIST_PREFIX}publisher") and "source" not in self.errors:
            reason = _(
                "You named the publisher of this list, but the list is not chosen as the source. "
                "Choose it, or empty the publisher."
            )
            self.add_error("source", reason)

    def save(self) -> None:
        """Save mapping and options; an ignored column keeps the reason why it is ignored."""
        cleaned, old = self.cleaned_data, self.job.mapping
        for at in range(len(old)):
            name = cleaned[f"column-{at}"]
            if name or old[at] in headings.FIELDS:
                self.job.mapping[at] = name
        chosen = {name: cleaned.get(name) for name in ("community", "role", "publish")}
        options = {name: getattr(each, "code", each) for name, each in chosen.items() if each}
        self.job.options = options | {"source": cleaned.get("source", "")}
        if self.job.options["source"] == list_source.FILE_SOURCE:
            self.job.options[list_source.FACTS_OPTION] = get_list_source(cleaned).serialize()
        self.job.save(update_fields=["mapping", "options"])


def build_initial(job: Import) -> dict:
    """Build the initial values: the stored options, and the title that the file name suggests."""
    facts = {"title": list_source.suggest_title(job.name)[:200]}
    facts |= job.options.get(list_source.FACTS_OPTION) or {}
    options = {"source": ""} | job.options
    if options["source"] == list_source.FILE_SOURCE and ListSource.from_job(job) is None:
        options["source"] = ""  # chosen by an earlier default, which nobody said
    return options | {f"{LIST_PREFIX}{name}": facts[name] for name in facts}


def build_list_fields(job: Import) -> dict[str, forms.Field]:
    """Build the fields that say what the list is, each optional until the list is chosen."""
    widgets: dict[str, type[forms.Widget] | forms.Widget] = {
        **dict.fromkeys(list_source.TEXTS, AdminTextInputWidget),
        "dated": AdminTextInputWidget,
    }
    fields = forms.fields_for_model(
        Source,
        LIST_FACTS,
        widgets=widgets,
        help_texts={
            "publisher": _("The office or body that issued the list. Needed."),
            "dated": _("The day, month or year in which the list was issued, if it is known."),
        },
    )
    fields["medium"] = forms.ChoiceField(
        label=fields["medium"].label, choices=Source.Medium.choices, initial=Source.Medium.LETTER
    )
    if headings.is_own_export(job.headings):
        fields["cites_export"] = forms.BooleanField(label=_("Cite this exported file all the same"))
    for field in fields.values():
        field.required = False
    return {f"{LIST_PREFIX}{name}": field for name, field in fields.items()}


def get_list_source(cleaned: dict) -> ListSource:
    """Return what the form says of the list."""
    names = (*LIST_FACTS, "cites_export")
    facts = {name: cleaned.get(f"{LIST_PREFIX}{name}") for name in names}
    return ListSource(**{name: value for name, value in facts.items() if value})


def read_decisions(job: Import, posted: QueryDict) -> list[ImportRow]:
    """Read the posted decisions into the rows of the page; return the rows that change."""
    shown = [key for key in posted.getlist("row") if key.isascii() and key.isdigit()]
    rows = ImportRow.objects.filter(of=job, pk__in=[int(key) for key in shown if len(key) < 19])
    changed = []
    for row in rows:
        before = row.decision, row.left
        if row.outcome == Outcome.DOUBTFUL:
            wanted = posted.get(f"decide-{row.pk}", "")
            possible = {Decision.OPEN, Decision.SKIP}
            possible |= {Decision.CREATE} if row.whole else set()
            possible |= {Decision.CHANGE} if row.organization and row.values else set()
            row.decision = wanted if wanted in possible else Decision.OPEN
        elif row.outcome in (Outcome.NEW, Outcome.CHANGED):
            row.decision = Decision.OPEN if f"take-{row.pk}" in posted else Decision.SKIP
        if f"cells-{row.pk}" in posted:
            ticked = set(posted.getlist(f"cell-{row.pk}"))
            row.left = [column for column in row.values or row.whole if column not in ticked]
        if (row.decision, row.left) != before:
            changed.append(row)
    return changed


def describe_lost_decisions(changed: list[ImportRow]) -> Iterator[str]:
    """Yield a message for each row whose decision was lost, because the page was outdated."""
    for row in changed[:MAX_NAMED]:
        text = _("Row %(number)d, %(name)s: you had chosen “%(decision)s”.")
        is_taken = row.outcome != Outcome.DOUBTFUL and row.decision == Decision.OPEN
        decision = _("take it, without some cells") if is_taken else row.get_decision_display()
        yield text % {"number": row.number, "name": row.name, "decision": decision}
    if len(changed) > MAX_NAMED:
        yield _("… and %(n)d more.") % {"n": len(changed) - MAX_NAMED}
