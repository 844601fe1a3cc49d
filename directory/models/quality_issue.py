"""Finding: a stored quality issue, updated with every change by quality/issues.py."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from directory.models.organization import Organization


class Finding(models.Model):
    """A rule that an organization breaks, and since when."""

    class Rule(models.TextChoices):
        DRAFT = "draft", _("draft with a role, to be published")
        NO_REGION = "no-region", _("no region recorded")
        NO_SOURCE = "no-source", _("no source recorded")
        NO_CHINESE_NAME = "no-chinese-name", _("no Chinese name")
        SILENT = "silent-citation", _("a value for which no source speaks any more")
        BAD_WEBSITE = "bad-website", _("web site that is not a valid address")
        # Every published organization has this one; `since` is when it was last verified.
        VERIFIED = "verified", _("last verified")

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="findings", db_index=False
    )
    rule = models.CharField(max_length=16, choices=Rule.choices)
    since = models.DateField()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        default_permissions = ()
        ordering = ("rule", "since", "organization")
        indexes = [models.Index(fields=["rule", "since", "organization"], name="finding_by_rule")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "rule"],
                name="finding_once",
                violation_error_message=_("This was found already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.rule}"
