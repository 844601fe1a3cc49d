"""Store the quality issues of organizations, so that the worklist only reads them.

Every recorded change refreshes them. Only organizations with an open membership are checked: those
imported for reference have no issues.
"""

import re
from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.timezone import localtime

from directory import snapshots
from directory.db.bulk import build_key_filter, bulk_insert
from directory.models import Citation, Finding, Membership, Organization, State
from directory.models.citation import CitationQuerySet
from directory.models.membership import SHANGHAI, today
from directory.text import tokens

DRAFT, NO_REGION, NO_SOURCE, NO_CHINESE_NAME, SILENT, BAD_WEBSITE, VERIFIED = Finding.Rule.values
COLUMNS = ("pk", "name", "region_id", "website", "state", "first_published_at", "verified_on")
ISSUE_COLUMNS = ("organization_id", "rule", "since")
HAN = re.compile(f"[{tokens.HAN_RANGES}]")
validate_http_url = URLValidator(["http", "https"])


def refresh(keys: Collection[int]) -> None:
    """Check these organizations again; an issue that was there before keeps its date."""
    for batch in snapshots.split_into_batches(sorted(keys)):
        rows = Finding.objects.filter(**build_key_filter(batch, "organization"))
        stored = {(row.organization_id, row.rule): row for row in rows}
        issues = _find_issues(batch)
        solved = [row.pk for key, row in stored.items() if key not in issues]
        Finding.objects.filter(pk__in=solved).delete()
        added, updated = [], []
        for (number, rule), since in issues.items():
            row = stored.get((number, rule))
            if row is None:
                added.append((number, rule, since))
            elif rule == VERIFIED and row.since != since:
                row.since = since
                updated.append(row)
        bulk_insert(Finding, ISSUE_COLUMNS, added)
        Finding.objects.bulk_update(updated, ["since"])


def rebuild() -> None:
    """Check all organizations."""
    refresh(Organization.objects.values_list("pk", flat=True))


def _find_issues(keys: list[int]) -> dict[tuple[int, str], date]:
    """Return the date of each issue by organization and rule."""
    with_role = _find_keys_with_role(keys)
    if not with_role:
        return {}
    organizations = Organization.objects.filter(**build_key_filter(keys)).order_by()
    rows = organizations.exclude(state=State.WITHDRAWN).values_list(*COLUMNS, named=True)
    cited, day = _find_cited_keys(Citation.objects.all(), keys), today()
    silent = _find_cited_keys(Citation.objects.silent(), [*cited]) if cited else set()
    issues: dict[tuple[int, str], date] = {}
    for row in rows:
        if row.pk not in with_role:
            continue
        is_broken = {
            DRAFT: row.state == State.DRAFT,
            NO_REGION: row.region_id is None,
            NO_SOURCE: row.pk not in cited,
            NO_CHINESE_NAME: not HAN.search(row.name),
            SILENT: row.pk in silent,
            BAD_WEBSITE: not _is_valid_url(row.website),
        }
        issues |= {(row.pk, rule): day for rule, broken in is_broken.items() if broken}
        if row.state == State.PUBLISHED:
            published_on = localtime(row.first_published_at, SHANGHAI).date()
            issues[row.pk, VERIFIED] = row.verified_on or published_on
    return issues


def _find_keys_with_role(keys: list[int]) -> set[int]:
    """Return those of these organizations that have an open membership."""
    memberships = Membership.objects.open().filter(**build_key_filter(keys, "organization"))
    return set(memberships.order_by().values_list("organization_id", flat=True))


def _find_cited_keys(citations: CitationQuerySet, keys: list[int]) -> set[int]:
    """Return those of these organizations of which one of the citations is, in whatever part."""
    cited: set[int] = set()
    for owner in ("organization", "alias__organization", "membership__organization"):
        rows = citations.filter(**build_key_filter(keys, owner)).order_by()
        cited.update(rows.values_list(owner, flat=True))
    return cited


def _is_valid_url(text: str) -> bool:
    if not text:
        return True
    try:
        validate_http_url(text)
    except ValidationError:
        return False
    return True
