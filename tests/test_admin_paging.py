"""The filters of long lists: the same rows, whether few, many or very many answer."""

import pytest

from directory.desk.admin import paging
from directory.models import Membership, Organization
from tests.factories import make_membership, make_organization, make_region, make_role

pytestmark = pytest.mark.django_db
SIZES = [(0, 0), (1, 1), (1, 100), (3, 3), (100, 100)]


@pytest.mark.parametrize(("most", "many"), SIZES)
def test_owning_finds_the_same_whatever_the_size(most, many, monkeypatch):
    monkeypatch.setattr(paging, "MOST", most)
    monkeypatch.setattr(paging, "MANY", many)
    first, second, _without = (make_organization() for _once in range(3))
    plain, chair = make_role(), make_role("chair", rank=10)
    for row, role in ((first, plain), (first, chair), (second, plain)):
        make_membership(row, role)
    found = paging.owning(Organization.objects.all(), Membership.objects.all())
    assert set(found) == {first, second}


@pytest.mark.parametrize("most", [0, 1, 100])
def test_lying_finds_the_same_whatever_the_size(most, monkeypatch):
    monkeypatch.setattr(paging, "MOST", most)
    here = [make_organization(region=make_region("652801")) for _once in range(2)]
    there, nowhere = (
        make_organization(region=make_region("410100", "示例外市")),
        make_organization(),
    )
    rows = Organization.objects.all()
    assert set(paging.lying(rows, "650000", "659999")) == set(here)
    assert set(paging.lying(rows, "", "")) == {nowhere}
    assert there in paging.lying(rows, "410000", "419999")


def test_an_order_that_is_settled_is_not_changed_by_an_address(admin_client):
    first, second = make_organization("示例阿"), make_organization("示例坐")
    page = admin_client.get("/admin/directory/organization/?o=-1")
    assert list(page.context["cl"].result_list) == [first, second]
