"""A wrong cell is put right in the preview: planned anew, said as such, and nobody overwritten."""

import pytest
from django.utils import translation

from directory.importing import service as import_service
from directory.models import Import, ImportCorrection, ImportRow, Organization, Revision
from tests.admin_client import told
from tests.factories import make_organization
from tests.import_client import Officer, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NEW = ["示例纺织有限公司", "企业", "", "", "示例人"]
ODD = ["示例之家", "神秘", "", "", ""]


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def officer(client, admin_user) -> Officer:
    client.force_login(admin_user)
    return Officer(client)


def at(officer: Officer, of: Import, number=2) -> str:
    return officer.page("row", of.pk, number)


def correct(officer: Officer, of: Import, number=2, page=None, **cells):
    """Send the form of a row as the page shows it, with these cells changed."""
    page = page or officer.client.get(at(officer, of, number))
    form = page.context["form"]
    sent = {field.html_name: field.value() or "" for field in form}
    return officer.client.post(at(officer, of, number), sent | cells, follow=True)


def row_of(of: Import, number=2) -> ImportRow:
    return ImportRow.objects.get(of=of, number=number)


def test_a_wrong_cell_is_corrected_and_the_row_planned_anew(officer):
    of = officer.plan(sheet(ODD))
    assert row_of(of).outcome == "doubtful"
    page = correct(officer, of, kind="企业")
    assert (row_of(of).outcome, row_of(of).values["kind"]) == ("new", "enterprise")
    assert "new" in told(page)
    assert not Organization.objects.exists()
    assert not Revision.objects.exists()


def test_a_refused_row_gets_its_name(officer):
    of = officer.plan(sheet(NEW, ["…", "企业", "", "", ""]))
    assert row_of(of, 3).outcome == "refused"
    correct(officer, of, 3, name="示例毛纺厂")
    of.refresh_from_db()
    assert (row_of(of, 3).outcome, of.counts["refused"], of.counts["new"]) == ("new", 0, 2)


def test_a_fact_without_a_column_can_be_entered(officer):
    of = officer.plan(sheet(NEW))
    correct(officer, of, website="https://example.org/")
    assert row_of(of).values["website"] == "https://example.org/"


def test_the_words_that_the_form_offers_are_understood(officer):
    of = officer.plan(sheet(ODD))
    for kind in officer.client.get(at(officer, of)).context["suggestions"]["kind"]:
        correct(officer, of, kind=kind)
        assert row_of(of).outcome == "new", kind


def test_rows_beside_it_are_read_anew_too(officer):
    of = officer.plan(sheet(NEW, NEW))
    assert row_of(of, 3).outcome == "doubtful"
    correct(officer, of, 2, name="示例化纤有限责任公司")
    assert row_of(of, 3).outcome == "new"


def test_what_was_decided_of_other_rows_stands(officer):
    of = officer.plan(sheet(NEW, ODD, ["示例化纤厂", "企业", "Example", "", ""]))
    first, last = row_of(of), row_of(of, 4)
    changed = {f"take-{first.pk}": None, f"cell-{last.pk}": ["name", "kind"], "_keep": "1"}
    officer.decide(of, officer.see(of), **changed)
    correct(officer, of, 3, kind="企业")
    assert (row_of(of).decision, row_of(of, 4).left) == ("skip", ["name_en"])


def test_the_correction_is_told_in_page_and_file(officer):
    of = officer.plan(sheet(ODD))
    correct(officer, of, kind="企业")
    page = officer.see(of).content.decode()
    assert "Kind “企业”: corrected here; the file says “神秘”." in page
    body = b"".join(officer.client.get(officer.page("rows", of.pk)).streaming_content).decode()
    assert "kind: 神秘 → 企业" in body


def test_the_revision_remembers_it(officer):
    of = officer.plan(sheet(ODD))
    correct(officer, of, kind="企业")
    officer.decide(of, officer.see(of), _apply="1")
    of.refresh_from_db()
    assert Organization.objects.get().kind == "enterprise"
    with translation.override("en"):
        page = officer.client.get(f"/en/admin/directory/revision/{of.revision_id}/change/")
    assert "1 cell of the file was corrected" in page.content.decode()
    assert "the file says “神秘”" in officer.see(of).content.decode()


