"""Marks, paths and entries as HTML, drawn without templates: a page has hundreds of them.

Everything that is not markup is escaped here; what comes back is safe to print.
"""

from functools import lru_cache
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from directory.asking.hits import Match, matched, names_of
from directory.asking.records import Record
from directory.models import Citation, Region, Source


@lru_cache(maxsize=2000)
def _in_language(language: str | None, text: str) -> str:
    return escape(gettext(text))


def _(text: str) -> str:
    """The words in the page's language, escaped, looked up once."""
    return _in_language(get_language(), text)


@lru_cache(maxsize=20_000)
def _address(language: str | None, name: str, *values: str) -> str:
    return reverse(f"directory:{name}", args=values)


def address(name: str, *values: str) -> str:
    return _address(get_language(), name, *values)


def spot(citation: Citation) -> str:
    """Where in its source: line 7, row 1539, or "text" where no place is recorded."""
    if not citation.place:
        return gettext("text")
    if not citation.place[0].isdigit():
        return citation.place
    if citation.source.medium == Source.Medium.OFFICIAL_LIST:
        return gettext("row %(place)s") % {"place": citation.place}
    return gettext("line %(place)s") % {"place": citation.place}


def reference(citation: Citation) -> str:
    """Where the words stand: S1 line 7, S3 row 1539, or the source alone."""
    return f"{citation.source_id} {spot(citation)}" if citation.place else citation.source_id


def cites(citations: list[Citation]) -> SafeString:
    """A mark for each place that the citations point to, opening to its very words."""
    places: dict[tuple, list[Citation]] = {}
    for citation in citations or ():
        key = citation.source_id, citation.place, citation.evidence
        places.setdefault(key, []).append(citation)
    return SafeString("".join(map(_cite, places.values())))


def _cite(passages: list[Citation]) -> str:
    first = passages[0]
    evidence, code = escape(first.get_evidence_display()), escape(first.source_id)
    return (
        f'<details class="cite"><summary><span class="mark {first.evidence}">'
        f'<span class="visually-hidden">{evidence}{_(": ")}</span>{escape(reference(first))}'
        f'</span></summary><div class="slip">{"".join(map(_passage, passages))}'
        f'<p class="small quiet">{code}{_(", ")}{_published(first.source)}{_(".")} '
        f'<a class="go" href="{address("sources")}#{code.lower()}">{_("See the source")}</a>'
        "</p></div></details>"
    )


def _passage(citation: Citation) -> str:
    note = f'<p class="small">{escape(citation.note_label)}</p>' if citation.note_label else ""
    words = f"<mark>{escape(citation.passage)}</mark>"
    return (
        f'<blockquote lang="{escape(citation.language)}">{_("“")}{words}{_("”")}</blockquote>{note}'
    )


def _published(source: Source) -> str:
    who = escape(source.publisher_label or source.label)
    return f"{who}{_(', ')}{time(source.dated)}" if source.dated else who


def time(day) -> str:
    return f'<time datetime="{day.isoformat()}">{day.isoformat()}</time>'


def path(regions: list[Region]) -> SafeString:
    """The regions on the way down, each a link."""
    links = (
        f'<li><a href="{address("region", region.code)}">{escape(region.short_label)}</a></li>'
        for region in regions
    )
    return SafeString(f'<ul class="path">{"".join(links)}</ul>')


def since(day) -> SafeString:
    if not day:
        return SafeString(_("since a day that is not recorded"))
    said = gettext('since <time datetime="%(iso)s">%(iso)s</time>')
    return SafeString(said % {"iso": day.isoformat()})


def option(name: str, code: str, label: str, count: int, chosen: bool) -> SafeString:
    """One choice of a filter: its box, its words and what it would leave."""
    marked = f' class="mark {code}"' if name == "evidence" and code != "none" else ""
    coded = f" {code}" if name == "sector" and code != "none" else ""
    return SafeString(
        f'<label class="option{"" if count else " none"}"><input type="checkbox" name="{name}" '
        f'value="{escape(code)}"{" checked" if chosen else ""}><span{marked}>{escape(label)}{coded}'
        f'</span><span class="num">{count}</span></label>'
    )


# -- An entry of the list ------------------------------------------------------


class Card(NamedTuple):
    """An entry as drawn, in two halves: between them stands which name matched, or aliases."""

    role: str
    upper: str
    aliases: str
    lower: str
    names: list[Match]

    def html(self, query: str = "") -> SafeString:
        hit = matched(query, self.names)
        return SafeString(self.upper + (_matched(hit) if hit else self.aliases) + self.lower)


def card(record: Record, grouped: bool) -> Card:
    """`grouped`: the role stands in a heading, not in the entry."""
    about = f'<div class="entry-about">{_about(record, grouped)}</div>'
    return Card(
        record.senior.membership.role_id,
        f'<li class="entry"><div>{_names(record)}{about}',
        _also(record),
        f'</div><dl class="evidence slip-end">{_evidence(record)}</dl></li>',
        names_of(record),
    )


def _names(record: Record) -> str:
    (name, language), *other = record.names
    row = record.organization
    link = f"{address('members')}{row.pk}-{row.slug}/"
    second = "".join(
        f'<p class="entry-second" lang="{tongue}">{escape(words)}</p>' for words, tongue in other
    )
    return (
        f'<p class="entry-name" lang="{language}"><a href="{link}">{escape(name)}</a></p>{second}'
    )


def _about(record: Record, grouped: bool) -> str:
    row = record.organization
    roles = [] if grouped else [seat.role.label for seat in record.seats]
    told = [escape(text) for text in (*roles, row.get_kind_display())]
    place = path(record.path) if record.path else f"<span>{_('region not recorded')}</span>"
    later = [escape(row.school_code)] if row.school_code else []
    if record.senior.since:
        later.append(since(record.senior.since))
    spans = ["".join(f"<span>{text}</span>" for text in part) for part in (told, later)]
    return place.join(spans)


def _matched(hit: Match) -> str:
    name = f'<mark lang="{escape(hit.language)}">{escape(hit.name)}</mark>'
    return f'<p class="entry-hit">{_("matched:")} {escape(hit.sort)} {name}</p>'


def _also(record: Record) -> str:
    if not record.aliases:
        return ""
    told = [
        f'<span lang="{alias.language}">{escape(alias.name)}</span>'
        f"{_(' (')}{escape(alias.get_sort_display())}{_(')')}"
        for alias in record.aliases[:2]
    ]
    if record.more_aliases:
        more = ngettext("and %(more)s more name", "and %(more)s more names", record.more_aliases)
        told.append(escape(more % {"more": record.more_aliases}))
    return f'<p class="entry-hit quiet">{_("also")} {_(", ").join(told)}</p>'


def _evidence(record: Record) -> str:
    shown = (
        (_("Role"), record.senior.citations["role"]),
        (_("Name"), record.of_name[:1]),
        (_("Region"), record.of_region[:1]),
    )
    blank = f'<span class="mark absent">{_("not recorded")}</span>'
    return "".join(
        f"<div><dt>{label}</dt><dd>{cites(citations) or blank}</dd></div>"
        for label, citations in shown
    )
