"""The `<script>` element that holds a page's linked data (JSON-LD)."""

import json

from django.utils.safestring import SafeString

CONTEXT = "https://schema.org"
# No value may end the element that holds it, nor begin another.
ESCAPES = (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026"))


def render_json_ld(data: dict) -> SafeString:
    text = json.dumps({"@context": CONTEXT} | data, ensure_ascii=False)
    for letter, escaped in ESCAPES:
        text = text.replace(letter, escaped)
    return SafeString(f'<script type="application/ld+json">{text}</script>')
