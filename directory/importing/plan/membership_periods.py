"""Compare the memberships of a row with the recorded ones: the same one, and overlaps."""

from datetime import date

from directory.importing.parse.messages import Reason
from directory.importing.plan import current as current_values
from directory.models import Membership, Role, State
from directory.partial_dates import get_end, get_first_day
from directory.quality import rules as quality_rules


def find_membership(wanted: dict, recorded: list[Membership]) -> Membership | None:
    """Return the membership that the row means: the one with its days, else an open one."""
    for each in recorded:
        since = current_values.format_date(each, "since")
        until = current_values.format_date(each, "until")
        if wanted["since"] in ("", since) and wanted["until"] in ("", until):
            return each
    for each in recorded:
        if wanted["since"] and wanted["since"] == current_values.format_date(each, "since"):
            return each
    return next((each for each in recorded if each.until is None), None)


def get_seat(membership: Membership) -> tuple[str, str]:
    """Return community and role of a recorded membership."""
    return membership.community.code, membership.role_id


def get_wanted_seat(wanted: dict) -> tuple[str, str]:
    """Return community and role of a membership of the row."""
    return wanted["community"], wanted["role"]


def is_overlapping(wanted: dict, other: Membership) -> bool:
    """Whether a membership of the row shares days with a recorded one."""
    if other.state == State.WITHDRAWN:
        return False
    start, end = quality_rules.get_start_day(other), other.until or date.max
    return get_first_day(wanted["since"]) < end and start < get_end(wanted["until"])


def build_overlap_reason(role: Role, other: Membership) -> Reason:
    """Build the reason for a membership that overlaps another one."""
    since, until = (current_values.format_date(other, n) or "…" for n in ("since", "until"))
    return Reason("overlap", "roles", {"role": role.code, "since": since, "until": until})


def format_membership(membership: Membership) -> str:
    """Return role, community and days as text."""
    since, until = (current_values.format_date(membership, n) for n in ("since", "until"))
    days = f" {since}–{until}" if membership.since or membership.until else ""
    return f"{membership.role_id} {membership.community.code}{days}"
