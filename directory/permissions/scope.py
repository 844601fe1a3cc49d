"""Whose a row is: what lies in an account's remit, and why it may not write a row as it stands."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Range

from directory.db.expressions import BY_KEY, Among
from directory.models import (
    Alias,
    Citation,
    Community,
    Contact,
    Finding,
    LikelyPair,
    Membership,
    MergedNumber,
    NotSame,
    Organization,
    Revision,
    RowChange,
    Seat,
    Source,
)
from directory.permissions import policy

# So many organizations of a remit are named by key, all in one parameter.
FEW = 1000
OWNERS = ("organization", "alias__organization", "membership__organization")


def within(user: object) -> Q | None:
    """What narrows organizations to the account's remit; None where there is no limit."""
    asked = policy.writer(user)
    if not asked.limited:
        return None
    few = _few(asked)
    return _many(asked) if few is None else Q(Among("pk", few))


def _few(asked: policy.Writer) -> list[int] | None:
    """The organizations of a small remit by key; None where they are many."""
    if not asked.spans and asked.community is None:
        return []
    there = Organization.objects.filter(_lying(asked)).order_by().values_list("pk", flat=True)
    if asked.community is not None:
        held = Membership.objects.filter(community=asked.community).order_by()
        keys = list(held.values_list("organization_id", flat=True)[: FEW + 1])
        if len(keys) <= FEW:
            return list(there.filter(Among("pk", keys)))
    keys = list(there[: FEW + 1]) if asked.spans else None
    if keys is None or len(keys) > FEW:
        return None
    if asked.community is None:
        return keys
    held = held.filter(Among("organization", keys))
    return list(set(held.values_list("organization_id", flat=True)))


def _lying(asked: policy.Writer) -> Q:
    return Q(*[("region__code__range", span) for span in asked.spans], _connector=Q.OR)


def _many(asked: policy.Writer) -> Q:
    """Asked of each organization on the way through a list's own order.

    So the index of regions is kept out, which would bring them all, to be sorted.
    """
    where = Coalesce("region_id", Value(""))
    narrowed = Q(*[Range(where, span) for span in asked.spans], _connector=Q.OR)
    if asked.community is not None:
        held = Membership.objects.filter(community=asked.community)
        narrowed &= Q(Exists(held.filter(organization=OuterRef("pk")).order_by()))
    return narrowed


def visible(user: object, rows: QuerySet) -> QuerySet:
    """These rows without those of organizations outside the account's remit."""
    asked = policy.writer(user)
    if not asked.limited:
        return rows
    few = _few(asked)
    narrowed = _many(asked) if few is None else Q(Among("pk", few))
    theirs = Organization.objects.filter(narrowed).order_by()

    def asked_of(*columns: str) -> Q:
        several = [*map(OuterRef, columns)]
        owner = Coalesce(*several) if several[1:] else several[0]
        return Q(Exists(theirs.filter(pk=owner)))

    def of(column: str) -> Q:
        return asked_of(column) if few is None else Q(Among(column, few))

    if issubclass(rows.model, Organization):
        return rows.filter(narrowed, BY_KEY if asked.community is not None else Q())
    if rows.model in (Alias, Contact, Membership, Finding, RowChange):
        return rows.filter(of("organization"))
    if rows.model is Citation:
        # A citation hangs on one of these only, so its owner is asked for once.
        hers = asked_of(*OWNERS) if few is None else Q(*map(of, OWNERS), _connector=Q.OR)
        return rows.filter(hers | Q(community__isnull=False))
    if rows.model in (LikelyPair, NotSame):
        # Two lists would be joined to every pair that could be.
        return rows.filter(of("one"), asked_of("other"))
    if rows.model is Revision:
        told = RowChange.objects.filter(of("organization")).order_by()
        if few is not None:
            return rows.filter(pk__in=told.values("revision"))
        return rows.filter(Exists(told.filter(revision=OuterRef("pk"))))
    return rows


