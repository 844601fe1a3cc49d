"""The admin of communities, of roles, and of the number of seats that each role has."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.base.autocomplete import NameSearchMixin
from directory.admin.base.citation_questions import CitationQuestionMixin
from directory.admin.base.inlines import TableInline
from directory.admin.base.model_admin import DirectoryModelAdmin, DirectoryModelForm
from directory.admin.citations import CommunityCitationInline
from directory.models import Citation, Community, Kind, Role, Seat
from directory.permissions import policy, scope
from directory.text.language import list_separator

SECOND_PERSON_FIELD = "second_person"


class SeatInline(TableInline):
    model = Seat
    fields = ("role", "count")
    autocomplete_fields = ("role",)


class CommunityForm(CitationQuestionMixin, DirectoryModelForm):
    cited_fields = Citation.COMMUNITY_FIELDS
    owner = "community"


@admin.register(Community)
class CommunityAdmin(NameSearchMixin, DirectoryModelAdmin):
    form = CommunityForm
    list_display = ("name", "name_en", "code", "region", "founded_on", "stated_size")
    list_select_related = ("region",)
    autocomplete_fields = ("region",)
    inlines = (SeatInline, CommunityCitationInline)

    def may_decide_second_person(self, request: HttpRequest) -> bool:
        """Whether the user decides if a second person must confirm roles."""
        return request.user.has_perm(policy.SET_SECOND_PERSON)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        """Those who decide on the second person may open the page, though to change only that."""
        if super().has_change_permission(request, obj):
            return True
        if not self.may_decide_second_person(request):
            return False
        return not scope.denial_reason(request.user, obj or Community())

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        fields = list(super().get_readonly_fields(request, obj))
        if obj is not None and not super().has_change_permission(request, obj):
            fields += [
                f.name
                for f in self.opts.fields
                if not f.primary_key and f.name != SECOND_PERSON_FIELD
            ]
        return fields if self.may_decide_second_person(request) else [*fields, SECOND_PERSON_FIELD]

    def get_names(self, row: Community) -> tuple[str, ...]:
        return row.name, row.name_en, row.code


class RoleForm(DirectoryModelForm):
    """A role; the kinds that may hold it are check boxes."""

    kinds = forms.MultipleChoiceField(
        label=capfirst(gettext_lazy("eligible kinds")),
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Which kinds may hold the role; none chosen means any."),
    )


@admin.register(Role)
class RoleAdmin(NameSearchMixin, DirectoryModelAdmin):
    form = RoleForm
    list_display = ("name", "name_en", "code", "axis", "rank", "eligible")
    list_filter = ("axis",)

    def get_names(self, row: Role) -> tuple[str, ...]:
        return row.name, row.name_en, row.code

    @admin.display(description=gettext_lazy("eligible kinds"))
    def eligible(self, row: Role) -> str:
        labels = dict(Kind.choices)
        return list_separator().join(str(labels.get(kind, kind)) for kind in row.kinds) or _("any")


@admin.register(Seat)
class SeatAdmin(NameSearchMixin, DirectoryModelAdmin):
    list_display = ("community", "role", "count")
    list_filter = ("community",)
    list_select_related = ("community", "role")
    autocomplete_fields = ("community", "role")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("community", "role")

    def get_names(self, row: Seat) -> tuple[str, ...]:
        role, community = row.role, row.community
        return role.name, role.name_en, role.code, community.name, community.name_en
