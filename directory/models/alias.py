"""Alias: another name of an organization, such as a short, former or translated one."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models.organization import Organization


class Alias(models.Model):
    """Another name of an organization, by which it is found too."""

    class Sort(models.TextChoices):
        SHORT = "short", _("short name")
        FORMER = "former", _("former name")
        SPELLING = "spelling", _("other spelling")
        TRANSLATION = "translation", _("translation")

    class Language(models.TextChoices):
        CHINESE = "zh-Hans", _("Chinese")
        ENGLISH = "en", _("English")
        OTHER = "und", _("other")

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="aliases", verbose_name=_("organization")
    )
    name = models.CharField(_("name"), max_length=250)
    sort = models.CharField(_("sort"), max_length=12, choices=Sort.choices)
    language = models.CharField(
        _("language"), max_length=8, choices=Language.choices, default=Language.CHINESE
    )

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        ordering = ("organization", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"\S"),
                name="alias_has_name",
                violation_error_message=_("An alias needs a name."),
            ),
            models.CheckConstraint(
                condition=Q(sort__in=["short", "former", "spelling", "translation"]),
                name="alias_sort_known",
                violation_error_message=_("This sort of alias is not known."),
            ),
            models.CheckConstraint(
                condition=Q(language__in=["zh-Hans", "en", "und"]),
                name="alias_language_known",
                violation_error_message=_("This language is not known."),
            ),
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="alias_once",
                violation_error_message=_("This organization already has this alias."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
