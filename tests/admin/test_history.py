"""History at the desk: what was changed, old and new, and the way back."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from directory.admin.base import pagination
from directory.history import recorder
from directory.history.undo import service as undo_service
from directory.models import Organization, Revision
from tests.accounts import limit, make_account
from tests.admin_client import Desk, told
from tests.factories import make_alias, make_member, make_organization, make_role, saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


@pytest.fixture
def reader(client):
    user = get_user_model().objects.create_user("reader", password="x", is_staff=True)
    names = ("view_revision", "view_organization", "change_organization")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return Desk(client, user)


def newest() -> Revision:
    return Revision.objects.first()


def renamed(row, name):
    row.name = name
    return saved(row)


def test_an_edit_is_told_with_who_and_what_old_and_new(desk):
    row = make_member("示例旧名学院")
    desk.send(desk.open(row), name="示例新名学院")
    page = desk.client.get(desk.address(Organization, "history", row.pk, language="en"))
    text = page.content.decode()
    assert "<del>示例旧名学院</del>" in text
    assert "<ins>示例新名学院</ins>" in text
    assert "admin · 数据录入" in text or "admin · data entry" in text


def test_roles_and_aliases_are_told_by_their_names(desk):
    row = make_member(role=make_role("lead", rank=1, name_en="Example lead"))
    make_alias(row, "示例别名")
    page = desk.client.get(desk.address(Organization, "history", row.pk, language="en"))
    text = page.content.decode()
    assert "Example lead" in text
    assert "示例别名" in text


def test_a_button_goes_back_to_how_it_was(desk):
    row = make_member("示例一学院")
    then = newest().pk
    renamed(row, "示例二学院")
    page = desk.client.post(
        desk.address(Organization, "history", row.pk), {"revision": then}, follow=True
    )
    row.refresh_from_db()
    assert (page.status_code, row.name) == (200, "示例一学院")


def test_a_revision_is_undone_as_one_and_says_what_it_could_not(desk):
    row = make_member("示例一学院")
    renamed(row, "示例二学院")
    revision = newest()
    renamed(row, "示例三学院")
    with_undo = reverse("admin:directory_revision_undo", args=[revision.pk])
    page = desk.client.post(with_undo, follow=True, headers={"accept-language": "en"})
    row.refresh_from_db()
    assert row.name == "示例三学院"
    assert "示例三学院" in told(page)


def test_a_value_error_inside_undo_is_a_fault_and_not_a_message(desk, monkeypatch):
    def fail(revision):
        raise ValueError("示例内情")

    renamed(make_member("示例一学院"), "示例二学院")
    address = reverse("admin:directory_revision_undo", args=[newest().pk])
    monkeypatch.setattr(undo_service, "split_changes", fail)
    with pytest.raises(ValueError, match="示例内情"):
        desk.client.post(address)
    desk.client.raise_request_exception = False
    page = desk.client.post(address, follow=True)
    assert (page.status_code, "示例内情" in page.content.decode()) == (500, False)


def test_a_deleted_draft_is_recovered(desk):
    row = make_organization("示例草稿学院", state="draft")
    make_alias(row, "示例旧称")
    desk.delete(row)
    address = reverse("admin:directory_revision_deleted")
    page = desk.client.get(address)
    assert "示例草稿学院" in page.content.decode()
    change = page.context["page"][0].pk
    desk.client.post(address, {"change": change})
    back = Organization.objects.get(pk=row.pk)
    assert [alias.name for alias in back.aliases.all()] == ["示例旧称"]


def test_who_may_not_undo_is_refused_at_every_way_back(reader):
    row = make_member("示例一学院")
    then = newest().pk
    renamed(row, "示例二学院")
    ways = [
        (reverse("admin:directory_revision_undo", args=[newest().pk]), {}),
        (reverse("admin:directory_revision_deleted"), {"change": 1}),
        (reverse("admin:directory_organization_history", args=[row.pk]), {"revision": then}),
    ]
    answers = [reader.client.post(address, data).status_code for address, data in ways]
    row.refresh_from_db()
    assert (answers, row.name) == ([403, 403, 403], "示例二学院")


def test_the_list_of_revisions_opens_each(desk):
    make_member("示例一学院")
    page = desk.client.get(reverse("admin:directory_revision_changelist"))
    assert "示例一学院" in page.content.decode()
    shown = desk.client.get(reverse("admin:directory_revision_change", args=[newest().pk]))
    assert shown.status_code == 200


def test_a_made_up_revision_is_nobody_s(desk):
    row = make_member()
    address = desk.address(Organization, "history", row.pk)
    answers = {desk.client.post(address, {"revision": v}).status_code for v in ("9" * 30, "x", "")}
    assert answers == {404}


def test_bulk_writes_settle_in_parts_and_leave_one_revision():
    before = Revision.objects.count()
    with recorder.record_changes(None, "import") as change:
        for part in range(3):
            rows = [Organization(name=f"示例{part}{n}", kind="university") for n in range(4)]
            for row in Organization.objects.bulk_create(rows):
                change.mark_changed(row)
            change.flush()
    assert Revision.objects.count() == before + 1
    assert newest().changes.count() == 12


def test_what_is_entered_with_its_names_is_undone_with_them(desk):
    alias = {"aliases": {"name": "示例旧称", "sort": "former", "language": "zh-Hans"}}
    desk.send(desk.add(Organization), alias, name="示例新学院", kind="university")
    nouns = newest().changes.values_list("noun", flat=True)
    assert set(nouns) == {"organization", "alias"}
    desk.client.post(reverse("admin:directory_revision_undo", args=[newest().pk]))
    assert not Organization.objects.filter(name="示例新学院").exists()


def test_a_revision_knows_how_many_rows_it_wrote(desk):
    with recorder.record_changes(who=None, via="test", comment="示例批次") as change:
        for number in range(3):
            change.insert_new([Organization(name=f"示例{number}厂", kind="enterprise")])
            change.flush()
    assert newest().count == newest().changes.count() == 3
    page = desk.client.get(desk.address(Revision, "changelist"))
    assert '<td class="field-count">3</td>' in page.content.decode()


def test_of_a_long_revision_a_limited_account_is_shown_the_first_rows_of_its_part(
    client, monkeypatch
):
    user = limit(make_account("limited", "publisher"), "652801")
    with recorder.record_changes(who=None, via="test") as change:
        places = ("652801", "652801", "652801", None)
        change.insert_new([Organization(name="示例厂", kind="other", region_id=p) for p in places])
    desk = Desk(client, user)
    address = desk.address(Revision, "change", newest().pk, language="en")
    page = client.get(address).content.decode()
    assert "1 row outside your part of the directory is not shown" in page
    monkeypatch.setattr(pagination, "MAX_ROWS", 2)
    page = client.get(address).content.decode()
    assert "Only the first 2 rows of your part of the directory are shown." in page
    assert "outside your part" not in page
