"""The page's title and description in its head, for search engines and for link previews."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def render_title(content: str) -> SafeString:
    """`content` is escaped already, as a part of a template; line breaks in it become spaces."""
    return format_html(
        '<title>{0}</title>\n<meta property="og:title" content="{0}">', _join_lines(content)
    )


def render_description(content: str) -> SafeString:
    return format_html(
        '<meta name="description" content="{0}">\n<meta property="og:description" content="{0}">',
        _join_lines(content),
    )


def _join_lines(content: str) -> SafeString:
    return mark_safe(" ".join(content.split()))
