"""HTML of a member in a list: an entry, a dense entry where there are many, or a table row.

A page has fifty of them, each with a dozen citations, so they are built in Python.
"""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple, cast

from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from directory.listing.matches import Match, find_match, get_names
from directory.listing.records import Record, RecordMembership
from directory.models import Alias, Kind
from directory.public.html.renderer import HtmlRenderer, render_path


class ListItem(NamedTuple):
    """A member's HTML in two halves: between them stands which name matched, or its aliases."""

    role: str
    start: str
    aliases: str
    end: str
    names: list[Match]
    label: str
    url: str

    def render(self, renderer: HtmlRenderer, query: str = "") -> SafeString:
        match = find_match(query, self.names)
        middle = _render_match(renderer, match) if match else self.aliases
        return SafeString(self.start + middle + self.end)


def build_entry(renderer: HtmlRenderer, record: Record, is_grouped: bool) -> ListItem:
    """An entry of several lines.

    `is_grouped`: the role stands in a heading, not in the entry; then there is no query.
    """
    summary = _render_summary(renderer, record, is_grouped)
    start = f'<li class="entry"><div>{_render_names(renderer, record)}{summary}'
    evidence = _render_evidence(renderer, record)
    end = f'</div><dl class="evidence slip-end">{evidence}</dl></li>'
    return _build_item(renderer, record, is_grouped, start, end, _render_aliases(renderer, record))


def build_dense_entry(renderer: HtmlRenderer, record: Record, is_grouped: bool) -> ListItem:
    """An entry of a line and a half: its summary beside its names, and the role's citations."""
    start = f'<li class="entry"><div>{_render_names(renderer, record)}'
    marks = _render_role_citations(renderer, record)
    summary = _render_summary(renderer, record, is_grouped)
    end = f'</div>{summary}<div class="evidence slip-end">{marks}</div></li>'
    return _build_item(renderer, record, is_grouped, start, end)


def build_table_row(renderer: HtmlRenderer, record: Record, is_grouped: bool) -> ListItem:
    """The cells of a table row after the first, which numbers it."""
    name, *others = record.organization.get_names(renderer.is_english)
    second = "".join(f'<bdi lang="{o.language}">{escape(o.text)}</bdi>' for o in others)
    url = _get_url(renderer, record)
    link = f'<a lang="{name.language}" href="{url}"><bdi>{escape(name.text)}</bdi></a>'
    start = f'<th scope="row">{link}'
    cells = "".join(f"<td>{cell}</td>" for cell in _render_cells(renderer, record))
    end = f'</th><td class="wide">{second}</td>{cells}'
    return _build_item(renderer, record, is_grouped, start, end)


def render_names(renderer: HtmlRenderer, record: Record) -> SafeString:
    """A record's names as a paragraph each, the first one linked to its page."""
    return SafeString(_render_names(renderer, record))


def _build_item(
    renderer: HtmlRenderer,
    record: Record,
    is_grouped: bool,
    start: str,
    end: str,
    aliases: str = "",
) -> ListItem:
    role = _get_senior(record).membership.role_id
    label = record.organization.get_names(renderer.is_english)[0].text
    names = [] if is_grouped else get_names(record)
    return ListItem(role, start, aliases, end, names, label, _get_url(renderer, record))


def _get_senior(record: Record) -> RecordMembership:
    """The most senior membership: whoever stands in a list is a member, so there is one."""
    return cast(RecordMembership, record.senior_membership)


def _get_url(renderer: HtmlRenderer, record: Record) -> str:
    return f"{renderer.url('members')}{record.organization.pk}-{record.organization.slug}/"


def _get_role_labels(renderer: HtmlRenderer, record: Record) -> list[str]:
    roles = (membership.role for membership in record.memberships)
    return [renderer.localize(role.name, role.name_en) for role in roles]


def _render_cells(renderer: HtmlRenderer, record: Record) -> list[str]:
    row, since = record.organization, _get_senior(record).since
    regions = " › ".join(escape(region.short_label) for region in record.path)
    codes = [escape(code) for code in (row.school_code, row.credit_code) if code]
    missing = renderer.not_recorded()
    return [
        "<br>".join(_get_role_labels(renderer, record)),
        renderer.choice_label(Kind, row.kind),
        f"{regions}<small>{row.region_id}</small>" if regions else missing,
        "<br>".join(codes) or missing,
        renderer.date_or_not_recorded(since),
        f'<span class="slip-end">{_render_role_citations(renderer, record)}</span>',
    ]


