"""The second person: a lead or council role is published by two where the community asks for it.

Whoever publishes one alone, at whatever door, leaves it proposed: a draft with a name on it.
Another account then publishes it, and that is the confirmation; whoever changes what is
proposed is who proposes it from then on, also by going back, unless the whole row goes back to
what another one proposed. A merge only moves roles: it publishes none.
"""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from directory import snapshots
from directory.models import Community, Membership, Revision, State
from directory.models.community import PLAIN_MEMBER
from directory.models.membership import today
from directory.snapshots import Image, Key

FACTS = ("organization_id", "community_id", "role_id", "since", "until")
# Who has no account: a command on the server itself.
NO_ACCOUNT = "manage.py"


def hold(
    keys: Collection[int],
    before: dict[Key, Image],
    who: object,
    merging: bool = False,
    whole: Collection[Key] = (),
) -> None:
    """Keep as proposed what `who` alone would publish of these organizations' roles.

    `whole`: the rows that say again all that they once said.
    """
    if not Community.objects.filter(second_person=True).exists():
        return
    name = who.get_username() if getattr(who, "pk", None) else NO_ACCOUNT
    for batch in snapshots.batches(sorted(keys)):
        for row in Membership.objects.of_two().filter(organization__in=batch):
            image = before.get(place := ("membership", str(row.pk)))
            was = image.values if image else {}
            state, proposed_by = judged(row, was, name, merging, place in whole)
            if (state, proposed_by) != (row.state, row.proposed_by):
                stored = Membership.objects.filter(pk=row.pk)
                stored.update(state=state, proposed_by=proposed_by)


def judged(
    row: Membership, was: dict, name: str, merging: bool, whole: bool = False
) -> tuple[str, str]:
    """The state that the row may have after what `name` did, and who proposes it."""
    if row.state == State.WITHDRAWN:
        return row.state, ""
    same = bool(was) and all(says(row, fact) == was[fact] for fact in FACTS)
    if row.state == State.DRAFT:
        return row.state, row.proposed_by if whole else proposer(row, was, name, merging)
    if stood(row, was, merging):
        return row.state, ""
    by = was.get("proposed_by") if same and was["state"] == State.DRAFT else ""
    return (State.DRAFT, name) if by in ("", None, name) else (row.state, "")


def proposer(row: Membership, was: dict, name: str, merging: bool) -> str:
    """Who proposes a draft: whoever changed its facts last, whatever name is written on it."""
    if not was:
        return row.proposed_by
    facts = FACTS[1:] if merging else FACTS
    changed = any(says(row, fact) != was[fact] for fact in facts)
    return name if was["proposed_by"] and changed else was["proposed_by"]


def says(row: Membership, fact: str) -> object:
    return snapshots.plain(getattr(row, fact))


def stood(row: Membership, was: dict, merging: bool) -> bool:
    """Whether the public knew this very role already, and it does not begin again."""
    if was.get("state") != State.PUBLISHED:
        return False
    moved = ("community_id", "role_id") if merging else FACTS[:3]
    if any(says(row, fact) != was[fact] for fact in moved):
        return False
    return says(row, "until") == was["until"] or not over(was["until"])


def over(day: str | None) -> bool:
    return day is not None and date.fromisoformat(day) <= today()


def is_merge(revision: Revision | None) -> bool:
    """Whether it merges, or takes a merge back, however often."""
    while revision is not None and revision.undoes_id:
        revision = revision.undoes
    return revision is not None and revision.via == Revision.Via.MERGE


# -- At the desk ----------------------------------------------------------------


def hinders_change(row: Membership) -> str:
    """Why a published role cannot become this one: it would leave the public unasked."""
    stored = Membership.objects.filter(pk=row.pk, state=State.PUBLISHED).first()
    if stored is None or row.state != State.PUBLISHED or not asked_of(row):
        return ""
    before = {fact: says(stored, fact) for fact in FACTS} | {"state": stored.state}
    if stood(row, before, merging=False):
        return ""
    return _(
        "A second person must confirm such a role: leave this one as it is, "
        "give it an end day where it has ended, and enter the other one as a new row."
    )


def asked_of(row: Membership) -> bool:
    """Whether this role in this community is published by two."""
    plain = row.role_id == PLAIN_MEMBER and row.role.axis == row.role.Axis.COUNCIL
    return row.community.second_person and not plain


def hinders_confirming(row: Membership, who: object) -> str:
    """Why this account may not confirm it, or ""."""
    if row.state != State.DRAFT or not row.proposed_by:
        return _("awaits nobody's confirmation")
    if row.proposed_by == who.get_username():
        return _("was proposed by yourself: another person confirms it")
    return ""
