"""Import of a file, its planned rows, and the corrections of single cells."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from directory.models.revision import Revision


class Import(models.Model):
    """A file that was read, is planned row by row, and applied once."""

    class State(models.TextChoices):
        READ = "read", _("read")
        PLANNING = "planning", _("being planned")
        PLANNED = "planned", _("planned")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        FAILED = "failed", _("failed")

    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    at = models.DateTimeField(_("time"), default=timezone.now, editable=False)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    who_name = models.CharField(_("user"), max_length=150, blank=True)
    # Whose permissions it is applied with: not who uploaded the file, but who accepts the rows.
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.READ)
    # The file, as long as it may be planned again; deleted then, as it may contain personal data.
    content = models.BinaryField(null=True)
    encoding = models.CharField(_("encoding"), max_length=12)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    left_out = models.JSONField(default=list, blank=True)
    header_row = models.PositiveIntegerField(_("row of the headings"))
    last_row = models.PositiveIntegerField(_("last row"))
    rows_found = models.PositiveIntegerField(_("rows"))
    headings = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    skipped = models.JSONField(default=list, blank=True)
    # For all rows: community, role, source, and whether new organizations are published at once.
    options = models.JSONField(default=dict, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    # Incremented by every plan, decision and correction; a form with an older one is refused.
    version = models.PositiveIntegerField(default=0)
    # The data version when the plan was begun: after another one it is compared again.
    data_version = models.BigIntegerField(null=True, editable=False)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    revision = models.ForeignKey(
        Revision, models.SET_NULL, null=True, related_name="+", verbose_name=_("revision")
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["read", "planning", "planned", "applying", "applied", "failed"]
                ),
                name="import_state_known",
                violation_error_message=_("This state is not known."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """Planned change of one row of the file, and the decision about it."""

    class Outcome(models.TextChoices):
        REFUSED = "refused", _("refused")
        DOUBTFUL = "doubtful", _("doubtful")
        CHANGED = "changed", _("changed")
        NEW = "new", _("new")
        UNCHANGED = "unchanged", _("unchanged")

    class Decision(models.TextChoices):
        OPEN = "", _("not decided")
        SKIP = "skip", _("skip")
        CREATE = "create", _("another one: add it")
        CHANGE = "change", _("the same one: change it")

    of = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    name = models.CharField(_("name"), max_length=250, blank=True)
    # Number of the matched organization, kept if that is deleted, and its compared version.
    organization = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(null=True)
    values = models.JSONField(default=dict, blank=True)
    before = models.JSONField(default=dict, blank=True)
    # Values as a new organization, where that is in doubt; for a new one `values` has them all.
    whole = models.JSONField(default=dict, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    left = models.JSONField(default=list, blank=True)
    decision = models.CharField(
        max_length=8, choices=Decision.choices, default=Decision.OPEN, blank=True
    )
    applied = models.CharField(max_length=10, blank=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ("of", "number")
        indexes = [models.Index(fields=["of", "outcome", "number"], name="importrow_by_outcome")]
        constraints = [
            models.UniqueConstraint(
                fields=["of", "number"],
                name="importrow_once",
                violation_error_message=_("This row of the file is planned already."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["refused", "doubtful", "changed", "new", "unchanged"]),
                name="importrow_outcome_known",
                violation_error_message=_("This outcome is not known."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def full_values(self) -> dict:
        """All values that it would have as a new organization."""
        return self.whole or self.values


class ImportCorrection(models.Model):
    """A cell that was corrected in the admin; the stored file is not changed."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="corrections")
    number = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=20)
    said = models.TextField(_("what the file says"), blank=True)
    value = models.TextField(_("corrected"), blank=True)
    who_name = models.CharField(_("user"), max_length=150, blank=True)
    at = models.DateTimeField(_("time"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("correction of an import")
        verbose_name_plural = _("corrections of imports")
        ordering = ("of", "number", "pk")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["of", "number", "column"],
                name="importcorrection_once",
                violation_error_message=_("This cell is corrected already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.column}: {self.value}"
