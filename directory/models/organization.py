"""An organization is a body with a name and a place; its kind says what it is."""

from django.apps import apps
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.models.region import Region
from directory.models.sector import Sector
from directory.text.language import is_english


class Kind(models.TextChoices):
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
    """Whether the public may see a row."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class OrganizationQuerySet(models.QuerySet):
    def published(self) -> "OrganizationQuerySet":
        return self.filter(state=State.PUBLISHED)

    def within(self, code: str) -> "OrganizationQuerySet":
        """Those in the region or anywhere below it."""
        return self.filter(region__code__range=codes.region_span(code))

    def with_a_page(self) -> "OrganizationQuerySet":
        """Those whose number answers: once published, and with a published membership.

        A former member keeps its page; what was withdrawn answers "gone"; anything else answers
        exactly like a number that nobody has.
        """
        spoken_of = (
            apps.get_model("directory.Membership")
            .objects.published()
            .filter(organization=models.OuterRef("pk"))
        )
        return self.filter(models.Exists(spoken_of), first_published_at__isnull=False)

    def members(self, on=None) -> "OrganizationQuerySet":
        """Published, and holding a published membership in force on that day."""
        held = (
            apps.get_model("directory.Membership")
            .objects.current(on)
            .filter(organization=models.OuterRef("pk"))
        )
        return self.published().filter(models.Exists(held))


class Organization(models.Model):
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
    verified_on = models.DateField(
        _("last verified"),
        null=True,
        blank=True,
        help_text=_("The day on which somebody last compared this entry with its sources."),
    )

    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    first_published_at = models.DateTimeField(_("first published"), null=True, editable=False)
    withdrawn_reason = models.CharField(_("reason of withdrawal"), max_length=300, blank=True)

    # Derived from the rest whenever it changes (history.py): never typed.
    slug = models.CharField(max_length=80, blank=True, editable=False)
    pinyin = models.CharField(_("pinyin"), max_length=600, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("pk",)
        indexes = [
            # The desk's list: in its order, and filtered without reading the rows.
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
                condition=Q(credit_code="") | Q(credit_code__regex=codes.CREDIT_FORM),
                name="organization_credit_code_form",
                violation_error_message=_("A social credit code has 18 characters."),
            ),
            models.CheckConstraint(
                condition=Q(school_code="") | Q(school_code__regex=codes.SCHOOL_FORM),
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
        self.credit_code = codes.tidy(self.credit_code)
        self.school_code = codes.tidy(self.school_code)

    @property
    def label(self) -> str:
        """The name for the page's language."""
        return self.names[0][0]

    @property
    def names(self) -> list[tuple[str, str]]:
        """The one or two names with their language, that of the page first."""
        return self.named(is_english())

    def named(self, english_first: bool) -> list[tuple[str, str]]:
        both = [(self.name, "zh-Hans"), (self.name_en, "en")]
        if english_first and self.name_en:
            both.reverse()
        return [pair for pair in both if pair[0]]


class InstitutionManager(models.Manager.from_queryset(OrganizationQuerySet)):
    def get_queryset(self) -> OrganizationQuerySet:
        return super().get_queryset().exclude(kind=Kind.ENTERPRISE)


class EnterpriseManager(models.Manager.from_queryset(OrganizationQuerySet)):
    def get_queryset(self) -> OrganizationQuerySet:
        return super().get_queryset().filter(kind=Kind.ENTERPRISE)


class Institution(Organization):
    objects = InstitutionManager()

    class Meta:
        proxy = True
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")


class Enterprise(Organization):
    objects = EnterpriseManager()

    class Meta:
        proxy = True
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")
