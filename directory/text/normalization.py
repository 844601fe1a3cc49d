"""Normalize characters before a text is stored: radicals, and characters that nobody sees.

Texts copied from PDF files, web pages and other systems hold radicals that look like ordinary
characters (⻓ for 长), and characters that are not drawn at all: soft hyphens, joiners, and marks
that turn the direction of what follows. Such a text is not found, and equals no other.
"""

import re
import unicodedata

# Radicals that NFKC leaves alone, and the characters that they look like, as Unicode pairs them
# (EquivalentUnifiedIdeograph.txt).
RADICALS = (
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪"
    "⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒"
    "⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲"
)
LOOK_ALIKES = (
    "厂乛乚乙亻冂𠘨刀刂卜㔾小尐兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺民氵氺灬爫爬丬牛犭王𤴔"
    "目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艺艻虎衤覀西见角𧢲讠贝𧾷车辶辷辸邑钅長镸"
    "长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀"
)
# The radicals of the Kangxi dictionary and the two others that NFKC knows.
COMPATIBLE_RADICALS = (*range(0x2F00, 0x2FD6), 0x2E9F, 0x2EF3)
# What Unicode tells programs to ignore where they cannot draw it, without combining accents.
INVISIBLE_RANGES = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
# Control characters but for tabulators and line ends. NUL stays: forms and readers refuse it.
CONTROL_RANGES = ((0x01, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F))
LINE_SEPARATORS = (0x0B, 0x0C, 0x85, 0x2028, 0x2029)
REPLACEMENTS: dict[int, str | None] = {
    **dict(zip(map(ord, "".join(RADICALS)), "".join(LOOK_ALIKES), strict=True)),
    **{point: unicodedata.normalize("NFKC", chr(point)) for point in COMPATIBLE_RADICALS},
    **{
        point: None
        for first, last in (*INVISIBLE_RANGES, *CONTROL_RANGES)
        for point in range(first, last + 1)
    },
    **dict.fromkeys(LINE_SEPARATORS, "\n"),
    0x2800: " ",  # a Braille pattern without dots
}
BASIC = "".join(chr(point) for point in REPLACEMENTS if point <= 0xFFFF)
# Ranges, because so many single characters would be compared one by one.
BEYOND = "".join(f"{chr(first)}-{chr(last)}" for first, last in INVISIBLE_RANGES if first > 0xFFFF)
REPLACED = re.compile(f"[{BASIC}{BEYOND}]")


def normalize_characters(text: str) -> str:
    """Return the text in ordinary characters (NFC), without those that nobody sees.

    Spaces, line ends and widths stay as they are.
    """
    if REPLACED.search(text):
        text = text.translate(REPLACEMENTS)
    return text if text.isascii() else unicodedata.normalize("NFC", text)
