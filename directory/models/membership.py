"""A membership is one organization in one role of one community, from a day until a day."""

from datetime import date
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import models
from django.db.models import ExpressionWrapper, F, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from directory.db.expressions import Unlike
from directory.models.community import PLAIN_MEMBER, Community, Role
from directory.models.organization import Organization, State

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The day in China, where the community is, wherever the server stands."""
    return timezone.localdate(timezone=SHANGHAI)


class MembershipQuerySet(models.QuerySet):
    def open(self) -> "MembershipQuerySet":
        return self.filter(until=None)

    def published(self) -> "MembershipQuerySet":
        return self.filter(state=State.PUBLISHED)

    def of_two(self) -> "MembershipQuerySet":
        """Lead and council roles where the community asks for a second person."""
        plain = Q(role=PLAIN_MEMBER, role__axis=Role.Axis.COUNCIL)
        return self.filter(community__second_person=True).exclude(plain)

    def awaiting_second(self) -> "MembershipQuerySet":
        """Published by one person, and kept until another one confirms it."""
        return self.filter(Unlike("proposed_by"), state=State.DRAFT)

    def judged(self, on: date | None = None) -> "MembershipQuerySet":
        """Each with `in_force`, whether it is held on that day: the one rule of time.

        The end day is not held any more. An unknown first day counts from the day of the
        earliest source that speaks of the membership; without a dated source, from ever.
        """
        on = on or today()
        citations = apps.get_model("directory.Citation").objects
        spoken_of = (
            citations.filter(membership=OuterRef("pk"), source__dated__isnull=False)
            .order_by()
            .values("membership")
            .annotate(first=Min("source__dated"))
            .values("first")
        )
        begun = Coalesce("since", Subquery(spoken_of), Value(date.min))
        held = Q(begun__lte=on) & (Q(until=None) | Q(until__gt=on))
        return self.alias(begun=begun).annotate(
            in_force=ExpressionWrapper(held, output_field=models.BooleanField())
        )

    def current(self, on: date | None = None) -> "MembershipQuerySet":
        """Published and in force on that day."""
        return self.published().judged(on).filter(in_force=True)


class Membership(models.Model):
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
    since = models.DateField(
        _("since"), null=True, blank=True, help_text=_("Empty if it is not recorded.")
    )
    until = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("The first day on which the role is no longer held. Empty: still held."),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PUBLISHED
    )
    # By name, as history keeps it: an account may go, who it was stays.
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
            # What one organization holds, without a look at the rows.
            models.Index(
                fields=["organization", "community", "until", "role"], name="membership_of"
            ),
            models.Index(
                fields=["id"], condition=~Q(proposed_by=""), name="membership_awaiting_second"
            ),
            # The desk's filter: who holds a role.
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
            models.CheckConstraint(
                condition=Q(state__in=State.values),
                name="membership_state_known",
                violation_error_message=_("This state is not known."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}: {self.role}"
