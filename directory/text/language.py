"""Choice between the Chinese and the English text of a name or remark, by the page's language."""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import get_language


class LocalizedText(NamedTuple):
    """A text with the code of its language, as the `lang` attribute of HTML has it."""

    text: str
    language: str


@dataclass(frozen=True)
class Punctuation:
    """The marks that join and close phrases in one language, with the spaces around them."""

    comma: str
    colon: str
    semicolon: str
    full_stop: str
    question_mark: str
    open_parenthesis: str
    close_parenthesis: str
    open_quote: str
    close_quote: str


CHINESE_PUNCTUATION = Punctuation("，", "：", "；", "。", "？", "（", "）", "“", "”")
ENGLISH_PUNCTUATION = Punctuation(", ", ": ", "; ", ".", "?", " (", ")", "“", "”")


def get_punctuation() -> Punctuation:
    """The marks of the active language; they are not messages: a catalogue has no context."""
    is_chinese = (get_language() or "").startswith("zh")
    return CHINESE_PUNCTUATION if is_chinese else ENGLISH_PUNCTUATION


def list_separator() -> str:
    """What stands between the items of a list in the active language."""
    return get_punctuation().comma


def is_english() -> bool:
    return (get_language() or "").startswith("en")


def localize(chinese: str, english: str) -> str:
    """Return the text in the active language; the Chinese one where there is no English."""
    return choose_text(is_english(), chinese, english)


def choose_text(in_english: bool, chinese: str, english: str) -> str:
    """Do the same for a caller who knows the language already."""
    return (english if in_english else "") or chinese