def owners(row: models.Model) -> list[Organization]:
    """The organizations whose row it is."""
    if isinstance(row, Organization):
        return [row]
    if isinstance(row, Alias | Contact | Membership):
        return [row.organization] if row.organization_id else []
    if isinstance(row, Citation):
        held = row.alias if row.alias_id else row.membership if row.membership_id else row
        return [held.organization] if held.organization_id else []
    return []


def hinders(user: object, row: models.Model) -> str:
    """Why the account may not write this row as it stands, or ""."""
    asked = policy.writer(user)
    if asked.publishes and not asked.limited:
        return ""
    whole = row.community if isinstance(row, Seat | Citation) and row.community_id else row
    if isinstance(whole, Source):
        return _of_source(user, asked, whole)
    if isinstance(whole, Community):
        lacks = isinstance(row, Citation) and not user.has_perm(policy.COMMUNITY)
        public = asked.hinders(None, (), public=True) if lacks else ""
        return public or asked.hinders_shared(whole.pk)
    if whole._meta.model_name in policy.SHARED:
        return asked.hinders_shared()
    reasons = [_of_organization(asked, each) for each in owners(row)]
    if isinstance(row, Membership):
        reasons.append(asked.hinders_role_in(row.community_id))
    return next(filter(None, reasons), "")


def _of_organization(asked: policy.Writer, row: Organization) -> str:
    communities: Iterable[int] = ()
    if asked.community is not None and row.pk:
        communities = row.memberships.order_by().values_list("community_id", flat=True)
    return asked.hinders(row.region_id, communities, row.first_published_at is not None)


def _of_source(user: object, asked: policy.Writer, source: Source) -> str:
    """A source is public with what it speaks of, and everybody's who cites it."""
    if source._state.adding:
        return ""
    uses = Citation.objects.filter(source=source.pk)
    shown = Q(*[(f"{o}__first_published_at__isnull", False) for o in OWNERS], _connector=Q.OR)
    if not asked.publishes and uses.filter(shown | Q(community__isnull=False)).exists():
        return asked.hinders(None, (), public=True)
    theirs = visible(user, uses).filter(community=None)
    if asked.limited and uses.exclude(pk__in=theirs.values("pk")).exists():
        return asked.elsewhere()
    return ""


def may_undo(user: object, revision: Revision) -> bool:
    """Whether the account may take back all that the revision wrote."""
    if not user.has_perm(policy.UNDO):
        return False
    if user.is_superuser:
        return True
    decided = revision.changes.filter(noun="community", before__has_key="second_person")
    if not user.has_perm(policy.ASK_SECOND) and decided.filter(after__isnull=False).exists():
        return False
    narrowed = within(user)
    if narrowed is None:
        return True
    # The first that lies outside is met soon; a list of all within would be made whole before.
    theirs = Organization.objects.filter(narrowed, pk=OuterRef("organization")).order_by()
    return not revision.changes.exclude(Exists(theirs)).exists()


def deletions(user: object) -> QuerySet[RowChange]:
    """Organizations that were deleted and are not there again, within the account's remit."""
    there = Organization.objects.values("pk")
    gone = RowChange.objects.filter(noun="organization", after__isnull=True)
    merged = MergedNumber.objects.values("number")
    gone = gone.exclude(organization__in=there).exclude(organization__in=merged)
    asked = policy.writer(user)
    if not asked.limited:
        return gone
    if asked.spans:
        starts = (_start(first) for first, _last in asked.spans)
        lay = [("before__region_id__startswith", start) for start in starts]
        gone = gone.filter(Q(*lay, _connector=Q.OR))
    if asked.community is not None:
        held = RowChange.objects.filter(noun="membership", after__isnull=True)
        held = held.filter(before__community_id=asked.community)
        same = {"revision": OuterRef("revision"), "organization": OuterRef("organization")}
        gone = gone.filter(Exists(held.filter(**same)))
    return gone if asked.spans or asked.community is not None else gone.none()


def _start(code: str) -> str:
    """What all codes of the region begin with."""
    return next((code[: -len(r)] for r in ("0000", "00") if code.endswith(r)), code)
