"""A list is cited for what it says: in its very words, and as an inference where it says less."""

from datetime import date

import pytest

from directory import snapshots
from directory.history.undo import service as undo_service
from directory.importing import corrections
from directory.importing import service as import_service
from directory.importing.apply import writer as import_writer
from directory.models import Citation, Import, ImportCorrection, Organization, Source
from tests import spreadsheets as files
from tests.factories import (
    make_community,
    make_member,
    make_organization,
    make_region,
    make_role,
    make_source,
)
from tests.importing.planning import AS_SOURCE
from tests.importing.planning import planned as planned_file

pytestmark = pytest.mark.django_db
HEADS = ["单位名称", "单位性质", "省份", "角色", "加入时间", "简称"]
ROW = ["示例纺织有限公司", "企业", "示例省", "成员", "2023.11.13", "示例纺织"]


@pytest.fixture(autouse=True)
def _register(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    make_community(code="example", name="示例共同体")
    make_role(code="member", name="成员")
    make_region("650000", "示例省")


def planned(*rows: list[str], source="file") -> Import:
    options = AS_SOURCE if source == "file" else {"source": source}
    of = import_service.create_import("示例名单.csv", files.csv(HEADS, *rows), None, options)
    import_service.plan_import(of)
    return of


def cited() -> dict[str, tuple[str, str, str]]:
    """What is cited by fact: the words, the row, and how well it is known."""
    rows = Citation.objects.all()
    return {str(row.fact_label): (row.passage, row.place, row.evidence) for row in rows}


def test_each_fact_cites_its_row_in_its_words():
    import_writer.apply_import(planned(ROW), None)
    said = {label: words for label, (words, _row, _evidence) in cited().items()}
    assert said == {
        "registered name": "示例纺织有限公司",
        "kind": "企业",
        "region": "示例省",
        "role": "成员",
        "since": "2023.11.13",
        "short name": "示例纺织",
    }
    assert {row for _words, row, _evidence in cited().values()} == {"2"}
    assert {evidence for *_words, evidence in cited().values()} == {"stated"}


def test_the_list_becomes_a_source_that_is_named_and_known_by_its_digest():
    make_source(code="S9")
    of = import_writer.apply_import(planned(ROW), None)
    source = Source.objects.get(code="S10")
    assert (source.title, source.sha256, source.lines) == ("示例名单", of.sha256, of.last_row)
    assert (source.publisher, source.dated, source.medium) == (
        "示例办公室", date(2024, 5, 6), "letter"
    )  # fmt: skip
    assert of.options["source"] == "S10"


@pytest.mark.parametrize("options", [{}, {"source": "file"}, {"source": "file", "list_source": {}}])
def test_a_list_whose_publisher_nobody_named_is_no_source(options):
    of = planned_file(files.csv(HEADS, ROW), **options)
    import_writer.apply_import(of, None)
    assert Organization.objects.exists()
    assert not Source.objects.exists()
    assert not Citation.objects.exists()


def test_a_list_without_a_title_has_that_of_its_file():
    options = {"source": "file", "list_source": {"publisher": "示例办公室"}}
    import_writer.apply_import(planned_file(files.csv(HEADS, ROW), **options), None)
    assert Source.objects.get().title == "示例"


def test_a_source_that_the_database_refuses_leaves_the_rows_out_and_comes_to_an_end():
    options = {"source": "file", "list_source": {"publisher": "示例办公室", "title": ""}}
    of = import_writer.apply_import(planned_file(files.csv(HEADS, ROW), **options), None)
    assert of.counts["stale"] == 1
    assert not Source.objects.exists()


def test_a_second_import_of_the_same_file_cites_the_source_that_the_first_one_made():
    first, second = planned(ROW), planned(ROW)
    import_writer.apply_import(first, None)
    Organization.objects.all().delete()
    import_service.plan_import(second)
    import_writer.apply_import(second, None)
    source = Source.objects.get()
    assert second.options["source"] == source.code
    assert source.citations.exists()
    undo_service.undo(second.revision, None)
    assert Source.objects.get() == source


def test_a_source_that_is_there_already_can_be_cited():
    make_source(code="S9")
    import_writer.apply_import(planned(ROW, source="S9"), None)
    assert {row.source_id for row in Citation.objects.all()} == {"S9"}


def test_nothing_is_cited_and_no_source_made_where_none_is_chosen():
    import_writer.apply_import(planned(ROW, source=""), None)
    assert not Citation.objects.exists()
    assert not Source.objects.exists()


def test_nothing_written_makes_no_source():
    import_writer.apply_import(planned(["示" * 300, "企业", "", "", "", ""]), None)
    assert not Source.objects.exists()


def test_what_is_known_already_is_not_cited_again():
    make_member("示例纺织有限公司", kind="enterprise")
    import_writer.apply_import(planned(["示例纺织有限公司", "企业", "示例省", "", "", ""]), None)
    assert cited().keys() == {"region"}


def test_what_the_reader_infers_is_cited_as_an_inference():
    import_writer.apply_import(planned(["示例纺织有限公司", "", "", "", "", ""]), None)
    assert cited()["kind"] == ("示例纺织有限公司", "2", "inferred")


def test_an_english_name_within_the_name_is_cited_from_there():
    import_writer.apply_import(
        planned(["示例纺织学院 Example Textile College", "高职", "", "", "", ""]), None
    )
    assert cited()["English name"] == ("示例纺织学院 Example Textile College", "2", "stated")


def test_a_cell_that_says_nothing_is_no_words():
    import_writer.apply_import(planned(["示例纺织有限公司", "无", "", "", "", ""]), None)
    assert cited()["kind"] == ("示例纺织有限公司", "2", "inferred")


def test_an_old_name_that_the_list_does_not_say_is_not_cited_from_it():
    make_organization("示例旧名厂", kind="enterprise", credit_code="91110000600037341L")
    heads = ["单位名称", "信用代码"]
    data = files.csv(heads, ["示例新名厂", "91110000600037341L"])
    of = import_service.create_import("示例名单.csv", data, None, AS_SOURCE)
    import_service.plan_import(of)
    import_writer.apply_import(of, None)
    assert cited() == {"registered name": ("示例新名厂", "2", "stated")}


@pytest.mark.slow
def test_what_the_officer_corrects_is_an_inference_from_what_the_file_says():
    of = planned(["示例纺织有限公司", "企业", "示例县", "", "", ""])
    correction = ImportCorrection(column="province", said="示例县", value="示例省")
    with_it = corrections.build_version_token(corrections.get_corrections(of, 2))
    corrections.replace_corrections(of, 2, with_it, [correction])
    import_service.plan_import(of)
    import_writer.apply_import(of, None)
    assert cited()["region"] == ("示例县", "2", "inferred")


def test_an_import_is_undone_with_its_source():
    before = snapshots.snapshot_organizations([make_organization("示例学院").pk])
    of = import_writer.apply_import(planned(ROW), None)
    done = undo_service.undo(of.revision, None)
    assert not done.not_restored
    assert not Source.objects.exists()
    assert (
        snapshots.snapshot_organizations([row.pk for row in Organization.objects.all()]) == before
    )


@pytest.mark.slow
def test_a_long_import_is_undone_with_its_source(monkeypatch):
    monkeypatch.setattr(snapshots, "BATCH_SIZE", 2)
    of = import_writer.apply_import(planned(*([f"示例{n}厂", *ROW[1:]] for n in "甲乙丙丁")), None)
    assert not undo_service.undo(of.revision, None).not_restored
    assert not Source.objects.exists()
    again = undo_service.undo(of.revision.undone_by.get(), None)
    assert not again.not_restored
    assert Citation.objects.count() == 4 * 6


def test_what_is_cited_is_in_ordinary_characters():
    of = planned(["\u202e示例⻓\xad厂", "企业", "示例省", "", "", ""])
    of.name = "\u202e示例名单.csv"
    import_writer.apply_import(of, None)
    assert Citation.objects.get(field="name").passage == "示例长厂"
    assert (
        import_service.create_import("\u202e甲.csv", files.csv(HEADS, ROW), None).name == "甲.csv"
    )
