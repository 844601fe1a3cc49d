"""The filters beside the list of organizations: what is in use, and what is not recorded."""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from directory.desk import worklist
from directory.models import Membership, Organization, Region, Role

NONE = "none"


class InUse(admin.SimpleListFilter):
    """A filter that offers only what some organization has; anything else is refused."""

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
        held = Membership.objects.open().filter(organization=OuterRef("pk"))
        if value == NONE:
            return queryset.exclude(Exists(held))
        return queryset.filter(Exists(held.filter(role=value)))


class ProvinceFilter(InUse):
    title = _("region")
    parameter_name = "province"

    def lookups(self, request, model_admin):
        used = Organization.objects.exclude(region=None).order_by()
        first = used.annotate(first=Substr("region_id", 1, 2)).values_list("first", flat=True)
        rows = Region.objects.filter(pk__in=[f"{two}0000" for two in first.distinct()])
        return [*((row.pk, row.label) for row in rows), (NONE, _("not recorded"))]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(region=None) if value == NONE else queryset.within(value)


class TodoFilter(InUse):
    """What waits by a rule of the worklist."""

    title = _("to be done")
    parameter_name = "todo"

    def lookups(self, request, model_admin):
        return worklist.TODO

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return worklist.waiting(queryset, value)
