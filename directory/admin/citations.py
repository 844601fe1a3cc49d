"""The desk of citations: which words of which source speak for which fact."""

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.base.autocomplete import FoundByOrganization
from directory.admin.base.form_fields import LanguageField
from directory.admin.base.inlines import CardInline, DeskFormSet
from directory.admin.base.model_admin import DeskAdmin, DeskForm
from directory.models import Citation, Organization

WORDS = (("source", "place"), "passage", ("language", "note", "note_en"))
FACTS = dict(
    [*Citation.MEMBERSHIP_FIELDS, *Citation.COMMUNITY_FIELDS, *Citation.ORGANIZATION_FIELDS]
)
WIDGETS = {
    "language": forms.Select,
    "passage": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
} | {
    name: forms.Textarea(attrs={"rows": 1, "class": "vLargeTextField"})
    for name in ("note", "note_en")
}


class WordsForm(forms.ModelForm):
    """The words of a source, whatever they speak of."""

    class Meta:
        field_classes = {"language": LanguageField}
        widgets = WIDGETS


class TargetForm(WordsForm):
    """A citation on an organization's page: it says which of the facts there it speaks of."""

    target = forms.ChoiceField(label=gettext_lazy("What is cited"))

    def __init__(self, *args, targets=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [("", "---------"), *targets]
        self.initial["target"] = target_of(self.instance)


def target_of(row: Citation) -> str:
    if row.alias_id:
        return f"alias:{row.alias_id}"
    if row.membership_id:
        return f"membership:{row.membership_id}:{row.field}"
    return f"organization::{row.field}" if row.field else ""


class OrganizationCitations(DeskFormSet):
    """The citations of an organization, of its aliases and of its memberships, as one list.

    What is new on the same page has no number yet: `alias:new` and `membership:new:role` mean
    the one row that is being entered.
    """

    beside: dict[str, DeskFormSet]

    def __init__(self, *args, **kwargs):
        self.beside = {}
        super().__init__(*args, **kwargs)

    def rows(self, queryset: QuerySet) -> QuerySet:
        if self.instance.pk is None:
            return Citation.objects.none()
        # By keys: an OR across joins would read every citation.
        hers = Q(organization=self.instance.pk)
        hers |= Q(alias__in=[*self.instance.aliases.values_list("pk", flat=True)])
        hers |= Q(membership__in=[*self.instance.memberships.values_list("pk", flat=True)])
        rows = Citation.objects.filter(hers).order_by("pk")
        return rows.select_related("alias", "membership__role", "organization", "source")

    def get_form_kwargs(self, index: int | None) -> dict:
        return super().get_form_kwargs(index) | {"targets": self.targets}

    @cached_property
    def targets(self) -> list[tuple]:
        own = [(f"organization::{name}", label) for name, label in Citation.ORGANIZATION_FIELDS]
        fresh = [("alias:new", _("the alias entered on this page"))]
        fresh += _of_role("new", _("the role entered on this page"))
        groups = [(_("The organization"), own), (_("New on this page"), fresh)]
        if self.instance.pk is None:
            return groups
        organization = Organization(pk=self.instance.pk)
        roles = [
            choice
            for row in organization.memberships.select_related("role").order_by("pk")
            for choice in _of_role(row.pk, row.role.label)
        ]
        names = [(f"alias:{row.pk}", row.name) for row in organization.aliases.order_by("pk")]
        return [groups[0], (_("Its roles"), roles), (_("Its aliases"), names), groups[1]]

    def clean(self) -> None:
        super().clean()
        for form in self.standing():
            kind, key, _field = split(form.cleaned_data["target"])
            reason = self.missing(kind, key) if form.has_changed() else ""
            if reason:
                form.add_error("target", reason)

    def missing(self, kind: str, key: str) -> str:
        """Why what is cited will not be there."""
        others = self.beside.get({"alias": "aliases", "membership": "memberships"}.get(kind))
        if others is None:
            return ""
        if key == "new":
            fresh = [form for form in others.extra_forms if not others.going(form)]
            if len(fresh) != 1:
                return _("Enter exactly one new row above, or save first and cite it then.")
        elif int(key) in {f.instance.pk for f in others.initial_forms if others.going(f)}:
            return _("What this cites is being deleted; delete this too, or cite something else.")
        return ""

    def aim(self, form: TargetForm) -> None:
        """Hang the citation on its fact, and on nothing else."""
        row = form.instance
        kind, key, row.field = split(form.cleaned_data["target"])
        row.organization = row.alias = row.membership = None
        if kind == "organization":
            row.organization = self.instance
        elif key == "new":
            fresh = self.beside["aliases" if kind == "alias" else "memberships"]
            setattr(row, kind, fresh.new_objects[0])
        else:
            setattr(row, f"{kind}_id", int(key))

    def save_new(self, form, commit=True):
        self.aim(form)
        return form.save(commit=commit)

    def save_existing(self, form, obj, commit=True):
        self.aim(form)
        return form.save(commit=commit)


def split(target: str) -> tuple[str, str, str]:
    kind, key, field = (*target.split(":"), "", "")[:3]
    return kind, key, field


def _of_role(key: int | str, label: str) -> list[tuple[str, str]]:
    facts = Citation.MEMBERSHIP_FIELDS
    return [(f"membership:{key}:{name}", f"{label} · {fact}") for name, fact in facts]


class OrganizationCitationInline(CardInline):
    model = Citation
    fk_name = "organization"
    form = TargetForm
    formset = OrganizationCitations
    fields = (("target", "evidence"), *WORDS)
    autocomplete_fields = ("source",)


class CommunityFactForm(WordsForm):
    field = forms.ChoiceField(
        label=capfirst(gettext_lazy("fact")), choices=Citation.COMMUNITY_FIELDS
    )


class CommunityCitationInline(CardInline):
    model = Citation
    fk_name = "community"
    form = CommunityFactForm
    fields = (("field", "evidence"), *WORDS)
    autocomplete_fields = ("source",)


class CitationForm(DeskForm):
    field = forms.ChoiceField(
        label=capfirst(gettext_lazy("fact")),
        required=False,
        choices=[("", "---------"), *FACTS.items()],
        help_text=gettext_lazy("Of an alias: none."),
    )

    class Meta(WordsForm.Meta):
        pass


@admin.register(Citation)
class CitationAdmin(FoundByOrganization, DeskAdmin):
    form = CitationForm
    list_display = ("source", "about_label", "evidence", "place", "opening")
    list_filter = ("evidence", "source")
    list_select_related = (
        "source",
        "organization",
        "community",
        "alias__organization",
        "membership__organization",
    )
    autocomplete_fields = ("source", "organization", "community", "alias", "membership")
    fields = ("evidence", *WORDS, "organization", "community", "alias", "membership", "field")
    belongs = ("organization", "alias__organization", "membership__organization")
    ordering = ("-pk",)
    sortable_by = ()

    @admin.display(description=gettext_lazy("passage"))
    def opening(self, row: Citation) -> str:
        return row.passage if len(row.passage) <= 60 else f"{row.passage[:60]}…"
