"""Which of two wordings a page shows: the one rule of names and remarks in two languages."""

from django.utils.translation import get_language


def is_english() -> bool:
    return (get_language() or "").startswith("en")


def spoken(chinese: str, english: str) -> str:
    """The wording in the page's language; the Chinese one where there is no English."""
    return chosen(is_english(), chinese, english)


def chosen(in_english: bool, chinese: str, english: str) -> str:
    """The same for whoever has found out the language already."""
    return (english if in_english else "") or chinese
