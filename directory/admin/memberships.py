"""The admin of memberships: which role, in which community, from when until when."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext

from directory.admin import approvals, start_days
from directory.admin.base import permissions as admin_permissions
from directory.admin.base.autocomplete import OrganizationSearchMixin
from directory.admin.base.citation_questions import CitationQuestionMixin
from directory.admin.base.inlines import DirectoryFormSet, TableInline
from directory.admin.base.model_admin import DirectoryModelAdmin, DirectoryModelForm
from directory.admin.citations import OrganizationCitationFormSet
from directory.models import Citation, Kind, Membership, Organization, State
from directory.models.date_fields import get_partial_date
from directory.models.membership import today
from directory.permissions import approval, policy, scope
from directory.quality import rules as quality_rules


def add_membership_errors(
    form: forms.ModelForm,
    kind: str,
    others: Iterable[Membership],
    get_start: Callable[[Membership], date],
) -> None:
    """Add the reasons against a membership to its form; an ended or withdrawn one may stay.

    `get_start`: the first day of a membership once the page is saved.
    """
    row = form.instance
    has_ended = row.until is not None and row.until <= today()
    may_stay = row.state == State.WITHDRAWN or (has_ended and not form.has_changed())
    is_checked = kind in Kind.values and not may_stay
    reason = quality_rules.ineligibility_reason(row.role, kind) if is_checked else ""
    if reason:
        form.add_error("role", reason)
    reason = quality_rules.overlap_reason(row, others, get_start) if form.has_changed() else ""
    if reason:
        form.add_error("since", reason)
    reason = approval.change_denial_reason(row) if form.has_changed() else ""
    if reason:
        form.add_error("role", reason)


class MembershipFormSet(DirectoryFormSet):
    """The memberships of an organization, checked against each other and the user's scope."""

    unique_error_fields = {"membership_open_once": "since"}
    formsets_by_prefix: dict[str, DirectoryFormSet] = {}  # set by the admin

    def clean(self) -> None:
        """Check what was changed on this page; an old fault does not prevent other changes."""
        super().clean()
        remaining = self.get_remaining_forms()
        added_rows = cast(list[Membership], self.get_added_rows())
        rows = [form.instance for form in remaining] + added_rows
        has_kind_changed = self.has_kind_changed()
        for form in remaining:
            if form.has_changed() or has_kind_changed:
                others = [row for row in rows if row is not form.instance]
                add_membership_errors(form, self.instance.kind, others, self.get_start_day)
        self.check_scope(remaining)

    def get_start_day(self, row: Membership) -> date:
        """The first day of a membership once the page is saved."""
        form = next((form for form in self.forms if form.instance is row), None)
        if not isinstance(form, MembershipRowForm):  # added meanwhile by somebody else
            return quality_rules.get_start_day(row)
        formset = self.formsets_by_prefix.get("citations")
        if isinstance(formset, OrganizationCitationFormSet):
            return start_days.get_start_day(row, form, start_days.iter_page_citations(formset))
        return start_days.get_start_day(row, form, start_days.list_stored_citations(row.pk))

    def check_scope(self, remaining: list[forms.ModelForm]) -> None:
        """Refuse changes to roles of other communities, and to have none in the user's own."""
        permission = policy.permission_for(self.user)
        for form in self.forms:
            keys = {form.initial.get("community"), form.instance.community_id} - {None}
            touched = form.has_changed() or (form.instance.pk and self.is_removed(form))
            reasons = [r for r in map(permission.role_denial_reason, keys) if r and touched]
            if reasons and self.is_removed(form):
                raise forms.ValidationError(reasons[0])
            if reasons:
                form.add_error("community", reasons[0])
        if permission.community is None:
            return
        communities = {form.instance.community_id for form in remaining}
        added_rows = cast(list[Membership], self.get_added_rows())
        communities |= {row.community_id for row in added_rows}
        if permission.community not in communities:
            sentence = gettext("Give it a role in your community: %(limits)s.")
            raise forms.ValidationError(sentence % {"limits": permission.limits_text})

    def has_kind_changed(self) -> bool:
        """Whether the organization gets another kind, or is new."""
        same = Organization.objects.filter(pk=self.instance.pk, kind=self.instance.kind)
        return not same.exists()


class MembershipRowForm(CitationQuestionMixin):
    """A membership on the page of its organization."""

    cited_fields = Citation.MEMBERSHIP_FIELDS
    owner = "membership"

    def get_row_label(self) -> str:
        row = self.instance
        return f"{row.role.label} · {row.community.label} ({format_start(row)})"


class MembershipInline(TableInline):
    model = Membership
    form = MembershipRowForm
    formset = MembershipFormSet
    fields = ("community", "role", "since", "until", "state")
    autocomplete_fields = ("community", "role")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("organization", "community", "role")


class MembershipForm(CitationQuestionMixin, DirectoryModelForm):
    """A membership on a page of its own, checked against the organization's others."""

    cited_fields = MembershipRowForm.cited_fields
    owner = MembershipRowForm.owner

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors.keys() - set(self.question_names):
            return
        row = self.instance
        others = Membership.objects.filter(organization=row.organization_id).exclude(pk=row.pk)
        add_membership_errors(self, row.organization.kind, others, self.get_start_day)

    def get_start_day(self, row: Membership) -> date:
        """The first day of this membership once the page is saved, or of another one."""
        if row is not self.instance:
            return quality_rules.get_start_day(row)
        return start_days.get_start_day(row, self, start_days.list_stored_citations(row.pk))


@admin.register(Membership)
class MembershipAdmin(approvals.ConfirmationMixin, OrganizationSearchMixin, DirectoryModelAdmin):
    form = MembershipForm
    list_display = ("organization", "role", "community", "since", "until", "state")
    list_filter = (
        "role",
        "community",
        "state",
        approvals.SecondPersonFilter,
        ("until", admin.EmptyFieldListFilter),
    )
    list_select_related = ("organization", "role", "community")
    ordering = ("-pk",)
    sortable_by = ()
    actions = (approvals.confirm,)
    confirmed_actions = ("delete_selected", "confirm")
    autocomplete_fields = ("organization", "community", "role")
    fields = ("organization", "community", "role", "since", "until", "state")

    def get_warnings(self, request: HttpRequest, row: Membership) -> list[str]:
        warnings = admin_permissions.build_pending_warnings(Membership.objects.filter(pk=row.pk))
        known = partial(scope.filter_known, request.user)
        second_holder = quality_rules.second_holder_warning(row, known)
        return [*warnings, second_holder] if second_holder else warnings

    def get_choice_labels(self, rows: list[Membership]) -> dict[int, str]:
        keys = [row.pk for row in rows]
        memberships = Membership.objects.select_related("organization", "role").filter(pk__in=keys)
        return {row.pk: f"{row} ({format_start(row)})" for row in memberships}


def format_start(row: Membership) -> str:
    """The first day, which tells two memberships of the same role apart."""
    return str(get_partial_date(row, "since") or gettext("since unknown"))
