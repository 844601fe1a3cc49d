"""Whether two names mean one body: a score from 0 to 1, and the reasons in words.

A code or a name that is the very same is certain (1). Everything below is likely at most, and
from `LIKELY` on worth an officer's look. `matching` finds the likely ones of many at once.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.duplicates import normalize
from directory.duplicates.normalize import Name, Places

LIKELY = 0.6
UNSURE = 0.5  # alike, but something tells them apart
SHORTEST_SLIP = 7
SHORTEST_SOUND = 4
SHORTEST_SKELETON = 6

SAME_CREDIT = _("the same social credit code")
SAME_SCHOOL = _("the same school code")
OTHER_CREDIT = _("but another social credit code")
OTHER_SCHOOL = _("but another school code")
SAME_NAME = _("the same name")
SAME_ALIAS = _("an alias of the one is the name of the other")
BOTH_ALIAS = _("the same alias")
SAME_CORE = _("the same name but for the form of the company")
SAME_GROUP = _("the same name but for the group")
SAME_PLACE = _("the same name but for how the place is written")
NO_PLACE = _("the same name but for the place before it")
SAME_SOUND = _("names that sound the same")
SAME_STEM = _("the same name but for 大学 and 学院")
ONE_MISSING = _("names that differ in one character too many")
ONE_OTHER = _("names that differ in one character")
SAME_SKELETON = _("names that differ in vowels or doubled letters only")
TOLD_APART = _("but a number, a direction or a branch tells them apart")
OTHER_CHINESE = _("but other Chinese names")


class Body(NamedTuple):
    """What is compared of an organization, or of a row that may become one."""

    names: tuple[Name, ...]
    aliases: tuple[Name, ...] = ()
    credit_code: str = ""
    school_code: str = ""


class Likeness(NamedTuple):
    score: float = 0.0
    reasons: tuple[Promise, ...] = ()
    how: str = ""  # code, name, alias or likeness


def body(
    places: Places,
    names: Iterable[str],
    aliases: Iterable[str] = (),
    credit_code: str = "",
    school_code: str = "",
) -> Body:
    """The body that has these names and codes, read."""
    read = [tuple(n for n in map(places.read, each) if n.plain) for each in (names, aliases)]
    return Body(*read, codes.tidy(credit_code), codes.tidy(school_code))


def likeness(one: Body, other: Body) -> Likeness:
    """How alike two bodies are, and why."""
    if one.credit_code and one.credit_code == other.credit_code:
        return Likeness(1.0, (SAME_CREDIT,), "code")
    if one.school_code and one.school_code == other.school_code:
        return Likeness(1.0, (SAME_SCHOOL,), "code")
    best = max(_likenesses(one, other), key=_score, default=Likeness())
    against = [
        (one.credit_code and other.credit_code, OTHER_CREDIT),
        (one.school_code and other.school_code, OTHER_SCHOOL),
    ]
    for differ, reason in against:
        if differ and best.score:
            best = best._replace(score=min(best.score, UNSURE), reasons=(*best.reasons, reason))
    return best


def _score(found: Likeness) -> float:
    return found.score


def _likenesses(one: Body, other: Body) -> Iterator[Likeness]:
    """Each way in which they are alike; aliases count less among themselves."""
    for mine, theirs in product(one.names, other.names):
        found = alike(mine, theirs)
        if found.score > UNSURE and not (mine.han and theirs.han) and _clash(one, other):
            found = Likeness(UNSURE, (*found.reasons, OTHER_CHINESE), "likeness")
        yield found
    for names, aliases in ((one.names, other.aliases), (other.names, one.aliases)):
        for name, alias in product(names, aliases):
            found = alike(name, alias)
            if found.score == 1:
                yield Likeness(1.0, (SAME_ALIAS,), "alias")
            else:
                yield found._replace(score=round(found.score * 0.95, 2))
    for mine, theirs in product(one.aliases, other.aliases):
        if mine.plain == theirs.plain:
            yield Likeness(0.8 if mine.telling > 5 else UNSURE, (BOTH_ALIAS,), "likeness")


def _clash(one: Body, other: Body) -> bool:
    """Whether both have Chinese names, and these are not alike."""
    chinese = [[n for n in each.names if n.han] for each in (one, other)]
    return all(chinese) and not any(alike(a, b).score for a, b in product(*chinese))


def alike(one: Name, other: Name) -> Likeness:
    """How alike two names are."""
    if one.plain == other.plain:
        return Likeness(1.0, (SAME_NAME,), "name")
    score, reason = _resemblance(one, other)
    if not score:
        return Likeness()
    if one.speaking != other.speaking:
        return Likeness(min(score, UNSURE), (reason, TOLD_APART), "likeness")
    return Likeness(score, (reason,), "likeness")


def _resemblance(one: Name, other: Name) -> tuple[float, Promise | None]:
    """The first that holds, the strongest first."""
    if one.core == other.core:
        groups = [bool(normalize.GROUP.search(each.form)) for each in (one, other)]
        return (0.8, SAME_GROUP) if groups[0] != groups[1] else (0.9, SAME_CORE)
    if not normalize.agree(one.place, other.place):
        return 0, None
    if one.rest == other.rest:
        if set(one.place) & set(other.place):
            return 0.9, SAME_PLACE
        if one.telling > 1:
            return 0.75, NO_PLACE
    if _sound_alike(one, other):
        return 0.8, SAME_SOUND
    if one.han and other.han:
        return _slip(one, other)
    if not one.han and not other.han:
        bones = normalize.skeleton(one.core)
        if len(bones) >= SHORTEST_SKELETON and bones == normalize.skeleton(other.core):
            return 0.65, SAME_SKELETON
    return 0, None


def _sound_alike(one: Name, other: Name) -> bool:
    lengths = len(one.core), len(other.core)
    if min(lengths) < SHORTEST_SOUND or not (one.han or other.han):
        return False
    if one.han and other.han and lengths[0] != lengths[1]:
        return False
    return normalize.sound(one.core) == normalize.sound(other.core)


def _slip(one: Name, other: Name) -> tuple[float, Promise | None]:
    """One character too many, another one, or two changed about; or the sort of school."""
    if one.stem and one.stem == other.stem:
        return 0.6, SAME_STEM
    shorter, longer = sorted((one.core, other.core), key=len)
    if len(shorter) < SHORTEST_SLIP or len(longer) - len(shorter) > 1:
        return 0, None
    same = next(
        (at for at, pair in enumerate(zip(shorter, longer, strict=False)) if pair[0] != pair[1]),
        len(shorter),
    )
    if len(longer) > len(shorter):
        return (0.7, ONE_MISSING) if shorter[same:] == longer[same + 1 :] else (0, None)
    if not substitutable(one) or not substitutable(other):
        return 0, None
    turned = longer[same + 1 : same + 2] + longer[same : same + 1] + longer[same + 2 :]
    if shorter[same + 1 :] == longer[same + 1 :] or shorter[same:] == turned:
        return 0.6, ONE_OTHER
    return 0, None


def substitutable(name: Name) -> bool:
    """Whether so much of it tells it from others that another character is rather a slip."""
    return name.telling >= 6


def keys(name: Name) -> tuple[str, ...]:
    """What it shares with every name that it is like; each begins with the sort of key."""
    return tuple(_keys(name))


def _keys(name: Name) -> Iterator[str]:
    yield f"={name.core}"
    if name.han:
        if name.telling > 1:
            yield f"^{name.rest}"
        else:
            yield from (f"^{code}{name.rest}" for code in name.place)
        if name.stem:
            yield f"~{name.stem}"
    elif len(bones := normalize.skeleton(name.core)) >= SHORTEST_SKELETON:
        yield f"#{bones}"
    if len(name.core) >= SHORTEST_SOUND:
        yield f"!{normalize.sound(name.core)}"


def slips(name: Name) -> frozenset[str]:
    """The core without each of its characters in turn: what is shared by those one slip away."""
    core = name.core
    if not name.han or len(core) < SHORTEST_SLIP:
        return frozenset()
    return frozenset(core[:at] + core[at + 1 :] for at in range(len(core)))
