"""Limits of an imported file, and the exception for a file that is refused as a whole.

This module and those below it are imported by the child process, which does without Django.
"""

MEGABYTE = 1 << 20

FILE_SIZE = 32 * MEGABYTE
UNPACKED_SIZE = 200 * MEGABYTE  # all members of a workbook together
COMPRESSION_RATIO = 100  # unpacked to packed, of a member larger than RATIO_CHECKED_FROM
RATIO_CHECKED_FROM = 4 * MEGABYTE
ARCHIVE_MEMBERS = 2_000
SHEETS = 60
ROWS = 200_000
COLUMNS = 200
CELLS = 6_000_000
CELL_LENGTH = 32_767  # characters, the most that Excel stores
FORMULAS = 200_000
HIDDEN_ROW = -1  # among the column indexes of a row: the whole row is hidden in its sheet
MEMORY = 768 * MEGABYTE
SECONDS = 60


class UnreadableFile(Exception):  # noqa: N818 - it describes the file
    """The file is refused as a whole; nothing of it is stored.

    `code` is a key of messages.REFUSAL_MESSAGES, `params` fills its placeholders.
    """

    def __init__(self, code: str, **params: object):
        super().__init__(code, params)
        self.code, self.params = code, params

    def __str__(self) -> str:
        from directory.importing.readers import (
            messages as reader_messages,  # needs Django, which the child does without
        )

        return reader_messages.format_message(self.code, self.params)
