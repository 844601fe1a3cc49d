"""Exports organizations for editing: each row has a fingerprint, to be imported again."""

import codecs
import csv
from collections.abc import Iterator
from io import BytesIO, StringIO

import xlsxwriter

from directory import codes
from directory.importing.plan import current as current_values
from directory.models import Region
from directory.models.organization import OrganizationQuerySet
from directory.tabular import escape_formula, escape_row

HEADINGS = (*current_values.ROUNDTRIP_COLUMNS, "fingerprint")
WIDTHS = {"name": 36, "name_en": 36, "region_name": 28, "aliases": 28, "description": 28}


def iter_rows(organizations: OrganizationQuerySet) -> Iterator[list[str]]:
    """Yield each organization as a row of texts, in the order of their numbers."""
    regions = {row.code: row for row in Region.objects.exclude_virtual()}
    pks = list(organizations.order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(pks), current_values.BATCH):
        loaded = current_values.load_organizations(pks[at : at + current_values.BATCH])
        for pk in sorted(loaded):
            cells = loaded[pk].build_cells()
            fingerprint = current_values.sign_fingerprint(cells)
            path = codes.get_region_path(cells["region"]) if cells["region"] else ()
            names = [regions[code].name for code in path if code in regions]
            cells |= {"region_name": " ".join(names), "fingerprint": fingerprint}
            yield [cells[column] for column in HEADINGS]


def build_csv(organizations: OrganizationQuerySet) -> bytes:
    """Return the file as CSV in UTF-8 with a byte order mark."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADINGS)
    writer.writerows(map(escape_row, iter_rows(organizations)))
    return codecs.BOM_UTF8 + buffer.getvalue().encode()


def build_xlsx(organizations: OrganizationQuerySet) -> bytes:
    """Return the file as XLSX; every cell is text, so that no code becomes a number."""
    buffer = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        sheet = book.add_worksheet("members")
        sheet.freeze_panes(1, 2)
        for column, heading in enumerate(HEADINGS):
            sheet.set_column(column, column, WIDTHS.get(heading, 16), text)
            sheet.write_string(0, column, heading, bold)
        sheet.set_column(len(HEADINGS) - 1, len(HEADINGS) - 1, 4, text)
        for number, row in enumerate(iter_rows(organizations), 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, escape_formula(cell), text)
    return buffer.getvalue()
