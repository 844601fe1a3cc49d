"""Recognize names that were damaged before they came: in a wrong encoding, or by a web page.

鍗椾含   the bytes of 南京 in UTF-8, read as GB18030
ÄÏ¾©     the bytes of 南京 in GB18030, read as Latin-1
示例?院  a character that an encoding did not hold
"""

import re

from directory.text import tokens

# The replacement character and private ones, boxes for what a font did not hold, and what is
# printed of memory that nobody filled.
NO_CHARACTERS = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff□■▯]|锟斤拷|烫烫|屯屯")
HAN = re.compile(f"[{tokens.HAN_RANGES}]")
QUESTION_MARKS = re.compile(rf"{HAN.pattern}\s*[?？]|[?？]\s*{HAN.pattern}|[?？]{{2}}")
MARKUP = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});|<(?:/?[a-z]+\d?|br */?)>", re.I)
NOT_ASCII_RUN = re.compile(r"[^\x00-\x7f]+")
# No language writes so many of these in a row; Han characters read as Latin-1 do.
LATIN_RUN = re.compile("[\xa1-\xff]{4}")
# The characters that Windows shows for the bytes that continue a character in UTF-8.
CONTINUED = "".join(bytes([b]).decode("cp1252", "ignore") for b in range(0x80, 0xC0))
MISREAD_UTF8 = re.compile(f"[Ãâ][{CONTINUED}]|[ãäåæçèé][{CONTINUED}].*[ãäåæçèé][{CONTINUED}]")


def is_damaged(name: str) -> bool:
    """Whether characters of the name were lost or replaced."""
    if any(each.search(name) for each in (NO_CHARACTERS, QUESTION_MARKS, MARKUP)):
        return True
    if name.isascii():
        return False
    return any(map(is_misread, NOT_ASCII_RUN.findall(name)))


def is_misread(run: str) -> bool:
    """Whether the run is a text whose bytes were read in another encoding than its own."""
    data = run.encode("gb18030", errors="ignore")
    count = count_han(data.decode(errors="ignore"))
    if count > 1 and 2 * 3 * count > len(data):
        return True
    return bool(LATIN_RUN.search(run) or MISREAD_UTF8.search(run))


def count_han(text: str) -> int:
    return len(HAN.findall(text))
