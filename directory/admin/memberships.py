"""The desk of memberships: which role, in which community, from when until when."""

from collections.abc import Iterable

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directory.admin import approvals
from directory.admin.base import permissions as admin_permissions
from directory.admin.base.autocomplete import FoundByOrganization
from directory.admin.base.inlines import DeskFormSet, TableInline
from directory.admin.base.model_admin import DeskAdmin, DeskForm
from directory.models import Kind, Membership, Organization, State
from directory.models.membership import today
from directory.permissions import approval, policy
from directory.quality import rules as quality_rules


def refuse(form: forms.ModelForm, kind: str, others: Iterable[Membership]) -> None:
    """Put the reasons against a membership at its fields; what is over or withdrawn may stay."""
    row = form.instance
    over = row.until is not None and row.until <= today()
    kept = row.state == State.WITHDRAWN or (over and not form.has_changed())
    reason = "" if kept or kind not in Kind.values else quality_rules.ineligible(row.role, kind)
    if reason:
        form.add_error("role", reason)
    reason = quality_rules.overlap(row, others) if form.has_changed() else ""
    if reason:
        form.add_error("since", reason)
    reason = approval.hinders_change(row) if form.has_changed() else ""
    if reason:
        form.add_error("role", reason)


class MembershipFormSet(DeskFormSet):
    def clean(self) -> None:
        """Refuse what the officer did just now; an old fault does not hold up other work."""
        super().clean()
        standing = self.standing()
        rows = [form.instance for form in standing] + self.added()
        another_kind = self.another_kind()
        for form in standing:
            if form.has_changed() or another_kind:
                others = [row for row in rows if row is not form.instance]
                refuse(form, self.instance.kind, others)
        self.keep_to_remit(standing)

    def keep_to_remit(self, standing: list[forms.ModelForm]) -> None:
        """Only roles of the account's community are its own, and one of them there must be."""
        asked = policy.writer(self.user)
        for form in self.forms:
            keys = {form.initial.get("community"), form.instance.community_id} - {None}
            touched = form.has_changed() or (form.instance.pk and self.going(form))
            reasons = [r for r in map(asked.hinders_role_in, keys) if r and touched]
            if reasons and self.going(form):
                raise forms.ValidationError(reasons[0])
            if reasons:
                form.add_error("community", reasons[0])
        if asked.community is None:
            return
        held = {form.instance.community_id for form in standing}
        held |= {row.community_id for row in self.added()}
        if asked.community not in held:
            sentence = gettext("Give it a role in your community: %(limits)s.")
            raise forms.ValidationError(sentence % {"limits": asked.words})

    def another_kind(self) -> bool:
        same = Organization.objects.filter(pk=self.instance.pk, kind=self.instance.kind)
        return not same.exists()


class MembershipInline(TableInline):
    model = Membership
    formset = MembershipFormSet
    fields = ("community", "role", "since", "until", "state")
    autocomplete_fields = ("community", "role")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("organization", "community", "role")


class MembershipForm(DeskForm):
    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors:
            return
        row = self.instance
        others = Membership.objects.filter(organization=row.organization_id).exclude(pk=row.pk)
        refuse(self, row.organization.kind, others)


@admin.register(Membership)
class MembershipAdmin(approvals.WithSecond, FoundByOrganization, DeskAdmin):
    form = MembershipForm
    list_display = ("organization", "role", "community", "since", "until", "state")
    list_filter = (
        "role",
        "community",
        "state",
        approvals.AwaitsSecond,
        ("until", admin.EmptyFieldListFilter),
    )
    list_select_related = ("organization", "role", "community")
    ordering = ("-pk",)
    sortable_by = ()
    actions = (approvals.confirm,)
    autocomplete_fields = ("organization", "community", "role")
    fields = ("organization", "community", "role", "since", "until", "state")

    def warnings(self, row: Membership) -> list[str]:
        found = admin_permissions.announced(Membership.objects.filter(pk=row.pk))
        return [*found, *(reason for reason in [quality_rules.second_holder(row)] if reason)]

    def choice_labels(self, rows: list[Membership]) -> dict[int, str]:
        keys = [row.pk for row in rows]
        named = Membership.objects.select_related("organization", "role").filter(pk__in=keys)
        unknown = _("since unknown")
        return {row.pk: f"{row} ({row.since or unknown})" for row in named}
