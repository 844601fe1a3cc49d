"""The sources page: every source that a public fact rests on, with its first public citations."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from directory.models import Citation, Organization, Source, State

MAX_CITATIONS = 100


@dataclass(frozen=True)
class SourceUse:
    """A source with the first of its public citations."""

    source: Source
    citations: list[Citation]
    has_more: bool


def build_sources_context() -> dict:
    """Every source that a public fact rests on, with its first citations."""
    uses = []
    for source in Source.objects.all():
        citations = list(islice(iter_public_citations(source), MAX_CITATIONS + 1))
        if citations:
            has_more = len(citations) > MAX_CITATIONS
            uses.append(SourceUse(source, citations[:MAX_CITATIONS], has_more))
    return {"source_uses": uses}


def iter_public_citations(source: Source) -> Iterator[Citation]:
    """The public citations of a source in the order in which they were entered."""
    rows = (
        Citation.objects.speaking()
        .filter(source=source)
        .order_by("pk")
        .select_related(
            "source",
            "organization",
            "community",
            "alias__organization",
            "membership__organization",
            "membership__role",
        )
    )
    last = 0
    while batch := list(rows.filter(pk__gt=last)[: 2 * MAX_CITATIONS]):
        last = batch[-1].pk
        yield from filter_public_citations(batch)


def filter_public_citations(citations: list[Citation]) -> Iterator[Citation]:
    """Those of communities, and of organizations, names and memberships that are public."""
    owners = {owner.pk for row in citations if (owner := get_cited_organization(row))}
    shown = Organization.objects.published().with_public_page().filter(pk__in=owners)
    public_keys = set(shown.values_list("pk", flat=True))
    for row in citations:
        owner, held = get_cited_organization(row), row.membership
        is_draft = held is not None and held.state != State.PUBLISHED
        if row.community_id or (owner and owner.pk in public_keys and not is_draft):
            yield row


def get_cited_organization(citation: Citation) -> Organization | None:
    """The organization that is cited, or whose name or role is; None for a community."""
    target = citation.alias or citation.membership
    return citation.organization or (target.organization if target else None)
