"""Write permissions: who may write what, by publication state and by the scope of the account.

Whoever may enter data may write drafts; what is public (and every organization that ever was)
needs the right to publish. An account with a `Remit` is limited to that scope: it writes only
organizations in its regions that have a role in its community. An organization without a region
and without a role there is in nobody's scope, and left to accounts without limits. So are the
shared models (roles, regions, readings, sectors) and other communities.

The admin asks `denial_reason` first, so that it can say why not; `enforce` checks every
transaction, wherever it comes from.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from directory import codes
from directory.models import Remit
from directory.snapshots import RowDifference, Snapshots

# None for a command on the server itself.
Account: TypeAlias = User | AnonymousUser | None

PUBLISH = "directory.publish_organization"
UNDO = "directory.undo_revision"
SET_SECOND_PERSON = "directory.ask_second_person"
CHANGE_COMMUNITY = "directory.change_community"
SHARED_MODELS = ("role", "region", "reading", "sector")


@dataclass(frozen=True)
class WritePermission:
    """What one account may write, for checks of any number of rows without further queries."""

    can_publish: bool = True
    is_limited: bool = False
    region_ranges: tuple[tuple[str, str], ...] = ()
    community: int | None = None
    limits_text: str = ""

    def covers(self, region: str | None, communities: Collection[int | None]) -> bool:
        """Return whether an organization there, with roles in these communities, is in scope."""
        if not self.is_limited:
            return True
        if not self.region_ranges and self.community is None:
            return False
        in_region = not self.region_ranges or any(
            first <= (region or "") <= last for first, last in self.region_ranges
        )
        return in_region and (self.community is None or self.community in communities)

    def denial_reason(
        self, region: str | None, communities: Collection[int | None], public: bool = False
    ) -> str:
        """Return why this account may not write such an organization, or ""."""
        if public and not self.can_publish:
            return _("This is public: only somebody who may publish can change it.")
        return "" if self.covers(region, communities) else self.outside_scope_reason()

    def role_denial_reason(self, community: int | None) -> str:
        """Return why this account may not enter or change a role in that community, or ""."""
        in_scope = self.community is None or community in (None, self.community)
        return "" if in_scope else self.outside_scope_reason()

    def shared_denial_reason(self, community: int | None = None) -> str:
        """Return why this account may not write shared rows, or that community, or ""."""
        own = community is not None and community == self.community and not self.region_ranges
        return "" if not self.is_limited or own else self.outside_scope_reason()

    def outside_scope_reason(self) -> str:
        """Return the sentence for whatever lies outside of the scope."""
        limits = self.limits_text or _("nothing")
        return _("This lies outside: your account is limited to %(limits)s.") % {"limits": limits}


def permission_for(user: Account) -> WritePermission:
    """Return what the account may write; None (a command, the fixtures) may write everything."""
    if user is None or getattr(user, "is_superuser", False):
        return WritePermission()
    can_publish, remit = user.has_perm(PUBLISH), get_remit(user)
    if remit is None:
        return WritePermission(can_publish)
    ranges = tuple(codes.get_region_range(region.code) for region in remit.regions.all())
    return WritePermission(can_publish, True, ranges, remit.community_id, str(remit))


def get_remit(user: User | AnonymousUser) -> Remit | None:
    """Return the account's remit, read once for each instance; None where there is no limit."""
    if not hasattr(user, "cached_remit"):
        rows = Remit.objects.select_related("community").prefetch_related("regions")
        remit = rows.filter(user=user.pk).first()
        user.cached_remit = remit  # type: ignore[union-attr]  # kept on the instance
    return cast("Remit | None", user.cached_remit)  # type: ignore[union-attr]


def may_publish(user: Account) -> bool:
    return permission_for(user).can_publish


def may_write(user: Account, values: dict) -> bool:
    """Return whether the account may write an organization with these values.

    It reads `region_id`, `communities` (keys of those in which it has a role) and
    `first_published_at`. For many rows use `permission_for(user).denial_reason(…)`, which also
    says why not.
    """
    communities, public = values.get("communities", ()), values.get("first_published_at")
    region = values.get("region_id")
    return not permission_for(user).denial_reason(region, communities, bool(public))


# -- Enforcement ----------------------------------------------------------------


def enforce(
    user: Account,
    differences: list[RowDifference],
    before: Snapshots,
    after: Snapshots,
) -> None:
    """Raise PermissionDenied, with the reason, if the account may not write all differences."""
    if user is None or getattr(user, "pk", None) is None or user.is_superuser:
        return
    permission = permission_for(user)
    numbers = {number for row in differences for number in (row.organization, row.formerly)}
    changed = {number for number in numbers if number is not None}
    for rows in (before, after):
        for reason in _find_denial_reasons(permission, changed, rows):
            raise PermissionDenied(reason)
    for row in differences:
        if reason := _row_denial_reason(user, permission, row, before | after):
            raise PermissionDenied(reason)


def _find_denial_reasons(
    permission: WritePermission, numbers: set[int], rows: Snapshots
) -> Iterator[str]:
    if permission.can_publish and not permission.is_limited:
        return
    communities: dict[int | None, set[int | None]] = {}
    for snapshot in rows.values():
        if snapshot.model_name == "membership":
            communities.setdefault(snapshot.owner, set()).add(snapshot.values["community_id"])
    for number in numbers:
        organization = rows.get(("organization", str(number)))
        if organization is not None:
            region = organization.values["region_id"]
            public = bool(organization.values["first_published_at"])
            reason = permission.denial_reason(region, communities.get(number, ()), public)
            if reason:
                yield reason


def _row_denial_reason(
    user: User | AnonymousUser,
    permission: WritePermission,
    row: RowDifference,
    rows: Snapshots,
) -> str:
    versions = [values for values in (row.before, row.after) if values]
    if row.noun == "membership":
        stored = _get_community_key(rows, row)
        keys = [values.get("community_id", stored) for values in versions]
        return next(filter(None, map(permission.role_denial_reason, keys)), "")
    if row.organization is not None:
        return ""
    if row.noun in SHARED_MODELS:
        return permission.shared_denial_reason()
    if row.noun in ("community", "seat", "citation"):
        return _community_denial_reason(user, permission, row, rows)
    return ""


def _get_community_key(rows: Snapshots, row: RowDifference) -> int | None:
    snapshot = rows.get((row.noun, row.key))
    return snapshot.values.get("community_id") if snapshot else None


def _community_denial_reason(
    user: User | AnonymousUser,
    permission: WritePermission,
    row: RowDifference,
    rows: Snapshots,
) -> str:
    if row.noun == "community":
        sets_second_person = row.before and row.after and "second_person" in row.after
        if sets_second_person and not user.has_perm(SET_SECOND_PERSON):
            return _("Whether a second person is asked for is not yours to decide.")
        return permission.shared_denial_reason(int(row.key))
    if row.noun == "citation" and not user.has_perm(CHANGE_COMMUNITY):
        return _("This is public: only somebody who may publish can change it.")
    return permission.shared_denial_reason(_get_community_key(rows, row))
