"""The filters of the list of organizations: values in use, and values not recorded."""

from typing import cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.admin import worklist
from directory.admin.base import pagination
from directory.db.expressions import SCAN_BY_KEY, NotEqualTo
from directory.models import Membership, Organization, Region, Role, State
from directory.permissions import policy, scope

NO_VALUE = "none"


class UsedValuesFilter(admin.SimpleListFilter):
    """A filter that offers only values that some organization has, and refuses any other.

    Only organizations in the account's scope count.
    """

    def __init__(self, request, params, model, model_admin):
        self.user = request.user
        super().__init__(request, params, model, model_admin)

    def queryset(self, request, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value is None:
            return queryset
        if value not in {str(choice) for choice, _label in self.lookup_choices}:
            raise IncorrectLookupParameters
        return self.filter_by_value(queryset, value)

    def filter_by_value(self, queryset: QuerySet, value: str) -> QuerySet:
        """The rows that have this value."""
        raise NotImplementedError


class RoleFilter(UsedValuesFilter):
    """Organizations by an open role, or with none."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request, model_admin):
        memberships = scope.filter_visible(self.user, Membership.objects.open())
        memberships = memberships.order_by().filter(role=OuterRef("pk"))
        roles = Role.objects.filter(Exists(memberships))
        return [*((role.pk, role.label) for role in roles), (NO_VALUE, _("no role"))]

    def filter_by_value(self, queryset: QuerySet, value: str) -> QuerySet:
        if value == NO_VALUE:
            memberships = Membership.objects.open().filter(organization=OuterRef("pk"))
            former = self.filter_former_in_community(queryset)
            return former.filter(SCAN_BY_KEY, ~Exists(memberships))
        return pagination.filter_owners(queryset, Membership.objects.open().filter(role=value))

    def filter_former_in_community(self, queryset: QuerySet) -> QuerySet:
        """For an account limited to a community, only those with an ended role there.

        It sees nobody without a role there, open or ended.
        """
        community = policy.permission_for(self.user).community
        if community is None:
            return queryset
        ended = Membership.objects.filter(community=community, until__isnull=False)
        return pagination.filter_owners(queryset, ended)


class ProvinceFilter(UsedValuesFilter):
    """Organizations by the province of their region, or without a region."""

    title = _("region")
    parameter_name = "province"

    def lookups(self, request, model_admin):
        last = Concat(Substr(OuterRef("pk"), 1, 2), Value("9999"))
        used = scope.filter_visible(self.user, Organization.objects.all())
        used = used.filter(region__gte=OuterRef("pk"), region__lte=last)
        rows = Region.objects.filter(Exists(used.order_by()), level=Region.Level.PROVINCE)
        return [*((row.pk, row.label) for row in rows), (NO_VALUE, _("not recorded"))]

    def filter_by_value(self, queryset: QuerySet, value: str) -> QuerySet:
        first, last = ("", "") if value == NO_VALUE else codes.get_region_range(value)
        return pagination.filter_by_region_range(queryset, first, last)


class StateFilter(admin.ChoicesFieldListFilter):
    """Choices by state; drafts and withdrawn ones are few, and found by their partial index."""

    def queryset(self, request, queryset: QuerySet) -> QuerySet:
        rows = cast(QuerySet, super().queryset(request, queryset))
        if self.lookup_val and State.PUBLISHED not in self.lookup_val:
            return rows.filter(NotEqualTo("state", State.PUBLISHED))
        return rows


class TodoFilter(UsedValuesFilter):
    """Organizations with a case under a rule of the worklist."""

    title = _("to be done")
    parameter_name = "todo"

    def lookups(self, request, model_admin):
        return worklist.RULE_CHOICES

    def filter_by_value(self, queryset: QuerySet, value: str) -> QuerySet:
        return pagination.filter_owners(queryset, worklist.get_rule_rows(value))
