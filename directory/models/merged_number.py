"""A merged number is that of an organization which was found to be another one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from directory.models.organization import Organization


class MergedNumber(models.Model):
    """Nobody gets the number again; `organization` is who answers in its place.

    Where that one is merged too, its merged numbers move on with it: one step always leads home.
    """

    number = models.BigIntegerField(_("merged number"), primary_key=True)
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="merged_numbers",
        verbose_name=_("organization"),
    )
    public = models.BooleanField(
        _("known to visitors"),
        default=False,
        help_text=_("Its address once answered, so it leads on."),
    )

    class Meta:
        verbose_name = _("merged number")
        verbose_name_plural = _("merged numbers")
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} → {self.organization_id}"


def addressed(number: int | str) -> Organization | None:
    """Whom the public finds at a number: who has it, or whom it was merged into."""
    pages = Organization.objects.with_a_page()
    own = pages.filter(pk=number).first()
    if own is not None:
        return own
    led = MergedNumber.objects.filter(number=number, public=True).values("organization")
    return pages.filter(pk__in=led).first()
