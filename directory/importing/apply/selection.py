"""Selects what was accepted of a plan: the rows, and the values of each to be written."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Model, Q, QuerySet

from directory.db.bulk import build_instances
from directory.importing.plan.current import TEXT_COLUMNS
from directory.models import Import, ImportRow, Organization, date_fields
from directory.partial_dates import PartialDate
from directory.search.indexer import SearchIndexer

BATCH = 1000
# The columns of a row that are read to write it.
READ_COLUMNS = tuple(f.attname for f in ImportRow._meta.concrete_fields if f.name != "before")
COLUMNS = (*TEXT_COLUMNS, "region_id", "verified_on", "verified_on_precision")
Outcome, Decision = ImportRow.Outcome, ImportRow.Decision


class WrittenRow(NamedTuple):
    """A row with the organization that it created or changed, and the values written."""

    row: ImportRow
    organization: Organization
    values: dict


def get_accepted_rows(job: Import) -> QuerySet[ImportRow]:
    """Return the safe rows that were not skipped, and the doubtful ones that were decided."""
    safe = Q(outcome__in=[Outcome.NEW, Outcome.CHANGED]) & ~Q(decision=Decision.SKIP)
    decided = Q(outcome=Outcome.DOUBTFUL, decision__in=[Decision.CREATE, Decision.CHANGE])
    return ImportRow.objects.filter(safe | decided, of=job).order_by("number")


def iter_batches(job: Import, indexer: SearchIndexer) -> Iterator[list[ImportRow]]:
    """Yield the accepted rows in batches, while the names of the next batch are prepared."""
    last, waiting = 0, list[ImportRow]()
    rows = get_accepted_rows(job).values_list(*READ_COLUMNS)
    while values := rows.filter(number__gt=last)[:BATCH]:
        batch = list(build_instances(ImportRow, READ_COLUMNS, values))
        indexer.prepare_name_keys([get_name_pair(row.full_values) for row in batch if is_new(row)])
        if waiting:
            yield waiting
        last, waiting = batch[-1].number, batch
    if waiting:
        yield waiting


def is_new(row: ImportRow) -> bool:
    """Whether the row creates an organization."""
    return row.outcome == Outcome.NEW or row.decision == Decision.CREATE


def get_name_pair(values: dict) -> tuple[str, str]:
    """Return name and English name."""
    return values["name"], values.get("name_en", "")


def get_accepted_values(row: ImportRow, values: dict) -> dict:
    """Return the values without those of cells that were unticked."""
    return {c: value for c, value in values.items() if c not in row.left}


def get_new_values(row: ImportRow) -> dict:
    """Return the accepted values of a new organization; name and kind are always among them."""
    required = {c: row.full_values[c] for c in ("name", "kind")}
    return get_accepted_values(row, row.full_values) | required


def get_code_keys(values: dict) -> list[str]:
    """Return keys for the codes, which only one organization may have."""
    return [f"{c} {values[c]}" for c in ("credit_code", "school_code") if values.get(c)]


def get_unique_keys(row: ImportRow, values: dict) -> list[str]:
    """Return keys for what only one new organization may have.

    The name is not among them where an officer decided that it is another organization.
    """
    names = [f"={row.name}"] if row.outcome == Outcome.NEW else []
    return [*names, *get_code_keys(values)]


def get_column_values(values: dict) -> dict:
    """Return the values of the organization's own columns, as the model takes them."""
    columns = {c: v for c, v in values.items() if c in COLUMNS}
    if "region" in values:
        columns["region_id"] = values["region"]
    if "verified_on" in columns:
        columns |= get_date_columns(Organization, "verified_on", columns["verified_on"])
    return columns


def get_date_columns(model: type[Model], name: str, value: str) -> dict:
    """Return the columns of a date of a plan: its day and its precision."""
    return date_fields.get_date_columns(model, name, PartialDate.fromisoformat(value))
