"""HTML of one difference in a list of changes: what it is about, the old and the new value."""

from html import escape

from django.template.defaultfilters import truncatechars
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from directory.history.describe import ChangeLine
from directory.public.html.renderer import HtmlRenderer

MAX_VALUE_LENGTH = 200


def render_change_line(renderer: HtmlRenderer, line: ChangeLine) -> SafeString:
    label = f'<span class="quiet">{escape(capfirst(line.label))}</span>'
    if line.is_whole_row:
        return SafeString(f"{label} {_render_row(renderer, line)}")
    before = _render_value(renderer, "del", line.before)
    return SafeString(f"{label} {before} → {_render_value(renderer, 'ins', line.after)}")


def _render_row(renderer: HtmlRenderer, line: ChangeLine) -> str:
    """A row that was added or removed."""
    _ = renderer.text
    if line.after:
        text = _("added")
        return f"{text} {_render_value(renderer, 'ins', line.after)}"
    text = _("removed")
    return f"{text} <del>{escape(truncatechars(line.before, MAX_VALUE_LENGTH))}</del>"


def _render_value(renderer: HtmlRenderer, tag: str, value: str) -> str:
    if not value:
        return renderer.not_recorded()
    return f"<{tag}>{escape(truncatechars(value, MAX_VALUE_LENGTH))}</{tag}>"
