"""Community, Role, and Seat: the number of seats of a role in a community."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models.date_fields import (
    PartialDateField,
    PrecisionField,
    build_precision_constraint,
)
from directory.models.organization import Kind
from directory.models.region import Region
from directory.text.language import localize

# Code of the role of plain members, who have neither a lead function nor a council seat.
PLAIN_MEMBER = "member"
CODE_FORM = r"^[a-z0-9]+(-[a-z0-9]+)*\Z"


def check_code(value: str) -> None:
    """Validator of the codes of communities and roles."""
    RegexValidator(CODE_FORM, _("Small letters, digits and single hyphens."))(value)


class Community(models.Model):
    """An industry-education integration community."""

    code = models.CharField(_("code"), max_length=60, unique=True, validators=[check_code])
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, verbose_name=_("region")
    )
    founded_on = PartialDateField(
        _("founded on"), null=True, blank=True, help_text=_("A day, month or year.")
    )
    founded_on_precision = PrecisionField()
    purpose = models.TextField(_("purpose"), blank=True)
    purpose_en = models.TextField(_("purpose in English"), blank=True)
    stated_size = models.CharField(
        _("stated size"),
        max_length=120,
        blank=True,
        help_text=_("The very words of a source, such as 60余所校企."),
    )
    stated_size_en = models.CharField(_("stated size in English"), max_length=120, blank=True)
    stated_at_least = models.PositiveIntegerField(
        _("stated at least"), null=True, blank=True, help_text=_("The number in those words.")
    )
    second_person = models.BooleanField(
        _("asks for a second person"),
        default=False,
        help_text=_(
            "A lead or council role that one person publishes stays proposed until another one "
            "who may publish confirms it. Plain members need one person."
        ),
    )

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        ordering = ("pk",)
        permissions = [
            ("ask_second_person", _("Can decide whether a community asks for a second person"))
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=CODE_FORM),
                name="community_code_form",
                violation_error_message=_(
                    "The code of a community: small letters, digits and single hyphens."
                ),
            ),
            models.CheckConstraint(
                condition=Q(name__regex=r"\S"),
                name="community_has_name",
                violation_error_message=_("A community needs a name."),
            ),
            build_precision_constraint("community", "founded_on"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return localize(self.name, self.name_en)

    @property
    def purpose_label(self) -> str:
        return localize(self.purpose, self.purpose_en)

    @property
    def stated_size_label(self) -> str:
        """The stated size in the page's language."""
        return localize(self.stated_size, self.stated_size_en)


def known_kinds(value: object) -> None:
    """Validator of Role.kinds: a list of values of Kind. Migrations import it by this name."""
    if not isinstance(value, list) or not set(map(str, value)) <= set(Kind.values):
        raise ValidationError(_("A list of kinds, such as [“enterprise”]."))


class Role(models.Model):
    """Role of a member in a community; all communities share the same roles."""

    class Axis(models.TextChoices):
        LEAD = "lead", _("lead function")
        COUNCIL = "council", _("council seat")

    code = models.CharField(_("code"), max_length=60, primary_key=True, validators=[check_code])
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=100)
    axis = models.CharField(_("axis"), max_length=8, choices=Axis.choices)
    rank = models.PositiveSmallIntegerField(
        _("rank"), unique=True, help_text=_("The smaller, the more senior.")
    )
    kinds = models.JSONField(
        _("eligible kinds"),
        default=list,
        blank=True,
        validators=[known_kinds],
        help_text=_("Which kinds may hold the role; none chosen means any."),
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("rank",)
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=CODE_FORM),
                name="role_code_form",
                violation_error_message=_(
                    "The code of a role: small letters, digits and single hyphens."
                ),
            ),
            models.CheckConstraint(
                condition=Q(axis__in=["lead", "council"]),
                name="role_axis_known",
                violation_error_message=_("A role is a lead function or a council seat."),
            ),
            models.CheckConstraint(
                condition=Q(name__regex=r"\S"),
                name="role_has_name",
                violation_error_message=_("A role needs a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return localize(self.name, self.name_en)

    def accepts_kind(self, kind: str) -> bool:
        """Whether an organization of that kind may hold the role."""
        return not self.kinds or kind in self.kinds


class Seat(models.Model):
    """Number of members that may hold a role in a community; unknown without a row."""

    community = models.ForeignKey(Community, models.CASCADE, verbose_name=_("community"))
    role = models.ForeignKey(Role, models.CASCADE, verbose_name=_("role"))
    count = models.PositiveSmallIntegerField(_("seats"))

    class Meta:
        verbose_name = _("seats")
        verbose_name_plural = _("seats")
        ordering = ("community", "role")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "role"],
                name="seat_once",
                violation_error_message=_("The seats of this role are already recorded."),
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1),
                name="seat_count_positive",
                violation_error_message=_("A role has at least one seat."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.count}"
