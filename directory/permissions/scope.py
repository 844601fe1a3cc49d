"""The scope of an account: which rows it sees, and why it may not write a row as it is stored."""

from collections.abc import Callable, Collection
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Range

from directory.db.expressions import SCAN_BY_KEY, InKeys
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
    State,
)
from directory.permissions import policy
from directory.permissions.policy import Account, WritePermission

# A scope of at most so many organizations is queried as a list of keys, in one parameter.
MAX_LISTED_KEYS = 1000
OWNERS = ("organization", "alias__organization", "membership__organization")


def build_scope_filter(user: Account) -> Q | None:
    """Build the filter of organizations in the account's scope; None where there is no limit."""
    permission = policy.permission_for(user)
    if not permission.is_limited:
        return None
    keys = _load_scope_keys(permission)
    return _build_scope_condition(permission) if keys is None else Q(InKeys("pk", keys))


def _load_scope_keys(permission: WritePermission) -> list[int] | None:
    """Return the keys of the organizations in a small scope; None where they are many."""
    if not permission.region_ranges and permission.community is None:
        return []
    rows = Organization.objects.filter(_build_region_condition(permission)).order_by()
    in_regions = rows.values_list("pk", flat=True)
    if permission.community is None:
        keys = list(in_regions[: MAX_LISTED_KEYS + 1])
        return keys if len(keys) <= MAX_LISTED_KEYS else None
    memberships = Membership.objects.filter(community=permission.community).order_by()
    members = memberships.values_list("organization_id", flat=True)
    keys = list(members[: MAX_LISTED_KEYS + 1])
    if len(keys) <= MAX_LISTED_KEYS:
        return list(in_regions.filter(InKeys("pk", keys)))
    if not permission.region_ranges:
        return None
    keys = list(in_regions[: MAX_LISTED_KEYS + 1])
    if len(keys) > MAX_LISTED_KEYS:
        return None
    return list(set(members.filter(InKeys("organization", keys))))


def _build_region_condition(permission: WritePermission) -> Q:
    ranges = permission.region_ranges
    return Q(*[("region__code__range", each) for each in ranges], _connector=Q.OR)


def _build_scope_condition(permission: WritePermission) -> Q:
    """Build a condition that is checked row by row while a list is read in its own order.

    So the database does not use its index of regions, which would read all rows of the scope and
    sort them.
    """
    region = Coalesce("region_id", Value(""))
    condition = Q(*[Range(region, each) for each in permission.region_ranges], _connector=Q.OR)
    if permission.community is not None:
        memberships = Membership.objects.filter(community=permission.community)
        condition &= Q(Exists(memberships.filter(organization=OuterRef("pk")).order_by()))
    return condition


