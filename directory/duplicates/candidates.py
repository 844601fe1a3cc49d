"""Who may be here already: the organizations that are probably the one being entered.

Candidates come from the index of words, so that one form is answered fast at any size; whether
one is a double is asked of `likeness`.
"""

from collections.abc import Iterable, Iterator

from django.db.models import Q
from django.utils.translation import gettext as _

from directory.duplicates import similarity
from directory.duplicates.normalize import Name, Places
from directory.duplicates.similarity import LIKELY, Body, Likeness
from directory.models import Organization
from directory.search import index as search_index
from directory.text import tokens

MOST_CANDIDATES = 200  # of one question


def doubles(
    names: Iterable[str], identifiers: Iterable[str] = (), but: int | None = None
) -> list[tuple[Organization, str]]:
    """Organizations that are probably the same one, each with the reason, the surest first."""
    places = Places.known()
    credit, school = (*identifiers, "", "")[:2]
    asked = similarity.body(places, names, (), credit, school)
    return [
        (row, double_reason(row, like))
        for row, like in alike_to(places, asked, but)
        if like.score >= LIKELY or like.how in ("name", "alias")
    ]


def alike_to(places: Places, asked: Body, but: int | None) -> list[tuple[Organization, Likeness]]:
    """Everybody who is like that body, the surest first."""
    rows = Organization.objects.filter(_alike(asked)).exclude(pk=but).order_by("pk")
    found = [
        (row, like)
        for row in rows.prefetch_related("aliases")
        if (like := similarity.likeness(asked, body_of(places, row))).score
    ]
    return sorted(found, key=lambda each: -each[1].score)


def body_of(places: Places, row: Organization) -> Body:
    names, aliases = (row.name, row.name_en), [alias.name for alias in row.aliases.all()]
    return similarity.body(places, names, aliases, row.credit_code, row.school_code)


def _alike(asked: Body) -> Q:
    codes = [code for code in (asked.credit_code, asked.school_code) if code]
    alike = Q(credit_code__in=codes) | Q(school_code__in=codes)
    every = asked.names + asked.aliases
    wanted = dict.fromkeys(question for name in every for question in questions(name))
    found: set[int] = set()
    for question in wanted:
        own, _every = search_index.find(question)
        found.update(sorted(own)[:MOST_CANDIDATES])
    return alike | Q(pk__in=found)


def questions(name: Name) -> Iterator[str]:
    """What the index is asked so that everybody with a name like this is among the answers."""
    yield from dict.fromkeys((name.text, name.core))
    if not name.han:
        return
    yield "".join(tokens.syllables(name.core))
    if name.telling > 1:
        yield name.rest
    if name.stem:
        yield name.stem
    if similarity.slips(name):
        # Two changed about, another one, or one too many: what stands around them is there.
        yield from (f"{name.core[:at]} {name.core[at + 2 :]} " for at in range(len(name.core) - 1))


def double_reason(row: Organization, like: Likeness) -> str:
    comma = _(", ")
    return _("Number %(number)d, %(name)s (%(state)s): %(reasons)s.") % {
        "number": row.pk,
        "name": row.label,
        "state": row.get_state_display(),
        "reasons": comma.join(map(str, like.reasons)),
    }
