"""Reasons why a row of an import is refused or doubtful, and notes on it: codes and messages.

A reason is stored as [code, column, parameters] and worded in the language of the page.
"""

from collections.abc import Iterable
from typing import NamedTuple, cast

from django.core.exceptions import ValidationError
from django.db.models import Field
from django.utils.translation import gettext, gettext_lazy

from directory import codes
from directory.models import Kind, Organization, Region, Role
from directory.models.date_fields import get_date_refusal
from directory.partial_dates import UnclearDate, parse_partial_date
from directory.permissions import disclosure
from directory.quality import rules as quality_rules
from directory.text.language import list_separator

REFUSALS = {
    "no-name": gettext_lazy("It has no name."),
    "long": gettext_lazy("“%(cell)s…” is longer than the %(most)d characters that fit here."),
}
DOUBTS = {
    "formula-name": gettext_lazy("“%(cell)s” is a formula, which was not computed, and no name."),
    "several-names": gettext_lazy(
        "“%(cell)s” seems to be the names of several: give each a row of its own."
    ),
    "name-damaged": gettext_lazy("The name seems damaged: “%(cell)s”. Enter it as it is written."),
    "name-other": gettext_lazy(
        "“%(cell)s” is no name of an organization: it is a heading, a day, a region, a kind or a "
        "role."
    ),
    "name-contact": gettext_lazy(
        "“%(cell)s” holds a web address, an e-mail address or a number that belongs to no name."
    ),
    "name-group": gettext_lazy("“%(cell)s” stands for several that it does not name."),
    "name-remark": gettext_lazy(
        "“%(cell)s” stands beside the name: is it a part of it, or a remark?"
    ),
    "left": gettext_lazy(
        "“%(cell)s” says that it is no member any more: no open role is taken from this row. If "
        "it was one, enter the day on which its role ended."
    ),
    "placeholder": gettext_lazy("“%(cell)s” stands for a name that is yet to be filled in."),
    "kind-missing": gettext_lazy("No kind is given, and the name does not tell it."),
    "kind-unknown": gettext_lazy("“%(cell)s” is not a kind that is known."),
    "kind-vague": gettext_lazy(
        "“%(cell)s” may mean several kinds, and the name does not tell which."
    ),
    "kind-conflict": gettext_lazy(
        "“%(cell)s” does not fit the kind that the name tells, or the one that is recorded."
    ),
    "role-unknown": gettext_lazy("“%(cell)s” is not a role that is known."),
    "community-unknown": gettext_lazy("“%(cell)s” is not a community that is known."),
    "community-missing": gettext_lazy("It has a role, but of which community is not said."),
    "sector-unknown": gettext_lazy("“%(cell)s” is not a sector that is known."),
    "region-unknown": gettext_lazy("“%(cell)s” is not a region that is known."),
    "region-ambiguous": gettext_lazy("“%(cell)s” may be any of: %(paths)s."),
    "region-conflict": gettext_lazy(
        "“%(cell)s” names two regions, neither in the other: %(path)s, and %(other)s. Which one "
        "is right?"
    ),
    "code": gettext_lazy("“%(cell)s”: %(why)s"),
    "shortened": gettext_lazy("“%(cell)s”: the spreadsheet has lost digits of this number."),
    "school-code-enterprise": gettext_lazy("An enterprise has no school code (“%(cell)s”)."),
    "date-unknown": gettext_lazy("%(why)s"),
    "date-not-day": gettext_lazy("%(why)s"),  # in plans stored when months were refused
    "site": gettext_lazy("“%(cell)s” is not the address of a web site."),
    "unequal": gettext_lazy(
        "Roles and days (or communities) are not equally many, so which belong together is open."
    ),
    "ends-before": gettext_lazy("The role would end (%(until)s) before it begins (%(since)s)."),
    "ineligible": gettext_lazy("%(why)s"),
    "overlap": gettext_lazy(
        "“%(role)s” would be held twice on some days: it is recorded from %(since)s until "
        "%(until)s."
    ),
    "like": gettext_lazy("Likely number %(number)d, %(name)s (%(score)s): %(why)s."),
    "like-row": gettext_lazy("Likely the same as row %(row)d of this file (%(score)s): %(why)s."),
    "same-row": gettext_lazy("Row %(row)d of this file already means the same organization."),
    "several": gettext_lazy("It fits several organizations: %(names)s."),
    "number-other": gettext_lazy(
        "Number %(number)d is %(name)s, whose names and codes do not fit this row."
    ),
    "number-nobody": gettext_lazy("Number %(number)s is nobody's."),
    "withdrawn": gettext_lazy("%(name)s was withdrawn for a reason: “%(why)s”."),
    "changed-since": gettext_lazy(
        "Changed since the file was written: then “%(then)s”, in the file “%(file)s”, "
        "now “%(now)s”."
    ),
    "fingerprint": gettext_lazy("The fingerprint of this row is not one that was given out here."),
    "code-taken": gettext_lazy("“%(cell)s” belongs to number %(number)d, %(name)s."),
    "code-only": gettext_lazy(
        "The code is that of number %(number)d, %(name)s, but the name is quite another one: was "
        "it renamed, or is the code wrong?"
    ),
    "other-fact": gettext_lazy(
        "This seems to be number %(number)d, %(name)s, but under “%(fact)s” that has “%(now)s”, "
        "and the file “%(file)s”. Is it the same one?"
    ),
    "merged-rows": gettext_lazy(
        "Row %(rows)s of this file means number %(number)d, %(name)s, too, since organizations "
        "were merged: decide which one is right."
    ),
    # Of entries outside of the part to which an account is limited, nothing else is told.
    "elsewhere": disclosure.SIMILAR_ELSEWHERE,
    "code-elsewhere": disclosure.CODE_ELSEWHERE,
    "number-elsewhere": disclosure.NUMBER_ELSEWHERE,
    "alias-only": gettext_lazy(
        "Number %(number)d, %(name)s, has a name that is only another name of this row."
    ),
    "role-withdrawn": gettext_lazy(
        "“%(role)s” was withdrawn here: publish it again on the organization's own page."
    ),
}
NOTES = {
    "region-inferred": gettext_lazy(
        "“%(cell)s” is in no list of regions: taken for %(path)s, as an inference."
    ),
    "merged-number": gettext_lazy("Number %(merged)d was merged into number %(number)d, %(name)s."),
    "region-elsewhere": gettext_lazy(
        "“%(cell)s” names two regions, neither in the other: %(path)s, and %(other)s. None is "
        "recorded."
    ),
    "kind-inferred": gettext_lazy("The kind is inferred from the name."),
    "moved-code": gettext_lazy("Ten digits are a school code and are entered as one."),
    "formula": gettext_lazy("“%(cell)s” is a formula; it is kept as text and was not computed."),
    "formula-value": gettext_lazy("“%(cell)s”: a formula stood here; its last value is taken."),
    "roleless": gettext_lazy("A day or community is given but no role, so it was not read."),
    "hidden-row": gettext_lazy("This row is hidden in its sheet."),
    "second-holder": gettext_lazy(
        "“%(role)s” has %(count)d seat(s) in this community and would then have more holders."
    ),
    "error-value": gettext_lazy("“%(cell)s” is an error of the spreadsheet and was not read."),
    "stale": gettext_lazy("Somebody changed the organization after this was planned: not applied."),
    "meanwhile": gettext_lazy(
        "Somebody entered the same or a similar organization after this was planned: not applied."
    ),
    "not-yours": gettext_lazy("%(why)s"),
    "twice": gettext_lazy("A row above has changed the same organization: not applied."),
    "clashes": gettext_lazy(
        "The database refused this row, because it clashes with what is recorded: not applied."
    ),
    "gone": gettext_lazy("The organization is not there any more: not applied."),
}
MESSAGES = REFUSALS | DOUBTS | NOTES


