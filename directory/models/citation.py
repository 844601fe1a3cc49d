"""Citation: the use of a source for one value of one fact, with the quoted passage."""

from typing import cast

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models.alias import Alias
from directory.models.citation_values import (
    COMMUNITY_FIELDS,
    MEMBERSHIP_FIELDS,
    ORGANIZATION_FIELDS,
    build_current_value,
    get_field_names,
)
from directory.models.community import Community
from directory.models.membership import Membership
from directory.models.organization import Organization
from directory.models.source import Source
from directory.text.language import localize


class Evidence(models.TextChoices):
    """How well a fact is known; shown by the same mark on every page."""

    STATED = "stated", _("stated by a source")
    INFERRED = "inferred", _("inferred by the editor")
    DIFFERS = "differs", _("sources differ")


class CitationQuerySet(models.QuerySet):
    def speaking(self, *relations: str) -> "CitationQuerySet":
        """Those that speak: made for the value that the fact has now, or for one that differs.

        The only rule of when a citation speaks. `relations`: only of these, see
        `build_current_value`; citations of others are then left out.
        """
        rows = self._of_relations(*relations)
        is_made_for_it = Q(value=build_current_value(*relations))
        return rows.filter(Q(evidence=Evidence.DIFFERS) | is_made_for_it)

    def silent(self, *relations: str) -> "CitationQuerySet":
        """Those that were made for a value which the fact does not have any more."""
        rows = self._of_relations(*relations).exclude(evidence=Evidence.DIFFERS)
        return rows.exclude(value=None).exclude(value=build_current_value(*relations))

    def _of_relations(self, *relations: str) -> "CitationQuerySet":
        condition = Q()
        for relation in relations:
            condition |= Q(**{f"{relation}__isnull": False})
        return self.filter(condition)

    def bind(self) -> int:
        """Bind those that are new to the value that their fact has now; return how many."""
        if not self.filter(value=None).exists():  # saves compiling the expression on most writes
            return 0
        rows = self.model._default_manager.filter(pk=models.OuterRef("pk"))
        current = rows.annotate(current=build_current_value()).values("current")
        return self.filter(value=None).update(value=models.Subquery(current))


class Citation(models.Model):
    """A passage of a source that supports one fact of one row."""

    ORGANIZATION_FIELDS = ORGANIZATION_FIELDS
    COMMUNITY_FIELDS = COMMUNITY_FIELDS
    MEMBERSHIP_FIELDS = MEMBERSHIP_FIELDS

    source = models.ForeignKey(
        Source, models.PROTECT, related_name="citations", verbose_name=_("source")
    )
    evidence = models.CharField(_("evidence"), max_length=10, choices=Evidence.choices)
    passage = models.TextField(_("passage"), help_text=_("The very words."))
    place = models.CharField(
        _("line or row"), max_length=40, blank=True, help_text=_("Such as 7, or 1539.")
    )
    language = models.CharField(_("language"), max_length=8, default="zh-Hans")
    note = models.TextField(_("note"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    field = models.CharField(_("fact"), max_length=20, blank=True)
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("organization"),
    )
    community = models.ForeignKey(
        Community,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("community"),
    )
    alias = models.ForeignKey(
        Alias,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("alias"),
    )
    membership = models.ForeignKey(
        Membership,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("membership"),
    )

    # None until the change in which it is entered ends: `record_changes()` binds it.
    value = models.TextField(  # noqa: DJ001  a value may be "", which is not "not yet bound"
        _("value it was made for"), null=True, editable=False
    )

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ("source", "pk")
        indexes = [
            models.Index(fields=["id"], condition=Q(value=None), name="citation_unbound"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(organization__isnull=False, community=None, alias=None, membership=None)
                    | Q(organization=None, community__isnull=False, alias=None, membership=None)
                    | Q(organization=None, community=None, alias__isnull=False, membership=None)
                    | Q(organization=None, community=None, alias=None, membership__isnull=False)
                ),
                name="citation_one_fact",
                violation_error_message=_(
                    "A citation hangs on exactly one organization, community, alias or membership."
                ),
            ),
            models.CheckConstraint(
                condition=(
                    Q(organization__isnull=True) | Q(field__in=get_field_names(ORGANIZATION_FIELDS))
                )
                & (Q(community__isnull=True) | Q(field__in=get_field_names(COMMUNITY_FIELDS)))
                & (Q(alias__isnull=True) | Q(field=""))
                & (Q(membership__isnull=True) | Q(field__in=get_field_names(MEMBERSHIP_FIELDS))),
                name="citation_field_fits",
                violation_error_message=_("This fact does not belong to what is cited."),
            ),
            models.CheckConstraint(
                condition=Q(passage__regex=r"\S"),
                name="citation_has_passage",
                violation_error_message=_("A citation needs the very words of its source."),
            ),
            models.CheckConstraint(
                condition=Q(evidence__in=["stated", "inferred", "differs"]),
                name="citation_evidence_known",
                violation_error_message=_("This evidence is not known."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.place} “{self.passage[:40]}”"

    @property
    def note_label(self) -> str:
        return localize(self.note, self.note_en)

    @property
    def fact_label(self) -> str:
        """Name of the cited fact, such as "region" or "role"; the sort of an alias."""
        if self.alias is not None:
            return self.alias.get_sort_display()
        fields = (
            self.ORGANIZATION_FIELDS
            if self.organization_id
            else self.COMMUNITY_FIELDS
            if self.community_id
            else self.MEMBERSHIP_FIELDS
        )
        return str(dict(fields).get(self.field, self.field))

    @property
    def about_label(self) -> str:
        """Label of the organization or community and of the fact."""
        subject = self.organization or self.community
        if subject is None:
            subject = cast(Alias | Membership, self.alias or self.membership).organization
        return f"{subject.label} · {self.fact_label}"
