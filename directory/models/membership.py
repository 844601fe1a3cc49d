"""Membership: an organization in a role of a community, from a day until a day."""

from datetime import date
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import models
from django.db.models import ExpressionWrapper, F, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from directory.db.expressions import NotEqualTo
from directory.models.community import PLAIN_MEMBER, Community, Role
from directory.models.date_fields import (
    PartialDateField,
    PrecisionField,
    build_precision_constraint,
)
from directory.models.organization import Organization, State

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """Today's date in China, where the community is, independent of the server's time zone."""
    return timezone.localdate(timezone=SHANGHAI)


def counts_undated(on: date, undated: bool = False) -> bool:
    """Return whether roles of which no first day is known count as held on that day."""
    return undated or on >= today()


class MembershipQuerySet(models.QuerySet):
    """Filters by state and by time."""

    def open(self) -> "MembershipQuerySet":
        """Without an end day."""
        return self.filter(until=None)

    def published(self) -> "MembershipQuerySet":
        return self.filter(state=State.PUBLISHED)

    def needing_second_person(self) -> "MembershipQuerySet":
        """Lead and council roles of communities that ask for a second person."""
        plain = Q(role=PLAIN_MEMBER, role__axis=Role.Axis.COUNCIL)
        return self.filter(community__second_person=True).exclude(plain)

    def awaiting_confirmation(self) -> "MembershipQuerySet":
        """Drafts that one person has published and another one has to confirm."""
        return self.filter(NotEqualTo("proposed_by"), state=State.DRAFT)

    def with_in_force(self, on: date | None = None, undated: bool = False) -> "MembershipQuerySet":
        """Annotate `in_force`, whether the role is held on that day: the only rule of time.

        The end day itself is excluded. An unknown first day is replaced by the date of the
        earliest source that speaks of the membership. Without one it is held today and on later
        days and on no earlier one; `undated`: on earlier days too.
        """
        on = on or today()
        citations = apps.get_model("directory.Citation").objects
        first_cited = (
            citations.speaking("membership")
            .filter(membership=OuterRef("pk"), source__dated__isnull=False)
            .order_by()
            .values("membership")
            .annotate(first=Min("source__dated"))
            .values("first")
        )
        unknown = date.min if counts_undated(on, undated) else date.max
        begun = Coalesce("since", Subquery(first_cited), Value(unknown))
        in_force = Q(begun__lte=on) & (Q(until=None) | Q(until__gt=on))
        return self.alias(begun=begun).annotate(
            in_force=ExpressionWrapper(in_force, output_field=models.BooleanField())
        )

    def current(self, on: date | None = None, undated: bool = False) -> "MembershipQuerySet":
        """Published and in force on that day."""
        return self.published().with_in_force(on, undated).filter(in_force=True)


class Membership(models.Model):
    """A role that an organization holds or held in a community."""

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="memberships", verbose_name=_("community")
    )
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("organization"),
        db_index=False,
    )
    role = models.ForeignKey(
        Role, models.PROTECT, related_name="memberships", verbose_name=_("role")
    )
    since = PartialDateField(
        _("since"),
        null=True,
        blank=True,
        help_text=_("A day, month or year. Empty if it is not recorded."),
    )
    since_precision = PrecisionField()
    until = PartialDateField(
        _("until"),
        null=True,
        blank=True,
        is_end=True,
        help_text=_(
            "The first day on which the role is no longer held, or the month or year in which it "
            "ended. Empty: still held."
        ),
    )
    until_precision = PrecisionField()
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PUBLISHED
    )
    # User name, not a foreign key: it stays if the account is deleted, as in the history.
    proposed_by = models.CharField(
        _("proposed by"), max_length=150, blank=True, editable=False, default=""
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("community", "role", "pk")
        indexes = [
            models.Index(
                fields=["until"], condition=Q(until__isnull=False), name="membership_ending"
            ),
            # Covering index for the roles of one organization.
            models.Index(
                fields=["organization", "community", "until", "role"], name="membership_of"
            ),
            models.Index(
                fields=["id"], condition=~Q(proposed_by=""), name="membership_awaiting_second"
            ),
            # The admin's filter by role.
            models.Index(
                fields=["role", "organization"], condition=Q(until=None), name="membership_holders"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "organization", "role"],
                condition=Q(until=None),
                name="membership_open_once",
                violation_error_message=_(
                    "This organization already holds this role in this community. "
                    "Give the earlier one an end day first."
                ),
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gt=F("since")),
                name="membership_ends_after_start",
                violation_error_message=_("A role ends after the day on which it begins."),
            ),
            build_precision_constraint("membership", "since"),
            build_precision_constraint("membership", "until"),
            models.CheckConstraint(
                condition=Q(state__in=State.values),
                name="membership_state_known",
                violation_error_message=_("This state is not known."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}: {self.role}"
