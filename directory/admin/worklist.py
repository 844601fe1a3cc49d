"""The worklist of the admin's first page: for each rule the cases, their number and the fix.

Nothing is counted further than `MAX_COUNT`: a worklist of thousands says so and stays quick.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.duplicates import pairs
from directory.models import Finding, LikelyPair, Membership, Organization, Role, Seat, State
from directory.models.date_fields import get_partial_date
from directory.models.membership import today
from directory.permissions import scope
from directory.permissions.policy import Account
from directory.text.language import list_separator

MAX_COUNT = 1000
CASES_SHOWN = 3
ENDING_WITHIN = timedelta(days=90)
UNVERIFIED_AFTER = timedelta(days=365)
Rule = Finding.Rule
CHANGE_PAGE = "admin:directory_organization_change"
LIST_PAGE = "admin:directory_organization_changelist"


@dataclass(frozen=True)
class Case:
    """One organization or seat that breaks a rule, and the page where that is corrected."""

    label: str
    url: str
    remark: str = ""
    # The organization that one click verifies, where that is the fix.
    verify_pk: int | None = None


@dataclass(frozen=True)
class Task:
    """One rule: how many cases (at most `MAX_COUNT`), the first of them, and the page of all."""

    label: object
    fix: object
    count: int
    cases: list[Case]
    url: str
    oldest: date | None = None

    @property
    def count_text(self) -> str:
        return f"{MAX_COUNT}+" if self.count > MAX_COUNT else str(self.count)

    @property
    def more_count(self) -> int:
        return max(0, min(self.count, MAX_COUNT) - len(self.cases))

    @property
    def oldest_days(self) -> int | None:
        return (today() - self.oldest).days if self.oldest else None


@dataclass
class TaskGroup:
    """The rules of one kind of work."""

    label: object
    tasks: list[Task] = field(default_factory=list)
    misleads_readers: bool = False

    @property
    def count(self) -> int:
        return sum(task.count for task in self.tasks)


def build_groups(user: Account = None) -> list[TaskGroup]:
    """Build the worklist within an account's scope, without rules that nothing breaks."""
    drafts = build_finding_task(user, Rule.DRAFT, _("drafts to publish"), _("Publish"))
    misleading = list(build_misleading_tasks(user))
    groups = [
        TaskGroup(_("Misleads readers"), misleading, misleads_readers=True),
        TaskGroup(_("Waits for a decision"), [drafts, build_confirmation_task(user)]),
        TaskGroup(_("Something is missing"), list(build_missing_tasks(user))),
        TaskGroup(
            _("To be looked at again"), [build_ending_task(user), build_unverified_task(user)]
        ),
    ]
    for group in groups:
        group.tasks = [task for task in group.tasks if task.count]
    return [group for group in groups if group.tasks]


def count_bounded(rows: QuerySet) -> int:
    """Count the rows, at most one more than `MAX_COUNT`."""
    return rows.order_by()[: MAX_COUNT + 1].count()


# -- Seats -----------------------------------------------------------------------


def build_misleading_tasks(user: Account) -> Iterator[Task]:
    """Build the tasks of what misleads readers: seats, likely duplicates, bad websites."""
    doubled, vacant = [], []
    for seat in Seat.objects.select_related("community", "role").order_by("community", "role"):
        if seat.role.axis != Role.Axis.LEAD and seat.count != 1:
            continue
        holders = list(get_holders(seat)[: seat.count + 2])
        if len(holders) > seat.count:
            doubled.append(build_double_seat_case(seat, holders))
        elif len(holders) < seat.count and seat.role.axis == Role.Axis.LEAD:
            vacant.append(build_vacant_seat_case(seat))
    list_url = reverse("admin:directory_membership_changelist")
    yield Task(_("two on one seat"), _("Choose one"), len(doubled), doubled[:CASES_SHOWN], list_url)
    yield Task(_("vacant lead seat"), _("Fill it"), len(vacant), vacant[:CASES_SHOWN], list_url)
    yield build_duplicates_task(user)
    yield build_finding_task(user, Rule.BAD_WEBSITE, Rule.BAD_WEBSITE.label, _("Correct it"))


def get_holders(seat: Seat) -> QuerySet[Membership]:
    """Get the published memberships that hold a seat today."""
    current = Membership.objects.current().filter(community=seat.community_id, role=seat.role_id)
    published = current.filter(organization__state=State.PUBLISHED)
    return published.select_related("organization").order_by("pk")


def build_duplicates_task(user: Account) -> Task:
    rows = scope.filter_visible(user, pairs.list_pairs())
    cases = [
        Case(f"{row.one} ~ {row.other}", get_merge_url(row), f"{row.score}%")
        for row in rows[:CASES_SHOWN]
    ]
    list_url = reverse("admin:directory_likelypair_changelist")
    return Task(_("likely doubles"), _("Compare"), count_bounded(rows), cases, list_url)


def get_merge_url(pair: LikelyPair) -> str:
    page = reverse("admin:directory_organization_merge", args=[pair.one_id])
    return f"{page}?with={pair.other_id}"


