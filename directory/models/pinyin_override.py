"""Reading: the pinyin of characters in names where the automatic pinyin is wrong."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

PINYIN_FORM = r"^[a-z]+( [a-z]+)*\Z"


class Reading(models.Model):
    """A correction of pinyin, such as 单县: shan xian. The search uses it once it is saved."""

    han = models.CharField(
        _("characters"), max_length=20, primary_key=True, help_text=_("Such as 单县.")
    )
    pinyin = models.CharField(
        _("reading"),
        max_length=140,
        help_text=_("A syllable for each character, without tones, such as shan xian."),
    )

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ("han",)
        constraints = [
            models.CheckConstraint(
                condition=Q(han__regex=r"\S"),
                name="reading_has_characters",
                violation_error_message=_("A reading needs the characters that it is of."),
            ),
            models.CheckConstraint(
                condition=Q(pinyin__regex=PINYIN_FORM),
                name="reading_form",
                violation_error_message=_(
                    "A reading is small letters with a space between syllables, such as shan xian."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.han} {self.pinyin}"

    def clean(self) -> None:
        super().clean()
        self.pinyin = " ".join(self.pinyin.lower().split())
        if len(self.pinyin.split()) != len(self.han):
            raise ValidationError({"pinyin": _("Give as many syllables as there are characters.")})
