"""The pairs of organizations that are likely one: compared ahead, so that the desk reads a table.

`compare_all` compares everybody with everybody by `matching`; `look_again` compares a few that
were just saved. What somebody told apart stays apart until that is taken back.
"""

from array import array
from collections.abc import Callable, Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from directory.duplicates import candidates
from directory.duplicates.matcher import Matcher, everybody, traits_of
from directory.duplicates.normalize import Places
from directory.duplicates.similarity import LIKELY, Likeness, likeness
from directory.models import LikelyPair, NotSame, Organization, PairSearch, RowChange

MOST_OF_ONE = 20
MOST_AGAIN = 1000
BATCH = 1000
SILENCE = timedelta(minutes=3)  # after which a search is taken for dead


# -- Reading -------------------------------------------------------------------


def listed() -> QuerySet[LikelyPair]:
    """The likely pairs, the surest first; without those told apart, merged or deleted."""
    apart = NotSame.objects.filter(one=OuterRef("one"), other=OuterRef("other"))
    # By the column of the pair, not by the organization's: so its index is the order.
    rows = LikelyPair.objects.order_by("-score", "one_id", "other_id")
    return rows.filter(~Exists(apart)).select_related("one", "other")


def of_one(number: int) -> QuerySet[LikelyPair]:
    return listed().filter(Q(one=number) | Q(other=number))


def reasons(rows: Collection) -> dict[int, Likeness]:
    """Why the two of each pair are alike, by what they say now; asked only of a page's rows."""
    keys = {key for row in rows for key in (row.one_id, row.other_id)}
    places = Places.known()
    read = {
        row.pk: candidates.body_of(places, row)
        for row in Organization.objects.filter(pk__in=keys).prefetch_related("aliases")
    }
    return {row.pk: likeness(read[row.one_id], read[row.other_id]) for row in rows}


# -- Comparing -----------------------------------------------------------------


def compare_all(progress: Callable[[int, int], None] = lambda done, total: None) -> int | None:
    """Compare everybody with everybody; None if somebody else is just doing that."""
    began = timezone.now()
    if not _claimed(began):
        return None
    total = Organization.objects.count()
    ones, others, scores = array("q"), array("q"), array("b")
    matcher = Matcher()
    for done, (key, *said) in enumerate(everybody(), 1):
        body = matcher.body(*said)
        for match in matcher.alike(body, LIKELY)[:MOST_OF_ONE]:
            ones.append(match.organization)
            others.append(key)
            scores.append(round(match.score * 100))
        matcher.keep(key, traits_of(body))
        if done % BATCH == 0 or done == total:
            _told(done, total)
            progress(done, total)
    _write(zip(ones, others, scores, strict=True))
    look_again(_changed_since(began))
    PairSearch.objects.filter(id=1).update(ended_at=timezone.now(), done=total, total=total)
    return len(ones)


def _claimed(now) -> bool:
    PairSearch.objects.get_or_create(id=1)
    free = Q(began_at=None) | Q(ended_at__gte=F("began_at")) | Q(seen_at__lt=now - SILENCE)
    fresh = {"began_at": now, "ended_at": None, "seen_at": now, "done": 0, "total": 0}
    return bool(PairSearch.objects.filter(free, id=1).update(**fresh))


def _told(done: int, total: int) -> None:
    PairSearch.objects.filter(id=1).update(done=done, total=total, seen_at=timezone.now())


def _write(found) -> None:
    with transaction.atomic():
        LikelyPair.objects.all().delete()
        rows = (LikelyPair(one_id=a, other_id=b, score=score) for a, b, score in found)
        LikelyPair.objects.bulk_create(rows, batch_size=BATCH)


def _changed_since(moment) -> list[int]:
    """Whoever was saved while everybody was being compared."""
    rows = RowChange.objects.filter(revision__at__gte=moment, organization__isnull=False)
    return list(rows.order_by().values_list("organization", flat=True).distinct()[:MOST_AGAIN])


def look_again(numbers: Collection[int]) -> None:
    """Compare these few with everybody: after a save, a merging, an undo."""
    places = Places.known() if numbers else Places()
    for row in Organization.objects.filter(pk__in=numbers).prefetch_related("aliases"):
        body = candidates.body_of(places, row)
        found = candidates.alike_to(places, body, row.pk)
        fresh = [
            LikelyPair(one_id=min(pair), other_id=max(pair), score=round(like.score * 100))
            for other, like in found[:MOST_OF_ONE]
            if like.score >= LIKELY and (pair := (row.pk, other.pk))
        ]
        with transaction.atomic():
            LikelyPair.objects.filter(Q(one=row.pk) | Q(other=row.pk)).delete()
            LikelyPair.objects.bulk_create(fresh, ignore_conflicts=True)


# -- Telling apart ---------------------------------------------------------------


def tell_apart(one: int, other: int, who) -> NotSame:
    """Remember that the two are two: a note of the desk, which no reader could see."""
    known = {"who": who, "who_name": who.get_username()}
    pair = {"one_id": min(one, other), "other_id": max(one, other)}
    return NotSame.objects.get_or_create(**pair, defaults=known)[0]


def take_back(number: int) -> bool:
    """Forget it again: the two may be one."""
    return bool(NotSame.objects.filter(pk=number).delete()[0])
