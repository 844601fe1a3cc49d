"""Likely duplicates, pairs that are known to be different, and the state of the search."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from directory.models.organization import Organization


def build_pair_key(related_name: str, verbose_name) -> models.ForeignKey:
    """Build a foreign key to one organization of a pair, without a database constraint.

    The row of a pair stays when an organization is merged or deleted, so that it is there
    again when the merge is undone.
    """
    return models.ForeignKey(
        Organization,
        models.DO_NOTHING,
        db_constraint=False,
        related_name=related_name,
        verbose_name=verbose_name,
    )


class LikelyPair(models.Model):
    """Two similar organizations and their score; computed by duplicates/pairs.py."""

    one = build_pair_key("+", _("organization"))
    other = build_pair_key("+", _("the other organization"))
    score = models.PositiveSmallIntegerField(_("likeness in per cent"))

    class Meta:
        verbose_name = _("likely double")
        verbose_name_plural = _("likely doubles")
        ordering = ("-score", "one", "other")
        indexes = [models.Index(F("score").desc(), "one", "other", name="likelypair_best")]
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"],
                name="likelypair_once",
                violation_error_message=_("This pair is already listed."),
            ),
            models.CheckConstraint(
                condition=Q(one__lt=F("other")) & Q(score__lte=100),
                name="likelypair_in_order",
                violation_error_message=_("The smaller number of a pair stands first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ~ {self.other_id}"


class NotSame(models.Model):
    """Two organizations that a person compared and found to be different."""

    one = build_pair_key("+", _("organization"))
    other = build_pair_key("+", _("the other organization"))
    at = models.DateTimeField(_("time"), default=timezone.now, editable=False)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    who_name = models.CharField(_("user"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("pair that is not the same")
        verbose_name_plural = _("pairs that are not the same")
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"],
                name="notsame_once",
                violation_error_message=_("This pair is already known to be two."),
            ),
            models.CheckConstraint(
                condition=Q(one__lt=F("other")),
                name="notsame_in_order",
                violation_error_message=_("The smaller number of a pair stands first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"


class PairSearch(models.Model):
    """A single row: time and progress of the last comparison of all organizations."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    began_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    seen_at = models.DateTimeField(_("last sign of life"), null=True)
    done = models.PositiveIntegerField(_("compared"), default=0)
    total = models.PositiveIntegerField(_("of how many"), default=0)

    class Meta:
        verbose_name = _("search for doubles")
        verbose_name_plural = _("searches for doubles")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="pairsearch_one_row")]

    def __str__(self) -> str:
        return f"{self.done} / {self.total}"
