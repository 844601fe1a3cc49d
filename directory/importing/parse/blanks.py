"""What offices write into a cell to say that there is nothing to say."""

import unicodedata

LONGEST = 8
NOTHING = "无 暂无 没有 空 未填 不详 n/a na none nil null - -- — —— / \\ ."
MORE = {
    "name": "同上 待定 待补充",
    "name_en": "同上 待定 待补充",
    "until": "至今 长期 永久 现在 present",
}
EVERYWHERE = frozenset(NOTHING.split())
IN = {column: EVERYWHERE.union(words.split()) for column, words in MORE.items()}


def is_blank(column: str, cell: str) -> bool:
    """Whether it only says that there is nothing; a role that is still held has no end."""
    if not cell or len(cell) > LONGEST:
        return False
    word = unicodedata.normalize("NFKC", cell).strip().casefold()
    return word in IN.get(column, EVERYWHERE)
