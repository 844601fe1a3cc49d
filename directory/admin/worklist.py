"""What waits for an officer: each rule with how many, the first few, since when, and the fix.

Nothing is counted further than `MOST`: a worklist of thousands says so and stays quick.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.duplicates import pairs
from directory.models import Finding, LikelyPair, Membership, Organization, Role, Seat, State
from directory.models.membership import today
from directory.permissions import scope

MOST = 1000
SHOWN = 3
ENDING = timedelta(days=90)
STALE = timedelta(days=365)
Rule = Finding.Rule
CHANGE, LIST = "admin:directory_organization_change", "admin:directory_organization_changelist"


@dataclass(frozen=True)
class Case:
    """One organization or seat that waits, and where it is mended."""

    label: str
    address: str
    remark: str = ""
    # Which organization one click confirms, where that is the fix.
    confirms: int | None = None


@dataclass(frozen=True)
class Task:
    """One rule: how many cases (at most `MOST`), the first of them, and the page of all."""

    label: object
    fix: object
    count: int
    cases: list[Case]
    address: str
    oldest: date | None = None

    @property
    def number(self) -> str:
        return f"{MOST}+" if self.count > MOST else str(self.count)

    @property
    def more(self) -> int:
        return max(0, min(self.count, MOST) - len(self.cases))

    @property
    def days(self) -> int | None:
        return (today() - self.oldest).days if self.oldest else None


@dataclass
class Group:
    label: object
    tasks: list[Task] = field(default_factory=list)
    misleads: bool = False

    @property
    def count(self) -> int:
        return sum(task.count for task in self.tasks)


def groups(user: object = None) -> list[Group]:
    """What waits within an account's remit, without rules that nothing breaks."""
    drafts = found_by(user, Rule.DRAFT, _("drafts to publish"), _("Publish"))
    found = [
        Group(_("Misleads readers"), list(misleading(user)), misleads=True),
        Group(_("Waits for a decision"), [drafts, awaiting(user)]),
        Group(_("Something is missing"), list(lacking(user))),
        Group(_("To be looked at again"), [ending(user), unverified(user)]),
    ]
    for group in found:
        group.tasks = [task for task in group.tasks if task.count]
    return [group for group in found if group.tasks]


def bounded(rows: QuerySet) -> int:
    return rows.order_by()[: MOST + 1].count()


# -- Seats -----------------------------------------------------------------------


def misleading(user: object) -> Iterator[Task]:
    doubled, vacant = [], []
    for seat in Seat.objects.select_related("community", "role").order_by("community", "role"):
        if seat.role.axis != Role.Axis.LEAD and seat.count != 1:
            continue
        holders = list(seated(seat)[: seat.count + 2])
        if len(holders) > seat.count:
            doubled.append(double_case(seat, holders))
        elif len(holders) < seat.count and seat.role.axis == Role.Axis.LEAD:
            vacant.append(vacant_case(seat))
    everyone = reverse("admin:directory_membership_changelist")
    yield Task(_("two on one seat"), _("Choose one"), len(doubled), doubled[:SHOWN], everyone)
    yield Task(_("vacant lead seat"), _("Fill it"), len(vacant), vacant[:SHOWN], everyone)
    yield doubles(user)
    yield found_by(user, Rule.BAD_WEBSITE, Rule.BAD_WEBSITE.label, _("Correct it"))


def seated(seat: Seat) -> QuerySet[Membership]:
    """Who holds it today, and may be seen to."""
    held = Membership.objects.current().filter(community=seat.community_id, role=seat.role_id)
    shown = held.filter(organization__state=State.PUBLISHED)
    return shown.select_related("organization").order_by("pk")


def doubles(user: object) -> Task:
    rows = scope.visible(user, pairs.listed())
    cases = [
        Case(f"{row.one} ~ {row.other}", merging(row), f"{row.score}%") for row in rows[:SHOWN]
    ]
    everyone = reverse("admin:directory_likelypair_changelist")
    return Task(_("likely doubles"), _("Compare"), bounded(rows), cases, everyone)


def merging(pair: LikelyPair) -> str:
    page = reverse("admin:directory_organization_merge", args=[pair.one_id])
    return f"{page}?with={pair.other_id}"


