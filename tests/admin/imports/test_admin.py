"""An officer at the desk: brings a file, sees what would change, accepts it and takes it back."""

import re

import pytest
from django.urls import reverse
from django.utils import translation

from directory import jobs
from directory.importing import report as import_report
from directory.importing import service as import_service
from directory.models import Import, ImportRow, Organization, Revision
from tests import spreadsheets as files
from tests.admin_client import told
from tests.factories import make_community, make_membership, make_organization, make_role
from tests.import_client import HEADINGS, Officer, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def officer(client, admin_user) -> Officer:
    client.force_login(admin_user)
    return Officer(client)


NEW = ["示例纺织有限公司", "企业", "", "", "示例人"]


def test_what_is_brought_is_shown_and_nothing_is_written(officer):
    of = officer.plan(sheet(NEW))
    assert (of.state, of.counts["new"]) == ("planned", 1)
    assert not Organization.objects.exists()
    assert not Revision.objects.exists()
    assert "示例纺织有限公司" in officer.see(of).content.decode()


def test_a_file_that_cannot_be_read_is_refused_and_not_kept(officer):
    page = officer.bring(b"<html><table>", "list.xls")
    assert page.status_code == 422
    assert "web page" in page.content.decode()
    assert not Import.objects.exists()


def test_the_columns_can_be_changed_before_the_plan(officer):
    of = officer.plan(sheet(NEW), **{"column-0": "", "column-4": "name"})
    assert ImportRow.objects.get(of=of).name == "示例人"


def test_what_of_the_sheet_is_not_read_is_told_beside_the_columns(officer):
    beside = ["单位名称", "类别"] * 2
    page = officer.bring(files.csv(beside, ["示例厂", "企业", "示例校", "本科", "手写"]))
    text = page.content.decode()
    assert "names left out: 1 (示例校)" in text
    assert "Column #5 has no heading and is not read; filled cells: 1, the first: 手写." in text


def test_without_a_column_of_names_there_is_no_plan(officer):
    of = officer.plan(sheet(NEW), **{"column-0": "", "column-2": ""})
    assert of.state == "read"


def test_contacts_are_known_and_not_imported(officer):
    page = officer.see(officer.plan(sheet(NEW)))
    assert "a contact: not imported" in page.content.decode()


@pytest.mark.slow
def test_accepted_rows_are_written_as_one_revision(officer):
    of = officer.plan(sheet(NEW))
    officer.decide(of, officer.see(of), _apply="1")
    of.refresh_from_db()
    assert (of.state, of.counts["applied"], bytes(of.content or b"")) == ("applied", 1, b"")
    row = Organization.objects.get()
    assert (row.name, row.kind, row.state) == ("示例纺织有限公司", "enterprise", "draft")
    assert of.revision == Revision.objects.get()


@pytest.mark.slow
def test_an_import_is_undone_as_one(officer):
    of = officer.plan(sheet(NEW))
    officer.decide(of, officer.see(of), _apply="1")
    of.refresh_from_db()
    with translation.override("en"):
        address = reverse("admin:directory_revision_undo", args=[of.revision_id])
    officer.client.post(address)
    assert not Organization.objects.exists()


@pytest.mark.slow
def test_a_row_that_is_not_taken_is_not_written(officer):
    of = officer.plan(sheet(NEW, ["示例化纤厂", "企业", "", "", ""]))
    row = ImportRow.objects.get(of=of, number=2)
    officer.decide(of, officer.see(of), **{"_apply": "1", f"take-{row.pk}": None})
    assert [each.name for each in Organization.objects.all()] == ["示例化纤厂"]


@pytest.mark.slow
def test_a_single_cell_may_be_left_out(officer):
    known = make_organization("示例学院", kind="vocational-college")
    of = officer.plan(sheet(["示例学院", "本科", "Example College", "", ""]))
    row = ImportRow.objects.get(of=of)
    officer.decide(of, officer.see(of), **{"_apply": "1", f"cell-{row.pk}": ["name_en"]})
    known.refresh_from_db()
    assert (known.name_en, known.kind) == ("Example College", "vocational-college")


@pytest.mark.slow
def test_a_doubtful_row_waits_for_a_decision(officer):
    of = officer.plan(sheet(["示例之家", "神秘", "", "", ""]))
    row = ImportRow.objects.get(of=of)
    assert row.outcome == "doubtful"
    officer.decide(of, officer.see(of), _keep="1")
    assert not Organization.objects.exists()
    officer.decide(of, officer.see(of), **{"_apply": "1", f"decide-{row.pk}": "create"})
    assert Organization.objects.get().kind == "other"


@pytest.mark.slow
def test_an_import_is_applied_only_once(officer):
    of = officer.plan(sheet(NEW))
    officer.decide(of, officer.see(of), _apply="1")
    page = officer.client.post(officer.page("apply", of.pk), follow=True)
    assert "applied before" in told(page)
    assert Organization.objects.count() == 1


@pytest.mark.slow
def test_what_was_interrupted_says_so_and_starts_again(officer):
    of = officer.plan(sheet(NEW))
    import_service.mark_started(of, Import.State.APPLYING)
    page = officer.see(of)
    assert "interrupted" in page.content.decode().lower()
    assert "Refresh" not in page
    officer.client.post(officer.page("again", of.pk))
    assert Organization.objects.count() == 1


def test_what_is_under_way_renews_its_page(officer):
    of = officer.plan(sheet(NEW))
    import_service.mark_started(of, Import.State.APPLYING)
    with jobs.lock_job(of.pk, 10) as tell:
        tell(5)
        page = officer.see(of)
    assert page["Refresh"] == "2"
    assert "5 of 10 rows" in page.content.decode()


