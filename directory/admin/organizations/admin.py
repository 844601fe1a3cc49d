"""The admin of organizations: list, page with inlines, deletion."""

from functools import partial
from typing import ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.aliases import AliasInline
from directory.admin.base import autocomplete, pagination
from directory.admin.base import permissions as admin_permissions
from directory.admin.base.fragments import render_fragment
from directory.admin.base.model_admin import DirectoryModelAdmin
from directory.admin.citations import OrganizationCitationInline
from directory.admin.contacts import ContactInline
from directory.admin.history import HistoryMixin
from directory.admin.memberships import MembershipInline
from directory.admin.merging import MergeMixin
from directory.admin.organizations import export_actions, publish_actions, verify_actions
from directory.admin.organizations.filters import (
    ProvinceFilter,
    RoleFilter,
    StateFilter,
    TodoFilter,
)
from directory.admin.organizations.forms import EnterpriseForm, InstitutionForm, OrganizationForm
from directory.admin.organizations.verify_actions import VerifyMixin
from directory.duplicates import pairs
from directory.models import Enterprise, Institution, Membership, Organization, State
from directory.permissions import scope
from directory.quality import rules as quality_rules
from directory.text.language import list_separator

# Fields that the form declares itself instead of taking them from the model.
NON_MODEL_FIELDS = ("state", "another")


class OrganizationChangeList(pagination.DirectoryChangeList):
    """The list of organizations; each row gets its region's path."""

    def get_results(self, request: HttpRequest) -> None:
        """Load the page's rows, and the paths of all their regions at once."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        codes = [row.region_id for row in self.result_list]
        paths = autocomplete.format_region_paths(codes, short=True)
        for row in self.result_list:
            row.region_path = paths.get(row.region_id, "—")


@admin.register(Organization)
class OrganizationAdmin(HistoryMixin, VerifyMixin, MergeMixin, DirectoryModelAdmin):
    form = OrganizationForm
    list_display = ("name", "name_en", "kind", "place", "roles", "condition", "verified_on")
    list_filter: ClassVar[tuple] = (
        "kind",
        RoleFilter,
        ProvinceFilter,
        ("state", StateFilter),
        TodoFilter,
    )
    list_select_related = ("region",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Any name, pinyin, initials, code or place.")
    ordering = ("pinyin", "pk")
    sortable_by = ()
    actions = (
        publish_actions.publish,
        publish_actions.archive,
        verify_actions.confirm,
        export_actions.export_xlsx,
        export_actions.export_csv,
    )
    confirmed_actions = ("delete_selected", "publish", "archive", "confirm")
    autocomplete_fields = ("region", "sectors")
    inlines = (MembershipInline, AliasInline, ContactInline, OrganizationCitationInline)
    fieldsets = (
        (None, {"fields": ("another", "name", "name_en", "kind", "region")}),
        (gettext_lazy("Publication"), {"fields": ("state", "withdrawn_reason", "verified_on")}),
        (
            gettext_lazy("Codes, web site and sectors"),
            {"fields": ("credit_code", "school_code", "website", "sectors")},
        ),
        (gettext_lazy("Description"), {"fields": ("description", "description_en")}),
    )

    # -- The list ------------------------------------------------------------

    def get_changelist(
        self, request: HttpRequest, **kwargs
    ) -> type[pagination.DirectoryChangeList]:
        return OrganizationChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        memberships = Membership.objects.open().select_related("role").order_by("role__rank")
        prefetch = Prefetch("memberships", memberships, to_attr="open_memberships")
        return super().get_queryset(request).prefetch_related(prefetch)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str):
        if not search_term.strip():
            return queryset, False
        narrow = autocomplete.is_autocomplete(request)
        keys = autocomplete.search_organizations(search_term, narrow=narrow)
        return queryset.filter(pk__in=keys), False

    def get_choice_labels(self, rows: list[Organization]) -> dict[int, str]:
        return {row.pk: f"{row.label} · {row.get_kind_display()} · {row.pk}" for row in rows}

    @admin.display(description=gettext_lazy("region"), ordering="region")
    def place(self, row: Organization) -> str:
        return row.region_path  # type: ignore[attr-defined]  # set by OrganizationChangeList

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, row: Organization) -> str:
        memberships = row.open_memberships  # type: ignore[attr-defined]  # set by get_queryset
        return list_separator().join(dict.fromkeys(each.role.label for each in memberships)) or "—"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def condition(self, row: Organization) -> str:
        context = {"state": row.state, "label": row.get_state_display()}
        return render_fragment("_state.html", context)

    # -- The page ------------------------------------------------------------

    def get_form(self, request, obj=None, change=False, **kwargs):
        names = kwargs.pop("fields", None) or []
        kwargs["fields"] = [name for name in names if name not in NON_MODEL_FIELDS]
        return super().get_form(request, obj, change, **kwargs)

    def _create_formsets(self, request, obj, change):
        """Build the formsets; each gets the others, as citations may refer to their rows."""
        formsets, inlines = super()._create_formsets(request, obj, change)
        for formset in formsets:
            formset.formsets_by_prefix = {each.prefix: each for each in formsets}
        return formsets, inlines

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        pairs.compare_again([form.instance.pk])

    def view_on_site(self, row: Organization) -> str | None:
        has_page = Organization.objects.published().with_public_page().filter(pk=row.pk).exists()
        return row.get_absolute_url() if has_page else None

    def get_warnings(self, request: HttpRequest, row: Organization) -> list[str]:
        memberships = row.memberships.open().select_related("role")
        warnings = admin_permissions.build_pending_warnings(row.memberships.all())
        known = partial(scope.filter_known, request.user)
        seats = (quality_rules.second_holder_warning(each, known) for each in memberships)
        warnings += filter(None, seats)
        if row.state == State.PUBLISHED and not row.memberships.published().exists():
            warnings.append(
                _("It is published, but visitors see only those with a published role.")
            )
        return warnings

    # -- Deleting ------------------------------------------------------------

    def get_deletion_refusal(self, row: Organization) -> str:
        if row.first_published_at is None:
            return ""
        return _(
            "“%(name)s” was published, so its address must go on answering. "
            "Withdraw it instead, with a reason."
        ) % {"name": row.label}

    def delete_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, unquote(object_id))
        reason = self.get_deletion_refusal(row) if row else ""
        if not reason or not self.has_change_permission(request, row):
            return super().delete_view(request, object_id, extra_context)
        self.message_user(request, reason, messages.ERROR)
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(page, args=[row.pk]))


@admin.register(Institution)
class InstitutionAdmin(OrganizationAdmin):
    form = InstitutionForm


@admin.register(Enterprise)
class EnterpriseAdmin(OrganizationAdmin):
    form = EnterpriseForm
    list_filter = (RoleFilter, ProvinceFilter, ("state", StateFilter), TodoFilter)
    fieldsets = (
        *OrganizationAdmin.fieldsets[:2],
        (
            gettext_lazy("Codes, web site and sectors"),
            {"fields": ("credit_code", "website", "sectors")},
        ),
        *OrganizationAdmin.fieldsets[3:],
    )
