"""Source: a document. Citation: its use for exactly one fact, with the quoted passage."""

from typing import cast

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from directory.models.alias import Alias
from directory.models.community import Community
from directory.models.membership import Membership
from directory.models.organization import Organization
from directory.text.language import localize

SOURCE_FORM = r"^S[1-9][0-9]*\Z"


class SourceQuerySet(models.QuerySet):
    """Order and next number of the codes."""

    def newest_first(self) -> "SourceQuerySet":
        """By the number in their codes: S10 comes after S9."""
        return self.order_by(Length("code").desc(), "-code")

    def next_code(self) -> str:
        """The code for a new source."""
        last = self.newest_first().values_list("code", flat=True).first()
        return f"S{int(last[1:]) + 1 if last else 1}"


class Source(models.Model):
    """A web page, newspaper, list, registry or letter."""

    class Medium(models.TextChoices):
        WEB_PAGE = "web-page", _("web page")
        NEWSPAPER = "newspaper", _("newspaper")
        OFFICIAL_LIST = "official-list", _("official list")
        REGISTRY = "registry", _("registry")
        LETTER = "letter", _("letter or form")

    code = models.CharField(_("code"), max_length=8, primary_key=True, help_text=_("S1, S2, …"))
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=200, blank=True)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    publisher_en = models.CharField(_("publisher in English"), max_length=200, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    medium = models.CharField(_("medium"), max_length=16, choices=Medium.choices)
    dated = models.DateField(_("date"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=8, default="zh-Hans")
    address = models.CharField(_("address"), max_length=300, blank=True)
    sha256 = models.CharField(
        _("SHA-256"), max_length=64, blank=True, help_text=_("Of the copy that was read.")
    )
    lines = models.PositiveIntegerField(_("lines"), null=True, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    remarks_en = models.TextField(_("remarks in English"), blank=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=SOURCE_FORM),
                name="source_code_form",
                violation_error_message=_("The code of a source is S and a number, such as S5."),
            ),
            models.CheckConstraint(
                condition=Q(title__regex=r"\S"),
                name="source_has_title",
                violation_error_message=_("A source needs a title."),
            ),
            models.CheckConstraint(
                condition=Q(sha256="") | Q(sha256__regex=r"^[0-9a-f]{64}\Z"),
                name="source_digest_form",
                violation_error_message=_("A SHA-256 is 64 digits from 0 to f."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        return localize(self.title, self.title_en)

    @property
    def publisher_label(self) -> str:
        return localize(self.publisher, self.publisher_en)

    @property
    def remarks_label(self) -> str:
        return localize(self.remarks, self.remarks_en)


class Evidence(models.TextChoices):
    """How well a fact is known; shown by the same mark on every page."""

    STATED = "stated", _("stated by a source")
    INFERRED = "inferred", _("inferred by the editor")
    DIFFERS = "differs", _("sources differ")


# Fields that a citation can support, by the model that it belongs to.
ORGANIZATION_FIELDS = (
    ("name", _("registered name")),
    ("name_en", _("English name")),
    ("kind", _("kind")),
    ("region", _("region")),
    ("credit_code", _("social credit code")),
    ("school_code", _("school code")),
    ("website", _("web site")),
    ("sectors", _("sectors")),
    ("description", _("Chinese description")),
    ("description_en", _("English description")),
)
COMMUNITY_FIELDS = (
    ("name", _("name")),
    ("name_en", _("English name")),
    ("region", _("region")),
    ("founded_on", _("founded on")),
    ("purpose", _("purpose")),
    ("stated_size", _("stated size")),
    ("statement", _("statement by an office")),
)
MEMBERSHIP_FIELDS = (("role", _("role")), ("since", _("since")), ("until", _("until")))


def get_field_names(fields: tuple) -> list[str]:
    """Names of (name, label) pairs."""
    return [name for name, _label in fields]


class Citation(models.Model):
    """A passage of a source that supports one fact of one row."""

    ORGANIZATION_FIELDS = ORGANIZATION_FIELDS
    COMMUNITY_FIELDS = COMMUNITY_FIELDS
    MEMBERSHIP_FIELDS = MEMBERSHIP_FIELDS

    source = models.ForeignKey(
        Source, models.PROTECT, related_name="citations", verbose_name=_("source")
    )
    evidence = models.CharField(_("evidence"), max_length=10, choices=Evidence.choices)
    passage = models.TextField(_("passage"), help_text=_("The very words."))
    place = models.CharField(
        _("line or row"), max_length=40, blank=True, help_text=_("Such as 7, or 1539.")
    )
    language = models.CharField(_("language"), max_length=8, default="zh-Hans")
    note = models.TextField(_("note"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    field = models.CharField(_("fact"), max_length=20, blank=True)
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("organization"),
    )
    community = models.ForeignKey(
        Community,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("community"),
    )
    alias = models.ForeignKey(
        Alias,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("alias"),
    )
    membership = models.ForeignKey(
        Membership,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("membership"),
    )

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ("source", "pk")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(organization__isnull=False, community=None, alias=None, membership=None)
                    | Q(organization=None, community__isnull=False, alias=None, membership=None)
                    | Q(organization=None, community=None, alias__isnull=False, membership=None)
                    | Q(organization=None, community=None, alias=None, membership__isnull=False)
                ),
                name="citation_one_fact",
                violation_error_message=_(
                    "A citation hangs on exactly one organization, community, alias or membership."
                ),
            ),
            models.CheckConstraint(
                condition=(
                    Q(organization__isnull=True) | Q(field__in=get_field_names(ORGANIZATION_FIELDS))
                )
                & (Q(community__isnull=True) | Q(field__in=get_field_names(COMMUNITY_FIELDS)))
                & (Q(alias__isnull=True) | Q(field=""))
                & (Q(membership__isnull=True) | Q(field__in=get_field_names(MEMBERSHIP_FIELDS))),
                name="citation_field_fits",
                violation_error_message=_("This fact does not belong to what is cited."),
            ),
            models.CheckConstraint(
                condition=Q(passage__regex=r"\S"),
                name="citation_has_passage",
                violation_error_message=_("A citation needs the very words of its source."),
            ),
            models.CheckConstraint(
                condition=Q(evidence__in=["stated", "inferred", "differs"]),
                name="citation_evidence_known",
                violation_error_message=_("This evidence is not known."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.place} “{self.passage[:40]}”"

    @property
    def note_label(self) -> str:
        return localize(self.note, self.note_en)

    @property
    def fact_label(self) -> str:
        """Name of the cited fact, such as "region" or "role"; the sort of an alias."""
        if self.alias is not None:
            return self.alias.get_sort_display()
        fields = (
            self.ORGANIZATION_FIELDS
            if self.organization_id
            else self.COMMUNITY_FIELDS
            if self.community_id
            else self.MEMBERSHIP_FIELDS
        )
        return str(dict(fields).get(self.field, self.field))

    @property
    def about_label(self) -> str:
        """Label of the organization or community and of the fact."""
        subject = self.organization or self.community
        if subject is None:
            subject = cast(Alias | Membership, self.alias or self.membership).organization
        return f"{subject.label} · {self.fact_label}"
