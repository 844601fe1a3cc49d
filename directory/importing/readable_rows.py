"""The rows of a stored plan as an account may read them.

A plan is made for whoever brought the file. Meanwhile an organization may have moved to another
part of the directory, or the account may have been limited to another part.
"""

from collections.abc import Collection, Iterable, Iterator

from directory.importing.parse.messages import Reason
from directory.models import ImportRow
from directory.permissions import disclosure
from directory.permissions.policy import Account

# Their sentences tell no more than that there is one; a number in the sentence was typed.
TELLING_NOTHING = ("number-elsewhere", "elsewhere", "code-elsewhere")


def iter_readable(rows: Iterable[ImportRow], hidden: Collection[int]) -> Iterator[ImportRow]:
    """Yield the rows, unsaved, without what they say of these organizations."""
    for row in rows:
        if hidden:
            hide_organizations(row, hidden)
        yield row


def hide_other_parts(rows: Collection[ImportRow], user: Account) -> None:
    """Take from these rows, unsaved, what they say of organizations that `user` may not know."""
    numbers = {number for row in rows for number in get_numbers(row)}
    hidden = disclosure.find_hidden(user, numbers)
    list(iter_readable(rows, hidden))


def get_numbers(row: ImportRow) -> set[int]:
    """Return the numbers of the organizations of which the row speaks."""
    numbers = {row.organization} if row.organization else set()
    return numbers.union(*(get_reason_numbers(params) for _code, _column, params in row.reasons))


def get_reason_numbers(params: dict) -> set[int]:
    """Return the numbers of organizations among the parameters of a reason."""
    numbers = {params["number"]} if isinstance(params.get("number"), int) else set()
    return numbers.union(params.get("numbers", ()))


def get_numbers_elsewhere(row: ImportRow) -> set[int]:
    """Return the numbers of whom the row may mean that whoever brought the file may not know."""
    reasons = [params for code, _column, params in row.reasons if code in TELLING_NOTHING]
    return set().union(*(params.get("numbers", ()) for params in reasons))


def hide_organizations(row: ImportRow, hidden: Collection[int]) -> None:
    """Replace the values and reasons of hidden organizations by the sentence that there is one."""
    told = list(Reason("elsewhere"))
    if row.organization in hidden:
        row.organization, row.values, row.before = None, {}, {}
        row.reasons = [told]
        return
    shown = [told if speaks_of(each, hidden) else each for each in row.reasons]
    row.reasons = [each for at, each in enumerate(shown) if each not in shown[:at]]


def speaks_of(reason: list, hidden: Collection[int]) -> bool:
    """Return whether the stored reason tells more of hidden organizations than that they are."""
    code, _column, params = reason
    return code not in TELLING_NOTHING and not get_reason_numbers(params).isdisjoint(hidden)
