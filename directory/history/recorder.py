"""The one door for writing: a transaction that leaves everything derived in step, and a revision.

    with history.change(who=user, via="admin") as change:
        change.open_row(organization)   # before: what it says now is noted
        organization.save()
        change.touch(organization)      # after

What was touched gets its slug, its place in the order of pinyin, its search words and a new
version. What each row said before and after is kept as a revision; with it the data version grows
by one, once, whatever happened inside.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from django.db import models, transaction
from django.db.models import F, Max
from django.utils import timezone

from directory import snapshots
from directory.db.bulk import keyed, number, pour, pour_whole
from directory.models import (
    Alias,
    Citation,
    Contact,
    DataVersion,
    Membership,
    MergedNumber,
    Organization,
    Reading,
    Region,
    Revision,
    RowChange,
    Seat,
    State,
)
from directory.permissions import approval, policy
from directory.quality import issues as quality_issues
from directory.search import index as search_index
from directory.search.documents import derived_from
from directory.search.indexer import Places, Scribe, named
from directory.snapshots import Image, Key


class UnopenedError(RuntimeError):
    """An organization that was there before was written without `open`: its past would be lost."""


@dataclass
class Change:
    """What one change has touched so far."""

    who: object
    via: str
    comment: str = ""
    undoes: Revision | None = None
    newest: int = 0
    revision: Revision | None = None
    organizations: set[int] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    # Those that this very change inserted, and what they say: they are new as they are.
    inserted: dict[int, Image] = field(default_factory=dict)
    # Characters whose reading changed: whatever holds them is spoken otherwise.
    spoken: set[str] = field(default_factory=set)
    # Rows that say again all that they once said.
    whole: set[Key] = field(default_factory=set)
    # Other nouns, by noun and key, and what everything opened said before.
    others: dict[Key, models.Model] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)
    scribe: Scribe = field(default_factory=Scribe)
    before: dict[Key, Image] = field(default_factory=dict)

    def open(self, keys: Iterable[int]) -> None:
        """Hold these organizations, and note what they and all that is theirs say now.

        Comes before anything is written that belongs to an organization that was there before.
        """
        fresh = {key for key in keys if key} - self.opened
        for batch in snapshots.batches(sorted(fresh)):
            held = Organization.objects.select_for_update().filter(pk__in=batch).order_by("pk")
            list(held.values_list("pk"))
        # What this very change has made said nothing before.
        self.before |= snapshots.of_organizations({key for key in fresh if key <= self.newest})
        self.opened |= fresh

    def open_row(self, row: models.Model) -> None:
        """The same for whatever this row belongs to, in the database and as it is now."""
        if row.pk is None:
            self.open(owners(row))
            return
        stored = type(row)._base_manager.filter(pk=row.pk).first()
        keys = owners(row) | (owners(stored) if stored else set())
        self.open(keys)
        for whole in (alone(row), alone(stored) if stored else None):
            if whole is not None and not keys:
                self._open_other(whole)

    def _open_other(self, row: models.Model) -> None:
        place = snapshots.noun_of(row), str(row.pk)
        if row.pk is not None and place not in self.others:
            self.others[place] = row
            self.before |= snapshots.of_row(row)

    def touch(self, row: models.Model) -> None:
        """Note a row that was saved or deleted; call it after, or for a deletion before."""
        self.organizations |= owners(row)
        if isinstance(row, Organization):
            self.inserted.pop(row.pk, None)
        if isinstance(row, Region):
            self.regions.add(row.code)
        if isinstance(row, Reading):
            self.spoken.add(row.han)
        whole = alone(row)
        if whole is not None and whole.pk is not None:
            self.others.setdefault((snapshots.noun_of(whole), str(whole.pk)), whole)

    def insert(self, rows: list[Organization]) -> None:
        """Write organizations that nobody had, each under a number of its own."""
        number(rows)
        search_index.read_corrections()
        for row in rows:
            row.slug, row.pinyin = self.scribe.derived(row.name, row.name_en)
        pour_whole(rows)
        self.inserted |= {row.pk: snapshots.of_inserted(row) for row in rows}
        self.organizations |= self.inserted.keys()

    def forget(self, organization: Organization) -> None:
        """Note an organization that is being deleted."""
        self.open([organization.pk])
        self.gone.add(organization.pk)

    def everything(self) -> None:
        """For a bulk write into an empty directory: all organizations are new."""
        self.organizations.update(Organization.objects.values_list("pk", flat=True))

    def flush(self) -> None:
        """Settle what was noted so far, within the same transaction and revision."""
        settle(self)
        self.organizations, self.regions, self.gone, self.spoken = set(), set(), set(), set()
        self.others, self.opened, self.before, self.inserted = {}, set(), {}, {}
        self.newest = newest()

    def unwritten(self) -> None:
        """What was noted since the last flush was rolled back."""
        self.organizations, self.inserted = set(), {}

    def revised(self) -> Revision:
        """The revision of this change, made when the first row needs it."""
        if self.revision is None:
            user = self.who if getattr(self.who, "pk", None) else None
            self.revision = Revision.objects.create(
                who=user,
                who_name=user.get_username() if user else "",
                via=self.via,
                comment=self.comment[:300],
                undoes=self.undoes,
            )
        return self.revision


def owners(row: models.Model) -> set[int]:
    """The organizations that a row belongs to."""
    if isinstance(row, Organization):
        return {row.pk} - {None}
    if isinstance(row, Alias | Contact | Membership | MergedNumber):
        return {row.organization_id} - {None}
    if isinstance(row, Citation):
        found = {
            row.organization_id,
            row.alias_id and row.alias.organization_id,
            row.membership_id and row.membership.organization_id,
        }
        return found - {None}
    return set()


def alone(row: models.Model) -> models.Model | None:
    """The whole that a row belongs to, where that is no organization."""
    if isinstance(row, Seat | Citation):
        return row.community if row.community_id else None
    return None if owners(row) or isinstance(row, Organization) else row


@contextmanager
def change(
    who: object, via: str, comment: str = "", undoes: Revision | None = None
) -> Iterator[Change]:
    """A transaction through which every write goes; `via` says from where (`Revision.Via`)."""
    with transaction.atomic(), closing(Scribe()) as scribe:
        noted = Change(who, via, comment, undoes, newest(), scribe=scribe)
        yield noted
        settle(noted)
        scribe.finish()
        if noted.revision is not None:
            noted.revision.version = DataVersion.grow()
            noted.revision.save(update_fields=["version", "count"])


def newest() -> int:
    return Organization.objects.aggregate(newest=Max("pk"))["newest"] or 0


def settle(noted: Change) -> None:
    second_person(noted)
    noted.scribe.finish()
    search_index.forget(noted.gone)
    keys = noted.organizations - noted.gone | spoken_anew(noted.spoken)
    renamed = noted.regions | _regions_spoken_anew(noted.spoken)
    if renamed:
        noted.scribe.places = Places()
    for code in renamed:
        keys.update(Organization.objects.within(code).values_list("pk", flat=True))
    for batch in snapshots.batches(sorted(keys)):
        if known := [key for key in batch if key not in noted.inserted]:
            derive(Organization.objects.filter(**keyed(known)), noted.scribe.derived)
        noted.scribe.take(named(Organization.objects.filter(**keyed(batch))))
    quality_issues.renew(noted.organizations - noted.gone)
    record(noted)
    for batch in snapshots.batches(sorted(noted.organizations - noted.inserted.keys())):
        Organization.objects.filter(**keyed(batch)).update(version=F("version") + 1)
    noted.scribe.known.clear()


def second_person(noted: Change) -> None:
    """What needs two people is not published by one."""
    if noted.via != Revision.Via.FIXTURES:
        merging = noted.via == Revision.Via.MERGE or approval.is_merge(noted.undoes)
        keys = noted.organizations | noted.opened
        approval.hold(keys, noted.before, noted.who, merging, noted.whole)


def spoken_anew(characters: Collection[str]) -> set[int]:
    """The organizations in whose names these characters stand."""
    found: set[int] = set()
    for han in characters:
        for rows, key in ((Organization, "pk"), (Alias, "organization_id")):
            found.update(rows.objects.filter(name__contains=han).values_list(key, flat=True))
    return found


def _regions_spoken_anew(characters: Collection[str]) -> set[str]:
    named = (Region.objects.filter(name__contains=han) for han in characters)
    return {code for rows in named for code in rows.values_list("pk", flat=True)}


def record(noted: Change) -> None:
    """Keep what every row said before and after."""
    unopened = noted.organizations - noted.opened
    if unopened and min(unopened) <= noted.newest:
        raise UnopenedError(f"organization {min(unopened)}")
    after = snapshots.of_organizations(noted.organizations | noted.opened, noted.inserted)
    for row in noted.others.values():
        after |= snapshots.of_row(row)
    found = list(snapshots.differences(noted.before, after))
    policy.guard(noted.who, found, noted.before, after)
    if found:
        revision = noted.revised()
        names = ("revision_id", *snapshots.Difference._fields)
        pour(RowChange, names, ((revision.pk, *each) for each in found))
        revision.count += len(found)


def derive(organizations: models.QuerySet, derived: Callable = derived_from) -> None:
    """Slug and order of pinyin, written only where they have changed."""
    search_index.read_corrections()
    stale = []
    rows = organizations.order_by().values_list("pk", "name", "name_en", "slug", "pinyin")
    for key, name, name_en, *stored in rows.iterator(1000):
        fresh = derived(name, name_en)
        if fresh != tuple(stored):
            stale.append(Organization(pk=key, slug=fresh[0], pinyin=fresh[1]))
    Organization.objects.bulk_update(stale, ["slug", "pinyin"], batch_size=500)


def publish(organization: Organization) -> None:
    """Show a draft, or what was withdrawn, to the public; the first day stays the first."""
    organization.state = State.PUBLISHED
    organization.withdrawn_reason = ""
    organization.first_published_at = organization.first_published_at or timezone.now()


def withdraw(organization: Organization, reason: str) -> None:
    """Take it from the public; its address then answers "gone", with this reason."""
    organization.state = State.WITHDRAWN
    organization.withdrawn_reason = reason.strip()


def of(keys: Collection[int]) -> models.QuerySet:
    """The changes of rows that belong to these organizations or did before, the newest first."""
    hers = models.Q(organization__in=keys) | models.Q(formerly__in=keys)
    return RowChange.objects.filter(hers).order_by("-pk")
