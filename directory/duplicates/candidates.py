"""Finds organizations that are probably the one being entered.

Candidates come from the search index, so that one form is answered fast at any size; whether
one is a duplicate is decided by `similarity`.
"""

from collections.abc import Iterable, Iterator

from django.db.models import Q
from django.utils.translation import gettext as _

from directory.duplicates import similarity
from directory.duplicates.normalize import NameParts, PlaceNames
from directory.duplicates.similarity import LIKELY, Identity, Similarity
from directory.models import Organization
from directory.search import index as search_index
from directory.text import tokens
from directory.text.language import list_separator

MAX_CANDIDATES = 200  # of one query of the index


def find_duplicates(
    names: Iterable[str], identifiers: Iterable[str] = (), exclude_pk: int | None = None
) -> list[tuple[Organization, str]]:
    """Return organizations that are probably the same, with the reason, most similar first."""
    places = PlaceNames.load()
    credit, school = (*identifiers, "", "")[:2]
    identity = similarity.build_identity(places, names, (), credit, school)
    return [
        (row, format_duplicate_reason(row, result))
        for row, result in find_similar(places, identity, exclude_pk)
        if result.score >= LIKELY or result.method in ("name", "alias")
    ]


def find_similar(
    places: PlaceNames, identity: Identity, exclude_pk: int | None
) -> list[tuple[Organization, Similarity]]:
    """Return all organizations similar to the identity, the most similar first."""
    rows = Organization.objects.filter(_build_candidate_filter(identity))
    if exclude_pk is not None:
        rows = rows.exclude(pk=exclude_pk)
    results = []
    for row in rows.order_by("pk").prefetch_related("aliases"):
        other = build_organization_identity(places, row)
        result = similarity.compare_identities(identity, other)
        if result.score:
            results.append((row, result))
    return sorted(results, key=lambda each: -each[1].score)


def build_organization_identity(places: PlaceNames, row: Organization) -> Identity:
    """Build the identity of an organization, whose aliases should be prefetched."""
    names, aliases = (row.name, row.name_en), [alias.name for alias in row.aliases.all()]
    return similarity.build_identity(places, names, aliases, row.credit_code, row.school_code)


def _build_candidate_filter(identity: Identity) -> Q:
    """Build the filter for organizations with one of its codes, or found in the index."""
    codes = [code for code in (identity.credit_code, identity.school_code) if code]
    same_code = Q(credit_code__in=codes) | Q(school_code__in=codes)
    every = identity.names + identity.aliases
    queries = dict.fromkeys(query for name in every for query in build_queries(name))
    pks: set[int] = set()
    for query in queries:
        own, _every = search_index.search(query)
        pks.update(sorted(own)[:MAX_CANDIDATES])
    return same_code | Q(pk__in=pks)


def build_queries(name: NameParts) -> Iterator[str]:
    """Yield queries of the search index that together find every similar name."""
    yield from dict.fromkeys((name.text, name.core))
    if not name.is_chinese:
        return
    yield "".join(tokens.get_syllables(name.core))
    if name.distinctive_length > 1:
        yield name.rest
    if name.stem:
        yield name.stem
    if similarity.build_slips(name):
        # Two swapped, another one, or one too many: the characters around them are the same.
        yield from (f"{name.core[:at]} {name.core[at + 2 :]} " for at in range(len(name.core) - 1))


def format_duplicate_reason(row: Organization, result: Similarity) -> str:
    """Return a translated sentence that names the organization and the reasons."""
    comma = list_separator()
    return _("Number %(number)d, %(name)s (%(state)s): %(reasons)s.") % {
        "number": row.pk,
        "name": row.label,
        "state": row.get_state_display(),
        "reasons": comma.join(map(str, result.reasons)),
    }
