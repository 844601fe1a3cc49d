"""`manage.py import_members`: one object of JSON, an exit status, and nothing half-written."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from directory.importing import service as import_service
from directory.importing.apply import selection
from directory.importing.apply import writer as import_writer
from directory.importing.plan import current as current_values
from directory.models import Import, ImportRow, Membership, Organization, Revision
from tests import spreadsheets as files
from tests.factories import make_community, make_organization, make_role

pytestmark = pytest.mark.django_db
HEADINGS = ["单位名称", "类别", "学校标识码"]
GOOD = ["示例大学", "本科", "4141000001"]


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def run(tmp_path, capsys):
    def run_(data: bytes, *options: str) -> tuple[dict, int]:
        path = tmp_path / "示例.csv"
        path.write_bytes(data)
        status = 0
        try:
            call_command("import_members", str(path), "--json", *options)
        except SystemExit as end:
            status = end.code
        return json.loads(capsys.readouterr().out), status

    return run_


def test_the_answer_is_one_object(run):
    found, status = run(files.csv(["示例名单"], HEADINGS, GOOD), "--dry-run")
    assert (found["encoding"], found["header_row"], status) == ("UTF-8", 2, 0)
    assert found["mapping"] == {"单位名称": "name", "类别": "kind", "学校标识码": "school_code"}
    assert found["skipped"] == [{"row": 1, "reason": "above the headings: “示例名单”"}]
    assert [row["row"] for row in found["new"]] == [3]
    assert set(found) >= {"new", "changed", "unchanged", "doubtful", "refused"}


def test_a_dry_run_keeps_nothing(run):
    run(files.csv(HEADINGS, GOOD), "--dry-run")
    assert not Organization.objects.exists()
    assert not Import.objects.exists()


def test_new_rows_become_drafts_in_one_revision(run):
    run(files.csv(HEADINGS, GOOD))
    assert Organization.objects.get().state == "draft"
    assert Revision.objects.get().via == "import"


def test_what_is_new_is_published_when_asked(run):
    make_community(), make_role("member")
    run(files.csv(HEADINGS, GOOD), "--publish", "--role", "member")
    assert Organization.objects.members().count() == 1


def test_doubtful_rows_are_not_applied(run):
    found, status = run(files.csv(HEADINGS, ["示例之家", "神秘", ""]))
    assert (len(found["doubtful"]), status, Organization.objects.count()) == (1, 0, 0)


def test_a_refused_row_is_told_by_the_status(run):
    found, status = run(files.csv(HEADINGS, GOOD, ["", "本科", "4141000002"]))
    assert (found["refused"][0]["row"], found["refused"][0]["reason"]) == (3, "It has no name.")
    assert (status, Organization.objects.count()) == (1, 1)


def test_a_refused_file_is_told_by_another(run):
    found, status = run(b"")
    assert (found["error"], found["new"], status) == ("The file is empty.", [], 2)


def test_changes_are_told_from_old_to_new(run):
    make_organization("示例大学", kind="other")
    found, _status = run(files.csv(HEADINGS, GOOD), "--dry-run")
    assert found["changed"][0]["changes"]["kind"] == ["other", "university"]


def test_a_community_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(files.csv(HEADINGS, GOOD))
    with pytest.raises(CommandError, match="no community"):
        call_command("import_members", str(path), "--community", "nowhere")


# -- Applying ----------------------------------------------------------------


def planned(*rows: list[str]) -> Import:
    of = import_service.create_import("示例.csv", files.csv(HEADINGS, *rows), None)
    import_service.plan_import(of)
    return of


def test_what_somebody_changed_since_the_plan_is_left_and_told():
    known = make_organization("示例大学", kind="other")
    of = planned(GOOD)
    Organization.objects.filter(pk=known.pk).update(version=9)
    import_writer.apply_import(of, None)
    known.refresh_from_db()
    row = ImportRow.objects.get()
    assert (known.kind, row.applied, row.reasons[-1][0]) == ("other", "no", "stale")
    assert of.counts["stale"] == 1


def test_who_came_in_since_the_plan_is_not_doubled():
    of = planned(GOOD)
    make_organization("示例大学")
    import_writer.apply_import(of, None)
    assert (Organization.objects.count(), of.counts["stale"]) == (1, 1)


def test_a_code_that_was_taken_since_the_plan_stops_only_its_row():
    of = planned(GOOD, ["示例学院", "本科", "4141000002"])
    make_organization("另一所示例", school_code="4141000001")
    import_writer.apply_import(of, None)
    assert sorted(Organization.objects.values_list("name", flat=True)) == ["另一所示例", "示例学院"]


def test_what_fails_in_the_middle_leaves_nothing(monkeypatch):
    monkeypatch.setattr(selection, "BATCH", 1)
    of = planned(GOOD, ["示例学院", "本科", "4141000002"])
    written = []

    def failing(writer, rows):
        written.append(rows)
        if len(written) == 2:
            raise MemoryError
        write(writer, rows)

    write = import_writer.ImportWriter.write
    monkeypatch.setattr(import_writer.ImportWriter, "write", failing)
    with pytest.raises(MemoryError):
        import_writer.apply_import(of, None)
    of.refresh_from_db()
    assert (of.state, Organization.objects.count(), Revision.objects.count()) == ("planned", 0, 0)


def test_an_import_is_applied_only_once():
    of = planned(GOOD)
    import_writer.apply_import(of, None)
    with pytest.raises(import_writer.AlreadyAppliedError):
        import_writer.apply_import(of, None)


def test_a_membership_of_what_is_published_waits_for_a_publisher():
    make_community(), make_role("member")
    known = make_organization("示例大学", kind="university")
    data = files.csv(["单位名称", "角色"], ["示例大学", "member"])
    of = import_service.create_import("a.csv", data, None)
    import_service.plan_import(of)
    import_writer.apply_import(of, None)
    assert Membership.objects.get(organization=known).state == "draft"


def test_the_process_of_a_long_import_does_what_is_due(admin_user):
    of = planned(GOOD)
    import_service.mark_started(of, Import.State.APPLYING, admin_user)
    call_command("run_import", str(of.pk))
    of.refresh_from_db()
    assert (of.state, Organization.objects.count()) == ("applied", 1)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL scans what is small")
@pytest.mark.parametrize("asked", ["spoken", "credit_code", "school_code"])
def test_no_batch_reads_the_whole_directory(asked):
    spoken, code = ["shi li"], ["4141000001"]
    rows = (
        current_values.filter_by_pinyin(spoken)
        if asked == "spoken"
        else current_values.filter_by_code(asked, code)
    )
    assert "SCAN" not in rows.explain()


def test_the_sheet_that_is_read_may_be_said_and_the_others_are_told(run, tmp_path, capsys):
    data = files.xlsx(HEADINGS, GOOD, more={"另表": [HEADINGS, ["示例学院", "专科", ""]]})
    found, _status = run(data, "--dry-run", "--sheet", "另表")
    assert (found["sheet"], found["left_out"]) == ("另表", ["成员"])
    assert found["new"][0]["name"] == "示例学院"
    call_command("import_members", str(tmp_path / "示例.csv"), "--dry-run")
    assert "Only the sheet “成员” was read, not: 另表." in capsys.readouterr().out


def test_what_was_passed_over_is_told_too(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_bytes(files.csv(["单位名称", "类别"], ["示例厂", "企业"], ["合计", "1"]))
    call_command("import_members", str(path), "--dry-run")
    assert "3: a total: “合计”" in capsys.readouterr().out


BESIDE = files.csv(["单位名称", "Code", "单位名称", "Code"], ["示例厂", "1", "示例校", "2", "手写"])


def test_what_is_not_read_of_a_file_is_said(run):
    found, _status = run(BESIDE, "--dry-run")
    unread = {each["column"]: each["cells"] for each in found["unread"]}
    assert unread == {"Code": 1, "单位名称 #3": 1, "Code #4": 1, "#5": 1}
    assert found["unread"][-1]["first"] == ["手写"]
    assert "names left out: 1 (示例校)" in found["adjacent"]


def test_what_is_not_read_is_said_in_words_too(tmp_path, capsys):
    path = tmp_path / "示例.csv"
    path.write_bytes(BESIDE)
    call_command("import_members", str(path), "--dry-run")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Another list stands beside this one")
    assert any("“Code” is not read" in line and "filled cells: 1" in line for line in lines)
    assert any("#5 has no heading" in line and "手写" in line for line in lines)


@pytest.mark.parametrize("dry", [True, False])
def test_the_command_can_be_told_what_columns_mean(run, dry):
    data = files.csv(["甲列", "单位名称", "乙列"], ["示例大学", "7", "4141000001"])
    told = "--column=甲列=name", "--column=乙列=school_code", *["--dry-run"] * dry
    found, status = run(data, *told)
    assert (status, found["mapping"]["单位名称"]) == (0, None)
    assert [row["name"] for row in found["new"]] == ["示例大学"]
    assert [each.school_code for each in Organization.objects.all()] == ["4141000001"] * (not dry)


def test_a_column_that_is_not_there_is_refused(run):
    with pytest.raises(CommandError, match="has no column “丙列”") as caught:
        run(files.csv(HEADINGS, GOOD), "--column", "丙列=name")
    assert caught.value.returncode == 2
    assert not Import.objects.exists()
