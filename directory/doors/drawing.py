"""Marks, paths and options as HTML, drawn without templates: a page has hundreds of them.

Everything that is not markup is escaped here; what comes back is safe to print.
"""

from functools import lru_cache
from html import escape

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from directory.models import Citation, Evidence, Region, Source


# Never called inside an f-string: the tools that gather the words do not look there.
@lru_cache(maxsize=2000)
def _in_language(language: str | None, text: str) -> str:
    return escape(gettext(text))


def _(text: str) -> str:
    """The words in the page's language, escaped, looked up once."""
    return _in_language(get_language(), text)


@lru_cache(maxsize=500)
def _called(language: str | None, choices: type[TextChoices], value: str) -> str:
    return escape(choices(value).label)


def called(choices: type[TextChoices], value: str) -> str:
    """What a field's value is called: `get_…_display` goes through all choices each time."""
    return _called(get_language(), choices, value)


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


def sourced(citations: list[Citation]) -> SafeString:
    """The same marks, or that no source speaks of it."""
    words = _("no source recorded")
    return cites(citations) or SafeString(f'<span class="quiet small">{words}</span>')


def _cite(passages: list[Citation]) -> str:
    first = passages[0]
    evidence, code = called(Evidence, first.evidence), escape(first.source_id)
    colon, comma, stop, see = _(": "), _(", "), _("."), _("See the source")
    return (
        f'<details class="cite"><summary><span class="mark {first.evidence}">'
        f'<span class="visually-hidden">{evidence}{colon}</span>{escape(reference(first))}'
        f'</span></summary><div class="slip">{"".join(map(_passage, passages))}'
        f'<p class="small quiet">{code}{comma}{_published(first.source)}{stop} '
        f'<a class="go" href="{address("sources")}#{code.lower()}">{see}</a>'
        "</p></div></details>"
    )


def _passage(citation: Citation) -> str:
    note = f'<p class="small">{escape(citation.note_label)}</p>' if citation.note_label else ""
    words = f"<mark>{escape(citation.passage)}</mark>"
    opening, closing = _("“"), _("”")
    language = escape(citation.language)
    return f'<blockquote lang="{language}">{opening}{words}{closing}</blockquote>{note}'


def _published(source: Source) -> str:
    who = escape(source.publisher_label or source.label)
    comma = _(", ")
    return f"{who}{comma}{time(source.dated)}" if source.dated else who


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
