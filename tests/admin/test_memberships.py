"""Roles at the desk: who may hold them, when, and who is warned of."""

from datetime import date

import pytest

from directory.models import Membership, Organization, Seat
from tests.admin_client import Desk, faults, told
from tests.factories import (
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_role,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


@pytest.fixture
def lead():
    """A role for enterprises only, with one seat."""
    role = make_role("lead-enterprise", 1, "lead", kinds=["enterprise"])
    Seat.objects.create(community=make_community(), role=role, count=1)
    return role


def held(role, **values) -> dict:
    row = {"community": make_community().pk, "role": role.pk, "state": "published"}
    return {"memberships": row | values}


def errors_of_row(page) -> dict:
    formset = page.context["inline_admin_formsets"][0].formset
    return next((errors for errors in formset.errors if errors), {})


def test_a_role_is_entered_on_the_organizations_page(desk):
    row, role = make_organization(), make_role()
    desk.send(desk.open(row), held(role, since="2024-01-01"))
    assert row.memberships.get().since == date(2024, 1, 1)


def test_a_role_outside_its_kinds_is_refused_with_the_reason(desk, lead):
    page = desk.send(desk.open(make_organization(kind="university")), held(lead))
    assert lead.name in " ".join(errors_of_row(page)["role"])
    assert not Membership.objects.exists()


def test_a_kind_that_its_roles_do_not_admit_is_refused(desk, lead):
    row = make_member(None, lead, kind="enterprise")
    page = desk.send(desk.open(row), kind="university")
    assert "role" in errors_of_row(page)
    assert Organization.objects.get(pk=row.pk).kind == "enterprise"


def test_an_old_fault_does_not_hold_up_other_work(desk, lead):
    row = make_member(None, lead, kind="university")
    desk.send(desk.open(row), name="示例新名")
    assert Organization.objects.get(pk=row.pk).name == "示例新名"


def test_a_role_that_is_open_is_not_opened_again(desk):
    row = make_member()
    page = desk.send(desk.open(row), held(make_role(), since="2025-01-01"))
    assert "since" in errors_of_row(page)
    assert row.memberships.count() == 1


def test_two_new_rows_of_the_same_role_are_refused_together(desk):
    row, role = make_organization(), make_role()
    page = desk.send(desk.open(row), held(role), held(role, since="2025-01-01"))
    assert "since" in errors_of_row(page)
    assert not Membership.objects.exists()


def test_periods_that_overlap_are_refused_with_the_days(desk):
    row = make_organization()
    make_membership(row, since=date(2020, 1, 1), until=date(2022, 1, 1))
    page = desk.send(desk.open(row), held(make_role(), since="2021-12-31", until="2023-01-01"))
    assert "2022-01-01" in " ".join(errors_of_row(page)["since"])
    assert row.memberships.count() == 1


def test_periods_that_meet_are_kept(desk):
    row = make_organization()
    make_membership(row, since=date(2020, 1, 1), until=date(2022, 1, 1))
    desk.send(desk.open(row), held(make_role(), since="2022-01-01"))
    assert row.memberships.count() == 2


def test_a_role_is_ended_and_begun_again_in_one_go(desk):
    row = make_organization()
    make_membership(row, since=date(2020, 1, 1))
    page = desk.open(row)
    desk.send(page, held(make_role(), since="2024-01-01"), **{"memberships-0-until": "2024-01-01"})
    assert sorted(m.until is None for m in row.memberships.all()) == [False, True]


def test_what_ends_is_saved_before_what_begins(desk):
    row = make_organization()
    make_membership(row, since=date(2020, 1, 1), until=date(2021, 1, 1))
    make_membership(row, since=date(2022, 1, 1))
    swapped = {
        "memberships-0-since": "2023-01-01",
        "memberships-0-until": "",
        "memberships-1-until": "2023-01-01",
    }
    desk.send(desk.open(row), **swapped)
    assert list(row.memberships.order_by("pk").values_list("until", flat=True)) == [
        None,
        date(2023, 1, 1),
    ]


def test_an_end_before_the_beginning_is_refused(desk):
    page = desk.send(
        desk.open(make_organization()), held(make_role(), since="2024-01-01", until="2024-01-01")
    )
    assert errors_of_row(page)


def test_a_second_holder_of_a_single_seat_is_kept_and_told(desk, lead):
    make_member("示例甲厂", lead, kind="enterprise")
    row = make_organization("示例乙厂", kind="enterprise")
    page = desk.send(desk.open(row), held(lead))
    assert row.memberships.count() == 1
    assert "示例甲厂" in told(page)


def test_the_first_holder_of_a_single_seat_is_told_nothing(desk, lead):
    row = make_organization("示例乙厂", kind="enterprise")
    make_membership(make_organization(kind="enterprise"), lead, until=date(2021, 1, 1))
    page = desk.send(desk.open(row), held(lead, since="2022-01-01"))
    assert len(list(page.context["messages"])) == 1


def test_a_published_organization_without_a_role_is_told_of(desk):
    page = desk.send(desk.open(make_organization()))
    assert len(list(page.context["messages"])) == 2


def test_the_page_of_a_membership_refuses_the_same(desk, lead):
    row = make_organization(kind="university")
    values = {"organization": row.pk, "community": make_community().pk, "role": lead.pk}
    page = desk.send(desk.add(Membership), **values)
    assert lead.name in faults(page)
    make_membership(row, make_role())
    page = desk.send(desk.add(Membership), **(values | {"role": make_role().pk}))
    assert faults(page)
    assert Membership.objects.count() == 1


def test_the_page_of_a_membership_warns_the_same(desk, lead):
    make_member("示例甲厂", lead, kind="enterprise")
    row = make_organization("示例乙厂", kind="enterprise")
    values = {"organization": row.pk, "community": make_community().pk, "role": lead.pk}
    assert "示例甲厂" in told(desk.send(desk.add(Membership), **values))


@pytest.mark.slow
def test_an_alias_is_had_once(desk):
    row = make_organization()
    alias = {"aliases": {"name": "示例旧名", "sort": "former", "language": "zh-Hans"}}
    page = desk.send(desk.open(row), alias, alias)
    assert not row.aliases.exists()
    assert faults(page)
    desk.send(desk.open(row), alias)
    desk.send(desk.open(row), alias)
    assert row.aliases.count() == 1


@pytest.mark.slow
def test_a_persons_contact_needs_a_basis_to_be_shown(desk):
    row = make_organization()
    line = {"about": "person", "label": "示例人", "channel": "email", "value": "a@example.cn"}
    desk.send(desk.open(row), {"contacts": line})
    assert not row.contacts.exists()
    desk.send(desk.open(row), {"contacts": line | {"hidden": "on"}})
    assert row.contacts.get().hidden
