"""A page of the list: entries, dense ones where there are many, or the table; numbered on."""

import re

import pytest
from django.utils import translation

from tests.factories import make_alias, make_citation, make_member, make_membership, make_role

pytestmark = pytest.mark.django_db


def page_of(client, address):
    return client.get(address).content.decode()


def members(count):
    return [make_member(f"示例第{number}学院") for number in range(count)]


@pytest.mark.slow
def test_a_short_list_is_not_dense_and_a_long_one_is(client):
    members(20)
    assert 'class="dense"' not in page_of(client, "/members/")
    members(1)
    assert 'class="dense"' in page_of(client, "/members/")


@pytest.mark.slow
def test_a_rank_tells_how_many_of_it_are_on_other_pages(client):
    members(60)
    first, second = page_of(client, "/en/members/"), page_of(client, "/en/members/?page=2")
    assert "50 of 60" in first
    assert "10 of 60" in second
    assert '<ol class="entries" start="51">' in second


@pytest.mark.slow
def test_the_table_holds_the_members_of_the_entries_in_their_order(client):
    members(23)
    link = re.compile(r'href="/members/(\d+)-')
    entries = link.findall(page_of(client, "/members/?sort=pinyin"))
    assert link.findall(page_of(client, "/members/?sort=pinyin&view=table")) == entries
    assert len(entries) == 23


def test_the_table_shows_role_evidence_and_the_name_that_matched(client):
    row = make_member("示例棉纺学院", role=make_role("chair", 4), school_code="4165013094")
    make_alias(row, "示例旧厂", "former")
    make_citation(membership=row.memberships.get(), field="role", place="7")
    page = page_of(client, "/en/members/?view=table&q=旧厂")
    assert '<td class="num">1</td>' in page
    assert "Example chair" in page
    assert "4165013094" in page
    assert "S1 text" in page or "S1 line 7" in page
    assert "示例旧厂</mark>" in page


@pytest.mark.slow
def test_both_ways_to_see_the_list_lead_to_each_other(client):
    members(60)
    assert 'href="?view=table&amp;page=2"' in page_of(client, "/members/?page=2")
    table = page_of(client, "/members/?view=table&page=2")
    assert 'href="?page=2"' in table
    assert 'name="view" value="table"' in table


def test_the_view_is_no_part_of_what_is_taken_away(client):
    members(1)
    page = page_of(client, "/members/?view=table&kind=university")
    assert 'href="/members.csv?kind=university"' in page
    assert re.search(r'rel="canonical" href="[^"]+/members/\?kind=university"', page)


def test_an_unknown_view_is_refused_at_every_door(client):
    for door in ("/members/", "/members.csv", "/statistics/", "/institutions/"):
        assert client.get(f"{door}?view=cards").status_code == 400


def test_several_roles_stand_below_each_other(client):
    row = make_member("示例多职学院", role=make_role("chair", 4))
    make_membership(row, make_role("member", 9))
    assert "Example chair<br>Example member" in page_of(client, "/en/members/?view=table")


def test_a_seat_of_which_no_source_speaks_says_so(client):
    held = make_membership(role=make_role("chair", rank=10))
    with translation.override("en"):
        addresses = "/en/roles/", held.organization.get_absolute_url()
    said = [page_of(client, address).count("no source recorded") for address in addresses]
    make_citation(membership=held, field="role")
    then = [page_of(client, address).count("no source recorded") for address in addresses]
    assert all(before > after for before, after in zip(said, then, strict=True))
