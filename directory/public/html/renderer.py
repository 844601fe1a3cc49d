"""HTML of citations, region paths, links and days, built in Python without templates.

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

from directory.models import Citation, Evidence, Organization, Region, Source
from directory.models.date_fields import get_partial_date
from directory.partial_dates import PartialDate
from directory.text.language import choose_text, get_punctuation, is_english

MAX_CACHED_URLS = 20_000


class HtmlRenderer:
    """Renders small pieces of HTML in one language; caches its translations and URLs.

    Messages are never looked up inside an f-string: `makemessages` does not look there.
    """

    def __init__(self, language: str | None):
        self.language = language
        self.is_english = is_english()
        self.punctuation = get_punctuation()
        self._texts: dict[str, str] = {}
        self._choice_labels: dict[tuple[type[TextChoices], str], str] = {}
        self._urls: dict[tuple[str, ...], str] = {}

    def text(self, message: str) -> str:
        """Translate a message and escape it."""
        if message not in self._texts:
            self._texts[message] = escape(gettext(message))
        return self._texts[message]

    def markup(self, message: str) -> str:
        """Translate a message that holds markup of our own, which is not escaped."""
        if (key := f"<{message}") not in self._texts:
            self._texts[key] = gettext(message)
        return self._texts[key]

    def choice_label(self, choices: type[TextChoices], value: str) -> str:
        """The escaped label of a choice: `get_…_display` goes through all choices each time."""
        key = choices, value
        if key not in self._choice_labels:
            self._choice_labels[key] = escape(choices(value).label)
        return self._choice_labels[key]

    def url(self, name: str, *args: str) -> str:
        """Reverse a public URL by its name and arguments, such as `"region", "650000"`."""
        key = name, *args
        if key not in self._urls:
            if len(self._urls) > MAX_CACHED_URLS:
                self._urls.clear()
            self._urls[key] = reverse(f"directory:{name}", args=args)
        return self._urls[key]

    def localize(self, chinese: str, english: str) -> str:
        """As `text.language.localize`, escaped."""
        return escape(choose_text(self.is_english, chinese, english))

    def organization_link(self, organization: Organization) -> str:
        """A link to an organization's page, by its name in this language."""
        name = organization.get_names(self.is_english)[0]
        url = escape(organization.get_absolute_url())
        return f'<a href="{url}" lang="{name.language}"><bdi>{escape(name.text)}</bdi></a>'

    def external_link(self, url: str) -> str:
        return f'<a href="{escape(url)}" rel="external nofollow noopener">{escape(url)}</a>'

    # Citations

    def citation_place(self, citation: Citation) -> str:
        """Where in its source: line 7, row 1539, or "text" where no place is recorded."""
        _ = self.text
        if not citation.place:
            return _("text")
        place = escape(citation.place)
        if not place[0].isdigit():
            return place
        if citation.source.medium == Source.Medium.OFFICIAL_LIST:
            return _("row %(place)s") % {"place": place}
        return _("line %(place)s") % {"place": place}

    def citation_reference(self, citation: Citation) -> str:
        """The source with the place in it: S1 line 7, S3 row 1539, or the source alone."""
        code = escape(citation.source_id)
        return f"{code} {self.citation_place(citation)}" if citation.place else code

    def citation_marks(self, citations: Iterable[Citation]) -> str:
        """A mark for each cited place, which opens to the passages quoted there."""
        by_place: dict[tuple, list[Citation]] = {}
        for citation in citations or ():
            key = citation.source_id, citation.place, citation.evidence
            by_place.setdefault(key, []).append(citation)
        return "".join(map(self._citation_mark, by_place.values()))

    def citation_marks_or_notice(self, citations: Iterable[Citation]) -> str:
        """The same marks, or a notice that no source is recorded."""
        _ = self.text
        notice = _("no source recorded")
        return self.citation_marks(citations) or f'<span class="quiet small">{notice}</span>'

    def citation_marks_or_not_recorded(self, citations: Iterable[Citation]) -> str:
        return self.citation_marks(citations) or self.not_recorded()

    def _citation_mark(self, citations: list[Citation]) -> str:
        """A mark that opens: `citations` are those of one place and kind of evidence."""
        _, first, mark = self.text, citations[0], self.punctuation
        evidence, code = self.choice_label(Evidence, first.evidence), escape(first.source_id)
        see = _("See the source")
        return (
            f'<details class="cite"><summary><span class="mark {first.evidence}">'
            f'<span class="visually-hidden">{evidence}{mark.colon}</span>'
            f"{self.citation_reference(first)}"
            f'</span></summary><div class="slip">{"".join(map(self._passage, citations))}'
            f'<p class="small quiet">{code}{mark.comma}{self._publication(first.source)}'
            f'{mark.full_stop} <a class="go" href="{self.url("sources")}#{code.lower()}">{see}</a>'
            "</p></div></details>"
        )

    def _passage(self, citation: Citation) -> str:
        """The quoted words, and the note on them where there is one."""
        mark, remark = self.punctuation, self.localize(citation.note, citation.note_en)
        note = f'<p class="small">{remark}</p>' if remark else ""
        words = f"<mark>{escape(citation.passage)}</mark>"
        quote = f"{mark.open_quote}{words}{mark.close_quote}"
        return f'<blockquote lang="{escape(citation.language)}">{quote}</blockquote>{note}'

    def _publication(self, source: Source) -> str:
        """The publisher, or else the title, with the date where it is recorded."""
        publisher = self.localize(source.publisher, source.publisher_en)
        publisher = publisher or self.localize(source.title, source.title_en)
        dated = get_partial_date(source, "dated")
        if dated is None:
            return publisher
        return f"{publisher}{self.punctuation.comma}{render_date(dated)}"

    # Missing values, region paths and days

    def not_recorded(self) -> str:
        _ = self.text
        text = _("not recorded")
        return f'<span class="mark absent">{text}</span>'

    def date_or_not_recorded(self, day: date | PartialDate | None) -> str:
        return render_date(day) if day else self.not_recorded()

    def region_path(self, regions: Iterable[Region]) -> str:
        """The regions from the province down, each a link."""
        return render_path(map(self.region_link, regions))

    def region_link(self, region: Region) -> str:
        return f'<a href="{self.url("region", region.code)}">{escape(region.short_label)}</a>'

    def since(self, day: date | PartialDate | None) -> str:
        if not day:
            _ = self.text
            return _("since a day that is not recorded")
        _ = self.markup
        template = _('since <time datetime="%(iso)s">%(iso)s</time>')
        return template % {"iso": day.isoformat()}


@lru_cache(maxsize=20)
def _renderer_for(language: str | None) -> HtmlRenderer:
    return HtmlRenderer(language)


def get_renderer() -> HtmlRenderer:
    """The renderer of the active language."""
    return _renderer_for(get_language())


def render_path(links: Iterable[str]) -> str:
    """A breadcrumb list of links that are HTML already."""
    items = "".join(f"<li>{link}</li>" for link in links)
    return f'<ul class="path">{items}</ul>'


def render_date(day: date | PartialDate) -> str:
    """The date as an element of HTML: 2023-11-13, 2023-11 or 2023."""
    return f'<time datetime="{day.isoformat()}">{day.isoformat()}</time>'


def render_completeness(recorded: int, applicable: int) -> SafeString:
    """A bar with a square for each fact that applies, the recorded ones filled first."""
    squares = "".join(
        f'<rect{_FULL if number < recorded else ""} x="{20 * number + 1}" y="1" '
        f'width="16" height="8"/>'
        for number in range(applicable)
    )
    return SafeString(
        '<svg class="fill" viewBox="0 0 220 10" preserveAspectRatio="none" aria-hidden="true">'
        f"{squares}</svg>"
    )


_FULL = ' class="full"'
