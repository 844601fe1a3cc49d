"""What entries lack, kept in step by the door for writing, so that a worklist counts nothing.

Only organizations that hold a role are looked at: those imported for reference lack nothing.
"""

import re
from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.timezone import localtime

from directory import snapshots
from directory.db.bulk import keyed, pour
from directory.models import Citation, Finding, Membership, Organization, State
from directory.models.membership import SHANGHAI, today
from directory.text import tokens

DRAFT, NO_REGION, NO_SOURCE, NO_CHINESE_NAME, BAD_WEBSITE, VERIFIED = Finding.Rule.values
COLUMNS = ("pk", "name", "region_id", "website", "state", "first_published_at", "verified_on")
HAN = re.compile(f"[{tokens.HAN}]")
is_address = URLValidator(["http", "https"])


def renew(keys: Collection[int]) -> None:
    """Look at these organizations again; what was found before keeps its day."""
    for batch in snapshots.batches(sorted(keys)):
        rows = Finding.objects.filter(**keyed(batch, "organization"))
        before = {(row.organization_id, row.rule): row for row in rows}
        found = _found(batch)
        gone = [row.pk for place, row in before.items() if place not in found]
        Finding.objects.filter(pk__in=gone).delete()
        fresh, moved = [], []
        for (key, rule), since in found.items():
            row = before.get((key, rule))
            if row is None:
                fresh.append((key, rule, since))
            elif rule == VERIFIED and row.since != since:
                row.since = since
                moved.append(row)
        pour(Finding, ("organization_id", "rule", "since"), fresh)
        Finding.objects.bulk_update(moved, ["since"])


def rebuild() -> None:
    renew(Organization.objects.values_list("pk", flat=True))


def _found(keys: list[int]) -> dict[tuple[int, str], date]:
    """What is found of each, and since which day."""
    hold = Membership.objects.open().filter(**keyed(keys, "organization")).order_by()
    holding = set(hold.values_list("organization_id", flat=True))
    if not holding:
        return {}
    rows = Organization.objects.filter(**keyed(keys)).exclude(state=State.WITHDRAWN).order_by()
    cited, day = _cited(keys), today()
    found = {}
    for row in rows.values_list(*COLUMNS, named=True):
        if row.pk not in holding:
            continue
        lacks = {
            DRAFT: row.state == State.DRAFT,
            NO_REGION: row.region_id is None,
            NO_SOURCE: row.pk not in cited,
            NO_CHINESE_NAME: not HAN.search(row.name),
            BAD_WEBSITE: not _is_address(row.website),
        }
        found |= {(row.pk, rule): day for rule, yes in lacks.items() if yes}
        if row.state == State.PUBLISHED:
            shown = localtime(row.first_published_at, SHANGHAI).date()
            found[row.pk, VERIFIED] = row.verified_on or shown
    return found


def _cited(keys: list[int]) -> set[int]:
    """Those of which a source says anything."""
    found: set[int] = set()
    for owner in ("organization", "alias__organization", "membership__organization"):
        cited = Citation.objects.filter(**keyed(keys, owner)).order_by()
        found.update(cited.values_list(owner, flat=True))
    return found


def _is_address(text: str) -> bool:
    if not text:
        return True
    try:
        is_address(text)
    except ValidationError:
        return False
    return True
