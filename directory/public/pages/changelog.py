"""What has changed of what the public may see: the newest first, old and new in words.

An organization or a role is spoken of only while it is published, and only of what was written
while it was: what was written into a draft is never told, not even afterwards.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.core.exceptions import BadRequest
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from directory.history import describe
from directory.history.describe import Line
from directory.models import Membership, Organization, Role, RowChange, State

PAGE = 50
AT_ONCE = 400
MOST_READ = 4000
LARGEST = 9 * 10**18


@dataclass
class Entry:
    """What one revision changed of one member."""

    at: datetime
    organization: Organization
    entered: bool = False
    lines: list[Line] = field(default_factory=list)


@dataclass
class Changes:
    """A part of the list, and the `before` that asks for the next one ("" at the end)."""

    entries: list[Entry] = field(default_factory=list)
    more: str = ""


def changes(before: str = "", number: int | None = None) -> Changes:
    """The changes before that place (`revision-number`, as `more` says), of one member or all."""
    found, read = Changes(), 0
    place = cursor(before) if before else None
    while read < MOST_READ:
        rows = list(public(number, place)[:AT_ONCE])
        read += len(rows)
        groups = grouped(rows, whole=len(rows) < AT_ONCE)
        for entry, place in told(groups):
            if entry is not None:
                found.entries.append(entry)
            if len(found.entries) == PAGE:
                found.more = "{}-{}".format(*place)
                return found
        if len(rows) < AT_ONCE or not groups:
            return found
    found.more = "{}-{}".format(*place)
    return found


def cursor(text: str) -> tuple[int, int]:
    parts = text.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise BadRequest(_("A place in the list of changes is two numbers, such as 12-3."))
    revision, number = (min(int(part[:19]), LARGEST) for part in parts)
    return revision, number


def public(number: int | None, place: tuple[int, int] | None) -> QuerySet[RowChange]:
    """The rows of those who may be seen, in the order of the list, after that place."""
    shown = Organization.objects.published().with_a_page().filter(pk=OuterRef("organization"))
    rows = RowChange.objects.filter(Exists(shown), noun__in=describe.PUBLIC)
    if number is not None:
        rows = rows.filter(organization=number)
    if place is not None:
        revision, last = place
        rows = rows.filter(Q(revision__lt=revision) | Q(revision=revision, organization__gt=last))
    return rows.select_related("revision").order_by("-revision_id", "organization", "pk")


def grouped(rows: list[RowChange], whole: bool) -> list[list[RowChange]]:
    """The rows by revision and organization; the last group only if it is read to its end."""
    groups = [list(g) for _k, g in groupby(rows, key=attrgetter("revision_id", "organization"))]
    return groups if whole or len(groups) < 2 else groups[:-1]


def told(groups: list[list[RowChange]]) -> Iterator[tuple[Entry | None, tuple[int, int]]]:
    """Each group as an entry (None where there is nothing to say), and its place."""
    numbers = {group[0].organization for group in groups}
    organizations = Organization.objects.in_bulk(numbers)
    states, words = States(numbers), describe.Words(row for group in groups for row in group)
    held = Roles(groups)
    for group in groups:
        revision, number = group[0].revision, group[0].organization
        entry = Entry(revision.at, organizations[number])
        entry.entered = states.entered(number, revision.pk)
        if states.at(number, revision.pk) == State.PUBLISHED and not entry.entered:
            entry.lines = [line for row in group for line in lines(row, words, held)]
        yield (entry if entry.entered or entry.lines else None), (revision.pk, number)


class States:
    """In which state these organizations were left by which revision."""

    def __init__(self, numbers: set[int]):
        self.known: dict[int, list[tuple[int, str]]] = defaultdict(list)
        rows = RowChange.objects.filter(
            noun="organization", organization__in=numbers, after__has_key="state"
        )
        for number, revision, state in rows.order_by("revision_id").values_list(
            "organization", "revision_id", "after__state"
        ):
            self.known[number].append((revision, state))

    def at(self, number: int, revision: int) -> str:
        before = [state for pk, state in self.known[number] if pk <= revision]
        return before[-1] if before else State.PUBLISHED

    def entered(self, number: int, revision: int) -> bool:
        """Whether this very revision showed it to the public."""
        return (revision, State.PUBLISHED) in self.known[number]


class Roles:
    """What these organizations' memberships said after which revision, of their state and role."""

    def __init__(self, groups: list[list[RowChange]]):
        numbers = {group[0].organization for group in groups}
        keys = {row.key for group in groups for row in group if row.noun == "membership"}
        self.now = Membership.objects.in_bulk(keys)
        self.known: dict[str, list[RowChange]] = defaultdict(list)
        rows = RowChange.objects.filter(noun="membership", organization__in=numbers, key__in=keys)
        for row in rows.order_by("pk") if keys else ():
            self.known[row.key].append(row)
        self.roles = Role.objects.in_bulk() if keys else {}

    def at(self, change: RowChange, column: str) -> str:
        """What the column said after that change; before it, if the row went by it."""
        later = ""
        for row in reversed(self.known[change.key]):
            if row.pk <= change.pk and column in (said := row.after or row.before):
                return said[column]
            if row.pk > change.pk and column in (row.before or {}):
                later = row.before[column]
        # Written only before it was this organization's, or never again.
        now = self.now.get(int(change.key))
        return later or (getattr(now, column) if now else "")


def lines(row: RowChange, words: describe.Words, held: Roles) -> list[Line]:
    """What visitors may know of it; of a role only what was written while it was published."""
    if row.noun != "membership" or row.before is None or row.after is None:
        hidden = row.noun == "membership" and held.at(row, "state") != State.PUBLISHED
        return [] if hidden else words.lines(row, public=True)
    if "state" in row.after:
        return shown_or_not(row, held)
    return words.lines(row, public=True) if held.at(row, "state") == State.PUBLISHED else []


def shown_or_not(row: RowChange, held: Roles) -> list[Line]:
    """A role that was made public, or taken from it."""
    came = row.after["state"] == State.PUBLISHED
    if not came and row.before["state"] != State.PUBLISHED:
        return []
    code = (row.after if came else row.before).get("role_id") or held.at(row, "role_id")
    name = held.roles[code].label if code in held.roles else code
    label = str(Membership._meta.verbose_name)
    return [Line(label, "" if came else name, name if came else "", whole=True)]
