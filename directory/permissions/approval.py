"""Approval by a second person: lead and council roles, where the community asks for it.

Whoever publishes such a role alone, by whatever way, leaves it proposed: a draft that stores who
proposed it. Another account then publishes it, which confirms it. Whoever changes a proposed role
becomes its proposer, also by an undo, unless that restores every column of what another person
proposed. A merge only moves roles and publishes none.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext as _

from directory import snapshots
from directory.models import Community, Membership, Revision, State
from directory.models.community import PLAIN_MEMBER
from directory.models.membership import today
from directory.partial_dates import PartialDate
from directory.snapshots import RowKey, Snapshots

FACTS = ("organization_id", "community_id", "role_id", "since", "until")
# The proposer where there is no account: a command on the server itself.
NO_ACCOUNT = "manage.py"


def enforce_second_person(
    keys: Collection[int],
    before: Snapshots,
    who: User | AnonymousUser | None,
    merging: bool = False,
    restored: Collection[RowKey] = (),
) -> None:
    """Turn roles of these organizations that `who` alone has published into proposed drafts.

    `restored`: the keys of rows of which an undo restored every column.
    """
    if not Community.objects.filter(second_person=True).exists():
        return
    name = who.get_username() if who is not None and who.pk else NO_ACCOUNT
    for batch in snapshots.split_into_batches(sorted(keys)):
        for row in Membership.objects.needing_second_person().filter(organization__in=batch):
            row_key = "membership", str(row.pk)
            old = before[row_key].values if row_key in before else {}
            state, proposed_by = decide_state(row, old, name, merging, row_key in restored)
            if (state, proposed_by) != (row.state, row.proposed_by):
                stored = Membership.objects.filter(pk=row.pk)
                stored.update(state=state, proposed_by=proposed_by)


def decide_state(
    row: Membership, old: dict[str, Any], name: str, merging: bool, restored: bool = False
) -> tuple[str, str]:
    """Return the state that the row may have after what `name` did, and its proposer.

    `old`: its values before; empty for a new row.
    """
    if row.state == State.WITHDRAWN:
        return row.state, ""
    unchanged = bool(old) and all(get_fact(row, fact) == old[fact] for fact in FACTS)
    if row.state == State.DRAFT:
        return row.state, row.proposed_by if restored else decide_proposer(row, old, name, merging)
    if was_published_before(row, old, merging):
        return row.state, ""
    by = old.get("proposed_by") if unchanged and old["state"] == State.DRAFT else ""
    return (State.DRAFT, name) if by in ("", None, name) else (row.state, "")


def decide_proposer(row: Membership, old: dict[str, Any], name: str, merging: bool) -> str:
    """Return the proposer of a draft: whoever changed its facts last, whatever the row says."""
    if not old:
        return row.proposed_by
    facts = FACTS[1:] if merging else FACTS
    changed = any(get_fact(row, fact) != old[fact] for fact in facts)
    return name if old["proposed_by"] and changed else old["proposed_by"]


def get_fact(row: Membership, fact: str) -> object:
    """Return a column's value as it is in a snapshot."""
    return snapshots.get_plain_value(row, fact)


def was_published_before(row: Membership, old: dict[str, Any], merging: bool) -> bool:
    """Return whether this very role was public already, and is not opened again after its end."""
    if old.get("state") != State.PUBLISHED:
        return False
    identity = ("community_id", "role_id") if merging else FACTS[:3]
    if any(get_fact(row, fact) != old[fact] for fact in identity):
        return False
    return get_fact(row, "until") == old["until"] or not has_ended(old["until"])


def has_ended(day: str | None) -> bool:
    """Return whether the period of a role is over that lasts until this date of a snapshot."""
    return day is not None and PartialDate.fromisoformat(day).end <= today()


def is_merge(revision: Revision | None) -> bool:
    """Return whether the revision is a merge, or the undo of one, however often."""
    while revision is not None and revision.undoes_id:
        revision = revision.undoes
    return revision is not None and revision.via == Revision.Via.MERGE


# -- Checks of the admin ----------------------------------------------------------


def change_denial_reason(row: Membership) -> str:
    """Return why a published role may not be changed into this one, or "".

    The change would withdraw it from the public until somebody confirms it.
    """
    stored = Membership.objects.filter(pk=row.pk, state=State.PUBLISHED).first()
    if stored is None or row.state != State.PUBLISHED or not needs_second_person(row):
        return ""
    old = {fact: get_fact(stored, fact) for fact in FACTS} | {"state": stored.state}
    if was_published_before(row, old, merging=False):
        return ""
    return _(
        "A second person must confirm such a role: leave this one as it is, "
        "give it an end day where it has ended, and enter the other one as a new row."
    )


def needs_second_person(row: Membership) -> bool:
    """Return whether this role in this community must be published by two persons."""
    plain = row.role_id == PLAIN_MEMBER and row.role.axis == row.role.Axis.COUNCIL
    return row.community.second_person and not plain


def confirmation_denial_reason(row: Membership, who: User | AnonymousUser) -> str:
    """Return why this account may not confirm the role, or ""."""
    if row.state != State.DRAFT or not row.proposed_by:
        return _("awaits nobody's confirmation")
    if row.proposed_by == who.get_username():
        return _("was proposed by yourself: another person confirms it")
    return ""
