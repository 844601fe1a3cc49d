"""Stores pairs of organizations that are likely the same, so that the admin reads a table.

`compare_all` compares all organizations with each other by `matcher`; `compare_again` compares a
few that were just saved. Pairs marked as not the same stay so until the mark is deleted.
"""

from array import array
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from directory.duplicates import candidates
from directory.duplicates.matcher import Matcher, build_traits, iter_organizations
from directory.duplicates.normalize import PlaceNames
from directory.duplicates.similarity import LIKELY, Similarity, compare_identities
from directory.models import LikelyPair, NotSame, Organization, PairSearch, RowChange

MAX_PAIRS_PER_ORGANIZATION = 20
MAX_RECOMPARED = 1000
BATCH = 1000
STALE_AFTER = timedelta(minutes=3)  # after which a search counts as interrupted


# -- Reading -------------------------------------------------------------------


def list_pairs() -> QuerySet[LikelyPair]:
    """Return the likely pairs, highest score first; without those marked as not the same."""
    not_same = NotSame.objects.filter(one=OuterRef("one"), other=OuterRef("other"))
    # Ordered by the pair's own columns, so that its index gives the order.
    rows = LikelyPair.objects.order_by("-score", "one_id", "other_id")
    return rows.filter(~Exists(not_same)).select_related("one", "other")


def list_pairs_of(number: int) -> QuerySet[LikelyPair]:
    """Return the likely pairs of one organization."""
    return list_pairs().filter(Q(one=number) | Q(other=number))


def explain_pairs(rows: Collection) -> dict[int, Similarity]:
    """Compare each pair again, by primary key of the pair: for the rows of one page."""
    keys = {key for row in rows for key in (row.one_id, row.other_id)}
    places = PlaceNames.load()
    identities = {
        row.pk: candidates.build_organization_identity(places, row)
        for row in Organization.objects.filter(pk__in=keys).prefetch_related("aliases")
    }
    return {
        row.pk: compare_identities(identities[row.one_id], identities[row.other_id]) for row in rows
    }


# -- Comparing -----------------------------------------------------------------


def compare_all(progress: Callable[[int, int], None] = lambda done, total: None) -> int | None:
    """Compare all organizations; return the number of pairs, None if a search is running."""
    began = timezone.now()
    if not _claim_search(began):
        return None
    total = Organization.objects.count()
    ones, others, scores = array("q"), array("q"), array("b")
    matcher = Matcher()
    for done, (key, *texts) in enumerate(iter_organizations(), 1):
        identity = matcher.build_identity(*texts)
        for match in matcher.find_similar(identity, LIKELY)[:MAX_PAIRS_PER_ORGANIZATION]:
            ones.append(match.organization)
            others.append(key)
            scores.append(round(match.score * 100))
        matcher.add_traits(key, build_traits(identity))
        if done % BATCH == 0 or done == total:
            _save_progress(done, total)
            progress(done, total)
    _replace_pairs(zip(ones, others, scores, strict=True))
    compare_again(_get_changed_since(began))
    PairSearch.objects.filter(id=1).update(ended_at=timezone.now(), done=total, total=total)
    return len(ones)


def _claim_search(now: datetime) -> bool:
    """Mark the search as begun; false if one is running."""
    PairSearch.objects.get_or_create(id=1)
    free = Q(began_at=None) | Q(ended_at__gte=F("began_at")) | Q(seen_at__lt=now - STALE_AFTER)
    fresh = {"began_at": now, "ended_at": None, "seen_at": now, "done": 0, "total": 0}
    return bool(PairSearch.objects.filter(free, id=1).update(**fresh))


def _save_progress(done: int, total: int) -> None:
    PairSearch.objects.filter(id=1).update(done=done, total=total, seen_at=timezone.now())


def _replace_pairs(pairs: Iterable[tuple[int, int, int]]) -> None:
    """Store these pairs, with their scores, in place of all."""
    with transaction.atomic():
        LikelyPair.objects.all().delete()
        rows = (LikelyPair(one_id=a, other_id=b, score=score) for a, b, score in pairs)
        LikelyPair.objects.bulk_create(rows, batch_size=BATCH)


def _get_changed_since(moment: datetime) -> list[int]:
    """Return the organizations saved since then: while all were being compared."""
    rows = RowChange.objects.filter(revision__at__gte=moment, organization__isnull=False)
    pks = rows.order_by().values_list("organization", flat=True).distinct()[:MAX_RECOMPARED]
    return [pk for pk in pks if pk is not None]


def compare_again(numbers: Collection[int]) -> None:
    """Compare these few with all: after a save, a merge or an undo."""
    places = PlaceNames.load() if numbers else PlaceNames()
    for row in Organization.objects.filter(pk__in=numbers).prefetch_related("aliases"):
        identity = candidates.build_organization_identity(places, row)
        similar = candidates.find_similar(places, identity, row.pk)
        likely = [
            LikelyPair(one_id=min(pair), other_id=max(pair), score=round(result.score * 100))
            for other, result in similar[:MAX_PAIRS_PER_ORGANIZATION]
            if result.score >= LIKELY and (pair := (row.pk, other.pk))
        ]
        with transaction.atomic():
            LikelyPair.objects.filter(Q(one=row.pk) | Q(other=row.pk)).delete()
            LikelyPair.objects.bulk_create(likely, ignore_conflicts=True)


# -- Marking as not the same ---------------------------------------------------------------


def mark_not_same(one: int, other: int, who: AbstractBaseUser) -> NotSame:
    """Store that the two are different; readers of the site never see it."""
    author = {"who": who, "who_name": who.get_username()}
    pair = {"one_id": min(one, other), "other_id": max(one, other)}
    return NotSame.objects.get_or_create(**pair, defaults=author)[0]


def delete_not_same(number: int) -> bool:
    """Delete the mark: the two may be the same; false if there is none."""
    return bool(NotSame.objects.filter(pk=number).delete()[0])
