"""Ask what becomes of the citations of a fact when a form changes its value."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from directory.models import Citation
from directory.models.citation import CitationQuerySet

KEEP, NONE = "keep", "none"
CHOICES = (
    (KEEP, _("The source says the new value too: keep its citation")),
    (NONE, _("It does not: the citation stays with the old value and is not shown any more")),
)
PREFIX = "citations_of_"


class CitationQuestionMixin(forms.ModelForm):
    """A form of an organization or a community that asks about each cited value it changes.

    A citation speaks only for the value it was made for. Whoever changes the value says in the
    same step whether the source says the new one too; until then nothing is saved.
    """

    cited_fields: tuple[tuple[str, Any], ...] = ()
    owner = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed_facts: dict[str, str] = {}
        if self.is_bound and self.instance.pk:
            self.changed_facts = self._find_changed_facts()
        for name, label in self.changed_facts.items():
            self.fields[PREFIX + name] = forms.ChoiceField(
                label=_("“%(fact)s” is cited. What of its citation?") % {"fact": label},
                choices=CHOICES,
                widget=forms.RadioSelect,
                error_messages={"required": _("Nothing was saved yet: answer this first.")},
                help_text=_("Enter another source among the citations below, if there is one."),
            )

    def _find_changed_facts(self) -> dict[str, str]:
        """The labels of the facts that speaking citations support and the form changes."""
        cited = self.get_citations().speaking(self.owner).exclude(evidence="differs")
        names = set(cited.values_list("field", flat=True))
        return {
            name: str(label)
            for name, label in self.cited_fields
            if name in names and any(map(self._is_changed, self._columns(name)))
        }

    def _is_changed(self, field: str) -> bool:
        # Not `changed_data`, which is kept from the first time that it is asked for.
        return self[field]._has_changed()  # type: ignore[attr-defined]  # missing in the stubs

    def _columns(self, name: str) -> list[str]:
        """The form's fields that make the value of a fact: in both languages, for a purpose."""
        columns = [name] if self.owner == "organization" else [name, f"{name}_en"]
        return [column for column in columns if column in self.fields]

    def get_citations(self) -> CitationQuerySet:
        return Citation.objects.filter(**{self.owner: self.instance.pk})

    @property
    def citation_questions(self) -> list[BoundField]:
        return [self[PREFIX + name] for name in self.changed_facts]

    def rebind_citations(self) -> None:
        """Bind the citations that are kept to the new value; call it within the recorded change."""
        kept = [name for name in self.changed_facts if self.cleaned_data[PREFIX + name] == KEEP]
        self.get_citations().filter(field__in=kept).exclude(evidence="differs").update(value=None)