def _render_role_citations(renderer: HtmlRenderer, record: Record) -> str:
    """The citations of its most senior role."""
    return renderer.citation_marks_or_not_recorded(_get_senior(record).citations["role"])


def _render_names(renderer: HtmlRenderer, record: Record) -> str:
    name, *others = record.organization.get_names(renderer.is_english)
    second = "".join(
        f'<p class="entry-second" lang="{other.language}"><bdi>{escape(other.text)}</bdi></p>'
        for other in others
    )
    link = f'<a href="{_get_url(renderer, record)}"><bdi>{escape(name.text)}</bdi></a>'
    return f'<p class="entry-name" lang="{name.language}">{link}</p>{second}'


def _render_summary(renderer: HtmlRenderer, record: Record, is_grouped: bool) -> str:
    """Roles, kind and region path, then the school code and the first day."""
    _, row, since = renderer.text, record.organization, _get_senior(record).since
    before = [] if is_grouped else _get_role_labels(renderer, record)
    before.append(renderer.choice_label(Kind, row.kind))
    missing = _("region not recorded")
    path = _render_region_path(renderer, record) if record.path else f"<span>{missing}</span>"
    after = [escape(row.school_code)] if row.school_code else []
    if since:
        after.append(renderer.since(since))
    spans = ["".join(f"<span>{text}</span>" for text in part) for part in (before, after)]
    return f'<div class="entry-about">{path.join(spans)}</div>'


def _render_region_path(renderer: HtmlRenderer, record: Record) -> str:
    """The path of links; each region's link is built once as long as its label stays."""
    cache = record.reference_data.label_cache.setdefault(renderer.language or "", {})
    for region in record.path:
        if ("region-link", region.code) not in cache:
            cache["region-link", region.code] = renderer.region_link(region)
    return render_path(cache["region-link", region.code] for region in record.path)


def _render_match(renderer: HtmlRenderer, match: Match) -> str:
    """Which name the query matched, and what sort of name it is."""
    _ = renderer.text
    # With a direction of its own, as <bdi> has.
    name = f'<mark lang="{escape(match.language)}" dir="auto">{escape(match.name)}</mark>'
    label = _("matched:")
    return f'<p class="entry-hit">{label} {escape(match.sort)} {name}</p>'


def _render_aliases(renderer: HtmlRenderer, record: Record) -> str:
    """The first two aliases and how many more there are; nothing where there is none."""
    if not record.aliases:
        return ""
    _, mark, count = renderer.text, renderer.punctuation, record.hidden_alias_count
    also = _("also")
    items = [
        f'<bdi lang="{alias.language}">{escape(alias.name)}</bdi>{mark.open_parenthesis}'
        f"{renderer.choice_label(Alias.Sort, alias.sort)}{mark.close_parenthesis}"
        for alias in record.aliases[:2]
    ]
    if count:
        more = ngettext("and %(more)s more name", "and %(more)s more names", count)
        items.append(escape(more % {"more": count}))
    return f'<p class="entry-hit quiet">{also} {mark.comma.join(items)}</p>'


def _render_evidence(renderer: HtmlRenderer, record: Record) -> str:
    """The citations of role, name and region as a list of definitions."""
    _ = renderer.text
    items = (
        (_("Role"), _get_senior(record).citations["role"]),
        (_("Name"), record.name_citations[:1]),
        (_("Region"), record.region_citations[:1]),
    )
    return "".join(
        f"<div><dt>{label}</dt><dd>{renderer.citation_marks_or_not_recorded(citations)}</dd></div>"
        for label, citations in items
    )


def join_entries(entries: Iterable[str]) -> SafeString:
    return SafeString("\n".join(entries))


def join_table_rows(rows: Iterable[str], start: int) -> SafeString:
    """The rows with their numbers in front, the first of which is `start`."""
    return SafeString(
        "\n".join(
            f'<tr><td class="num">{number}</td>{cells}</tr>'
            for number, cells in enumerate(rows, start)
        )
    )
