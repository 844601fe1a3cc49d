"""Remit: the part of the directory that an account may edit."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from directory.models.community import Community
from directory.models.region import Region
from directory.text.language import list_separator


class Remit(models.Model):
    """Scope of an account: regions, a community, or the members of a community in regions.

    Without both it covers nothing, so that a lost limit never allows everything.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="remit",
        verbose_name=_("user"),
    )
    regions = models.ManyToManyField(
        Region,
        blank=True,
        related_name="+",
        verbose_name=_("regions"),
        help_text=_("With everything below them. None chosen: any region."),
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("community"),
        help_text=_("Only organizations with a role in it. None chosen: any community."),
    )

    class Meta:
        verbose_name = _("remit")
        verbose_name_plural = _("remits")

    def __str__(self) -> str:
        # Regions hang on the key, which a deleted remit does not have any more.
        places = [region.label for region in self.regions.all()] if self.pk else []
        if self.community is not None:
            places.append(self.community.label)
        return list_separator().join(places) or str(_("nothing"))
