"""The filters of long lists: the same rows, whether few, many or very many answer."""

import pytest
from django.db import connection

from directory.admin.base import pagination
from directory.models import Membership, Organization
from tests.factories import make_membership, make_organization, make_region, make_role

pytestmark = pytest.mark.django_db
SIZES = [(0, 0), (1, 1), (1, 100), (3, 3), (100, 100)]


@pytest.mark.parametrize(("most", "many"), SIZES)
def test_owning_finds_the_same_whatever_the_size(most, many, monkeypatch):
    monkeypatch.setattr(pagination, "MAX_ROWS", most)
    monkeypatch.setattr(pagination, "MAX_SUBQUERY_ROWS", many)
    first, second, _without = (make_organization() for _once in range(3))
    plain, chair = make_role(), make_role("chair", rank=10)
    for row, role in ((first, plain), (first, chair), (second, plain)):
        make_membership(row, role)
    found = pagination.filter_owners(Organization.objects.all(), Membership.objects.all())
    assert set(found) == {first, second}


@pytest.mark.parametrize("most", [0, 1, 100])
def test_lying_finds_the_same_whatever_the_size(most, monkeypatch):
    monkeypatch.setattr(pagination, "MAX_ROWS", most)
    here = [make_organization(region=make_region("652801")) for _once in range(2)]
    there, nowhere = (
        make_organization(region=make_region("410100", "示例外市")),
        make_organization(),
    )
    rows = Organization.objects.all()
    assert set(pagination.filter_by_region_range(rows, "650000", "659999")) == set(here)
    assert set(pagination.filter_by_region_range(rows, "", "")) == {nowhere}
    assert there in pagination.filter_by_region_range(rows, "410000", "419999")


def test_an_order_that_is_settled_is_not_changed_by_an_address(admin_client):
    first, second = make_organization("示例阿"), make_organization("示例坐")
    page = admin_client.get("/admin/directory/organization/?o=-1")
    assert list(page.context["cl"].result_list) == [first, second]


def asked_of_the_list(admin_client, query: str) -> tuple[str, list]:
    """How the database answers the list, and whom it shows."""
    rows = admin_client.get(f"/admin/directory/organization/?{query}").context["cl"]
    return rows.queryset.explain(), list(rows.result_list)


def test_drafts_are_met_without_a_look_at_what_is_public(admin_client):
    make_organization()
    draft, gone = make_organization(state="draft"), make_organization(state="withdrawn")
    ways, found = asked_of_the_list(admin_client, "state__exact=draft")
    assert found == [draft]
    assert asked_of_the_list(admin_client, "state__exact=withdrawn")[1] == [gone]
    assert len(asked_of_the_list(admin_client, "state__exact=published")[1]) == 1
    if connection.vendor == "sqlite":  # PostgreSQL scans what is small
        assert "organization_unpublished" in ways


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL scans what is small")
def test_what_awaits_a_second_person_is_met_at_once():
    awaiting = Membership.objects.awaiting_confirmation()
    assert "membership_awaiting_second" in awaiting.explain()
    by_them = Organization.objects.filter(pk__in=awaiting.values("organization"))
    assert "membership_awaiting_second" in by_them.explain()
