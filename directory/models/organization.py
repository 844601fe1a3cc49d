"""Organization with its kind and state, and the proxies Institution and Enterprise."""

from typing import ClassVar, cast

from django.apps import apps
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.models.date_fields import (
    PartialDateField,
    PrecisionField,
    build_precision_constraint,
)
from directory.models.region import Region
from directory.models.sector import Sector
from directory.text.language import LocalizedText, is_english


class Kind(models.TextChoices):
    """What an organization is."""

    ENTERPRISE = "enterprise", _("Enterprise")
    UNIVERSITY = "university", _("University")
    VOCATIONAL_UNIVERSITY = "vocational-university", _("Vocational university")
    VOCATIONAL_COLLEGE = "vocational-college", _("Vocational college")
    SECONDARY_VOCATIONAL_SCHOOL = "secondary-vocational-school", _("Secondary vocational school")
    RESEARCH_INSTITUTE = "research-institute", _("Research institute")
    ASSOCIATION = "association", _("Association")
    PUBLIC_BODY = "public-body", _("Public body")
    OTHER = "other", _("Other")


class State(models.TextChoices):
    """Publication state of an organization or membership."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class OrganizationQuerySet(models.QuerySet):
    """Filters by state, region and membership."""

    def published(self) -> "OrganizationQuerySet":
        return self.filter(state=State.PUBLISHED)

    def within(self, code: str) -> "OrganizationQuerySet":
        """Organizations in the region or in one below it."""
        return self.filter(region__code__range=codes.get_region_range(code))

    def with_public_page(self) -> "OrganizationQuerySet":
        """Organizations whose address does not answer 404: once published, with a membership.

        A former member keeps its page; a withdrawn organization answers 410; any other answers
        exactly like a number that does not exist.
        """
        memberships = (
            apps.get_model("directory.Membership")
            .objects.published()
            .filter(organization=models.OuterRef("pk"))
        )
        return self.filter(models.Exists(memberships), first_published_at__isnull=False)

    def members(self, on=None, undated: bool = False) -> "OrganizationQuerySet":
        """Published organizations with a published membership in force on that day."""
        memberships = (
            apps.get_model("directory.Membership")
            .objects.current(on, undated)
            .filter(organization=models.OuterRef("pk"))
        )
        return self.published().filter(models.Exists(memberships))


class Organization(models.Model):
    """A school, enterprise or other body."""

    name = models.CharField(
        _("registered name"), max_length=200, help_text=_("As on the seal or the licence.")
    )
    name_en = models.CharField(_("English name"), max_length=250, blank=True)
    kind = models.CharField(_("kind"), max_length=40, choices=Kind.choices)
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        limit_choices_to={"virtual": False},
        help_text=_("As far down as is known. Leave it empty if it is not recorded."),
    )
    credit_code = models.CharField(
        _("social credit code"),
        max_length=18,
        blank=True,
        validators=[codes.check_credit_code],
        help_text=_("18 characters, GB 32100-2015."),
    )
    school_code = models.CharField(
        _("school code"),
        max_length=10,
        blank=True,
        validators=[codes.check_school_code],
        help_text=_("Ten digits, as in the ministry's list. Enterprises have none."),
    )
    website = models.CharField(
        _("web site"),
        max_length=300,
        blank=True,
        validators=[URLValidator(["http", "https"])],
    )
    sectors = models.ManyToManyField(
        Sector, verbose_name=_("sectors"), blank=True, related_name="organizations"
    )
    description = models.TextField(_("Chinese description"), blank=True)
    description_en = models.TextField(_("English description"), blank=True)
    verified_on = PartialDateField(
        _("last verified"),
        null=True,
        blank=True,
        help_text=_(
            "The day, month or year in which somebody last compared this entry with its sources."
        ),
    )
    verified_on_precision = PrecisionField()

    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    first_published_at = models.DateTimeField(_("first published"), null=True, editable=False)
    withdrawn_reason = models.CharField(_("reason of withdrawal"), max_length=300, blank=True)

    # Derived columns, updated with every change by history/recorder.py; not editable.
    slug = models.CharField(max_length=80, blank=True, editable=False)
    pinyin = models.CharField(_("pinyin"), max_length=600, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("pk",)
        indexes = [
            # Covering index for the admin's list: its order and its filters.
            models.Index(
                fields=["pinyin", "id", "kind", "state", "region"], name="organization_by_pinyin"
            ),
            models.Index(
                fields=["pinyin", "id", "kind", "state", "region"],
                condition=~Q(state=State.PUBLISHED),
                name="organization_unpublished",
            ),
        ]
        permissions = [
            ("merge_organization", _("Can merge organizations")),
            ("publish_organization", _("Can publish, withdraw, and change what is public")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"\S"),
                name="organization_has_name",
                violation_error_message=_("An organization needs a registered name."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values),
                name="organization_kind_known",
                violation_error_message=_("This kind of organization is not known."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.ENTERPRISE) | Q(school_code=""),
                name="organization_enterprise_no_school_code",
                violation_error_message=_(
                    "An enterprise has no school code. Empty it, or choose another kind."
                ),
            ),
            models.CheckConstraint(
                condition=Q(credit_code="") | Q(credit_code__regex=codes.CREDIT_CODE_PATTERN),
                name="organization_credit_code_form",
                violation_error_message=_("A social credit code has 18 characters."),
            ),
            models.CheckConstraint(
                condition=Q(school_code="") | Q(school_code__regex=codes.SCHOOL_CODE_PATTERN),
                name="organization_school_code_form",
                violation_error_message=_("A school code has 10 digits."),
            ),
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code=""),
                name="organization_credit_code_once",
                violation_error_message=_("Another organization has this social credit code."),
            ),
            models.UniqueConstraint(
                fields=["school_code"],
                condition=~Q(school_code=""),
                name="organization_school_code_once",
                violation_error_message=_("Another organization has this school code."),
            ),
            build_precision_constraint("organization", "verified_on"),
            models.CheckConstraint(
                condition=(
                    Q(state=State.DRAFT, first_published_at=None)
                    | Q(state=State.PUBLISHED, first_published_at__isnull=False)
                    | Q(state=State.WITHDRAWN, first_published_at__isnull=False)
                    & ~Q(withdrawn_reason="")
                ),
                name="organization_state_fits",
                violation_error_message=_(
                    "A draft was never published; what was published can only be withdrawn, "
                    "and that needs a reason."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("directory:member", args=[self.pk, self.slug])

    def clean(self) -> None:
        super().clean()
        self.credit_code = codes.normalize_code(self.credit_code)
        self.school_code = codes.normalize_code(self.school_code)

    @property
    def label(self) -> str:
        """The name in the active language."""
        return self.names[0].text

    @property
    def primary_name(self) -> LocalizedText:
        """The name in the active language, or the only one there is."""
        return self.names[0]

    @property
    def secondary_name(self) -> LocalizedText | None:
        """The name in the other language; None where there is only one."""
        return self.names[1] if len(self.names) > 1 else None

    @property
    def names(self) -> list[LocalizedText]:
        """The one or two names with their language, the page's language first."""
        return self.get_names(is_english())

    def get_names(self, english_first: bool) -> list[LocalizedText]:
        """The same for a caller who knows the language already."""
        both = [LocalizedText(self.name, "zh-Hans"), LocalizedText(self.name_en, "en")]
        if english_first and self.name_en:
            both.reverse()
        return [name for name in both if name.text]


OrganizationManager = models.Manager.from_queryset(OrganizationQuerySet)


class InstitutionManager(OrganizationManager):
    def get_queryset(self) -> OrganizationQuerySet:
        rows = cast(OrganizationQuerySet, super().get_queryset())
        return rows.exclude(kind=Kind.ENTERPRISE)


class EnterpriseManager(OrganizationManager):
    def get_queryset(self) -> OrganizationQuerySet:
        rows = cast(OrganizationQuerySet, super().get_queryset())
        return rows.filter(kind=Kind.ENTERPRISE)


class Institution(Organization):
    """Proxy: every organization but enterprises."""

    objects: ClassVar[InstitutionManager] = InstitutionManager()

    class Meta:
        proxy = True
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")


class Enterprise(Organization):
    """Proxy: enterprises."""

    objects: ClassVar[EnterpriseManager] = EnterpriseManager()

    class Meta:
        proxy = True
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")