def double_case(seat: Seat, holders: list[Membership]) -> Case:
    names = _(", ").join(held.organization.label for held in holders)
    address = reverse("admin:directory_membership_changelist")
    query = f"?role__code__exact={seat.role_id}&community__id__exact={seat.community_id}"
    return Case(names, address + query, seat.role.label)


def vacant_case(seat: Seat) -> Case:
    address = reverse("admin:directory_membership_add")
    query = f"?role={seat.role_id}&community={seat.community_id}"
    return Case(seat.role.label, address + query, seat.community.label)


# -- Entries ---------------------------------------------------------------------


def awaiting(user: object) -> Task:
    """Lead and council roles that one person published, until another one confirms them."""
    rows = scope.visible(user, Membership.objects.awaiting_second()).order_by("pk")
    first = rows.select_related("organization", "role")[:SHOWN]
    cases = [
        Case(row.organization.label, change(row.organization), f"{row.role} · {row.proposed_by}")
        for row in first
    ]
    address = reverse("admin:directory_membership_changelist") + "?second=awaited"
    return Task(_("roles that await a second person"), _("Confirm"), bounded(rows), cases, address)


def lacking(user: object) -> Iterator[Task]:
    for rule in (Rule.NO_REGION, Rule.NO_SOURCE, Rule.NO_CHINESE_NAME):
        yield found_by(user, rule, rule.label, _("Add it"))


def found_by(user: object, rule: str, label: object, fix: object) -> Task:
    rows = scope.visible(user, Finding.objects.filter(rule=rule))
    rows = rows.order_by("since", "organization_id")
    first = list(rows.select_related("organization")[:SHOWN])
    cases = [Case(row.organization.label, change(row.organization)) for row in first]
    oldest = first[0].since if first else None
    return Task(label, fix, bounded(rows), cases, f"{reverse(LIST)}?todo={rule}", oldest)


def change(row: Organization) -> str:
    return reverse(CHANGE, args=[row.pk])


def stale() -> QuerySet[Finding]:
    """The published entries that nobody has verified for a year."""
    rows = Finding.objects.filter(rule=Rule.VERIFIED, since__lt=today() - STALE)
    return rows.order_by("since", "organization_id")


def unverified(user: object) -> Task:
    old = scope.visible(user, stale())
    first = list(old.select_related("organization")[:SHOWN])
    cases = [
        Case(row.organization.label, change(row.organization), str(row.since), row.organization_id)
        for row in first
    ]
    oldest = first[0].since if first else None
    address = f"{reverse(LIST)}?todo=unverified"
    return Task(_("not verified for a year"), _("Verify"), bounded(old), cases, address, oldest)


def ends() -> QuerySet[Membership]:
    """The roles that end within ninety days."""
    day = today()
    held = Membership.objects.published().filter(until__gt=day, until__lte=day + ENDING)
    return held.filter(organization__state=State.PUBLISHED).order_by("until", "pk")


def ending(user: object) -> Task:
    soon = scope.visible(user, ends())
    rows = list(soon.select_related("organization", "role")[:SHOWN])
    cases = [
        Case(
            row.organization.label,
            change(row.organization),
            f"{row.role.label} → {date_format(row.until, 'Y-m-d')}",
        )
        for row in rows
    ]
    address = f"{reverse(LIST)}?todo=ending"
    label = _("roles that end within %(days)d days") % {"days": ENDING.days}
    return Task(label, _("Prolong or let end"), bounded(soon), cases, address)


# -- The same, as a filter of the list ---------------------------------------------

TODO = (
    (Rule.DRAFT, gettext_lazy("drafts to publish")),
    (Rule.NO_REGION, Rule.NO_REGION.label),
    (Rule.NO_SOURCE, Rule.NO_SOURCE.label),
    (Rule.NO_CHINESE_NAME, Rule.NO_CHINESE_NAME.label),
    (Rule.BAD_WEBSITE, Rule.BAD_WEBSITE.label),
    ("unverified", gettext_lazy("not verified for a year")),
    ("ending", gettext_lazy("roles that end soon")),
)


def waiting(rule: str) -> QuerySet:
    """The rows by which organizations wait under this rule."""
    if rule == "ending":
        return ends()
    return stale() if rule == "unverified" else Finding.objects.filter(rule=rule)


def total(found: list[Group]) -> tuple[int, int]:
    """How many cases wait in all, and how many of them mislead readers."""
    misleads = sum(group.count for group in found if group.misleads)
    return sum(group.count for group in found), misleads
