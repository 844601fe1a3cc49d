"""Lists of any length: nothing is counted, and no action goes, further than `MOST` rows."""

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import cached_property

MOST = 5000


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

    Few rows are named by key; where there are many, an organization is soon found that has one.
    """
    keys = list(rows.order_by().values_list("organization_id", flat=True)[: MOST + 1])
    if len(keys) <= MOST:
        return organizations.filter(pk__in=set(keys))
    return organizations.filter(Exists(rows.order_by().filter(organization=OuterRef("pk"))))