def test_long_lists_go_on_in_a_process_of_their_own(officer, monkeypatch):
    started = []
    monkeypatch.setattr(import_service, "MAX_ROWS_IN_REQUEST", 0)
    monkeypatch.setattr(jobs, "start_import", started.append)
    monkeypatch.setattr(import_service.transaction, "on_commit", lambda call: call())
    of = officer.plan(sheet(NEW))
    assert (started, of.state) == ([of.pk], "planning")


@pytest.mark.slow
def test_the_plan_is_a_file_whose_cells_are_harmless(officer):
    of = officer.plan(sheet(["=1+1示例厂", "企业", "", "", ""]))
    body = b"".join(officer.client.get(officer.page("rows", of.pk)).streaming_content).decode()
    assert ",'=1+1示例厂," in body
    assert "row,outcome,name" in body


def test_each_outcome_is_a_page_of_its_own(officer):
    of = officer.plan(sheet(NEW, ["示例之家", "神秘", "", "", ""]))
    page = officer.see(of, outcome="doubtful")
    assert [section.outcome for section in page.context["sections"]] == ["doubtful"]


def test_who_may_not_write_organizations_may_not_import(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("a", is_staff=True))
    assert client.get(reverse("admin:directory_import_add")).status_code == 403
    assert b"/import/add/" not in client.get("/admin/").content


@pytest.mark.slow
def test_the_first_page_takes_a_file_and_tells_what_became_of_the_last_ones(officer):
    of = officer.plan(sheet(NEW))
    page = officer.client.get("/admin/").content.decode()
    assert 'action="/admin/directory/import/add/"' in page
    assert f'href="/admin/directory/import/{of.pk}/change/"' in page
    assert "待接受<" in page
    assert "新增 1<" in page


def test_what_is_put_away_is_gone(officer):
    of = officer.plan(sheet(NEW))
    officer.client.post(officer.page("discard", of.pk))
    assert not Import.objects.exists()


@pytest.mark.slow
def test_a_role_that_is_added_does_not_look_as_if_it_took_another_away(officer):
    lead = make_role("lead", 1, name="示例牵头", name_en="Example lead")
    make_role("member", 90, name="示例成员", name_en="Example member")
    row = make_organization("示例学院", kind="university")
    make_membership(row, lead, since="2023-11-13")
    heads = ["单位名称", "类别", "角色"]
    of = officer.plan(files.csv(heads, ["示例学院", "高等学校", "member"]))
    cells = re.sub(r"\s+", " ", officer.see(of).content.decode())
    assert "<span>Example lead 2023-11-13–</span> <ins>Example member</ins>" in cells
    assert "<del>" not in cells


def test_the_file_of_reasons_tells_changes_in_plain_words(officer):
    make_role("member", 90)
    make_community()
    make_organization("示例学院", kind="university", name_en="Example")
    heads = ["单位名称", "类别", "角色", "英文名称"]
    of = officer.plan(files.csv(heads, ["示例学院", "高等学校", "member", "Example College"]))
    told = b"".join(import_report.iter_csv_lines(of)).decode()
    assert "name_en: Example → Example College" in told
    assert "memberships: + member example" in told


@pytest.mark.slow
def test_another_sheet_can_be_read_instead(officer):
    schools = {"学校": [HEADINGS, ["示例学校", "中职", "", "", ""]]}
    page = officer.bring(files.xlsx(HEADINGS, NEW, more=schools), name="名单.xlsx")
    of = page.context["job"]
    assert "学校" in page.content.decode()
    officer.client.post(officer.page("columns", of.pk), {"_sheet": "学校", "version": 0})
    of.refresh_from_db()
    assert (of.sheet, of.left_out, of.state) == ("学校", ["成员"], "read")
    officer.client.post(officer.page("columns", of.pk), {"column-0": "name", "column-1": "kind"})
    assert [row.name for row in of.rows.all()] == ["示例学校"]


@pytest.mark.slow
def test_no_other_sheet_is_read_while_somebody_is_at_it(officer):
    more = {"学校": [HEADINGS, ["示例学校", "中职", "", "", ""]]}
    of = officer.plan(files.xlsx(HEADINGS, NEW, more=more))
    import_service.mark_started(of, Import.State.APPLYING)
    import_service.switch_sheet(of, "学校")
    of.refresh_from_db()
    assert (of.sheet, of.rows.count()) == ("成员", 1)


def test_a_sheet_that_nobody_left_out_is_not_read(officer):
    page = officer.bring(files.xlsx(HEADINGS, NEW), name="名单.xlsx")
    answer = officer.client.post(
        officer.page("columns", page.context["job"].pk), {"_sheet": "月球"}, follow=True
    )
    assert answer.status_code in (200, 422)
    assert Import.objects.get().sheet == "成员"


@pytest.mark.slow
def test_columns_are_not_changed_over_a_colleagues_plan(officer):
    of = officer.plan(sheet(NEW))
    old = {"column-0": "name", "column-1": "kind", "publish": "on", "version": of.version - 1}
    page = officer.client.post(officer.page("columns", of.pk), old, follow=True)
    of.refresh_from_db()
    assert "planned this import otherwise" in told(page)
    assert "publish" not in of.options


@pytest.mark.slow
def test_all_that_are_decided_to_be_new_are_written(officer):
    rows = [[f"示例{name}", "神秘", "", "", ""] for name in ("研究社", "合作社", "基地")]
    of = officer.plan(sheet(*rows))
    page = officer.see(of)
    wanted = {f"decide-{row.pk}": "create" for row in of.rows.all()}
    officer.decide(of, page, **wanted, _apply="1")
    assert sorted(Organization.objects.values_list("name", flat=True)) == [
        "示例合作社",
        "示例基地",
        "示例研究社",
    ]
