"""The admin of citations: which passage of which source supports which fact."""

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.base.autocomplete import OrganizationSearchMixin
from directory.admin.base.form_fields import LanguageField
from directory.admin.base.inlines import CardInline, DirectoryFormSet
from directory.admin.base.model_admin import DirectoryModelAdmin, DirectoryModelForm
from directory.models import Citation, Organization, Source
from directory.permissions import scope

PASSAGE_FIELDS = (("source", "place"), "passage", ("language", "note", "note_en"))
FACT_LABELS = dict(
    [*Citation.MEMBERSHIP_FIELDS, *Citation.COMMUNITY_FIELDS, *Citation.ORGANIZATION_FIELDS]
)
# The prefix of the formset on an organization's page, by the kind of what is cited there.
PREFIXES = {"alias": "aliases", "membership": "memberships"}
WIDGETS = {
    "language": forms.Select,
    "passage": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
} | {
    name: forms.Textarea(attrs={"rows": 1, "class": "vLargeTextField"})
    for name in ("note", "note_en")
}


# A citation of which one of these is edited is made for the value that the fact has now.
REBINDING_FIELDS = {
    *("source", "passage", "target", "field"),
    *("organization", "community", "alias", "membership"),
}


class PassageForm(forms.ModelForm):
    """The fields of a passage, common to all citation forms."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # missing in the stubs
        if REBINDING_FIELDS & set(self.changed_data):
            self.instance.value = None

    class Meta:
        field_classes = {"language": LanguageField}
        widgets = WIDGETS


class TargetForm(PassageForm):
    """A citation on an organization's page, with a choice of the fact that it supports."""

    target = forms.ChoiceField(label=gettext_lazy("What is cited"))

    def __init__(self, *args, targets=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [("", "---------"), *targets]
        self.initial["target"] = format_target(self.instance)


def format_target(row: Citation) -> str:
    """The fact that a citation supports, as a choice of `TargetForm.target`; "" for none."""
    if row.alias_id:
        return f"alias:{row.alias_id}"
    if row.membership_id:
        return f"membership:{row.membership_id}:{row.field}"
    return f"organization::{row.field}" if row.field else ""


class OrganizationCitationFormSet(DirectoryFormSet):
    """The citations of an organization, of its aliases and of its memberships, as one list.

    A new row of the same page has no key yet: `alias:new` and `membership:new:role` mean the
    only new row there.
    """

    formsets_by_prefix: dict[str, DirectoryFormSet]

    def __init__(self, *args, **kwargs):
        self.formsets_by_prefix = {}
        super().__init__(*args, **kwargs)

    def get_page_rows(self, queryset: QuerySet) -> QuerySet:
        if self.instance.pk is None:
            return Citation.objects.none()
        # By keys: an OR across joins would read every citation.
        condition = Q(organization=self.instance.pk)
        condition |= Q(alias__in=[*self.instance.aliases.values_list("pk", flat=True)])
        condition |= Q(membership__in=[*self.instance.memberships.values_list("pk", flat=True)])
        rows = Citation.objects.filter(condition).order_by("pk")
        return rows.select_related("alias", "membership__role", "organization", "source")

    def get_form_kwargs(self, index: int | None) -> dict:
        return super().get_form_kwargs(index) | {"targets": self.targets}

    @cached_property
    def targets(self) -> list[tuple]:
        """The facts that can be cited, as grouped choices."""
        own = [(f"organization::{name}", label) for name, label in Citation.ORGANIZATION_FIELDS]
        new = [("alias:new", _("the alias entered on this page"))]
        new += _build_role_targets("new", _("the role entered on this page"))
        groups = [(_("The organization"), own), (_("New on this page"), new)]
        if self.instance.pk is None:
            return groups
        organization = Organization(pk=self.instance.pk)
        roles = [
            choice
            for row in organization.memberships.select_related("role").order_by("pk")
            for choice in _build_role_targets(row.pk, row.role.label)
        ]
        aliases = [(f"alias:{row.pk}", row.name) for row in organization.aliases.order_by("pk")]
        return [groups[0], (_("Its roles"), roles), (_("Its aliases"), aliases), groups[1]]

    def clean(self) -> None:
        super().clean()
        for form in self.get_remaining_forms():
            kind, key, _field = parse_target(form.cleaned_data["target"])
            reason = self.get_target_error(kind, key) if form.has_changed() else ""
            if reason:
                form.add_error("target", reason)

    def get_target_error(self, kind: str, key: str) -> str:
        """Why the cited row will not exist after saving, or ""."""
        formset = self.formsets_by_prefix.get(PREFIXES.get(kind, ""))
        if formset is None:
            return ""
        if key == "new":
            new = [form for form in formset.extra_forms if not formset.is_removed(form)]
            if len(new) != 1:
                return _("Enter exactly one new row above, or save first and cite it then.")
        elif int(key) in {f.instance.pk for f in formset.initial_forms if formset.is_removed(f)}:
            return _("What this cites is being deleted; delete this too, or cite something else.")
        return ""

    def set_target(self, form: TargetForm) -> None:
        """Set the foreign key and field of the chosen fact, and clear the other keys."""
        row = form.instance
        kind, key, row.field = parse_target(form.cleaned_data["target"])
        row.organization = row.alias = row.membership = None
        if kind == "organization":
            row.organization = self.instance
        elif key == "new":
            formset = self.formsets_by_prefix[PREFIXES[kind]]
            setattr(row, kind, formset.new_objects[0])
        else:
            setattr(row, f"{kind}_id", int(key))

    def save_new(self, form, commit=True):
        self.set_target(form)
        return form.save(commit=commit)

    def save_existing(self, form, obj, commit=True):
        self.set_target(form)
        return form.save(commit=commit)


def parse_target(target: str) -> tuple[str, str, str]:
    """Kind, key and field of a choice of `TargetForm.target`."""
    kind, key, field = (*target.split(":"), "", "")[:3]
    return kind, key, field


def _build_role_targets(key: int | str, label: str) -> list[tuple[str, str]]:
    facts = Citation.MEMBERSHIP_FIELDS
    return [(f"membership:{key}:{name}", f"{label} · {fact}") for name, fact in facts]


class OrganizationCitationInline(CardInline):
    model = Citation
    fk_name = "organization"
    form = TargetForm
    formset = OrganizationCitationFormSet
    fields = (("target", "evidence"), *PASSAGE_FIELDS)
    autocomplete_fields = ("source",)


class CommunityFactForm(PassageForm):
    """A citation on a community's page, with a choice of the fact that it supports."""

    field = forms.ChoiceField(
        label=capfirst(gettext_lazy("fact")), choices=Citation.COMMUNITY_FIELDS
    )


class CommunityCitationInline(CardInline):
    model = Citation
    fk_name = "community"
    form = CommunityFactForm
    fields = (("field", "evidence"), *PASSAGE_FIELDS)
    autocomplete_fields = ("source",)


class CitationForm(PassageForm, DirectoryModelForm):
    """A citation on a page of its own."""

    field = forms.ChoiceField(
        label=capfirst(gettext_lazy("fact")),
        required=False,
        choices=[("", "---------"), *FACT_LABELS.items()],
        help_text=gettext_lazy("Of an alias: none."),
    )

    class Meta(PassageForm.Meta):
        pass


class SourceFilter(admin.RelatedFieldListFilter):
    """Citations by their source, of those sources of which the account may be told."""

    def field_choices(self, field, request: HttpRequest, model_admin) -> list[tuple]:
        rows = scope.filter_visible(request.user, Source.objects.order_by(Length("code"), "code"))
        return [(row.pk, str(row)) for row in rows]


@admin.register(Citation)
class CitationAdmin(OrganizationSearchMixin, DirectoryModelAdmin):
    form = CitationForm
    list_display = ("source", "about_label", "evidence", "is_speaking", "place", "opening")
    list_filter = ("evidence", ("source", SourceFilter))
    list_select_related = (
        "source",
        "organization",
        "community",
        "alias__organization",
        "membership__organization",
    )
    autocomplete_fields = ("source", "organization", "community", "alias", "membership")
    fields = (
        "evidence",
        *PASSAGE_FIELDS,
        "organization",
        "community",
        "alias",
        "membership",
        "field",
    )
    organization_lookups = ("organization", "alias__organization", "membership__organization")
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Citation]:
        speaking = Citation.objects.speaking().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_speaking=Exists(speaking))

    @admin.display(description=gettext_lazy("speaks"), boolean=True)
    def is_speaking(self, row: Citation) -> bool:
        """Whether the fact still has the value that the citation was made for."""
        return row.is_speaking  # type: ignore[attr-defined]  # annotated by the queryset

    @admin.display(description=gettext_lazy("passage"))
    def opening(self, row: Citation) -> str:
        return row.passage if len(row.passage) <= 60 else f"{row.passage[:60]}…"
