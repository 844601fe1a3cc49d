"""Who may write what: what is public, and what lies outside an account's remit.

Drafts are anybody's who may enter data; what is public (and every organization that ever was)
needs the right to publish. An account with a remit writes only organizations in its regions
and with a role in its community; one without a region and without a role there is in nobody's
remit, and left to those without limits. What all share (roles, regions, readings, sectors,
other communities) is not for accounts with a remit.

The desk asks before (`remits`), so that it can say why not; `guard` is the wall behind every door.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from directory import codes
from directory.models import Remit
from directory.snapshots import Difference, Image, Key

PUBLISH = "directory.publish_organization"
UNDO = "directory.undo_revision"
ASK_SECOND = "directory.ask_second_person"
COMMUNITY = "directory.change_community"
SHARED = ("role", "region", "reading", "sector")


@dataclass(frozen=True)
class Writer:
    """What one account may write, asked for any number of rows without the database."""

    publishes: bool = True
    limited: bool = False
    spans: tuple[tuple[str, str], ...] = ()
    community: int | None = None
    words: str = ""

    def covers(self, region: str | None, communities: Collection[int]) -> bool:
        """Whether an organization there, with roles in these communities, is in the remit."""
        if not self.limited:
            return True
        if not self.spans and self.community is None:
            return False
        here = not self.spans or any(first <= (region or "") <= last for first, last in self.spans)
        return here and (self.community is None or self.community in communities)

    def hinders(
        self, region: str | None, communities: Collection[int], public: bool = False
    ) -> str:
        """Why this account may not write such an organization, or ""."""
        if public and not self.publishes:
            return _("This is public: only somebody who may publish can change it.")
        return "" if self.covers(region, communities) else self.elsewhere()

    def hinders_role_in(self, community: int | None) -> str:
        """Why it may not enter or change a role in that community, or ""."""
        theirs = self.community is None or community in (None, self.community)
        return "" if theirs else self.elsewhere()

    def hinders_shared(self, community: int | None = None) -> str:
        """Why it may not write what all share, or that community, or ""."""
        own = community is not None and community == self.community and not self.spans
        return "" if not self.limited or own else self.elsewhere()

    def elsewhere(self) -> str:
        words = self.words or _("nothing")
        return _("This lies outside: your account is limited to %(limits)s.") % {"limits": words}


def writer(user: object) -> Writer:
    """The account's rights; nobody (a command, the fixtures) is hindered by none."""
    if user is None or getattr(user, "is_superuser", False):
        return Writer()
    publishes, remit = user.has_perm(PUBLISH), remit_of(user)
    if remit is None:
        return Writer(publishes)
    spans = tuple(codes.region_span(region.code) for region in remit.regions.all())
    return Writer(publishes, True, spans, remit.community_id, str(remit))


def remit_of(user: object) -> Remit | None:
    if not hasattr(user, "limits_read"):
        rows = Remit.objects.select_related("community").prefetch_related("regions")
        user.limits_read = rows.filter(user=user.pk).first()
    return user.limits_read


def may_publish(user: object) -> bool:
    return writer(user).publishes


def may_write(user: object, values: dict) -> bool:
    """Whether an account may write an organization with these values.

    `region_id`, `communities` (keys of those in which it has a role) and `first_published_at`
    are asked. For many rows ask `writer(user).hinders(…)`, which says why not.
    """
    communities, public = values.get("communities", ()), values.get("first_published_at")
    return not writer(user).hinders(values.get("region_id"), communities, bool(public))


# -- The wall -------------------------------------------------------------------


def guard(
    user: object, found: list[Difference], before: dict[Key, Image], after: dict[Key, Image]
) -> None:
    """Refuse the whole change if any part of it is not the account's to write."""
    if getattr(user, "pk", None) is None or user.is_superuser:
        return
    asked = writer(user)
    touched = {key for row in found for key in (row.organization, row.formerly)} - {None}
    for rows in (before, after):
        for reason in _against(asked, touched, rows):
            raise PermissionDenied(reason)
    for row in found:
        if reason := _against_row(user, asked, row, before | after):
            raise PermissionDenied(reason)


def _against(asked: Writer, touched: set[int], rows: dict[Key, Image]) -> Iterable[str]:
    if asked.publishes and not asked.limited:
        return
    communities: dict[int, set[int]] = {}
    for image in rows.values():
        if image.noun == "membership":
            communities.setdefault(image.owner, set()).add(image.values["community_id"])
    for number in touched:
        image = rows.get(("organization", str(number)))
        if image is not None:
            values, held = image.values, communities.get(number, ())
            reason = asked.hinders(values["region_id"], held, bool(values["first_published_at"]))
            if reason:
                yield reason


def _against_row(user, asked: Writer, row: Difference, rows: dict[Key, Image]) -> str:
    values = [each for each in (row.before, row.after) if each]
    if row.noun == "membership":
        keys = [each.get("community_id", _community(rows, row)) for each in values]
        return next(filter(None, map(asked.hinders_role_in, keys)), "")
    if row.organization is not None:
        return ""
    if row.noun in SHARED:
        return asked.hinders_shared()
    if row.noun in ("community", "seat", "citation"):
        return _against_community(user, asked, row, rows)
    return ""


def _community(rows: dict[Key, Image], row: Difference) -> int | None:
    image = rows.get((row.noun, row.key))
    return image.values.get("community_id") if image else None


def _against_community(user, asked: Writer, row: Difference, rows: dict[Key, Image]) -> str:
    if row.noun == "community":
        changed = row.before and row.after
        if changed and "second_person" in row.after and not user.has_perm(ASK_SECOND):
            return _("Whether a second person is asked for is not yours to decide.")
        return asked.hinders_shared(int(row.key))
    if row.noun == "citation" and not user.has_perm(COMMUNITY):
        return _("This is public: only somebody who may publish can change it.")
    return asked.hinders_shared(_community(rows, row))
