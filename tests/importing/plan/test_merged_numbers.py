"""A file with numbers that comes back after a merge: old numbers lead to the one that was kept."""

import csv
from io import StringIO

import pytest

from directory.history.undo import service as undo_service
from directory.importing import roundtrip_export
from directory.importing.apply import writer as import_writer
from directory.importing.parse.messages import format_reason
from directory.merging.merge import merge_organizations
from directory.models import Import, ImportRow, Organization
from tests import spreadsheets as files
from tests.factories import make_organization
from tests.importing.planning import codes, plan, planned

pytestmark = pytest.mark.django_db
NAMES = ("示例归并春纺织有限公司", "示例归并夏纺织有限公司", "示例归并秋纺织有限公司")


@pytest.fixture
def three() -> list[Organization]:
    return [make_organization(name, kind="enterprise") for name in NAMES]


def merge(kept, gone):
    rows = Organization.objects.in_bulk([kept.pk, gone.pk])
    versions = [rows[kept.pk].version, rows[gone.pk].version]
    return merge_organizations((kept.pk, gone.pk), versions, None)


def export(*keys: int) -> list[list[str]]:
    """The file for editing, each row with another web site."""
    data = roundtrip_export.build_csv(Organization.objects.filter(pk__in=keys))
    headings, *rows = csv.reader(StringIO(data.decode("utf-8-sig")))
    for row in rows:
        row[headings.index("website")] = f"https://example{row[0]}.org"
    return [headings, *rows]


def bring(table: list[list[str]]) -> tuple[Import, list[ImportRow]]:
    of = planned(files.csv(table[0], *table[1:]))
    return of, list(of.rows.order_by("number"))


def test_the_row_of_a_merged_number_changes_the_one_that_was_kept(three):
    gone, _other, kept = three
    table = export(gone.pk)
    merge(kept, gone)
    of, rows = bring(table)
    assert (rows[0].outcome, rows[0].organization, codes(rows[0])) == (
        "changed", kept.pk, ["merged-number"]
    )  # fmt: skip
    import_writer.apply_import(of, None)
    row = Organization.objects.get(pk=kept.pk)
    assert (row.name, row.website) == (NAMES[2], f"https://example{gone.pk}.org")


def test_two_rows_for_one_that_was_kept_are_both_asked_and_name_each_other(three):
    table = export(*(each.pk for each in three))
    merge(three[2], three[0])
    rows = bring(table)[1]
    assert [row.outcome for row in rows] == ["doubtful", "changed", "doubtful"]
    assert rows[0].organization == rows[2].organization == three[2].pk
    assert "Row 4 of this file" in format_reason(rows[0].reasons[-1])
    assert "Row 2 of this file" in format_reason(rows[2].reasons[-1])


def test_three_rows_for_one_that_was_kept_name_both_others(three):
    table = export(*(each.pk for each in three))
    merge(three[2], three[0])
    merge(three[2], three[1])
    of, rows = bring(table)
    assert [row.outcome for row in rows] == ["doubtful"] * 3
    assert [rows[0].reasons[-1][2]["rows"], rows[2].reasons[-1][2]["rows"]] == [[3, 4], [2, 3]]
    of.rows.filter(number=4).update(decision="change")
    import_writer.apply_import(of, None)
    assert Organization.objects.get().website == f"https://example{three[2].pk}.org"


def test_what_the_one_kept_says_otherwise_is_not_overwritten(three):
    gone, _other, kept = three
    table = export(gone.pk)
    Organization.objects.filter(pk=kept.pk).update(website="https://kept.example.org")
    merge(kept, gone)
    row = bring(table)[1][0]
    assert (row.outcome, codes(row)) == ("doubtful", ["merged-number", "changed-since"])


def test_a_fingerprint_of_another_number_is_still_refused(three):
    table = export(three[0].pk)
    merge(three[2], three[0])
    table[1][0] = str(three[2].pk)
    row = bring(table)[1][0]
    assert "fingerprint" in codes(row)


def test_after_the_merge_is_undone_the_number_is_its_own_again(three):
    table = export(three[0].pk)
    undo_service.undo(merge(three[2], three[0]), None)
    row = bring(table)[1][0]
    assert (row.outcome, row.organization, codes(row)) == ("changed", three[0].pk, [])


def test_a_merged_number_without_a_fingerprint_must_fit_otherwise_too(three):
    merge(three[2], three[0])
    rows = plan(["number", "name", "kind"], [str(three[0].pk), NAMES[0], "association"])
    assert (rows[0].outcome, codes(rows[0])) == ("doubtful", ["merged-number", "other-fact"])
    rows = plan(["number", "name"], [str(three[0].pk), "东方乙工厂"])
    assert codes(rows[0])[-1] == "number-other"
