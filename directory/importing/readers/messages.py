"""Messages of the readers: why a file is refused, and why a row of it is skipped."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REFUSAL_MESSAGES = {
    "empty": gettext_lazy("The file is empty."),
    "large": gettext_lazy("The file is larger than %(most)s MB. Split it into several."),
    "rows": gettext_lazy("The sheet reaches down to row %(found)s; at most %(most)s are read."),
    "columns": gettext_lazy("The sheet has %(found)s columns; at most %(most)s are read."),
    "cells": gettext_lazy("The sheet has more than %(most)s cells. Split it into several files."),
    "cell": gettext_lazy(
        "A cell in row %(row)s is longer than %(most)s characters. Is a quotation mark left open?"
    ),
    "quote": gettext_lazy(
        "The quotation marks do not pair in row %(row)s. Save the file anew from a spreadsheet."
    ),
    "bomb": gettext_lazy(
        "Unpacked, this workbook would be far larger than a list can be; it was not opened."
    ),
    "heavy": gettext_lazy("Reading this file takes too much memory or time; it was given up."),
    "broken": gettext_lazy(
        "This workbook is damaged or was cut off on its way. Get it again, or save it anew."
    ),
    "password": gettext_lazy(
        "This workbook is protected by a password. Save it without one and bring it again."
    ),
    "zip": gettext_lazy(
        "This is a ZIP archive, not a workbook. Unpack it and bring the file inside."
    ),
    "format": gettext_lazy(
        "This sort of workbook is not read (%(found)s). Save it as XLSX or CSV and bring it again."
    ),
    "office": gettext_lazy(
        "This is not a workbook that is read. Open it in the program that made it, save it as "
        "XLSX or CSV and bring that."
    ),
    "document": gettext_lazy(
        "This is a Word document, not a workbook. Copy its table into a spreadsheet, save that "
        "as XLSX and bring it."
    ),
    "picture": gettext_lazy(
        "This is a picture, not a list. Ask for the workbook that it was made from, or type the "
        "list into one."
    ),
    "pdf": gettext_lazy(
        "This is a PDF, not a list. Ask for the workbook that it was made from, or copy its table "
        "into one."
    ),
    "packed": gettext_lazy(
        "This is an archive (%(found)s), not a list. Unpack it and bring the file inside."
    ),
    "page": gettext_lazy(
        "This is a web page or XML under another name, not a workbook. "
        "Open it in a spreadsheet, save it as XLSX and bring it again."
    ),
    "nul": gettext_lazy(
        "The file holds NUL bytes, so it is neither a text nor a workbook that can be read."
    ),
    "mixed": gettext_lazy(
        "The file holds two encodings: most of it is %(first)s, but row %(row)s is %(second)s. "
        "Save it anew in one encoding, best UTF-8."
    ),
    "unknown": gettext_lazy("This is neither a table of text nor a workbook that can be read."),
    "headless": gettext_lazy(
        "No row names the columns: one of the first %(rows)s rows must hold headings such as "
        "单位名称 or “name”."
    ),
    "rowless": gettext_lazy("Below the headings of row %(row)s there is no row."),
    "sheetless": gettext_lazy("The workbook has no sheet with anything in it."),
    "no-sheet": gettext_lazy("The file has no sheet that is called “%(sheet)s”."),
    "nameless": gettext_lazy("No column holds the names of the organizations: say which one does."),
}
SKIP_REASONS = {
    "title": gettext_lazy("above the headings"),
    "heading": gettext_lazy("a row of headings"),
    "list": gettext_lazy("headings of another list, by which the rows below are read"),
    "adjacent": gettext_lazy("only of the list beside this one"),
    "blank": gettext_lazy("blank"),
    "numbered": gettext_lazy("only a running number"),
    "separator": gettext_lazy("a separator"),
    "note": gettext_lazy("a note"),
    "total": gettext_lazy("a total"),
}


def format_message(code: str, params: dict) -> str:
    """Return the message of a refusal code, in the active language."""
    return str(REFUSAL_MESSAGES[code]) % params


def format_skip_reason(code: str, text: str) -> str:
    """Return why a row was skipped, with the beginning of its text."""
    if not text:
        return str(SKIP_REASONS[code])
    return _("%(reason)s: “%(text)s”") % {"reason": SKIP_REASONS[code], "text": text}