def build_double_seat_case(seat: Seat, holders: list[Membership]) -> Case:
    names = list_separator().join(membership.organization.label for membership in holders)
    url = reverse("admin:directory_membership_changelist")
    query = f"?role__code__exact={seat.role_id}&community__id__exact={seat.community_id}"
    return Case(names, url + query, seat.role.label)


def build_vacant_seat_case(seat: Seat) -> Case:
    url = reverse("admin:directory_membership_add")
    query = f"?role={seat.role_id}&community={seat.community_id}"
    return Case(seat.role.label, url + query, seat.community.label)


# -- Entries ---------------------------------------------------------------------


def build_confirmation_task(user: Account) -> Task:
    """Build the task of lead and council roles that a second person must confirm."""
    rows = scope.filter_visible(user, Membership.objects.awaiting_confirmation()).order_by("pk")
    first = rows.select_related("organization", "role")[:CASES_SHOWN]
    cases = [
        Case(
            row.organization.label,
            get_change_url(row.organization),
            f"{row.role} · {row.proposed_by}",
        )
        for row in first
    ]
    url = reverse("admin:directory_membership_changelist") + "?second=awaited"
    label = _("roles that await a second person")
    return Task(label, _("Confirm"), count_bounded(rows), cases, url)


def build_missing_tasks(user: Account) -> Iterator[Task]:
    """Build the tasks of facts that are missing."""
    for rule in (Rule.NO_REGION, Rule.NO_SOURCE, Rule.SILENT, Rule.NO_CHINESE_NAME):
        yield build_finding_task(user, rule, rule.label, _("Add it"))


def build_finding_task(user: Account, rule: str, label: object, fix: object) -> Task:
    """Build the task of the stored findings of one rule."""
    rows = scope.filter_visible(user, Finding.objects.filter(rule=rule))
    rows = rows.order_by("since", "organization_id")
    first = list(rows.select_related("organization")[:CASES_SHOWN])
    cases = [Case(row.organization.label, get_change_url(row.organization)) for row in first]
    oldest = first[0].since if first else None
    return Task(label, fix, count_bounded(rows), cases, f"{reverse(LIST_PAGE)}?todo={rule}", oldest)


def get_change_url(row: Organization) -> str:
    return reverse(CHANGE_PAGE, args=[row.pk])


def get_unverified_findings() -> QuerySet[Finding]:
    """Get the findings of published organizations that nobody has verified for a year."""
    rows = Finding.objects.filter(rule=Rule.VERIFIED, since__lt=today() - UNVERIFIED_AFTER)
    return rows.order_by("since", "organization_id")


def build_unverified_task(user: Account) -> Task:
    rows = scope.filter_visible(user, get_unverified_findings())
    first = list(rows.select_related("organization")[:CASES_SHOWN])
    cases = [
        Case(
            row.organization.label,
            get_change_url(row.organization),
            str(get_partial_date(row.organization, "verified_on") or row.since),
            row.organization_id,
        )
        for row in first
    ]
    oldest = first[0].since if first else None
    url, count = f"{reverse(LIST_PAGE)}?todo=unverified", count_bounded(rows)
    return Task(_("not verified for a year"), _("Verify"), count, cases, url, oldest)


def get_ending_memberships() -> QuerySet[Membership]:
    """Get the published memberships that end within ninety days."""
    day = today()
    rows = Membership.objects.published().filter(until__gt=day, until__lte=day + ENDING_WITHIN)
    return rows.filter(organization__state=State.PUBLISHED).order_by("until", "pk")


def build_ending_task(user: Account) -> Task:
    soon = scope.filter_visible(user, get_ending_memberships())
    rows = list(soon.select_related("organization", "role")[:CASES_SHOWN])
    cases = [
        Case(
            row.organization.label,
            get_change_url(row.organization),
            f"{row.role.label} → {get_partial_date(row, 'until')}",
        )
        for row in rows
    ]
    url = f"{reverse(LIST_PAGE)}?todo=ending"
    label = _("roles that end within %(days)d days") % {"days": ENDING_WITHIN.days}
    return Task(label, _("Prolong or let end"), count_bounded(soon), cases, url)


# -- The same, as a filter of the list ---------------------------------------------

RULE_CHOICES = (
    (Rule.DRAFT, gettext_lazy("drafts to publish")),
    (Rule.NO_REGION, Rule.NO_REGION.label),
    (Rule.NO_SOURCE, Rule.NO_SOURCE.label),
    (Rule.SILENT, Rule.SILENT.label),
    (Rule.NO_CHINESE_NAME, Rule.NO_CHINESE_NAME.label),
    (Rule.BAD_WEBSITE, Rule.BAD_WEBSITE.label),
    ("unverified", gettext_lazy("not verified for a year")),
    ("ending", gettext_lazy("roles that end soon")),
)


def get_rule_rows(rule: str) -> QuerySet:
    """Get the rows whose organizations break this rule."""
    if rule == "ending":
        return get_ending_memberships()
    return get_unverified_findings() if rule == "unverified" else Finding.objects.filter(rule=rule)


def count_cases(groups: list[TaskGroup]) -> tuple[int, int]:
    """Count all cases, and those that mislead readers."""
    misleading = sum(group.count for group in groups if group.misleads_readers)
    return sum(group.count for group in groups), misleading
