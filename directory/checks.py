"""System checks of the lists of columns from which rows are read or inserted without a model.

Instances built by `build_instances`, and rows inserted by `bulk_insert`, bypass the model's
constructor: a field that such a list forgets would be read row by row, or lack its default. So each
list must name every column of its model, or leave it out on purpose, here.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import models


@dataclass(frozen=True)
class ColumnList:
    """A list of a model's columns, read when the check runs, and the columns it leaves out."""

    name: str
    model: type[models.Model]
    get_columns: Callable[[], Sequence[str]]
    left_out: Collection[str] = ()
    # Names in the list that are no columns: the query annotates them.
    annotations: Collection[str] = ()


def get_column_lists() -> list[ColumnList]:
    """Return the lists, imported when the check runs: a worker process needs none of them."""
    from directory import models as m
    from directory import snapshots
    from directory.listing import loader
    from directory.quality import issues

    return [
        # Read by `build_instances`: what is left out is never shown in a record.
        ColumnList(
            "directory.listing.loader.ORGANIZATION_COLUMNS",
            m.Organization,
            lambda: loader.ORGANIZATION_COLUMNS,
            left_out=("first_published_at", "withdrawn_reason", "pinyin", "version"),
        ),
        ColumnList(
            "directory.listing.loader.MEMBERSHIP_COLUMNS",
            m.Membership,
            lambda: loader.MEMBERSHIP_COLUMNS,
            left_out=("state", "proposed_by"),
            annotations=("in_force",),
        ),
        ColumnList("directory.listing.loader.ALIAS_COLUMNS", m.Alias, lambda: loader.ALIAS_COLUMNS),
        ColumnList(
            "directory.listing.loader.CITATION_COLUMNS",
            m.Citation,
            lambda: loader.CITATION_COLUMNS,
            left_out=("value",),
        ),
        # Inserted by `bulk_insert`: what is left out needs a default of the database.
        ColumnList(
            "directory.quality.issues.ISSUE_COLUMNS",
            m.Finding,
            lambda: issues.ISSUE_COLUMNS,
            left_out=("id",),
        ),
        ColumnList(
            "directory.snapshots.RowDifference",
            m.RowChange,
            lambda: ("revision_id", *snapshots.RowDifference._fields),
            left_out=("id",),
        ),
    ]


@register(Tags.models)
def check_column_lists(**_options: Any) -> list[CheckMessage]:
    """Return an error for each column that a list neither names nor leaves out on purpose."""
    return [error for each in get_column_lists() for error in _find_errors(each)]


def _find_errors(column_list: ColumnList) -> Iterator[Error]:
    fields = {field.attname for field in column_list.model._meta.concrete_fields}
    names = set(column_list.get_columns()) - set(column_list.annotations)
    left_out = set(column_list.left_out)
    for column in sorted(fields - names - left_out):
        yield Error(
            f"{column_list.name} lacks the column '{column}'.",
            hint="Add it to the list, or to what the list leaves out in directory/checks.py.",
            obj=column_list.model,
            id="directory.E001",
        )
    for column in sorted((names | left_out) - fields):
        yield Error(
            f"{column_list.name} names '{column}', which is no column.",
            hint="Remove it there, or from what the list leaves out in directory/checks.py.",
            obj=column_list.model,
            id="directory.E002",
        )