def test_saying_what_the_file_says_takes_it_back(officer):
    of = officer.plan(sheet(ODD))
    correct(officer, of, kind="企业")
    correct(officer, of, kind="神秘")
    assert row_of(of).outcome == "doubtful"
    assert not ImportCorrection.objects.exists()


def test_who_was_overtaken_is_shown_both_and_asked(officer):
    of = officer.plan(sheet(ODD))
    old = officer.client.get(at(officer, of))
    correct(officer, of, kind="企业")
    page = correct(officer, of, page=old, kind="本科院校")
    assert page.status_code == 409
    assert "It now says “企业”" in page.content.decode()
    assert row_of(of).values["kind"] == "enterprise"
    correct(officer, of, page=page)
    assert row_of(of).values["kind"] == "university"


def test_a_page_older_than_a_correction_applies_nothing(officer):
    of = officer.plan(sheet(ODD))
    old = officer.see(of)
    correct(officer, of, kind="企业")
    page = officer.decide(of, old, _apply="1")
    assert "Somebody decided or corrected" in told(page)
    assert not Organization.objects.exists()


def test_decisions_on_an_older_page_overwrite_nobody(officer):
    of = officer.plan(sheet(NEW, ODD))
    old, row = officer.see(of), row_of(of, 3)
    officer.decide(of, old, **{f"decide-{row.pk}": "create", "_keep": "1"})
    page = officer.decide(of, old, **{f"decide-{row.pk}": "skip", "_keep": "1"})
    assert row_of(of, 3).decision == "create"
    assert "you had chosen “skip”" in told(page)


def test_an_applied_import_is_not_corrected(officer):
    of = officer.plan(sheet(ODD, NEW))
    old = officer.client.get(at(officer, of))
    officer.decide(of, officer.see(of), _apply="1")
    page = correct(officer, of, page=old, kind="企业")
    assert "not open any more" in page.content.decode()
    assert not ImportCorrection.objects.exists()
    assert '<input type="text"' not in page.content.decode()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("长" * 10_000, "At most 5000"),
        ("企\u0085业", "nobody can see"),
        ("企\x07业", "nobody can see"),
    ],
)
def test_what_cannot_be_a_cell_is_refused_in_words(officer, value, said):
    of = officer.plan(sheet(ODD))
    page = officer.client.get(at(officer, of))
    sent = {field.html_name: field.value() or "" for field in page.context["form"]}
    answer = officer.client.post(at(officer, of), sent | {"kind": value})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not ImportCorrection.objects.exists()


def test_nul_is_refused(officer):
    of = officer.plan(sheet(ODD))
    assert correct(officer, of, kind="\0").status_code in (400, 422)
    assert not ImportCorrection.objects.exists()


def test_a_formula_typed_in_is_text(officer):
    of = officer.plan(sheet(ODD))
    correct(officer, of, name="=1+1示例厂", kind="企业")
    assert row_of(of).name == "=1+1示例厂"
    body = b"".join(officer.client.get(officer.page("rows", of.pk)).streaming_content).decode()
    assert ",'=1+1示例厂," in body


def test_another_mapping_keeps_the_correction_with_its_fact(officer):
    of = officer.plan(sheet(ODD))
    correct(officer, of, kind="企业")
    of.refresh_from_db()
    of.mapping = ["name", "", "kind", "school_code", "contact"]
    of.save()
    import_service.plan_import(of)
    assert row_of(of).values["kind"] == "enterprise"
    assert ImportCorrection.objects.get().said == ""


def test_a_row_that_is_not_there_has_no_page(officer):
    of = officer.plan(sheet(ODD))
    assert officer.client.get(at(officer, of, 99)).status_code == 404


def test_who_may_not_import_corrects_nothing(client, officer, django_user_model):
    of = officer.plan(sheet(ODD))
    make_organization()
    client.force_login(django_user_model.objects.create_user("a", is_staff=True))
    assert client.get(at(officer, of)).status_code == 403


def test_a_correction_is_kept_in_ordinary_characters(officer):
    of = officer.plan(sheet(ODD))
    correct(officer, of, name="\u202e示例⻓\xad厂\u200f", kind="企业")
    assert ImportCorrection.objects.get(column="name").value == "示例长厂"
    assert row_of(of).name == "示例长厂"
