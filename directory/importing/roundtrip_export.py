"""A list written out for editing: every row with a fingerprint, so that it can come back."""

import codecs
import csv
from collections.abc import Iterator
from io import BytesIO, StringIO

import xlsxwriter

from directory import codes
from directory.importing.plan import current as current_values
from directory.models import Region
from directory.models.organization import OrganizationQuerySet
from directory.tabular import disarm, disarmed

HEADINGS = (*current_values.EDITED, "fingerprint")
WIDTHS = {"name": 36, "name_en": 36, "region_name": 28, "aliases": 28, "description": 28}


def rows(organizations: OrganizationQuerySet) -> Iterator[list[str]]:
    """Each organization as a row of text, in the order of the numbers."""
    regions = {row.code: row for row in Region.objects.real()}
    keys = list(organizations.order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(keys), current_values.BATCH):
        found = current_values.fetch(keys[at : at + current_values.BATCH])
        for key in sorted(found):
            cells = found[key].cells()
            print_ = current_values.fingerprint(cells)
            rungs = codes.region_rungs(cells["region"]) if cells["region"] else ()
            named = [regions[rung].name for rung in rungs if rung in regions]
            cells |= {"region_name": " ".join(named), "fingerprint": print_}
            yield [cells[column] for column in HEADINGS]


def as_csv(organizations: OrganizationQuerySet) -> bytes:
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADINGS)
    writer.writerows(map(disarmed, rows(organizations)))
    return codecs.BOM_UTF8 + buffer.getvalue().encode()


def as_xlsx(organizations: OrganizationQuerySet) -> bytes:
    """As text in every cell: no code becomes a number, nothing is computed."""
    buffer = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        page = book.add_worksheet("members")
        page.freeze_panes(1, 2)
        for column, heading in enumerate(HEADINGS):
            page.set_column(column, column, WIDTHS.get(heading, 16), text)
            page.write_string(0, column, heading, bold)
        page.set_column(len(HEADINGS) - 1, len(HEADINGS) - 1, 4, text)
        for number, row in enumerate(rows(organizations), 1):
            for column, cell in enumerate(row):
                page.write_string(number, column, disarm(cell), text)
    return buffer.getvalue()
