"""The index answers as the plain QuerySet does, counts never lie, and every order is total."""

import random
import time
from datetime import date, timedelta

import pytest
from django.http import QueryDict
from factories import (
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    make_source,
    saved,
)

from directory.asking import index
from directory.asking.bitmaps import SORTS
from directory.asking.filters import EVIDENCE, MemberFilter
from directory.asking.listing import PAGE_SIZE, Listing
from directory.asking.vocabulary import NONE
from directory.models import Kind, Organization

pytestmark = pytest.mark.django_db
REGIONS = ("410000", "410100", "650000", "652800", "652801", "652822", "110000", "110101")
SECTORS = ("C17", "C171", "C172", "C18")
ROLES = ("lead", "chair", "member")
DAY = date(2024, 6, 1)


@pytest.fixture
def directory():
    """Forty organizations with whatever a die gives them; some are no members at all."""
    die = random.Random(20231113)
    for code in REGIONS:
        make_region(code, level="province" if code.endswith("0000") else "county")
    sectors = [make_sector(code) for code in SECTORS]
    roles = [make_role(code, rank) for rank, code in enumerate(ROLES)]
    communities = [make_community("one"), make_community("two")]
    sources = [make_source("S1", dated=date(2024, 1, 1)), make_source("S2")]
    for _ in range(40):
        fill(die, sectors, roles, communities, sources)


def fill(die, sectors, roles, communities, sources):
    row = make_organization(
        kind=die.choice(Kind.values),
        region_id=die.choice([None, *REGIONS]),
        state=die.choice(["published"] * 5 + ["draft", "withdrawn"]),
    )
    row.sectors.set(die.sample(sectors, die.randint(0, 2)))
    for role in die.sample(roles, die.randint(0, 3)):
        since = die.choice([None, DAY - timedelta(100), DAY + timedelta(100)])
        held = make_membership(
            row,
            role,
            die.choice(communities),
            since=since,
            until=die.choice([None, None, DAY + timedelta(200)]),
            state=die.choice(["published"] * 4 + ["draft"]),
        )
        for evidence in die.sample(EVIDENCE[:3], die.randint(0, 2)):
            make_citation(die.choice(sources), evidence=evidence, membership=held, field="role")


def questions(die, number):
    """Random questions, each as the address would ask it."""
    options = {
        "role": ROLES,
        "region": (*REGIONS, NONE),
        "kind": Kind.values,
        "sector": (*SECTORS, NONE),
        "evidence": EVIDENCE,
        "community": ("one", "two"),
    }
    for _ in range(number):
        asked = QueryDict(mutable=True)
        for name, values in options.items():
            if die.random() < 0.35:
                asked.setlist(name, die.sample(list(values), die.randint(1, 2)))
        if die.random() < 0.5:
            asked["on"] = (DAY + timedelta(die.choice([-200, 0, 150, 300]))).isoformat()
        asked["sort"] = die.choice(SORTS)
        yield asked


def plain(params) -> set[int]:
    return set(MemberFilter(params, index.current().vocabulary).qs.values_list("pk", flat=True))


def test_every_answer_is_the_plain_querysets_answer(directory):
    sizes = set()
    for asked in questions(random.Random(1), 60):
        keys = list(Listing(asked).keys())
        assert set(keys) == plain(asked), asked.urlencode()
        assert len(keys) == len(set(keys))
        sizes.add(len(keys))
    assert len(sizes) > 5


def test_every_count_is_what_the_option_would_leave(directory):
    for asked in questions(random.Random(2), 12):
        for name, options in Listing(asked).facets.items():
            for option in options:
                alone = asked.copy()
                alone.setlist(name, [option.code])
                assert option.count == len(plain(alone)), (name, option.code, asked.urlencode())


@pytest.mark.parametrize("sort", SORTS)
def test_walking_all_pages_meets_every_member_once(directory, monkeypatch, sort):
    monkeypatch.setattr("directory.asking.listing.PAGE_SIZE", 7)
    walked = []
    for number in range(1, Listing(QueryDict()).pages + 1):
        page = Listing(QueryDict(f"sort={sort}&page={number}")).page
        walked += [record.organization.pk for record in page]
    assert sorted(walked) == sorted(Organization.objects.members().values_list("pk", flat=True))


def test_the_index_keeps_members_only_once_whatever_they_hold(directory):
    found = index.current(DAY)
    keys = list(found.ordered(found.everyone, "seniority"))
    assert set(keys) == set(Organization.objects.members(DAY).values_list("pk", flat=True))
    assert len(keys) == len(set(keys))


def test_a_far_page_begins_where_the_one_before_it_ended(directory, monkeypatch):
    monkeypatch.setattr("directory.asking.orders.CHUNK", 4)
    monkeypatch.setattr("directory.asking.orders.FEW", 2)
    monkeypatch.setattr("directory.asking.orders.VERY_FEW", 1)
    found = index.current(DAY)
    for sort in SORTS:
        whole = list(found.ordered(found.everyone, sort))
        for start in range(len(whole) + 2):
            assert list(found.ordered(found.everyone, sort, start)) == whole[start:]


def test_an_edit_is_visible_on_the_next_question():
    before = Listing(QueryDict()).total
    make_membership()
    assert Listing(QueryDict()).total == before + 1


@pytest.mark.django_db(transaction=True)
def test_a_large_directory_answers_while_its_index_is_renewed_behind(monkeypatch):
    monkeypatch.setattr(index, "LARGE", 0)
    make_membership()
    assert Listing(QueryDict()).total == 1
    make_membership()
    assert Listing(QueryDict()).total == 1
    deadline = time.monotonic() + 20
    while Listing(QueryDict()).total == 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert Listing(QueryDict()).total == 2


def test_who_left_since_a_large_index_was_built_is_not_drawn(monkeypatch):
    monkeypatch.setattr(index, "renew_behind", lambda: None)
    monkeypatch.setattr(index, "LARGE", 0)
    held = make_membership()
    assert len(Listing(QueryDict()).page) == 1
    held.until = date(2020, 1, 1)
    held.since = date(2019, 1, 1)
    saved(held)
    assert Listing(QueryDict()).total == 1
    assert Listing(QueryDict()).page == []


def test_a_source_that_a_large_index_does_not_know_yet_is_named(monkeypatch):
    monkeypatch.setattr(index, "renew_behind", lambda: None)
    monkeypatch.setattr(index, "LARGE", 0)
    held = make_membership()
    assert Listing(QueryDict()).total == 1
    make_citation(make_source("S7", title="示例新来源"), membership=held, field="role")
    (record,) = Listing(QueryDict()).page
    assert record.senior.citations["role"][0].source.title == "示例新来源"


def test_a_day_that_only_a_draft_knows_is_in_no_index():
    make_membership(since="2020-01-01")
    make_membership(make_organization(state="draft"), since="2019-01-01")
    make_membership(make_organization(), since="2018-01-01", state="draft")
    assert set(index.current().index.tenures.begun()) == {date(2020, 1, 1).toordinal()}


def test_seniority_comes_first_and_pinyin_within_it():
    second = make_organization("示例乙学院")
    first = make_organization("示例甲学院")
    senior = make_organization("示例子学院")
    for row in (first, second):
        make_membership(row, make_role("member", 90))
    make_membership(senior, make_role("chair", 10))
    names = [record.organization.name for record in Listing(QueryDict()).page]
    assert names == ["示例子学院", "示例甲学院", "示例乙学院"]


def test_a_page_holds_fifty():
    assert PAGE_SIZE == 50
