"""Marks, paths and options as HTML, drawn without templates: a page has hundreds of them.

Everything that is not markup is escaped here; what comes back is safe to print.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from html import escape

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from directory.models import Citation, Evidence, Region, Source
from directory.text.language import chosen, is_english

MOST_KEPT = 20_000


class Pen:
    """Draws in one language, whose words and addresses it looks up once.

    Words are never looked up inside an f-string: the tools that gather them do not look there.
    """

    def __init__(self, language: str | None):
        self.language = language
        self.is_english = is_english()
        self.words: dict[str, str] = {}
        self.labels: dict[tuple[type[TextChoices], str], str] = {}
        self.addresses: dict[tuple[str, ...], str] = {}

    def say(self, text: str) -> str:
        """The words in this language, escaped."""
        if text not in self.words:
            self.words[text] = escape(gettext(text))
        return self.words[text]

    def mark(self, text: str) -> str:
        """The same for words that hold markup of our own, which stays."""
        if (key := f"<{text}") not in self.words:
            self.words[key] = gettext(text)
        return self.words[key]

    def called(self, choices: type[TextChoices], value: str) -> str:
        """What a field's value is called: `get_…_display` goes through all choices each time."""
        key = choices, value
        if key not in self.labels:
            self.labels[key] = escape(choices(value).label)
        return self.labels[key]

    def address(self, *of: str) -> str:
        """Of a page and what its address names, such as `"region", "650000"`."""
        if of not in self.addresses:
            if len(self.addresses) > MOST_KEPT:
                self.addresses.clear()
            self.addresses[of] = reverse(f"directory:{of[0]}", args=of[1:])
        return self.addresses[of]

    def spoken(self, chinese: str, english: str) -> str:
        """As `models.language.spoken`, escaped."""
        return escape(chosen(self.is_english, chinese, english))

    # Citations

    def spot(self, citation: Citation) -> str:
        """Where in its source: line 7, row 1539, or "text" where no place is recorded."""
        _ = self.say
        if not citation.place:
            return _("text")
        place = escape(citation.place)
        if not place[0].isdigit():
            return place
        if citation.source.medium == Source.Medium.OFFICIAL_LIST:
            return _("row %(place)s") % {"place": place}
        return _("line %(place)s") % {"place": place}

    def reference(self, citation: Citation) -> str:
        """Where the words stand: S1 line 7, S3 row 1539, or the source alone."""
        code = escape(citation.source_id)
        return f"{code} {self.spot(citation)}" if citation.place else code

    def cites(self, citations: list[Citation]) -> str:
        """A mark for each place that the citations point to, opening to its very words."""
        places: dict[tuple, list[Citation]] = {}
        for citation in citations or ():
            key = citation.source_id, citation.place, citation.evidence
            places.setdefault(key, []).append(citation)
        return "".join(map(self._cite, places.values()))

    def _cite(self, passages: list[Citation]) -> str:
        _, first = self.say, passages[0]
        evidence, code = self.called(Evidence, first.evidence), escape(first.source_id)
        colon, comma, stop, see = _(": "), _(", "), _("."), _("See the source")
        return (
            f'<details class="cite"><summary><span class="mark {first.evidence}">'
            f'<span class="visually-hidden">{evidence}{colon}</span>{self.reference(first)}'
            f'</span></summary><div class="slip">{"".join(map(self._passage, passages))}'
            f'<p class="small quiet">{code}{comma}{self._published(first.source)}{stop} '
            f'<a class="go" href="{self.address("sources")}#{code.lower()}">{see}</a>'
            "</p></div></details>"
        )

    def _passage(self, citation: Citation) -> str:
        _, remark = self.say, self.spoken(citation.note, citation.note_en)
        note = f'<p class="small">{remark}</p>' if remark else ""
        words = f"<mark>{escape(citation.passage)}</mark>"
        opening, closing = _("“"), _("”")
        language = escape(citation.language)
        return f'<blockquote lang="{language}">{opening}{words}{closing}</blockquote>{note}'

    def _published(self, source: Source) -> str:
        _ = self.say
        who = self.spoken(source.publisher, source.publisher_en)
        who = who or self.spoken(source.title, source.title_en)
        comma = _(", ")
        return f"{who}{comma}{time(source.dated)}" if source.dated else who

    def sourced(self, citations: list[Citation]) -> str:
        """The same marks, or that no source speaks of it."""
        _ = self.say
        words = _("no source recorded")
        return self.cites(citations) or f'<span class="quiet small">{words}</span>'

    # Paths and days

    def path(self, regions: list[Region]) -> str:
        """The regions on the way down, each a link."""
        return along(map(self.way, regions))

    def way(self, region: Region) -> str:
        return f'<a href="{self.address("region", region.code)}">{escape(region.short_label)}</a>'

    def since(self, day: date | None) -> str:
        _ = self.say
        if not day:
            return _("since a day that is not recorded")
        _ = self.mark
        said = _('since <time datetime="%(iso)s">%(iso)s</time>')
        return said % {"iso": day.isoformat()}


@lru_cache(maxsize=20)
def _pen(language: str | None) -> Pen:
    return Pen(language)


def pen() -> Pen:
    """The pen of the page's language."""
    return _pen(get_language())


def along(ways: Iterable[str]) -> str:
    links = "".join(f"<li>{way}</li>" for way in ways)
    return f'<ul class="path">{links}</ul>'


def time(day: date) -> str:
    return f'<time datetime="{day.isoformat()}">{day.isoformat()}</time>'


def option(name: str, code: str, label: str, count: int, chosen: bool) -> SafeString:
    """One choice of a filter: its box, its words and what it would leave."""
    marked = f' class="mark {code}"' if name == "evidence" and code != "none" else ""
    coded = f" {code}" if name == "sector" and code != "none" else ""
    return SafeString(
        f'<label class="option{"" if count else " none"}"><input type="checkbox" name="{name}" '
        f'value="{escape(code)}"{" checked" if chosen else ""}><span{marked}>{escape(label)}{coded}'
        f'</span><span class="num">{count}</span></label>'
    )
