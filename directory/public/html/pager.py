"""HTML of the links between the pages of a list."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString

from directory.public.html.renderer import HtmlRenderer


class PageLink(NamedTuple):
    """A page that the pager links to; None is a gap between pages."""

    number: int | None
    url: str = ""


def render_pager(
    renderer: HtmlRenderer, links: Iterable[PageLink], number: int, previous_url: str, next_url: str
) -> SafeString:
    """The links to the neighbours and to some pages; `number` is that of the page itself."""
    _ = renderer.text
    parts = []
    if previous_url:
        text = _("Previous")
        parts.append(f'<a href="{escape(previous_url)}" rel="prev">‹ {text}</a>')
    parts += [_render_link(link, number) for link in links]
    if next_url:
        text = _("Next")
        parts.append(f'<a class="next" href="{escape(next_url)}" rel="next">{text} ›</a>')
    return SafeString("".join(parts))


def _render_link(link: PageLink, number: int) -> str:
    if link.number is None:
        return "<span>…</span>"
    if link.number == number:
        return f'<b aria-current="page">{number}</b>'
    return f'<a href="{escape(link.url)}">{link.number}</a>'
