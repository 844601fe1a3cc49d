"""The columns of a file: which are not read, and what somebody says that a column means."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.importing.readers import headings
from directory.importing.readers.reader import TableReading
from directory.text.language import list_separator

# By the kind of a column (see headings.map_headings) why it is not imported.
UNREAD_REASONS = {
    "": gettext_lazy("not known"),
    "twice": gettext_lazy("the same as an earlier column"),
    "sequence": gettext_lazy("a running number"),
    "remark": gettext_lazy("a remark"),
    "contact": gettext_lazy("a contact: not imported, a person's needs a basis"),
    "adjacent": gettext_lazy("of another list beside this one"),
    "codeless": gettext_lazy("no cell has the form of a credit code or a school code"),
}
# Kinds that tell enough of a column: its values are not shown, they may be data of persons.
PLAIN_KINDS = ("sequence", "remark", "contact", "adjacent")


class UnknownColumnError(Exception):
    """What somebody says of a column cannot be: the message is a sentence for people."""


@dataclass(frozen=True)
class UnreadColumn:
    """A column that is not imported: its heading, why, and how many of its cells are filled."""

    label: str
    kind: str
    count: int
    first_values: list[str]

    def __str__(self) -> str:
        has_heading = not self.label.startswith("#")
        first = list_separator().join(self.shown_values)
        params = {"column": self.label, "why": self.reason, "count": self.count, "first": first}
        if not has_heading:
            text = _(
                "Column %(column)s has no heading and is not read; filled cells: %(count)d, "
                "the first: %(first)s."
            )
        elif first:
            text = _(
                "Column “%(column)s” is not read (%(why)s); filled cells: %(count)d, the first: "
                "%(first)s."
            )
        else:
            text = _("Column “%(column)s” is not read (%(why)s); filled cells: %(count)d.")
        return text % params

    @property
    def shown_values(self) -> list[str]:
        """The first values, none where the kind of the column tells enough."""
        return [] if self.kind in PLAIN_KINDS else self.first_values

    @property
    def reason(self) -> str:
        """Why it is not imported."""
        return str(UNREAD_REASONS.get(self.kind, UNREAD_REASONS[""]))


@dataclass(frozen=True)
class AdjacentList:
    """Another list beside the one that is read: its headings, and the names that it holds."""

    headings: list[str]
    count: int
    first_names: list[str]

    def __str__(self) -> str:
        text = _(
            "Another list stands beside this one and is not read, below the headings %(headings)s; "
            "names left out: %(count)d (%(first)s). Bring it in a file of its own."
        )
        return text % {
            "headings": list_separator().join(f"“{heading}”" for heading in self.headings),
            "count": self.count,
            "first": list_separator().join(self.first_names) + (" …" if self.has_more else ""),
        }

    @property
    def has_more(self) -> bool:
        """Whether there are more names than the first ones."""
        return self.count > len(self.first_names)


def list_unread_columns(reading: TableReading, mapping: list[str]) -> list[UnreadColumn]:
    """List the columns that are not imported under this mapping, unless nothing is in them."""
    columns = zip(
        reading.labels, mapping, reading.filled_counts, reading.first_values, strict=False
    )
    return [
        UnreadColumn(label, kind, count, values)
        for label, kind, count, values in columns
        if kind not in headings.FIELDS and (count or not label.startswith("#"))
    ]


def find_adjacent_list(reading: TableReading, mapping: list[str]) -> AdjacentList | None:
    """Return the list beside the one that is read, as far as it is not imported; None without."""
    columns = [at for at, kind in enumerate(mapping) if kind == "adjacent"]
    names = [at for at in columns if headings.find_field(reading.headings[at]) == "name"]
    if not names:
        return None
    return AdjacentList(
        [text for at in columns if (text := " ".join(reading.headings[at].split()))],
        sum(reading.filled_counts[at] for at in names),
        [value for at in names for value in reading.first_values[at]],
    )


def set_column_fields(reading: TableReading, choices: list[str]) -> None:
    """Let columns mean what somebody says: each choice is a heading, "=" and a field.

    A column that meant the same before is not imported then. Raises UnknownColumnError.
    """
    chosen: dict[int, str] = {}
    for choice in choices:
        heading, _sign, field = choice.rpartition("=")
        if field not in headings.FIELDS:
            text = _("“%(choice)s”: there is no field “%(field)s”; there are: %(fields)s.")
            fields = list_separator().join(headings.FIELDS)
            raise UnknownColumnError(text % {"choice": choice, "field": field, "fields": fields})
        column = _find_column(reading, choice, heading)
        if column in chosen or field in chosen.values():
            text = _("“%(choice)s”: this column or field is given twice.")
            raise UnknownColumnError(text % {"choice": choice})
        chosen[column] = field
    for at, kind in enumerate(reading.mapping):
        reading.mapping[at] = chosen.get(at, "twice" if kind in chosen.values() else kind)


def _find_column(reading: TableReading, choice: str, heading: str) -> int:
    """Return the column with this heading; raises UnknownColumnError without one."""
    wanted = headings.normalize_heading(heading)
    if heading.strip() in reading.labels:
        return reading.labels.index(heading.strip())
    for at, label in enumerate(reading.labels):
        if wanted and headings.normalize_heading(label) == wanted:
            return at
    text = _("“%(choice)s”: the file has no column “%(column)s”; it has: %(columns)s.")
    columns = list_separator().join(reading.labels)
    raise UnknownColumnError(text % {"choice": choice, "column": heading, "columns": columns})
