"""The public list of changes: the newest first, with the old and the new value.

A change of an organization or a membership is shown only while that is published, and only if it
was made while it was published: what was written into a draft is never shown, not even later.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from directory.history import describe
from directory.history.describe import ChangeLine
from directory.models import Membership, Organization, Role, RowChange, State

PAGE_SIZE = 50
BATCH_SIZE = 400
MAX_ROWS_READ = 4000
MAX_CURSOR_NUMBER = 9 * 10**18


class Cursor(NamedTuple):
    """A place in the list: the entry of a revision and an organization."""

    revision: int
    organization: int

    def __str__(self) -> str:
        return f"{self.revision}-{self.organization}"


@dataclass
class ChangeEntry:
    """What one revision changed of one organization.

    `is_first_publication` says that it became public by it; its values are not listed then.
    """

    at: datetime
    organization: Organization
    is_first_publication: bool = False
    lines: list[ChangeLine] = field(default_factory=list)


@dataclass
class ChangesPage:
    """A page of the list, and the cursor of the next one ("" at the end)."""

    entries: list[ChangeEntry] = field(default_factory=list)
    next_cursor: str = ""


def get_public_changes(before: str = "", number: int | None = None) -> ChangesPage:
    """Load the page after the cursor `before`, of one organization or of all."""
    page, read = ChangesPage(), 0
    cursor = parse_cursor(before) if before else None
    while read < MAX_ROWS_READ:
        rows = list(get_public_row_changes(number, cursor)[:BATCH_SIZE])
        read += len(rows)
        groups = group_row_changes(rows, is_last=len(rows) < BATCH_SIZE)
        for entry, cursor in build_entries(groups):
            if entry is not None:
                page.entries.append(entry)
            if len(page.entries) == PAGE_SIZE:
                page.next_cursor = str(cursor)
                return page
        if len(rows) < BATCH_SIZE or not groups:
            return page
    page.next_cursor = str(cursor)
    return page


def parse_cursor(text: str) -> Cursor:
    """Raises `BadRequest` for anything but two numbers."""
    parts = text.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise BadRequest(_("A place in the list of changes is two numbers, such as 12-3."))
    return Cursor(*(min(int(part[:19]), MAX_CURSOR_NUMBER) for part in parts))


def get_public_row_changes(number: int | None, cursor: Cursor | None) -> QuerySet[RowChange]:
    """The changed rows of published organizations in the order of the list, after the cursor."""
    shown = Organization.objects.published().with_public_page().filter(pk=OuterRef("organization"))
    rows = RowChange.objects.filter(Exists(shown), noun__in=describe.PUBLIC_FIELDS)
    if number is not None:
        rows = rows.filter(organization=number)
    if cursor is not None:
        same = Q(revision=cursor.revision, organization__gt=cursor.organization)
        rows = rows.filter(Q(revision__lt=cursor.revision) | same)
    return rows.select_related("revision").order_by("-revision_id", "organization", "pk")


def group_row_changes(rows: list[RowChange], is_last: bool) -> list[list[RowChange]]:
    """The rows by revision and organization, without a last group that may go on."""
    groups = [list(g) for _k, g in groupby(rows, key=attrgetter("revision_id", "organization"))]
    return groups if is_last or len(groups) < 2 else groups[:-1]


def build_entries(groups: list[list[RowChange]]) -> Iterator[tuple[ChangeEntry | None, Cursor]]:
    """Each group as an entry, and its cursor; None for an entry of which nothing is public.

    An organization may have been merged or deleted since its changes were read.
    """
    numbers = {get_organization_number(group[0]) for group in groups}
    organizations = Organization.objects.in_bulk(numbers)
    describer = describe.ChangeDescriber(row for group in groups for row in group)
    states, memberships = StateHistory(numbers), MembershipHistory(groups)
    for group in groups:
        revision, number = group[0].revision, get_organization_number(group[0])
        if number not in organizations:
            yield None, Cursor(revision.pk, number)
            continue
        entry = ChangeEntry(revision.at, organizations[number])
        entry.is_first_publication = states.is_publication(number, revision.pk)
        is_public = states.get_state(number, revision.pk) == State.PUBLISHED
        if is_public and not entry.is_first_publication:
            for row in group:
                entry.lines += describe_public_lines(row, describer, memberships)
        is_shown = entry.is_first_publication or entry.lines
        yield (entry if is_shown else None), Cursor(revision.pk, number)


def get_organization_number(row: RowChange) -> int:
    """The number of its organization: rows without one are not public and not read."""
    assert row.organization is not None
    return row.organization


class StateHistory:
    """The publication states of these organizations, revision by revision."""

    def __init__(self, numbers: set[int]):
        self._states: dict[int, list[tuple[int, str]]] = defaultdict(list)
        rows = RowChange.objects.filter(
            noun="organization", organization__in=numbers, after__has_key="state"
        )
        columns = rows.order_by("revision_id").values_list(
            "organization", "revision_id", "after__state"
        )
        for number, revision, state in columns:
            if number is not None:
                self._states[number].append((revision, state))

    def get_state(self, number: int, revision: int) -> str:
        """The state that this revision left; published where none was written by then."""
        before = [state for pk, state in self._states[number] if pk <= revision]
        return before[-1] if before else State.PUBLISHED

    def is_publication(self, number: int, revision: int) -> bool:
        """Whether this very revision made it public."""
        return (revision, State.PUBLISHED) in self._states[number]


class MembershipHistory:
    """The state and role of these organizations' memberships, revision by revision."""

    def __init__(self, groups: list[list[RowChange]]):
        numbers = {group[0].organization for group in groups}
        keys = {row.key for group in groups for row in group if row.noun == "membership"}
        self._current = Membership.objects.in_bulk(keys)
        self._changes: dict[str, list[RowChange]] = defaultdict(list)
        rows = RowChange.objects.filter(noun="membership", organization__in=numbers, key__in=keys)
        for row in rows.order_by("pk") if keys else ():
            self._changes[row.key].append(row)
        self.roles: dict[str, Role] = Role.objects.in_bulk() if keys else {}

    def get_value(self, change: RowChange, column: str) -> str:
        """The column's value after that change; before it, if the change deleted the row."""
        later = ""
        for row in reversed(self._changes[change.key]):
            if row.pk <= change.pk and column in (values := row.after or row.before or {}):
                return values[column]
            if row.pk > change.pk and column in (row.before or {}):
                later = (row.before or {})[column]
        # Written only before it was this organization's, or never again.
        current = self._current.get(int(change.key))
        return later or (getattr(current, column) if current else "")


def describe_public_lines(
    row: RowChange, describer: describe.ChangeDescriber, memberships: MembershipHistory
) -> list[ChangeLine]:
    """What is public of a change; of a membership only what was written while published."""
    if row.noun != "membership":
        return describer.describe(row, public=True)
    if row.before is not None and row.after is not None and "state" in row.after:
        return describe_visibility_change(row, row.before, row.after, memberships)
    is_public = memberships.get_value(row, "state") == State.PUBLISHED
    return describer.describe(row, public=True) if is_public else []


def describe_visibility_change(
    row: RowChange,
    before: dict[str, Any],
    after: dict[str, Any],
    memberships: MembershipHistory,
) -> list[ChangeLine]:
    """A membership that was published or withdrawn, as a line for its role."""
    is_published = after["state"] == State.PUBLISHED
    if not is_published and before["state"] != State.PUBLISHED:
        return []
    values = after if is_published else before
    code = values.get("role_id") or memberships.get_value(row, "role_id")
    name = memberships.roles[code].label if code in memberships.roles else code
    label = str(Membership._meta.verbose_name)
    old, new = ("", name) if is_published else (name, "")
    return [ChangeLine(label, old, new, is_whole_row=True)]
