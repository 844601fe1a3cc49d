"""Recognize what offices write into a cell to say that there is nothing."""

import unicodedata

MAX_LENGTH = 8
BLANK_WORDS = "无 暂无 没有 空 未填 不详 n/a na none nil null - -- — —— / \\ ."
MORE_BY_COLUMN = {
    "name": "同上 待定 待补充",
    "name_en": "同上 待定 待补充",
    "until": "至今 长期 永久 现在 present",
}
IN_ALL_COLUMNS = frozenset(BLANK_WORDS.split())
IN_COLUMN = {column: IN_ALL_COLUMNS.union(more.split()) for column, more in MORE_BY_COLUMN.items()}


def is_blank(column: str, cell: str) -> bool:
    """Whether the cell only says that there is nothing; the end of a role that is held, too."""
    if not cell or len(cell) > MAX_LENGTH:
        return False
    word = unicodedata.normalize("NFKC", cell).strip().casefold()
    return word in IN_COLUMN.get(column, IN_ALL_COLUMNS)
