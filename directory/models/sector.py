"""Sector: an industry of the textile chain by GB/T 4754-2017, a division or a group in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from directory.text.language import localize

SECTOR_FORM = r"^[A-T][0-9]{2,4}\Z"


class Sector(models.Model):
    """An industry; the code of a group begins with that of its division."""

    code = models.CharField(_("sector code"), max_length=5, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=100)

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=SECTOR_FORM),
                name="sector_code_form",
                violation_error_message=_(
                    "A sector code is a letter and two to four digits of GB/T 4754, such as C171."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="sector_has_name",
                violation_error_message=_("A sector needs a name."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.code}"

    @property
    def label(self) -> str:
        return localize(self.name, self.name_en)
