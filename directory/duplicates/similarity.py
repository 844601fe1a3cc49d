"""Scores how similar two organizations are: from 0 to 1, with translated reasons.

The same code or the same name is certain (1). Everything below is likely at most, and from
`LIKELY` on worth an officer's look. `matcher` finds the similar ones among many at once.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.duplicates import normalize
from directory.duplicates.normalize import NameParts, PlaceNames

LIKELY = 0.6
UNSURE = 0.5  # similar, but something distinguishes them
MIN_SLIP_LENGTH = 7
MIN_SOUND_LENGTH = 4
MIN_SKELETON_LENGTH = 6

SAME_CREDIT = _("the same social credit code")
SAME_SCHOOL = _("the same school code")
OTHER_CREDIT = _("but another social credit code")
OTHER_SCHOOL = _("but another school code")
SAME_NAME = _("the same name")
SAME_WITHOUT_REMARK = _("the same name but for what stands beside it")
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
OTHER_DETAILS = _("but a number, a direction or a branch tells them apart")
OTHER_CHINESE = _("but other Chinese names")


class Identity(NamedTuple):
    """The names and codes of an organization, or of a row that may become one."""

    names: tuple[NameParts, ...]
    aliases: tuple[NameParts, ...] = ()
    credit_code: str = ""
    school_code: str = ""


class Similarity(NamedTuple):
    """A score, its reasons, and by what they were compared; 0 if they are not similar."""

    score: float = 0.0
    reasons: tuple[Promise, ...] = ()
    method: str = ""  # code, name, alias or likeness


def build_identity(
    places: PlaceNames,
    names: Iterable[str],
    aliases: Iterable[str] = (),
    credit_code: str = "",
    school_code: str = "",
) -> Identity:
    """Build the identity with these names and codes, parsed."""
    parsed = [tuple(n for n in map(places.parse, each) if n.plain) for each in (names, aliases)]
    credit_code, school_code = map(codes.normalize_code, (credit_code, school_code))
    return Identity(parsed[0], parsed[1], credit_code, school_code)


def compare_identities(one: Identity, other: Identity) -> Similarity:
    """Compare two identities: by code, else by the most similar of their names."""
    if one.credit_code and one.credit_code == other.credit_code:
        return Similarity(1.0, (SAME_CREDIT,), "code")
    if one.school_code and one.school_code == other.school_code:
        return Similarity(1.0, (SAME_SCHOOL,), "code")
    best = max(_iter_similarities(one, other), key=_score, default=Similarity())
    contradictions = [
        (one.credit_code and other.credit_code, OTHER_CREDIT),
        (one.school_code and other.school_code, OTHER_SCHOOL),
    ]
    for differ, reason in contradictions:
        if differ and best.score:
            best = best._replace(score=min(best.score, UNSURE), reasons=(*best.reasons, reason))
    return best


def _score(similarity: Similarity) -> float:
    return similarity.score


def _iter_similarities(one: Identity, other: Identity) -> Iterator[Similarity]:
    """Yield a similarity for each pair of names; those of aliases count less."""
    for own, other_name in product(one.names, other.names):
        similarity = compare_names(own, other_name)
        if (
            similarity.score > UNSURE
            and not (own.is_chinese and other_name.is_chinese)
            and _has_other_chinese_names(one, other)
        ):
            similarity = Similarity(UNSURE, (*similarity.reasons, OTHER_CHINESE), "likeness")
        yield similarity
    for names, aliases in ((one.names, other.aliases), (other.names, one.aliases)):
        for name, alias in product(names, aliases):
            similarity = compare_names(name, alias)
            if similarity.score == 1:
                yield Similarity(1.0, (SAME_ALIAS,), "alias")
            else:
                yield similarity._replace(score=round(similarity.score * 0.95, 2))
    for own, other_name in product(one.aliases, other.aliases):
        if own.plain == other_name.plain:
            yield Similarity(
                0.8 if own.distinctive_length > 5 else UNSURE, (BOTH_ALIAS,), "likeness"
            )


def _has_other_chinese_names(one: Identity, other: Identity) -> bool:
    """Whether both have Chinese names and no two of these are similar."""
    chinese = [[n for n in each.names if n.is_chinese] for each in (one, other)]
    return all(chinese) and not any(compare_names(a, b).score for a, b in product(*chinese))


def compare_names(one: NameParts, other: NameParts) -> Similarity:
    """Compare two names."""
    if one.plain == other.plain:
        return Similarity(1.0, (SAME_NAME,), "name")
    score, reason = _compare_parts(one, other)
    if reason is None:
        return Similarity()
    if one.distinguishing_parts != other.distinguishing_parts:
        return Similarity(min(score, UNSURE), (reason, OTHER_DETAILS), "likeness")
    return Similarity(score, (reason,), "likeness")


def _compare_parts(one: NameParts, other: NameParts) -> tuple[float, Promise | None]:
    """Return score and reason of the first rule that applies, the strongest first."""
    if one.core == other.core:
        groups = [bool(normalize.GROUP.search(each.legal_form)) for each in (one, other)]
        return (0.8, SAME_GROUP) if groups[0] != groups[1] else (0.9, SAME_CORE)
    if not normalize.is_compatible(one.place, other.place):
        return 0, None
    if one.rest == other.rest:
        if set(one.place) & set(other.place):
            return 0.9, SAME_PLACE
        if one.distinctive_length > 1:
            return 0.75, NO_PLACE
    if _sound_alike(one, other):
        return 0.8, SAME_SOUND
    if one.is_chinese and other.is_chinese:
        return _compare_slips(one, other)
    if not one.is_chinese and not other.is_chinese:
        skeleton = normalize.get_skeleton(one.core)
        if len(skeleton) >= MIN_SKELETON_LENGTH and skeleton == normalize.get_skeleton(other.core):
            return 0.65, SAME_SKELETON
    return 0, None


def _sound_alike(one: NameParts, other: NameParts) -> bool:
    lengths = len(one.core), len(other.core)
    if min(lengths) < MIN_SOUND_LENGTH or not (one.is_chinese or other.is_chinese):
        return False
    if one.is_chinese and other.is_chinese and lengths[0] != lengths[1]:
        return False
    return normalize.get_sound(one.core) == normalize.get_sound(other.core)


def _compare_slips(one: NameParts, other: NameParts) -> tuple[float, Promise | None]:
    """Compare names one typo apart: a character more, another one, or two swapped.

    Names that differ in 大学 and 学院 only count as well.
    """
    if one.stem and one.stem == other.stem:
        return 0.6, SAME_STEM
    shorter, longer = sorted((one.core, other.core), key=len)
    if len(shorter) < MIN_SLIP_LENGTH or len(longer) - len(shorter) > 1:
        return 0, None
    same = next(
        (at for at, pair in enumerate(zip(shorter, longer, strict=False)) if pair[0] != pair[1]),
        len(shorter),
    )
    if len(longer) > len(shorter):
        return (0.7, ONE_MISSING) if shorter[same:] == longer[same + 1 :] else (0, None)
    if not is_substitutable(one) or not is_substitutable(other):
        return 0, None
    swapped = longer[same + 1 : same + 2] + longer[same : same + 1] + longer[same + 2 :]
    if shorter[same + 1 :] == longer[same + 1 :] or shorter[same:] == swapped:
        return 0.6, ONE_OTHER
    return 0, None


def is_substitutable(name: NameParts) -> bool:
    """Whether the name is so distinctive that one other character is rather a typo."""
    return name.distinctive_length >= 6


def build_name_keys(name: NameParts) -> tuple[str, ...]:
    """Build the keys that similar names share; the first character tells the kind of key."""
    return tuple(_iter_name_keys(name))


def _iter_name_keys(name: NameParts) -> Iterator[str]:
    yield f"={name.core}"
    if name.is_chinese:
        if name.distinctive_length > 1:
            yield f"^{name.rest}"
        else:
            yield from (f"^{code}{name.rest}" for code in name.place)
        if name.stem:
            yield f"~{name.stem}"
    elif len(skeleton := normalize.get_skeleton(name.core)) >= MIN_SKELETON_LENGTH:
        yield f"#{skeleton}"
    if len(name.core) >= MIN_SOUND_LENGTH:
        yield f"!{normalize.get_sound(name.core)}"


def build_slips(name: NameParts) -> frozenset[str]:
    """Build the core without each of its characters in turn: names one typo apart share one."""
    core = name.core
    if not name.is_chinese or len(core) < MIN_SLIP_LENGTH:
        return frozenset()
    return frozenset(core[:at] + core[at + 1 :] for at in range(len(core)))
