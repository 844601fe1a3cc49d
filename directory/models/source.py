"""Source: a document that citations quote."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from directory.models.date_fields import (
    PartialDateField,
    PrecisionField,
    build_precision_constraint,
)
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
    dated = PartialDateField(_("date"), null=True, blank=True, help_text=_("A day, month or year."))
    dated_precision = PrecisionField()
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
            build_precision_constraint("source", "dated"),
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
