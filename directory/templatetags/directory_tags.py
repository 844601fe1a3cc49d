"""Words and drawings that the pages of the register share."""

from dataclasses import dataclass
from datetime import date

from django import template
from django.conf import settings
from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from directory.models import Citation, Region
from directory.public.html.renderer import pen
from directory.text.language import is_english, spoken

register = template.Library()
FADING = 13
MOST_THREADS = 160


@register.simple_tag
def site_name() -> str:
    return spoken(settings.SITE_NAME, settings.SITE_NAME_EN)


@register.simple_block_tag
def titled(content: str) -> str:
    """The page's title, for the tab and for whoever is sent its address."""
    told = mark_safe(" ".join(content.split()))  # escaped as a part of the template
    return format_html('<title>{0}</title>\n<meta property="og:title" content="{0}">', told)


@register.simple_block_tag
def described(content: str) -> str:
    told = mark_safe(" ".join(content.split()))
    tag = '<meta name="description" content="{0}">\n<meta property="og:description" content="{0}">'
    return format_html(tag, told)


class Kept(template.Node):
    """What stands alike on every page: drawn once for each language."""

    def __init__(self, content: template.NodeList):
        self.content, self.drawn = content, {}

    def render(self, context: template.Context) -> SafeString:
        language = get_language()
        if language not in self.drawn:
            self.drawn[language] = self.content.render(context)
        return self.drawn[language]


@register.tag
def kept(parser, token) -> Kept:
    content = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(content)


@register.filter
def written_day(day: date) -> str:
    """2023 年 11 月 13 日, or 13 November 2023."""
    return date_format(day, "j F Y" if is_english() else "Y 年 n 月 j 日")


@register.filter
def language_name(code: str) -> str:
    return {"zh-Hans": _("Chinese"), "en": _("English")}.get(code, code)


@register.filter
def times(number: int, by: int) -> int:
    return number * by


@register.simple_tag
def cites(citations: list[Citation]) -> SafeString:
    return SafeString(pen().cites(citations))


@register.simple_tag
def sourced(citations: list[Citation]) -> SafeString:
    return SafeString(pen().sourced(citations))


@register.simple_tag
def path_of(regions: list[Region]) -> SafeString:
    return SafeString(pen().path(regions))


@register.simple_tag
def since(day: date | None) -> SafeString:
    return SafeString(pen().since(day))


@register.filter
def reference(citation: Citation) -> SafeString:
    return SafeString(pen().reference(citation))


@register.filter
def spot(citation: Citation) -> SafeString:
    return SafeString(pen().spot(citation))


@dataclass(frozen=True)
class Thread:
    """One member of the warp: where it stands, in hundredths of the width."""

    x: str
    named: bool
    opacity: str = ""


@dataclass(frozen=True)
class Crossing:
    """A piece of weft that lies over or under a named thread."""

    x1: str
    x2: str
    y: str


@register.inclusion_tag("directory/warp.html")
def warp(named: int, stated: int | None, scale: bool = True) -> dict:
    """One thread for each member: the named dyed, the stated pale, then a fading end.

    Without a stated number there is nothing pale; a large directory is drawn by its share.
    """
    shown = min(named, MOST_THREADS) if not stated else named
    certain = max(stated or 0, shown)
    if certain > MOST_THREADS:
        shown, certain = round(shown * MOST_THREADS / certain), MOST_THREADS
    fading = FADING if stated and certain > shown else 0
    width = 100 / max(1, certain + fading)
    threads = [
        Thread(f"{(i + 0.5) * width:.3f}%", i < shown, _opacity(i - certain, fading))
        for i in range(certain + fading)
    ]
    return {
        "named": named,
        "stated": stated,
        "scale": scale,
        "threads": [t for t in threads if not t.named],
        "dyed": [t for t in threads if t.named],
        "weft": _weft(width, shown) if shown <= 40 else [],
        "end_of_named": f"{shown * width:.3f}%",
        "end_of_stated": f"{certain * width:.3f}%",
        "fades": bool(fading),
    }


def _opacity(past: int, fading: int) -> str:
    return f"{1 - (past + 1) / (fading + 1):.2f}" if past >= 0 else ""


def _weft(width: float, shown: int) -> list[Crossing]:
    """Over every second thread, in alternate rows: a plain weave."""
    return [
        Crossing(f"{(i + 0.1) * width:.3f}%", f"{(i + 0.9) * width:.3f}%", f"{4 + row * 8.33:.1f}%")
        for row in range(12)
        for i in range(shown)
        if (row + i) % 2
    ]
