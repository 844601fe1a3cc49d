"""Pagination of lists of any length: no count and no action goes beyond `MAX_ROWS` rows."""

from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

MAX_ROWS = 5000
MAX_SUBQUERY_ROWS = 50_000


def count_up_to_limit(rows: QuerySet) -> int:
    """The number of rows, at most one more than `MAX_ROWS`."""
    return rows.order_by()[: MAX_ROWS + 1].count()


class BoundedPaginator(Paginator):
    """Pages of the first `MAX_ROWS` rows; `is_truncated` tells whether there are more."""

    object_list: QuerySet

    @cached_property
    def bounded_count(self) -> int:
        return count_up_to_limit(self.object_list)

    @property
    def is_truncated(self) -> bool:
        return self.bounded_count > MAX_ROWS

    @cached_property
    def count(self) -> int:
        return min(self.bounded_count, MAX_ROWS)


def filter_owners(organizations: QuerySet, rows: QuerySet) -> QuerySet:
    """Those of these organizations to which any of the rows belongs.

    Few are passed as keys, more are a subquery; where there are very many, EXISTS is quicker,
    as the list soon meets an organization that has one.
    """
    keys = rows.order_by().values_list("organization_id", flat=True)
    few = list(keys[: MAX_ROWS + 1])
    if len(few) <= MAX_ROWS:
        return organizations.filter(pk__in=set(few))
    if keys[: MAX_SUBQUERY_ROWS + 1].count() <= MAX_SUBQUERY_ROWS:
        return organizations.filter(pk__in=keys)
    return organizations.filter(Exists(rows.order_by().filter(organization=OuterRef("pk"))))


def filter_by_region_range(organizations: QuerySet, first: str, last: str) -> QuerySet:
    """Those in regions of this range of codes; an empty code means those without a region.

    Few are passed as keys. Many are met soon in the list's own order, so COALESCE keeps the
    database from the index of regions, which would fetch them all only to sort them.
    """
    condition = Q(region__code__range=(first, last)) if first else Q(region=None)
    matching = organizations.model.objects.filter(condition).order_by()
    few = list(matching.values_list("pk", flat=True)[: MAX_ROWS + 1])
    if len(few) <= MAX_ROWS:
        return organizations.filter(pk__in=few)
    where = Coalesce("region_id", Value(""))
    return organizations.alias(where=where).filter(where__range=(first, last))


class DirectoryChangeList(ChangeList):
    """A change list that ignores an order in the address where the list is not sortable."""

    def get_ordering(self, request, queryset: QuerySet) -> list:
        if self.model_admin.sortable_by == ():
            self.params.pop(ORDER_VAR, None)
        return super().get_ordering(request, queryset)
