"""Lists of any length: nothing is counted, and no action goes, further than `MOST` rows."""

from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

MOST = 5000
MANY = 50_000


def bounded(rows: QuerySet) -> int:
    """How many there are, at most one more than `MOST`."""
    return rows.order_by()[: MOST + 1].count()


class BoundedPaginator(Paginator):
    """Pages of the first `MOST` rows; `cut` says that there are more, to be narrowed down."""

    @cached_property
    def found(self) -> int:
        return bounded(self.object_list)

    @property
    def cut(self) -> bool:
        return self.found > MOST

    @cached_property
    def count(self) -> int:
        return min(self.found, MOST)


def owning(organizations: QuerySet, rows: QuerySet) -> QuerySet:
    """Those of these organizations to which any of the rows belongs.

    Few rows are named by key, more are gathered by the database; where there are very many, an
    organization is soon found that has one.
    """
    keys = rows.order_by().values_list("organization_id", flat=True)
    few = list(keys[: MOST + 1])
    if len(few) <= MOST:
        return organizations.filter(pk__in=set(few))
    if keys[: MANY + 1].count() <= MANY:
        return organizations.filter(pk__in=keys)
    return organizations.filter(Exists(rows.order_by().filter(organization=OuterRef("pk"))))


def lying(organizations: QuerySet, first: str, last: str) -> QuerySet:
    """Those in these regions; empty stands for none.

    Few are named by key. Many are met soon on the way through the list's own order, so the
    index of regions is kept out: it would bring them all, to be sorted.
    """
    there = Q(region__code__range=(first, last)) if first else Q(region=None)
    there = organizations.model.objects.filter(there).order_by()
    few = list(there.values_list("pk", flat=True)[: MOST + 1])
    if len(few) <= MOST:
        return organizations.filter(pk__in=few)
    where = Coalesce("region_id", Value(""))
    return organizations.alias(where=where).filter(where__range=(first, last))


class DeskList(ChangeList):
    """A list whose order is settled is not sorted otherwise by an address made up."""

    def get_ordering(self, request, queryset: QuerySet) -> list:
        if self.model_admin.sortable_by == ():
            self.params.pop(ORDER_VAR, None)
        return super().get_ordering(request, queryset)
