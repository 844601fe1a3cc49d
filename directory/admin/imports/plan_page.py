"""What the page of a planned import shows: its rows by outcome, and how many there are of each."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from directory.admin.imports import presenters
from directory.admin.imports.planned_rows import PlannedRow, RowPresenter
from directory.importing import columns
from directory.importing import report as import_report
from directory.importing.apply import selection
from directory.importing.readers.reader import TableReading
from directory.models import Import, ImportRow
from directory.permissions.policy import Account

PAGE_SIZE = 50
PREVIEW_SIZE = 5
MAX_SKIPPED = 20
MAX_CORRECTIONS = 20
FEW_SKIPPED = 9  # below it, the list of skipped rows is open at once
Outcome = ImportRow.Outcome


@dataclass(frozen=True)
class OutcomeCount:
    """How many rows have one outcome."""

    outcome: str
    label: str
    count: int

    @property
    def has_refused(self) -> bool:
        return bool(self.count) and self.outcome == Outcome.REFUSED

    @property
    def has_doubtful(self) -> bool:
        return bool(self.count) and self.outcome == Outcome.DOUBTFUL


@dataclass(frozen=True)
class OutcomeSection:
    """The rows of one outcome; `page` is None where only the first few of it are shown."""

    outcome: str
    label: str
    count: int
    rows: list[PlannedRow]
    page: Page | None

    @property
    def can_be_taken(self) -> bool:
        """Whether its rows have a checkbox of their own."""
        return self.outcome in (Outcome.CHANGED, Outcome.NEW)

    @property
    def has_values(self) -> bool:
        return self.outcome != Outcome.REFUSED

    @property
    def has_reasons(self) -> bool:
        return self.outcome != Outcome.UNCHANGED

    @property
    def needs_decision(self) -> bool:
        return self.outcome == Outcome.DOUBTFUL

    @property
    def has_more(self) -> bool:
        return self.count > len(self.rows)


@dataclass(frozen=True)
class SkippedRows:
    """The first rows of the file that are not imported, each with its number and the reason."""

    rows: list[tuple[int, str]]
    total: int

    @property
    def more(self) -> int:
        return max(self.total - MAX_SKIPPED, 0)

    @property
    def are_few(self) -> bool:
        return self.total < FEW_SKIPPED


def build_skipped(job: Import) -> SkippedRows:
    return SkippedRows(import_report.format_skipped_rows(job)[:MAX_SKIPPED], len(job.skipped))


def build_unread(job: Import, reading: TableReading) -> dict:
    """Build the context of what the sheet holds and is not read."""
    unread = columns.list_unread_columns(reading, job.mapping)
    return {
        "adjacent": columns.find_adjacent_list(reading, job.mapping),
        "unread": [column for column in unread if column.count],
    }


def count_outcomes(job: Import) -> list[OutcomeCount]:
    return [
        OutcomeCount(outcome, str(Outcome(outcome).label), job.counts.get(outcome, 0))
        for outcome in presenters.OUTCOME_ORDER
    ]


def build_sections(
    job: Import, chosen: str, page: str | None, user: Account
) -> list[OutcomeSection]:
    """Build the one section that was chosen, or the first rows of all that need a look."""
    if chosen in Outcome.values:
        rows = Paginator(_get_rows(job, chosen), PAGE_SIZE).get_page(page)
        return [_build_section(job, chosen, RowPresenter(rows, user), rows)]
    sections = [
        _build_section(job, outcome, RowPresenter(_get_rows(job, outcome)[:PREVIEW_SIZE], user))
        for outcome in presenters.OUTCOME_ORDER[:-1]
    ]
    return [section for section in sections if section.rows or chosen]


def build_query(chosen: str, sections: list[OutcomeSection]) -> str:
    """Build the query by which the same page of rows is shown again after a decision."""
    if not chosen:
        return ""
    page = sections[0].page
    return f"?outcome={chosen}" + (f"&page={page.number}" if page and page.number > 1 else "")


def _get_rows(job: Import, outcome: str) -> QuerySet[ImportRow]:
    return job.rows.filter(outcome=outcome).order_by("number")


def _build_section(
    job: Import, outcome: str, presenter: RowPresenter, page: Page | None = None
) -> OutcomeSection:
    label, count = str(Outcome(outcome).label), job.counts.get(outcome, 0)
    return OutcomeSection(outcome, label, count, presenter.build_rows(), page)


def build_context(job: Import, chosen: str, page: str | None, user: Account) -> dict:
    """Build the template context of the page; `chosen` is an outcome, or "" for all of them."""
    sections = build_sections(job, chosen, page, user)
    return {
        "title": job.name,
        "job": job,
        "state": presenters.format_state(job),
        "is_open": job.state == Import.State.PLANNED,
        "is_applied": job.state == Import.State.APPLIED,
        "outcomes": count_outcomes(job),
        "total": sum(job.counts.get(outcome, 0) for outcome in presenters.OUTCOME_ORDER),
        "sections": sections,
        "chosen": chosen,
        "query": build_query(chosen, sections),
        "accepted": selection.get_accepted_rows(job).count(),
        "mapped": presenters.describe_mapping(job),
        "source": presenters.get_cited_source(job),
        "skipped": build_skipped(job),
        "corrections": presenters.describe_corrections(job.corrections.all()[:MAX_CORRECTIONS]),
    }
