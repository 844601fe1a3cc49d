"""MergedNumber: the number of an organization that was merged into another one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from directory.models.organization import Organization


class MergedNumber(models.Model):
    """The number is never used again; its address redirects to `organization`.

    If that one is merged too, its merged numbers are moved along, so there are no chains.
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


def find_public_organization(number: int | str) -> Organization | None:
    """The organization with a public page at a number: its owner, or what it was merged into."""
    pages = Organization.objects.with_public_page()
    own = pages.filter(pk=number).first()
    if own is not None:
        return own
    merged_into = MergedNumber.objects.filter(number=number, public=True).values("organization")
    return pages.filter(pk__in=merged_into).first()
