"""What an officer is asked on the way of an import: the file, its columns, and each row."""

from collections.abc import Iterator

from django import forms
from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.imports import presenters
from directory.importing.apply import citations
from directory.importing.readers import headings, limits
from directory.models import Community, Import, ImportRow, Role, Source
from directory.permissions import policy

Decision, Outcome = ImportRow.Decision, ImportRow.Outcome
MOST_NAMED = 10
MOST_SOURCES = 100


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Import a list: choose the file, or drag it here"),
        label_suffix="",
        help_text=gettext_lazy("Excel (XLSX or XLS) or CSV, in any encoding, titles and all."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xls,.xlsx"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > limits.FILE:
            refusal = limits.Unreadable("large", most=limits.FILE // limits.MEGABYTE)
            raise forms.ValidationError(str(refusal))
        return file


def sources() -> list[tuple[str, object]]:
    """None, the list itself, or one that is recorded already, the latest first."""
    rows = Source.objects.newest_first()[:MOST_SOURCES]
    known = [(row.code, Truncator(str(row)).chars(60)) for row in rows]
    return [("", _("— none —")), (citations.THE_FILE, _("this list, as a new source")), *known]


class MappingForm(forms.Form):
    """What each column is taken for, and what holds for all rows."""

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
        choices=sources,
        required=False,
        help_text=gettext_lazy(
            "Each fact that is written cites its row, in the very words. What you correct is "
            "cited as an inference."
        ),
    )
    publish = forms.BooleanField(
        label=gettext_lazy("Publish at once what is new"),
        required=False,
        help_text=gettext_lazy("Otherwise new organizations are drafts."),
    )

    def __init__(self, data, of: Import, user: object):
        self.of = of
        super().__init__(data, initial={"source": citations.THE_FILE} | of.options)
        if not policy.may_publish(user):
            del self.fields["publish"]
        if not citations.may_cite(user):
            del self.fields["source"]
        for at, heading in enumerate(of.headings):
            name = of.mapping[at]
            self.fields[f"column-{at}"] = forms.ChoiceField(
                label=" ".join(heading.split()) or _("column %(n)d") % {"n": at + 1},
                choices=presenters.choices,
                required=False,
                initial=name if name in headings.FIELDS else "",
            )

    def columns(self) -> list[forms.BoundField]:
        return [self[f"column-{at}"] for at in range(len(self.of.headings))]

    def for_all(self) -> list[forms.BoundField]:
        """What is asked of the list as a whole, in the order of the class."""
        return [self[name] for name in self.base_fields if name in self.fields]

    def clean(self):
        cleaned = super().clean()
        chosen = [cleaned.get(f"column-{at}", "") for at in range(len(self.of.headings))]
        twice = {name for name in chosen if name and chosen.count(name) > 1}
        for at, name in enumerate(chosen):
            if name in twice:
                self.add_error(f"column-{at}", _("Two columns cannot be the same fact."))
        if not {"name", "name_en"} & set(chosen):
            self.add_error(None, str(limits.Unreadable("nameless")))
        if cleaned.get("role") and not cleaned.get("community") and Community.objects.count() > 1:
            self.add_error("community", _("A role needs a community."))
        return cleaned

    def keep(self) -> None:
        """Into the import; what was passed over for a reason keeps its reason."""
        cleaned, old = self.cleaned_data, self.of.mapping
        for at in range(len(old)):
            name = cleaned[f"column-{at}"]
            if name or old[at] in headings.FIELDS:
                self.of.mapping[at] = name
        chosen = {name: cleaned.get(name) for name in ("community", "role", "publish")}
        words = {name: getattr(each, "code", each) for name, each in chosen.items() if each}
        self.of.options = words | {"source": cleaned.get("source", "")}
        self.of.save(update_fields=["mapping", "options"])


def decisions(of: Import, posted: QueryDict) -> list[ImportRow]:
    """The rows of the page with what was ticked and chosen for them, where that is new."""
    shown = [key for key in posted.getlist("row") if key.isascii() and key.isdigit()]
    rows = ImportRow.objects.filter(of=of, pk__in=[int(key) for key in shown if len(key) < 19])
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


def differing(changed: list[ImportRow]) -> Iterator[str]:
    """What was chosen on a page that is old by now, row by row."""
    for row in changed[:MOST_NAMED]:
        words = _("Row %(number)d, %(name)s: you had chosen “%(decision)s”.")
        taken = row.outcome != Outcome.DOUBTFUL and row.decision == Decision.OPEN
        decision = _("take it, without some cells") if taken else row.get_decision_display()
        yield words % {"number": row.number, "name": row.name, "decision": decision}
    if len(changed) > MOST_NAMED:
        yield _("… and %(n)d more.") % {"n": len(changed) - MOST_NAMED}
