"""Small pieces of HTML for list cells and messages, rendered from templates."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe


def render_fragment(template: str, context: dict[str, str]) -> SafeString:
    """Render a template of `admin/directory/partials/` without the line break at its end."""
    html = render_to_string(f"admin/directory/partials/{template}", context)
    return mark_safe(html.strip())  # escaped by the template
