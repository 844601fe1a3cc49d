"""What has changed of what the public may see: the newest first, old and new in words.

An organization is spoken of only while it is published, and only of what was written while it was:
what was written into a draft is never told, not even afterwards.
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

from directory import telling
from directory.models import Membership, Organization, RowChange, State
from directory.telling import Line

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
    rows = RowChange.objects.filter(Exists(shown), noun__in=telling.PUBLIC)
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
    states, words = States(numbers), telling.Words(row for group in groups for row in group)
    held = memberships(groups)
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


def memberships(groups: list[list[RowChange]]) -> dict[str, Membership]:
    keys = [row.key for group in groups for row in group if row.noun == "membership"]
    rows = Membership.objects.filter(pk__in=keys).select_related("role", "community")
    return {str(row.pk): row for row in rows}


def lines(row: RowChange, words: telling.Words, held: dict[str, Membership]) -> list[Line]:
    if row.noun != "membership":
        return words.lines(row, public=True)
    whole = row.after if row.before is None else row.before if row.after is None else None
    if whole is not None:
        return words.lines(row, public=True) if whole["state"] == State.PUBLISHED else []
    now = held.get(row.key)
    if "state" in row.after:
        return shown_or_not(row, now)
    if now is None or now.state != State.PUBLISHED:
        return []
    return words.lines(row, public=True)


def shown_or_not(row: RowChange, now: Membership | None) -> list[Line]:
    """A role that was made public, or taken from it."""
    label = str(Membership._meta.verbose_name)
    if now is None or State.PUBLISHED not in (row.before["state"], row.after["state"]):
        return []
    name = now.role.label
    came = now.state == State.PUBLISHED
    return [Line(label, "" if came else name, name if came else "", whole=True)]
