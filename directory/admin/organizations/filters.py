"""The filters beside the list of organizations: what is in use, and what is not recorded."""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.admin import worklist
from directory.admin.base import pagination
from directory.db.expressions import BY_KEY, Unlike
from directory.models import Membership, Organization, Region, Role, State
from directory.permissions import policy

NONE = "none"


class InUse(admin.SimpleListFilter):
    """A filter that offers only what some organization has; anything else is refused."""

    def __init__(self, request, params, model, model_admin):
        self.user = request.user
        super().__init__(request, params, model, model_admin)

    def queryset(self, request, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value is None:
            return queryset
        if value not in {str(choice) for choice, _label in self.lookup_choices}:
            raise IncorrectLookupParameters
        return self.narrow(queryset, value)

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        raise NotImplementedError


class RoleFilter(InUse):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request, model_admin):
        held = Role.objects.filter(Exists(Membership.objects.open().filter(role=OuterRef("pk"))))
        return [*((role.pk, role.label) for role in held), (NONE, _("no role"))]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        if value == NONE:
            held = Membership.objects.open().filter(organization=OuterRef("pk"))
            return self.formerly(queryset).filter(BY_KEY, ~Exists(held))
        return pagination.owning(queryset, Membership.objects.open().filter(role=value))

    def formerly(self, queryset: QuerySet) -> QuerySet:
        """Whom an account limited to a community sees has a role there: an open one or a past."""
        community = policy.writer(self.user).community
        if community is None:
            return queryset
        ended = Membership.objects.filter(community=community, until__isnull=False)
        return pagination.owning(queryset, ended)


class ProvinceFilter(InUse):
    title = _("region")
    parameter_name = "province"

    def lookups(self, request, model_admin):
        last = Concat(Substr(OuterRef("pk"), 1, 2), Value("9999"))
        used = Organization.objects.filter(region__gte=OuterRef("pk"), region__lte=last)
        rows = Region.objects.filter(Exists(used.order_by()), level=Region.Level.PROVINCE)
        return [*((row.pk, row.label) for row in rows), (NONE, _("not recorded"))]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        first, last = ("", "") if value == NONE else codes.region_span(value)
        return pagination.lying(queryset, first, last)


class StateFilter(admin.ChoicesFieldListFilter):
    """Drafts and what was withdrawn are few: the database keeps them apart."""

    def queryset(self, request, queryset: QuerySet) -> QuerySet:
        found = super().queryset(request, queryset)
        if self.lookup_val and State.PUBLISHED not in self.lookup_val:
            return found.filter(Unlike("state", State.PUBLISHED))
        return found


class TodoFilter(InUse):
    """What waits by a rule of the worklist."""

    title = _("to be done")
    parameter_name = "todo"

    def lookups(self, request, model_admin):
        return worklist.TODO

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return pagination.owning(queryset, worklist.waiting(value))