def filter_visible(user: Account, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Filter a queryset to the rows of organizations in the account's scope."""
    permission = policy.permission_for(user)
    if not permission.is_limited:
        return rows
    if rows.model is Source:
        return _filter_sources(user, rows)
    keys = _load_scope_keys(permission)
    condition = _build_scope_condition(permission) if keys is None else Q(InKeys("pk", keys))
    if issubclass(rows.model, Organization):
        return rows.filter(condition, SCAN_BY_KEY if permission.community is not None else Q())
    return _filter_owned_rows(rows, keys, condition)


def filter_known(user: Account, organizations: QuerySet[Any]) -> QuerySet[Any]:
    """Filter to organizations of which the account may be told: those in scope, and public ones."""
    condition = build_scope_filter(user)
    if condition is None:
        return organizations
    return organizations.filter(condition | Q(pk__in=_get_public_keys()))


def _get_public_keys() -> QuerySet[Any]:
    return Organization.objects.published().with_public_page().order_by().values("pk")


def _filter_sources(user: Account, sources: QuerySet[Any]) -> QuerySet[Any]:
    """Filter to sources that nobody cites, or that something cites of which may be told.

    The title of a source that only drafts elsewhere cite would tell of them.
    """
    citations = Citation.objects.filter(source=OuterRef("pk")).order_by()
    own = filter_visible(user, Organization.objects.order_by()).values("pk")
    told = Q(*[(f"{owner}__in", own) for owner in OWNERS], _connector=Q.OR)
    public = Q(*[(f"{owner}__in", _get_public_keys()) for owner in OWNERS], _connector=Q.OR)
    told |= public & (Q(membership=None) | Q(membership__state=State.PUBLISHED))
    told |= Q(community__isnull=False)
    return sources.filter(~Exists(citations) | Exists(citations.filter(told)))


def _filter_owned_rows(rows: QuerySet[Any], keys: list[int] | None, condition: Q) -> QuerySet[Any]:
    """Filter to rows of organizations with these keys; without keys, by the condition."""
    in_scope = Organization.objects.filter(condition).order_by()

    def exists(*columns: str) -> Q:
        refs = [*map(OuterRef, columns)]
        owner = Coalesce(*refs) if refs[1:] else refs[0]
        return Q(Exists(in_scope.filter(pk=owner)))

    def contains(column: str) -> Q:
        return exists(column) if keys is None else Q(InKeys(column, keys))

    if rows.model in (Alias, Contact, Membership, Finding, RowChange):
        return rows.filter(contains("organization"))
    if rows.model is Citation:
        # A citation has one owner only, so one EXISTS is enough for the three columns.
        owned = exists(*OWNERS) if keys is None else Q(*map(contains, OWNERS), _connector=Q.OR)
        return rows.filter(owned | Q(community__isnull=False))
    if rows.model in (LikelyPair, NotSame):
        # With two lists of keys, the database would join both to every possible pair.
        return rows.filter(contains("one"), exists("other"))
    if rows.model is Revision:
        return _filter_revisions(rows, contains, is_listed=keys is not None)
    return rows


def _filter_revisions(
    rows: QuerySet[Revision], contains: Callable[[str], Q], is_listed: bool
) -> QuerySet[Revision]:
    """Filter to the revisions that changed an organization in scope."""
    changes = RowChange.objects.filter(contains("organization")).order_by()
    if is_listed:
        return rows.filter(pk__in=changes.values("revision"))
    return rows.filter(Exists(changes.filter(revision=OuterRef("pk"))))


def get_owners(row: models.Model) -> list[Organization]:
    """Return the organization that a row belongs to, in a list; empty where there is none."""
    owner: Organization | None = None
    if isinstance(row, Organization):
        owner = row
    elif isinstance(row, Alias | Contact | Membership):
        owner = row.organization if row.organization_id else None
    elif isinstance(row, Citation):
        target = row.alias if row.alias_id else row.membership if row.membership_id else row
        owner = target.organization if target and target.organization_id else None
    return [owner] if owner is not None else []


def denial_reason(user: Account, row: models.Model) -> str:
    """Return why the account may not write this row as it is stored, or ""."""
    permission = policy.permission_for(user)
    if user is None or (permission.can_publish and not permission.is_limited):
        return ""
    root = row
    if isinstance(row, Seat | Citation) and row.community_id:
        root = cast("Community", row.community)
    if isinstance(root, Source):
        return _source_denial_reason(user, permission, root)
    if isinstance(root, Community):
        lacks = isinstance(row, Citation) and not user.has_perm(policy.CHANGE_COMMUNITY)
        public = permission.denial_reason(None, (), public=True) if lacks else ""
        return public or permission.shared_denial_reason(root.pk)
    if str(root._meta.model_name) in policy.SHARED_MODELS:
        return permission.shared_denial_reason()
    reasons = [_organization_denial_reason(permission, each) for each in get_owners(row)]
    if isinstance(row, Membership):
        reasons.append(permission.role_denial_reason(row.community_id))
    return next(filter(None, reasons), "")


def _organization_denial_reason(permission: WritePermission, row: Organization) -> str:
    communities: Collection[int] = ()
    if permission.community is not None and row.pk:
        communities = row.memberships.order_by().values_list("community_id", flat=True)
    return permission.denial_reason(row.region_id, communities, row.first_published_at is not None)


def _source_denial_reason(
    user: User | AnonymousUser, permission: WritePermission, source: Source
) -> str:
    """Return why the account may not write a source.

    A source is public if something that cites it is, and belongs to everybody who cites it.
    """
    if source._state.adding:
        return ""
    citations = Citation.objects.filter(source=source.pk)
    published = [(f"{owner}__first_published_at__isnull", False) for owner in OWNERS]
    public = Q(*published, _connector=Q.OR) | Q(community__isnull=False)
    if not permission.can_publish and citations.filter(public).exists():
        return permission.denial_reason(None, (), public=True)
    in_scope = filter_visible(user, citations).filter(community=None)
    if permission.is_limited and citations.exclude(pk__in=in_scope.values("pk")).exists():
        return permission.outside_scope_reason()
    return ""


def may_undo(user: User | AnonymousUser, revision: Revision) -> bool:
    """Return whether the account may undo everything that the revision wrote."""
    if not user.has_perm(policy.UNDO):
        return False
    if user.is_superuser:
        return True
    decisions = revision.changes.filter(noun="community", before__has_key="second_person")
    may_decide = user.has_perm(policy.SET_SECOND_PERSON)
    if not may_decide and decisions.filter(after__isnull=False).exists():
        return False
    condition = build_scope_filter(user)
    if condition is None:
        return True
    # The first change out of scope is found soon; a list of all in scope would be built whole.
    rows = Organization.objects.filter(condition, pk=OuterRef("organization")).order_by()
    return not revision.changes.exclude(Exists(rows)).exists()


def get_deletions(user: Account) -> QuerySet[RowChange]:
    """Return the deletions of organizations in scope that were neither restored nor merged."""
    existing = Organization.objects.values("pk")
    deletions = RowChange.objects.filter(noun="organization", after__isnull=True)
    merged = MergedNumber.objects.values("number")
    deletions = deletions.exclude(organization__in=existing).exclude(organization__in=merged)
    permission = policy.permission_for(user)
    if not permission.is_limited:
        return deletions
    if permission.region_ranges:
        prefixes = [_get_code_prefix(first) for first, _last in permission.region_ranges]
        conditions = [("before__region_id__startswith", prefix) for prefix in prefixes]
        deletions = deletions.filter(Q(*conditions, _connector=Q.OR))
    if permission.community is not None:
        memberships = RowChange.objects.filter(noun="membership", after__isnull=True)
        memberships = memberships.filter(before__community_id=permission.community)
        same = {"revision": OuterRef("revision"), "organization": OuterRef("organization")}
        deletions = deletions.filter(Exists(memberships.filter(**same)))
    has_scope = permission.region_ranges or permission.community is not None
    return deletions if has_scope else deletions.none()


def _get_code_prefix(code: str) -> str:
    """Return the digits that all codes in this region begin with."""
    return next((code[: -len(r)] for r in ("0000", "00") if code.endswith(r)), code)
