"""Texts of an import for its pages: its state, its columns, its source and its corrections."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import jobs
from directory.history.undo import service as undo_service
from directory.importing.apply import list_source
from directory.importing.apply.list_source import ListSource
from directory.importing.columns import UNREAD_REASONS
from directory.importing.readers import headings
from directory.models import (
    Import,
    ImportCorrection,
    ImportRow,
    Organization,
    Source,
)
from directory.text.language import list_separator

State, Outcome = Import.State, ImportRow.Outcome
OUTCOME_ORDER = (
    Outcome.REFUSED,
    Outcome.DOUBTFUL,
    Outcome.CHANGED,
    Outcome.NEW,
    Outcome.UNCHANGED,
)
ORGANIZATION_LABELS = {
    each.name: each.verbose_name for each in Organization._meta.get_fields() if each.concrete
}
COLUMN_LABELS = ORGANIZATION_LABELS | {
    "number": gettext_lazy("number"),
    "level": gettext_lazy("level of schooling"),
    "roles": gettext_lazy("roles"),
    "communities": gettext_lazy("communities"),
    "since": gettext_lazy("since"),
    "until": gettext_lazy("until"),
    "region_name": gettext_lazy("region in words"),
    "province": gettext_lazy("province"),
    "city": gettext_lazy("city"),
    "county": gettext_lazy("county"),
    "aliases": gettext_lazy("aliases"),
    "short": gettext_lazy("short name"),
    "former": gettext_lazy("former name"),
    "memberships": gettext_lazy("memberships"),
    "fingerprint": gettext_lazy("fingerprint"),
}


def get_column_label(column: str) -> str:
    return capfirst(str(COLUMN_LABELS.get(column, column)))


def get_column_choices() -> list[tuple[str, str]]:
    fields = [(name, get_column_label(name)) for name in headings.FIELDS]
    return [("", _("— do not import —")), *fields]


def format_counts(job: Import) -> str:
    """Format how many rows there are of each outcome."""
    counts = [(Outcome(each).label, job.counts.get(each, 0)) for each in OUTCOME_ORDER]
    return list_separator().join(f"{label} {count}" for label, count in counts if count)


def format_state(job: Import) -> str:
    """Format the state of an import, with "interrupted" for work that no process is doing."""
    if job.state in (State.PLANNING, State.APPLYING) and not jobs.is_running(job.pk):
        return job.get_state_display() if jobs.is_starting(job.pk) else _("interrupted")
    if job.state == State.APPLIED and job.revision and undo_service.is_undone(job.revision):
        return _("applied, and undone")
    return job.get_state_display()


def get_cited_source(job: Import) -> Source | str:
    """Get the source that the import cites: a row, a text for a new one, or "" for none."""
    code = job.options.get("source", "")
    if code == list_source.FILE_SOURCE:
        facts = ListSource.from_job(job) if job.state != State.APPLIED else None
        text = _("this list itself, as a new source shown in public: %(title)s, %(publisher)s")
        return text % {"title": facts.title, "publisher": facts.publisher} if facts else ""
    return Source.objects.filter(code=code).first() or ""


class MappedHeading(NamedTuple):
    """A heading of the file and what it is imported as, or why it is not imported."""

    heading: str
    label: str
    is_imported: bool


class CorrectionNote(NamedTuple):
    """What became of a cell of one row that was corrected in the admin."""

    number: int
    text: str


def describe_mapping(job: Import) -> list[MappedHeading]:
    """List each heading with what it is taken for, and whether it is imported."""
    mapped = []
    for heading, name in zip(job.headings, job.mapping, strict=True):
        is_imported = name in headings.FIELDS
        reason = str(UNREAD_REASONS.get(name, UNREAD_REASONS[""]))
        label = get_column_label(name) if is_imported else reason
        mapped.append(MappedHeading(" ".join(heading.split()) or "—", label, is_imported))
    return mapped


def describe_corrections(corrections: Iterable[ImportCorrection]) -> list[CorrectionNote]:
    """List each cell that was corrected in the admin, with both values."""
    changed = _("%(column)s “%(value)s”: corrected here; the file says “%(said)s”.")
    entered = _("%(column)s “%(value)s”: entered here; the file says nothing.")
    notes = []
    for each in corrections:
        values = {"value": each.value[:80], "said": each.said[:80]}
        text = (changed if each.said else entered) % (
            values | {"column": get_column_label(each.column)}
        )
        notes.append(CorrectionNote(each.number, text))
    return notes
