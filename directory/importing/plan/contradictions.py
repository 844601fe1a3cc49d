"""Finds the facts of a row that contradict the organization which it seems to mean.

The same name does not make two entries one: many schools and enterprises share theirs.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from directory.importing.parse.messages import Reason
from directory.importing.parse.parsed_row import ParsedRow
from directory.importing.parse.regions import is_inside
from directory.importing.plan.current import CurrentOrganization
from directory.models import Kind

SCHOOLS = frozenset(
    (
        Kind.UNIVERSITY,
        Kind.VOCATIONAL_UNIVERSITY,
        Kind.VOCATIONAL_COLLEGE,
        Kind.SECONDARY_VOCATIONAL_SCHOOL,
    )
)
NAME_METHODS = ("name", "alias")
# Below these, in a domain of a country, anybody has a domain of their own: example.edu.cn.
SHARED_LABELS = frozenset(("ac", "co", "com", "edu", "gov", "mil", "net", "org"))


def find_contradictions(
    parsed: ParsedRow, current: CurrentOrganization, method: str
) -> Iterator[Reason]:
    """Yield a reason for each fact that contradicts; `method` is how the row was matched.

    Who is known by the credit code is not doubted, whatever else a list says.
    """
    if method not in NAME_METHODS:
        columns: tuple[str, ...] = ("credit_code",)
    else:
        columns = ("region", "kind", "credit_code", "school_code", "website")
    for column in columns:
        value, recorded = parsed.values.get(column, ""), current.get_value(column)
        if value and recorded and is_contradiction(parsed, column, value, recorded):
            params = {"number": current.row.pk, "name": current.row.name, "column": column}
            params |= {"now": recorded[:120], "file": value[:120]}
            yield Reason("other-fact", column, params)


def is_contradiction(parsed: ParsedRow, column: str, value: str, recorded: str) -> bool:
    """Whether both values cannot be true of one organization at one time."""
    if column == "region":
        return not (is_inside(value, recorded) or is_inside(recorded, value))
    if column == "kind":
        is_guessed = any(reason.code.startswith("kind-") for reason in parsed.reasons)
        kinds = {value, recorded}
        # A school may become one of another level; "other" says nothing.
        return len(kinds - SCHOOLS) + bool(kinds & SCHOOLS) > 1 and not (
            is_guessed or Kind.OTHER in kinds
        )
    if column == "website":
        return get_site(value) != get_site(recorded)
    return value != recorded


def get_site(url: str) -> str:
    """Return the domain that was registered: example.edu.cn of https://www.example.edu.cn/en."""
    try:
        host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    except ValueError:
        return url
    labels = host.rstrip(".").split(".")
    is_shared = len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in SHARED_LABELS
    return ".".join(labels[-3:] if is_shared else labels[-2:])
