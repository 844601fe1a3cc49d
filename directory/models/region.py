"""Region: an administrative division of GB/T 2260; its six-digit code contains its parents."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.text.language import is_english

# Suffixes of Chinese names of divisions, the longest first.
DIVISION_SUFFIXES = (
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "林区",
    "特区",
    "新区",
    "市",
    "县",
    "区",
    "盟",
    "旗",
)


class RegionQuerySet(models.QuerySet):
    """Filters by the tree of codes."""

    def within(self, code: str) -> "RegionQuerySet":
        """The region itself and everything below it."""
        return self.filter(code__range=codes.get_region_range(code))

    def exclude_virtual(self) -> "RegionQuerySet":
        """Without rows that only connect counties to a province (110100 below 110000)."""
        return self.filter(virtual=False)


class Region(models.Model):
    """A province, prefecture or county."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("province")
        PREFECTURE = "prefecture", _("prefecture")
        COUNTY = "county", _("county")

    code = models.CharField(
        _("region code"),
        max_length=6,
        primary_key=True,
        validators=[RegexValidator(codes.REGION_CODE_PATTERN, _("Six digits of GB/T 2260."))],
        help_text=_("Six digits of GB/T 2260; they also say which region holds it."),
    )
    name = models.CharField(_("name"), max_length=60)
    short_name = models.CharField(_("short name"), max_length=20, blank=True)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    pinyin = models.CharField(_("pinyin"), max_length=120, blank=True)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    virtual = models.BooleanField(
        _("only a rung"),
        default=False,
        help_text=_("A row that only holds counties up; never offered as a choice."),
    )
    iso3166_2 = models.CharField(_("ISO 3166-2 code"), max_length=6, blank=True)
    aliases = models.TextField(_("other names"), blank=True, help_text=_("One to a line."))

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=codes.REGION_CODE_PATTERN),
                name="region_code_form",
                violation_error_message=_("A region code is six digits of GB/T 2260."),
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="region_has_name",
                violation_error_message=_("A region needs a name."),
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=["province", "prefecture", "county"]),
                name="region_level_known",
                violation_error_message=_("A region is a province, a prefecture or a county."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.code}"

    @property
    def label(self) -> str:
        """The name for the page's language; pinyin where no English name is recorded."""
        return self.name_en or self.romanized if is_english() else self.name

    @property
    def romanized(self) -> str:
        """The pinyin with the suffix of the division apart: Wulumuqi Shi, Kashi Diqu."""
        syllables = self.pinyin.split()
        suffix = next((s for s in DIVISION_SUFFIXES if self.name.endswith(s)), "")
        if not suffix or len(syllables) != len(self.name):
            return "".join(syllables).capitalize()
        parts = syllables[: -len(suffix)], syllables[-len(suffix) :]
        return " ".join("".join(part).capitalize() for part in parts if part)

    @property
    def short_label(self) -> str:
        """Short name for maps and breadcrumbs: 新疆 rather than 新疆维吾尔自治区."""
        return self.label if is_english() else self.short_name or self.name

    @property
    def all_names(self) -> list[str]:
        """All names of the region, including aliases and pinyin."""
        names = [self.name, self.short_name, self.name_en, self.pinyin]
        return [name for name in (*names, *self.aliases.splitlines()) if name]
