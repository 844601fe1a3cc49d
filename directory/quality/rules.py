"""Rules that no single row can keep; forms, imports and the worklist ask the same ones.

Each answers with the reason in the language of the page, or with "" where nothing is wrong.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from directory.models import Citation, Kind, Membership, Role, Seat, State
from directory.models.membership import today


def ineligible(role: Role, kind: str) -> str:
    """Why an organization of this kind may not hold the role."""
    if role.admits(kind):
        return ""
    labels = dict(Kind.choices)
    comma = _(", ")
    return _("“%(role)s” is not open to this kind (%(kind)s); it is for: %(kinds)s.") % {
        "role": role.label,
        "kind": labels.get(kind, kind),
        "kinds": comma.join(str(labels.get(each, each)) for each in role.kinds),
    }


def begins(membership: Membership) -> date:
    """The day from which it counts, by the same rule as `current()`."""
    if membership.since or not membership.pk:
        return membership.since or date.min
    dated = Citation.objects.filter(membership=membership.pk, source__dated__isnull=False)
    return dated.aggregate(first=Min("source__dated"))["first"] or date.min


def overlap(membership: Membership, others: Iterable[Membership]) -> str:
    """Why it cannot stand beside the organization's other memberships."""
    seat = (membership.community_id, membership.role_id)
    for other in others:
        if seat != (other.community_id, other.role_id):
            continue
        if membership.until is None and other.until is None:
            return str(open_once())
        if State.WITHDRAWN not in (membership.state, other.state) and _meet(membership, other):
            return _(
                "“%(role)s” is held twice on some days: the other period runs from %(since)s "
                "until %(until)s. Let one end before the other begins."
            ) % {
                "role": membership.role.label,
                "since": other.since or _("an unknown day"),
                "until": other.until or _("further notice"),
            }
    return ""


def _meet(one: Membership, two: Membership) -> bool:
    ends = [each.until or date.max for each in (one, two)]
    return begins(one) < ends[1] and begins(two) < ends[0]


def open_once() -> object:
    """The sentence of the constraint, for whoever must ask before the database does."""
    laws = {law.name: law for law in Membership._meta.constraints}
    return laws["membership_open_once"].violation_error_message


def second_holder(membership: Membership) -> str:
    """Who else holds the role, if that makes more holders than the community has seats."""
    on = max(today(), membership.since or date.min)
    over = membership.until is not None and membership.until <= on
    if over or membership.state == State.WITHDRAWN:
        return ""
    seats = Seat.objects.filter(community=membership.community_id, role=membership.role_id)
    count = seats.values_list("count", flat=True).first()
    others = list(holders(membership, on)) if count else []
    if not others or len(others) < count:
        return ""
    comma = _(", ")
    return _("“%(role)s” has %(count)d seat(s) here, and is also held by: %(others)s.") % {
        "role": membership.role.label,
        "count": count,
        "others": comma.join(dict.fromkeys(other.organization.label for other in others)),
    }


def holders(membership: Membership, on: date) -> QuerySet[Membership]:
    """The other organizations that hold the same role of the same community that day."""
    held = Membership.objects.current(on).select_related("organization")
    return (
        held.filter(community=membership.community_id, role=membership.role_id)
        .exclude(organization=membership.organization_id)
        .exclude(organization__state=State.WITHDRAWN)
        .order_by("pk")
    )
