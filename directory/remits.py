"""Whose a row is: what lies in an account's remit, and why it may not write a row as it stands."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from directory import rights
from directory.models import (
    Alias,
    Citation,
    Community,
    Contact,
    Finding,
    LikelyPair,
    Membership,
    MergedNumber,
    Organization,
    Revision,
    RowChange,
    Seat,
    Source,
)

OWNERS = ("organization", "alias__organization", "membership__organization")


def within(user: object) -> Q | None:
    """What narrows organizations to the account's remit; None where there is no limit."""
    asked = rights.writer(user)
    if not asked.limited:
        return None
    if not asked.spans and asked.community is None:
        return Q(pk__in=())
    narrowed = Q()
    for span in asked.spans:
        narrowed |= Q(region__code__range=span)
    if asked.community is not None:
        held = Membership.objects.filter(community=asked.community)
        narrowed &= Q(pk__in=held.values("organization"))
    return narrowed


def visible(user: object, rows: QuerySet) -> QuerySet:
    """These rows without those of organizations outside the account's remit."""
    narrowed = within(user)
    if narrowed is None:
        return rows
    theirs = Organization.objects.filter(narrowed)
    if issubclass(rows.model, Organization):
        return rows.filter(narrowed)
    if rows.model in (Alias, Contact, Membership, Finding):
        return rows.filter(organization__in=theirs)
    if rows.model is Citation:
        asked = Q(*[(f"{path}__in", theirs) for path in OWNERS], _connector=Q.OR)
        return rows.filter(asked | Q(community__isnull=False))
    if rows.model is LikelyPair:
        return rows.filter(one__in=theirs, other__in=theirs)
    if rows.model is Revision:
        told = RowChange.objects.filter(revision=OuterRef("pk"), organization__in=theirs)
        return rows.filter(Exists(told))
    if rows.model is RowChange:
        return rows.filter(organization__in=theirs)
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
    asked = rights.writer(user)
    if asked.publishes and not asked.limited:
        return ""
    whole = row.community if isinstance(row, Seat | Citation) and row.community_id else row
    if isinstance(whole, Source):
        return _of_source(user, asked, whole)
    if isinstance(whole, Community):
        lacks = isinstance(row, Citation) and not user.has_perm(rights.COMMUNITY)
        public = asked.hinders(None, (), public=True) if lacks else ""
        return public or asked.hinders_shared(whole.pk)
    if whole._meta.model_name in rights.SHARED:
        return asked.hinders_shared()
    reasons = [_of_organization(asked, each) for each in owners(row)]
    if isinstance(row, Membership):
        reasons.append(asked.hinders_role_in(row.community_id))
    return next(filter(None, reasons), "")


def _of_organization(asked: rights.Writer, row: Organization) -> str:
    communities: Iterable[int] = ()
    if asked.community is not None and row.pk:
        communities = row.memberships.order_by().values_list("community_id", flat=True)
    return asked.hinders(row.region_id, communities, row.first_published_at is not None)


def _of_source(user: object, asked: rights.Writer, source: Source) -> str:
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
    if not user.has_perm(rights.UNDO):
        return False
    if user.is_superuser:
        return True
    decided = revision.changes.filter(noun="community", before__has_key="second_person")
    if not user.has_perm(rights.ASK_SECOND) and decided.filter(after__isnull=False).exists():
        return False
    narrowed = within(user)
    if narrowed is None:
        return True
    theirs = Organization.objects.filter(narrowed)
    return not revision.changes.exclude(organization__in=theirs).exists()


def deletions(user: object) -> QuerySet[RowChange]:
    """Organizations that were deleted and are not there again, within the account's remit."""
    there = Organization.objects.values("pk")
    gone = RowChange.objects.filter(noun="organization", after__isnull=True)
    merged = MergedNumber.objects.values("number")
    gone = gone.exclude(organization__in=there).exclude(organization__in=merged)
    asked = rights.writer(user)
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
