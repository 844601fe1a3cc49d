"""How much a file may hold, and how it is refused as a whole: a code that is worded elsewhere.

What stands here and below is read in a child process, which knows nothing of Django.
"""

MEGABYTE = 1 << 20

FILE = 32 * MEGABYTE
UNPACKED = 200 * MEGABYTE  # all members of a workbook together
RATIO = 100  # of unpacked to packed, for a member that is larger than RATIO_FROM
RATIO_FROM = 4 * MEGABYTE
MEMBERS = 2_000
SHEETS = 60
ROWS = 200_000
COLUMNS = 200
CELLS = 6_000_000
CELL = 32_767  # characters, the most that Excel keeps itself
FORMULAS = 200_000
HIDDEN = -1  # in place of a column: the whole row is hidden in its sheet
MEMORY = 768 * MEGABYTE
SECONDS = 60


class Unreadable(Exception):  # noqa: N818 - it says what the file is
    """The file is refused as a whole; nothing of it is stored."""

    def __init__(self, code: str, **params: object):
        super().__init__(code, params)
        self.code, self.params = code, params

    def __str__(self) -> str:
        from directory.importing.readers import (
            messages as reader_messages,  # needs Django, which a child does without
        )

        return reader_messages.sentence(self.code, self.params)
