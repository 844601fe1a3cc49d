"""History: a Revision is one change with its author, and RowChange what it did to each row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Revision(models.Model):
    """One change of the directory: who made it, when, and by which part of the program."""

    class Via(models.TextChoices):
        ADMIN = "admin", _("data entry")
        IMPORT = "import", _("import")
        MERGE = "merge", _("merging")
        UNDO = "undo", _("undo")
        RESTORE = "restore", _("going back")
        FIXTURES = "fixtures", _("opening of the directory")
        COMMAND = "command", _("command")

    at = models.DateTimeField(_("time"), default=timezone.now, editable=False)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    # Stays if the account is deleted.
    who_name = models.CharField(_("user"), max_length=150, blank=True)
    via = models.CharField(_("from where"), max_length=12, choices=Via.choices)
    comment = models.CharField(_("what"), max_length=300, blank=True)
    undoes = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="undone_by", verbose_name=_("undoes")
    )

    count = models.PositiveIntegerField(_("rows"), default=0, editable=False)
    # The data version after this change; caches of an earlier version apply it.
    version = models.BigIntegerField(null=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("history")
        ordering = ("-pk",)
        default_permissions = ("view",)
        permissions = [("undo_revision", _("Can take back what was written"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(via=""),
                name="revision_says_from_where",
                violation_error_message=_("A revision says from where it was made."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.get_via_display()} {self.comment}".rstrip()


class RowChange(models.Model):
    """Values of one row before and after: all if it was added or deleted, else those changed."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="changes", db_index=False)
    noun = models.CharField(max_length=20)
    key = models.CharField(max_length=60)
    # Number of the row's organization, kept if that is deleted; and its organization before.
    organization = models.BigIntegerField(null=True, db_index=True)
    formerly = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        verbose_name = _("change of a row")
        verbose_name_plural = _("changes of rows")
        ordering = ("pk",)
        default_permissions = ()
        indexes = [
            models.Index(fields=["revision", "organization"], name="rowchange_revision"),
            models.Index(
                fields=["formerly"],
                condition=Q(formerly__isnull=False),
                name="rowchange_formerly",
            ),
            models.Index(
                fields=["noun", "key"],
                condition=Q(organization__isnull=True),
                name="rowchange_other",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(before__isnull=False) | Q(after__isnull=False),
                name="rowchange_says_something",
                violation_error_message=_("A change of a row says what was there, or what is."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.key}"
