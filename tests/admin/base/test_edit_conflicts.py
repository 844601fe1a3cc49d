"""Two officers at once: nobody's work is overwritten unseen, and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import signals
from django.test import Client

from directory.history import recorder
from directory.models import Alias, Contact, DataVersion, Organization, Seat
from directory.search import index as search_index
from tests.admin_client import Desk, entered, faults, formsets
from tests.factories import (
    make_alias,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_role,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


@pytest.fixture
def colleague(django_user_model):
    user = django_user_model.objects.create_superuser("colleague")
    return Desk(Client(), user)


def shown(page) -> dict:
    return {d.label: (d.yours, d.current) for d in page.context["differences"]}


def test_the_later_officer_is_shown_both_values_and_overwrites_nothing(desk, colleague):
    row = make_organization("示例原名")
    mine = desk.open(row)
    colleague.send(colleague.open(row), name="示例甲名")
    page = desk.send(mine, name="示例乙名")
    assert ("示例乙名", "示例甲名") in shown(page).values()
    assert Organization.objects.get(pk=row.pk).name == "示例甲名"


def test_the_page_says_who_saved_meanwhile(desk, colleague):
    row = make_organization()
    mine = desk.open(row)
    colleague.send(colleague.open(row), name="示例甲名")
    assert "colleague" in desk.send(mine, name="示例乙名").context["last_saved"]


def test_saving_again_is_a_choice_and_is_taken(desk, colleague):
    row = make_organization()
    mine = desk.open(row)
    colleague.send(colleague.open(row), name="示例甲名")
    desk.send(desk.send(mine, name="示例乙名"))
    assert Organization.objects.get(pk=row.pk).name == "示例乙名"


def test_a_third_change_between_is_shown_again(desk, colleague):
    row = make_organization()
    mine = desk.open(row)
    for name in ("示例甲名", "示例丙名"):
        colleague.send(colleague.open(row), name=name)
        mine = desk.send(mine, name="示例乙名")
        assert ("示例乙名", name) in shown(mine).values()


def test_a_refused_save_is_no_change(desk, colleague):
    row = make_organization()
    mine = desk.open(row)
    colleague.send(colleague.open(row), name="示例甲名")
    before = DataVersion.get_current()
    desk.send(mine, name="示例乙名")
    assert DataVersion.get_current() == before


def test_a_form_without_its_version_is_not_saved(desk):
    row = make_organization("示例原名")
    data = entered(desk.open(row)) | {"name": "示例乙名"}
    del data["version"]
    desk.client.post(desk.address(Organization, "change", row.pk), data)
    assert Organization.objects.get(pk=row.pk).name == "示例原名"


def test_an_alias_added_meanwhile_is_told_of_and_stays(desk, colleague):
    row = make_organization()
    make_alias(row, "示例旧名")
    mine = desk.open(row)
    alias = {"name": "示例新加", "sort": "short", "language": "zh-Hans"}
    colleague.send(colleague.open(row), {"aliases": alias})
    page = desk.send(mine, {"aliases": alias | {"name": "示例我加"}})
    assert any("示例新加" in now for _yours, now in shown(page).values())
    desk.send(page)
    assert {a.name for a in row.aliases.all()} == {"示例旧名", "示例新加", "示例我加"}


def test_an_alias_deleted_meanwhile_does_not_come_back(desk, colleague):
    row = make_organization()
    for name in ("示例甲", "示例乙", "示例丙"):
        make_alias(row, name)
    mine = desk.open(row)
    colleague.send(colleague.open(row), **{"aliases-0-DELETE": "on"})
    page = desk.send(mine, **{"aliases-2-name": "示例丁"})
    assert any("示例甲" in yours for yours, _now in shown(page).values())
    desk.send(page)
    assert [a.name for a in row.aliases.order_by("pk")] == ["示例乙", "示例丁"]


def test_an_alias_changed_meanwhile_is_shown_before_it_is_overwritten(desk, colleague):
    row = make_organization()
    make_alias(row, "示例甲")
    mine = desk.open(row)
    colleague.send(colleague.open(row), **{"aliases-0-name": "示例乙"})
    assert ("示例甲", "示例乙") in shown(desk.send(mine, name="示例名")).values()
    assert row.aliases.get().name == "示例乙"


def test_a_role_opened_meanwhile_is_not_opened_twice(desk, colleague):
    row = make_organization()
    mine = desk.open(row)
    make_membership(row)
    new = {"community": make_community().pk, "role": make_role().pk, "state": "published"}
    page = desk.send(desk.send(mine, {"memberships": new}))
    assert faults(page)
    assert row.memberships.count() == 1


def test_an_alias_on_its_own_page_counts_as_a_change_of_the_organization(desk, colleague):
    row = make_organization()
    alias = make_alias(row, "示例甲")
    mine = desk.open(row)
    colleague.send(colleague.open(alias), name="示例乙")
    assert desk.send(mine, name="示例名").context["stale"]


def test_a_bulk_action_counts_as_a_change(desk, colleague):
    row = make_member()
    mine = desk.open(row)
    colleague.act(Organization, "archive", [row], reason="示例原因")
    assert "示例原因" in str(desk.send(mine, name="示例名").context["differences"])
    assert Organization.objects.get(pk=row.pk).state == "withdrawn"


@pytest.mark.parametrize("make", [make_role, make_community])
def test_rows_without_a_version_are_guarded_too(desk, colleague, make):
    row = make()
    mine = desk.open(row)
    colleague.send(colleague.open(row), name="示例甲名")
    assert ("示例乙名", "示例甲名") in shown(desk.send(mine, name="示例乙名")).values()
    row.refresh_from_db()
    assert row.name == "示例甲名"


def test_a_seat_added_meanwhile_counts_as_a_change_of_the_community(desk, colleague):
    community = make_community()
    mine = desk.open(community)
    colleague.send(colleague.open(community), {"seat_set": {"role": make_role().pk, "count": 1}})
    assert desk.send(mine, name="示例名").context["stale"]
    assert Seat.objects.count() == 1


def test_a_row_deleted_meanwhile_is_told_kindly(desk):
    row = make_organization(state="draft")
    mine = desk.open(row)
    row.delete()
    answer = desk.send(mine, description="示例长文")
    assert answer.status_code == 404
    assert "示例长文" in answer.content.decode()
    assert not Organization.objects.exists()


def test_rows_of_another_organization_cannot_be_smuggled_in(desk):
    row, other = make_organization(), make_organization()
    make_alias(row, "示例甲")
    theirs = make_alias(other, "示例乙")
    desk.send(desk.open(row), **{"aliases-0-id": theirs.pk, "aliases-0-name": "示例丙"})
    assert Alias.objects.get(pk=theirs.pk).name == "示例乙"


def test_nonsense_in_the_forms_own_numbers_breaks_nothing(desk):
    row = make_organization()
    for nonsense in ("", "x", "-1", "99999999"):
        page = desk.send(desk.open(row), **{"aliases-TOTAL_FORMS": nonsense})
        assert page.status_code == 200


@pytest.fixture
def colleague_at_the_same_moment():
    """Enters whatever alias is about to be saved, a moment before, as often as `moments` says."""
    moments = []

    def enter(instance, **_signal):
        if moments:
            values = {"organization": instance.organization, "name": instance.name}
            Alias.objects.bulk_create([Alias(**values, sort="former")])
            moments.pop()

    signals.pre_save.connect(enter, sender=Alias)
    yield moments
    signals.pre_save.disconnect(enter, sender=Alias)


def test_a_clash_in_the_database_is_told_and_saves_nothing(desk, colleague_at_the_same_moment):
    row = make_organization("示例原名")
    make_alias(row, "示例甲")
    colleague_at_the_same_moment += [1, 2]
    page = desk.send(desk.open(row), name="示例新名", **{"aliases-0-name": "示例乙"})
    assert Organization.objects.get(pk=row.pk).name == "示例原名"
    assert "没有保存任何内容" in faults(page)


def test_a_clash_that_is_over_is_tried_once_more(desk, colleague_at_the_same_moment):
    row = make_organization("示例原名")
    make_alias(row, "示例甲")
    colleague_at_the_same_moment += [1]
    page = desk.send(desk.open(row), name="示例新名", **{"aliases-0-name": "示例乙"})
    assert page.redirect_chain
    assert Alias.objects.get().name == "示例乙"


def test_a_row_moved_to_another_organization_changes_both(desk):
    one, two = make_organization(), make_organization()
    with recorder.record_changes(None, "test") as change:
        change.track([one.pk])
        contact = Contact(organization=one, label="示例", channel="email", value="a@example.cn")
        contact.save()
        change.mark_changed(contact)
    before = [o.version for o in Organization.objects.order_by("pk")]
    desk.send(desk.open(contact), organization=two.pk)
    after = [o.version for o in Organization.objects.order_by("pk")]
    assert [b + 1 for b in before] == after
    assert formsets(desk.open(two))[2].initial_form_count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="its test database is one connection")
def test_of_two_who_save_in_the_same_moment_one_is_asked(desk, colleague):
    row = make_organization("示例原名")
    pages = [(each, each.open(row)) for each in (desk, colleague)]
    start = Barrier(2)

    def save(number: int) -> bool:
        officer, page = pages[number]
        start.wait()
        try:
            return bool(officer.send(page, name=f"示例{number}名").redirect_chain)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(save, (0, 1))) == [False, True]
    search_index.delete_documents([row.pk])
