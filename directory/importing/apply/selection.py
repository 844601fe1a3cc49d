"""What of a plan was accepted: the rows, and the values of each that are to be written."""

from datetime import date
from typing import NamedTuple

from django.db.models import Q, QuerySet

from directory.importing.plan.current import PLAIN
from directory.models import Import, ImportRow, Organization

COLUMNS = (*PLAIN, "region_id", "verified_on")
Outcome, Decision = ImportRow.Outcome, ImportRow.Decision


class Written(NamedTuple):
    """A row with the organization that it became or changed, and the values that were taken."""

    row: ImportRow
    organization: Organization
    values: dict


def accepted(of: Import) -> QuerySet[ImportRow]:
    """The safe rows that nobody skipped, and the doubtful ones that somebody decided."""
    safe = Q(outcome__in=[Outcome.NEW, Outcome.CHANGED]) & ~Q(decision=Decision.SKIP)
    decided = Q(outcome=Outcome.DOUBTFUL, decision__in=[Decision.CREATE, Decision.CHANGE])
    return ImportRow.objects.filter(safe | decided, of=of).order_by("number")


def is_fresh(row: ImportRow) -> bool:
    return row.outcome == Outcome.NEW or row.decision == Decision.CREATE


def pair_of(values: dict) -> tuple[str, str]:
    return values["name"], values.get("name_en", "")


def kept(row: ImportRow, values: dict) -> dict:
    """The cells that nobody unticked."""
    return {c: value for c, value in values.items() if c not in row.left}


def kept_in_full(row: ImportRow) -> dict:
    """The same of a new one: without a name and a kind there is nobody."""
    needed = {c: row.in_full[c] for c in ("name", "kind")}
    return kept(row, row.in_full) | needed


def codes_in(values: dict) -> list[str]:
    """The codes that only one organization may have."""
    return [f"{c} {values[c]}" for c in ("credit_code", "school_code") if values.get(c)]


def claims(row: ImportRow, values: dict) -> list[str]:
    """What only one new organization may have; of a likely one the name was decided upon."""
    named = [f"={row.name}"] if row.outcome == Outcome.NEW else []
    return [*named, *codes_in(values)]


def columns(values: dict) -> dict:
    """The values of the organization's own row."""
    found = {c: v for c, v in values.items() if c in COLUMNS}
    if "region" in values:
        found["region_id"] = values["region"]
    if "verified_on" in found:
        found["verified_on"] = as_day(found["verified_on"])
    return found


def as_day(value: str) -> date:
    return date.fromisoformat(value)
