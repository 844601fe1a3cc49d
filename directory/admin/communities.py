"""The desk of communities, of the roles there are, and of the seats each role has."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.base.autocomplete import FoundByNames
from directory.admin.base.inlines import TableInline
from directory.admin.base.model_admin import DeskAdmin, DeskForm
from directory.admin.citations import CommunityCitationInline
from directory.models import Community, Kind, Role, Seat
from directory.permissions import policy, scope

SECOND = "second_person"


class SeatInline(TableInline):
    model = Seat
    fields = ("role", "count")
    autocomplete_fields = ("role",)


@admin.register(Community)
class CommunityAdmin(FoundByNames, DeskAdmin):
    list_display = ("name", "name_en", "code", "region", "founded_on", "stated_size")
    list_select_related = ("region",)
    autocomplete_fields = ("region",)
    inlines = (SeatInline, CommunityCitationInline)

    def decides(self, request: HttpRequest) -> bool:
        return request.user.has_perm(policy.ASK_SECOND)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        """Who decides on the second person may open the page, though for nothing else."""
        own = super().has_change_permission(request, obj)
        return own or (
            self.decides(request) and not scope.hinders(request.user, obj or Community())
        )

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        fixed = list(super().get_readonly_fields(request, obj))
        if obj is not None and not super().has_change_permission(request, obj):
            fixed += [f.name for f in self.opts.fields if not f.primary_key and f.name != SECOND]
        return fixed if self.decides(request) else [*fixed, SECOND]

    def names_of(self, row: Community) -> tuple[str, ...]:
        return row.name, row.name_en, row.code


class RoleForm(DeskForm):
    kinds = forms.MultipleChoiceField(
        label=capfirst(gettext_lazy("eligible kinds")),
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Which kinds may hold the role; none chosen means any."),
    )


@admin.register(Role)
class RoleAdmin(FoundByNames, DeskAdmin):
    form = RoleForm
    list_display = ("name", "name_en", "code", "axis", "rank", "eligible")
    list_filter = ("axis",)

    def names_of(self, row: Role) -> tuple[str, ...]:
        return row.name, row.name_en, row.code

    @admin.display(description=gettext_lazy("eligible kinds"))
    def eligible(self, row: Role) -> str:
        labels = dict(Kind.choices)
        return _(", ").join(str(labels.get(kind, kind)) for kind in row.kinds) or _("any")


@admin.register(Seat)
class SeatAdmin(FoundByNames, DeskAdmin):
    list_display = ("community", "role", "count")
    list_filter = ("community",)
    list_select_related = ("community", "role")
    autocomplete_fields = ("community", "role")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("community", "role")

    def names_of(self, row: Seat) -> tuple[str, ...]:
        role, community = row.role, row.community
        return role.name, role.name_en, role.code, community.name, community.name_en
