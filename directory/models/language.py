"""Which of two wordings a page shows: the one rule of names and remarks in two languages."""

from django.utils.translation import get_language


def is_english() -> bool:
    return (get_language() or "").startswith("en")


def spoken(chinese: str, english: str) -> str:
    """The wording in the page's language; the Chinese one where there is no English."""
    return (english if is_english() else "") or chinese
