"""A remit is the part of the directory to which an account is limited."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from directory.models.community import Community
from directory.models.region import Region


class Remit(models.Model):
    """Each limit narrows: with both, the members of the community in those regions.

    With neither it covers nothing, so that a limit that gets lost never opens the rest.
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
        places = [region.label for region in self.regions.all()]
        if self.community_id:
            places.append(self.community.label)
        return str(_(", ")).join(places) or str(_("nothing"))
