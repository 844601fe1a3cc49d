"""Rules that need more than one row, checked alike by forms, imports and the worklist.

Each returns the reason in the active language, or "" where nothing is wrong.
"""

from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from directory.models import Citation, Kind, Membership, Organization, Role, Seat, State
from directory.models.date_fields import get_partial_date
from directory.models.membership import today
from directory.text.language import list_separator


def ineligibility_reason(role: Role, kind: str) -> str:
    """Return why an organization of this kind may not have the role, or ""."""
    if role.accepts_kind(kind):
        return ""
    labels = dict(Kind.choices)
    comma = list_separator()
    return _("“%(role)s” is not open to this kind (%(kind)s); it is for: %(kinds)s.") % {
        "role": role.label,
        "kind": labels.get(kind, kind),
        "kinds": comma.join(str(labels.get(each, each)) for each in role.kinds),
    }


def get_start_day(membership: Membership) -> date:
    """Return the first day in force; `date.min` if unknown, as it may have been any day."""
    if membership.since or not membership.pk:
        return membership.since or date.min
    speaking = Citation.objects.speaking("membership")
    dated = speaking.filter(membership=membership.pk, source__dated__isnull=False)
    return dated.aggregate(first=Min("source__dated"))["first"] or date.min


def overlap_reason(
    membership: Membership,
    others: Iterable[Membership],
    get_start: Callable[[Membership], date] = get_start_day,
) -> str:
    """Return why it conflicts with the organization's other memberships, or "".

    `get_start`: the first day of a membership, where that is not yet what is stored.
    """
    role = (membership.community_id, membership.role_id)
    for other in others:
        if role != (other.community_id, other.role_id):
            continue
        if membership.until is None and other.until is None:
            return str(get_open_once_message())
        withdrawn = State.WITHDRAWN in (membership.state, other.state)
        if not withdrawn and _periods_overlap(membership, other, get_start):
            return _(
                "“%(role)s” is held twice on some days: the other period runs from %(since)s "
                "until %(until)s. Let one end before the other begins."
            ) % {
                "role": membership.role.label,
                "since": get_partial_date(other, "since") or _("an unknown day"),
                "until": get_partial_date(other, "until") or _("further notice"),
            }
    return ""


def _periods_overlap(
    one: Membership, two: Membership, get_start: Callable[[Membership], date]
) -> bool:
    ends = [each.until or date.max for each in (one, two)]
    return get_start(one) < ends[1] and get_start(two) < ends[0]


def get_open_once_message() -> object:
    """Return the message of the database constraint, for checks in advance of it."""
    constraints = {constraint.name: constraint for constraint in Membership._meta.constraints}
    return constraints["membership_open_once"].violation_error_message


def second_holder_warning(
    membership: Membership, filter_known: Callable[[QuerySet], QuerySet] = QuerySet.all
) -> str:
    """Return who else has the role, if those are more than the community has seats, or "".

    Organizations that `filter_known` leaves out are not named.
    """
    on = max(today(), membership.since or date.min)
    ended = membership.until is not None and membership.until <= on
    if ended or membership.state == State.WITHDRAWN:
        return ""
    seats = Seat.objects.filter(community=membership.community_id, role=membership.role_id)
    count = seats.values_list("count", flat=True).first() or 0
    others = list(get_other_holders(membership, on)) if count else []
    if not others or len(others) < count:
        return ""
    known = filter_known(Organization.objects.filter(pk__in=[o.organization_id for o in others]))
    names = {row.pk: row.label for row in known}
    elsewhere = _("an entry in another part of the directory")
    labels = [names.get(other.organization_id, elsewhere) for other in others]
    comma = list_separator()
    return _("“%(role)s” has %(count)d seat(s) here, and is also held by: %(others)s.") % {
        "role": membership.role.label,
        "count": count,
        "others": comma.join(dict.fromkeys(labels)),
    }


def get_other_holders(membership: Membership, on: date) -> QuerySet[Membership]:
    """Return the memberships of other organizations with the same role in force that day."""
    memberships = Membership.objects.current(on).select_related("organization")
    return (
        memberships.filter(community=membership.community_id, role=membership.role_id)
        .exclude(organization=membership.organization_id)
        .exclude(organization__state=State.WITHDRAWN)
        .order_by("pk")
    )
