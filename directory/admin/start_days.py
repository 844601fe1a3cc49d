"""The first day of a membership without one, as it will be once a page is saved.

It is the date of the earliest source that then speaks of it, so it changes with the citations that
the same page adds, edits and deletes, and with the answers to its questions about them.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from directory.admin.base.citation_questions import KEEP, CitationQuestionMixin
from directory.admin.citations import OrganizationCitationFormSet, parse_target
from directory.models import Citation, Membership, Source
from directory.models.citation import Evidence
from directory.models.date_fields import get_partial_date


class DatedCitation(NamedTuple):
    """A citation of a membership as the page leaves it; `value` is None if it is bound anew."""

    pk: int | None
    membership: str  # its key, or "new"
    field: str
    value: str | None
    differs: bool
    source: Source

    def speaks_for(self, row: Membership, form: CitationQuestionMixin) -> bool:
        is_kept = form.get_answer(self.field) == KEEP
        if is_kept and self.pk in form.asked_citations[self.field]:
            return True
        return self.differs or self.value in (None, get_value(row, self.field))


def get_value(row: Membership, field: str) -> str:
    """The value of a fact, as citations store it."""
    if field == "role":
        return row.role_id
    value = get_partial_date(row, field)
    return str(value) if value else ""


def get_start_day(
    row: Membership, form: CitationQuestionMixin, citations: Iterable[DatedCitation]
) -> date:
    """The first day on which it is held, by the rule of `current()`; `date.min` if unknown."""
    if row.since:
        return row.since
    key = str(row.pk or "new")
    own = [each for each in citations if each.membership == key]
    sources = [each.source for each in own if each.speaks_for(row, form)]
    sources += form.get_new_sources()
    return min((source.dated for source in sources if source.dated), default=date.min)


def list_stored_citations(membership: int | None) -> list[DatedCitation]:
    """The citations of a membership, from the database."""
    rows = Citation.objects.filter(membership=membership, membership__isnull=False)
    return [_read_row(row) for row in rows.select_related("source")]


def _read_row(row: Citation) -> DatedCitation:
    differs = row.evidence == Evidence.DIFFERS
    key = str(row.membership_id)
    return DatedCitation(row.pk, key, row.field, row.value, differs, row.source)


def iter_page_citations(formset: OrganizationCitationFormSet) -> Iterator[DatedCitation]:
    """The citations of memberships that will remain, as they are entered on the page."""
    for form in formset.get_remaining_forms():
        kind, key, field = parse_target(form.cleaned_data["target"])
        source, evidence = form.cleaned_data["source"], form.cleaned_data["evidence"]
        if kind == "membership":
            row, differs = form.instance, evidence == Evidence.DIFFERS
            yield DatedCitation(row.pk, key, field, row.value, differs, source)
