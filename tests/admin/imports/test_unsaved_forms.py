"""Forms of an import that could not be saved: decisions, cells and columns come back."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from directory.importing import service as import_service
from directory.models import Import, ImportCorrection, ImportRow, Organization
from tests.html_forms import find_form, send
from tests.import_client import Officer, sheet

pytestmark = pytest.mark.django_db
FIELD, PASSWORD = "unsaved_form", "a-long-password-1"
ROWS = (["示例甲学院", "本科院校", "", "", ""], ["示例乙学院", "不明", "", "", ""])


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def officer(client) -> Officer:
    client.force_login(User.objects.create_superuser("officer", password=PASSWORD))
    return Officer(client)


def end_session_and_return(client, page, having: str, **changes):
    """Send the form after the session ended, sign in, and show the form again."""
    Session.objects.all().delete()
    page = send(client, page, having, **changes)
    assert page.status_code == 403
    page = send(client, page, "username", username="officer", password=PASSWORD)
    return send(client, page, FIELD)


def test_corrected_cells_come_back_and_are_not_kept(officer):
    of = officer.plan(sheet(*ROWS))
    page = officer.client.get(officer.page("row", of.pk, 3))
    page = end_session_and_return(officer.client, page, "seen", kind="职业院校", name_en="Typed")
    fields = find_form(page, "seen").fields
    assert (fields["kind"], fields["name_en"]) == (["职业院校"], ["Typed"])
    assert page.status_code in (200, 422)
    assert not ImportCorrection.objects.exists()
    send(officer.client, page, "seen")
    assert ImportCorrection.objects.count() == 2


def test_cells_of_an_import_that_was_applied_meanwhile_can_be_copied(officer):
    of = officer.plan(sheet(*ROWS))
    page = officer.client.get(officer.page("row", of.pk, 3))
    Import.objects.update(state=Import.State.APPLIED)
    answer = send(officer.client, page, "seen", name_en="Typed")
    assert answer.status_code == 409
    assert "Typed" in answer.content.decode()


def test_cells_of_an_import_that_was_put_away_meanwhile_can_be_copied(officer):
    of = officer.plan(sheet(*ROWS))
    page = officer.client.get(officer.page("row", of.pk, 3))
    import_service.discard_import(of)
    answer = send(officer.client, page, "seen", name_en="Typed")
    assert answer.status_code == 404
    assert "Typed" in answer.content.decode()


def test_decisions_come_back_and_nothing_is_applied(officer):
    of = officer.plan(sheet(*ROWS))
    row = ImportRow.objects.get(outcome="new")
    page = officer.see(of)
    taken = f"take-{row.pk}"
    page = end_session_and_return(officer.client, page, "version", **{taken: None, "_apply": "1"})
    assert page.status_code == 200
    assert taken not in find_form(page, "version").fields
    row.refresh_from_db()
    assert row.decision == ImportRow.Decision.OPEN
    assert not Organization.objects.exists()
    send(officer.client, page, "version", _keep="1")
    row.refresh_from_db()
    assert row.decision == ImportRow.Decision.SKIP


def test_decisions_on_an_older_plan_are_told_and_not_taken(officer):
    of = officer.plan(sheet(*ROWS))
    row = ImportRow.objects.get(outcome="new")
    page = officer.see(of)
    Import.objects.update(version=of.version + 1)
    page = end_session_and_return(officer.client, page, "version", **{f"take-{row.pk}": None})
    assert "Row 2, 示例甲学院: you had chosen" in page.content.decode()
    assert f"take-{row.pk}" in find_form(page, "version").fields


def test_columns_come_back_and_nothing_is_planned(officer):
    page = officer.bring(sheet(*ROWS))
    of = page.context["job"]
    page = end_session_and_return(officer.client, page, "column-0", **{"column-4": "website"})
    assert find_form(page, "column-0").fields["column-4"] == ["website"]
    of.refresh_from_db()
    assert of.state == Import.State.READ


def test_a_conflict_of_corrections_is_noticed_after_signing_in_again(officer):
    of = officer.plan(sheet(*ROWS))
    page = officer.client.get(officer.page("row", of.pk, 3))
    send(officer.client, page, "seen", name_en="Theirs")
    page = end_session_and_return(officer.client, page, "seen", name_en="Mine")
    assert "Somebody corrected this row" in page.content.decode()
    assert find_form(page, "seen").fields["name_en"] == ["Mine"]
    assert ImportCorrection.objects.get().value == "Theirs"
