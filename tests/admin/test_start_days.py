"""A membership without a first day begins with its source, as the page leaves its citations."""

from datetime import date

import pytest

from directory.models import Membership
from tests.admin_client import Desk, faults
from tests.factories import (
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_role,
    make_source,
)

pytestmark = pytest.mark.django_db
EARLY, LATE = date(2020, 1, 1), date(2022, 1, 1)


@pytest.fixture
def desk(client, admin_user):
    make_source("S1", dated=date(2023, 11, 15))
    make_source("S2", dated=date(2021, 1, 1))
    make_role("chair", rank=4)
    return Desk(client, admin_user)


@pytest.fixture
def row():
    """An organization that was a member from 2020 until 2022."""
    row = make_organization()
    make_membership(row, since=EARLY, until=LATE)
    return row


def cited(target, source="S1") -> dict:
    values = {"target": target, "source": source, "evidence": "stated", "language": "zh-Hans"}
    return {"citations": values | {"passage": "示例原文"}}


def held(**values) -> dict:
    row = {"community": make_community().pk, "role": "member", "state": "published"}
    return {"memberships": row | values}


def errors_of_rows(page) -> list[list]:
    return [list(each) for each in page.context["inline_admin_formsets"][0].formset.errors]


def test_a_new_row_and_its_citation_are_one(desk, row):
    page = desk.send(desk.open(row), held(), cited("membership:new:role"))
    assert page.redirect_chain, faults(page)
    assert row.memberships.count() == 2


@pytest.mark.parametrize("rows", [[], [cited("membership:new:role", "S2")]])
def test_a_new_row_without_a_late_source_overlaps(desk, row, rows):
    page = desk.send(desk.open(row), held(), *rows)
    assert errors_of_rows(page) == [[], ["since"]]
    assert row.memberships.count() == 1


def test_a_first_day_is_removed_where_a_source_says_one(desk, row):
    later = make_membership(row, since=date(2023, 1, 1))
    target = f"membership:{later.pk}:role"
    assert errors_of_rows(desk.send(desk.open(row), **{"memberships-1-since": ""}))[1] == ["since"]
    page = desk.send(desk.open(row), cited(target), **{"memberships-1-since": ""})
    assert page.redirect_chain, faults(page)


@pytest.mark.parametrize(
    ("change", "is_saved"),
    [
        ({"citations-0-DELETE": "on", "memberships-1-state": "draft"}, False),
        ({"citations-0-source": "S2", "memberships-1-state": "draft"}, False),
        ({"citations-0-target": "organization::name", "memberships-1-state": "draft"}, False),
        ({"citations-0-note": "示例注", "memberships-1-state": "draft"}, True),
    ],
)
def test_what_becomes_of_its_citation_counts(desk, row, change, is_saved):
    membership = make_membership(row)
    make_citation(membership=membership, field="role")
    page = desk.send(desk.open(row), **change)
    assert bool(page.redirect_chain) == is_saved, faults(page)


ANSWERS = [
    ({"": "keep"}, True),
    ({"": "none"}, False),
    ({"": "new", "_source": "S1", "_passage": "示例原文"}, True),
    ({"": "new", "_source": "S2", "_passage": "示例原文"}, False),
]


@pytest.mark.parametrize(("answer", "is_saved"), ANSWERS)
@pytest.mark.parametrize("on_own_page", [True, False])
def test_the_answer_about_its_citation_counts(desk, row, answer, is_saved, on_own_page):
    membership = make_membership(row, make_role("chair"))
    make_citation(membership=membership, field="role")
    prefix = "" if on_own_page else "memberships-1-"
    changes = {f"{prefix}citations_of_role{key}": value for key, value in answer.items()}
    page = desk.open(membership if on_own_page else row)
    page = desk.send(page, **{f"{prefix}role": "member"}, **changes)
    assert bool(page.redirect_chain) == is_saved, faults(page)
    role = Membership.objects.get(pk=membership.pk).role_id
    assert role == ("member" if is_saved else "chair")


def test_an_account_without_citations_on_its_page_is_checked_by_those_stored(desk, row):
    later = make_membership(row, make_role("chair"))
    make_citation(membership=later, field="until")
    page = desk.send(desk.open(later), role="member")
    assert page.redirect_chain, faults(page)