class Reason(NamedTuple):
    """Why a row is refused or doubtful, or a note on it: code, column and message parameters."""

    code: str
    column: str = ""
    params: dict = {}

    def __str__(self) -> str:
        return format_message(self.code, self.params)


def format_message(code: str, params: dict) -> str:
    """Return the message of a reason in the active language.

    Names and rules are looked up now, because they are worded in that language.
    """
    params = dict(params)
    if code == "code":
        params["why"] = get_code_error(params["column"], params["cell"])
    if code == "ineligible":
        role = Role.objects.filter(pk=params["role"]).first()
        params["why"] = (
            quality_rules.ineligibility_reason(role, params["kind"]) if role else params["role"]
        )
    elif "role" in params:
        role = Role.objects.filter(pk=params["role"]).first()
        params["role"] = role.label if role else params["role"]
    if code == "other-fact":
        fact = params["column"]
        params["fact"] = cast(Field, Organization._meta.get_field(fact)).verbose_name
        params |= {side: format_fact(fact, params[side]) for side in ("now", "file")}
    if code in ("date-unknown", "date-not-day"):
        params["why"] = get_date_error(params["cell"])
    if code == "merged-rows":
        params["rows"] = list_separator().join(map(str, params["rows"]))
    if code in ("like", "like-row"):
        params["why"] = list_separator().join(map(gettext, params["why"]))
    return str(MESSAGES[code]) % params


def get_code_error(column: str, cell: str) -> str:
    """Return why the check of a code fails, "" where it does not."""
    check = codes.check_school_code if column == "school_code" else codes.check_credit_code
    try:
        check(codes.normalize_code(cell))
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def get_date_error(cell: str) -> str:
    """Return why a cell is no date; of one that is read by now, that it was not before."""
    try:
        parse_partial_date(cell)
    except UnclearDate as error:
        return get_date_refusal(error, cell)
    text = gettext("“%(cell)s” was not read as a date when this was planned: plan the file again.")
    return text % {"cell": cell}


def format_fact(column: str, value: str) -> str:
    """Return the value of a column as text: a kind by its label, a region by its path."""
    if column == "kind":
        return str(dict(Kind.choices).get(value, value))
    if column == "region":
        path = Region.objects.exclude_virtual().filter(pk__in=codes.get_region_path(value))
        return " ".join(region.label for region in path.order_by("code")) or value
    return value


def format_reason(reason: list) -> str:
    """Return the message of a reason as it is stored in ImportRow.reasons."""
    code, _column, params = reason
    return format_message(code, params)


def has_refusal(reasons: Iterable[Reason]) -> bool:
    """Whether any of these reasons refuses the row."""
    return any(reason.code in REFUSALS for reason in reasons)


def has_doubt(reasons: Iterable[Reason]) -> bool:
    """Whether any of these reasons makes the row doubtful."""
    return any(reason.code in DOUBTS for reason in reasons)
