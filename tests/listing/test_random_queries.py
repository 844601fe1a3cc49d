"""Random questions: answered as the plain QuerySet does, with counts that never lie."""

import random
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.http import QueryDict

from directory.listing.filters import EVIDENCE, MemberFilter
from directory.listing.index import store as index_store
from directory.listing.index.bitmaps import SORTS
from directory.listing.index.reference_data import NONE
from directory.listing.listing import Listing
from directory.models import Kind, Organization
from tests.factories import (
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    make_source,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
REGIONS = ("410000", "410100", "650000", "652800", "652801", "652822", "110000", "110101")
SECTORS = ("C17", "C171", "C172", "C18")
ROLES = ("lead", "chair", "member")
DAY = date(2024, 6, 1)


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """Forty organizations with whatever a die gives them; some are no members at all."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill_in(random.Random(20231113))
        yield
        transaction.set_rollback(True)


@pytest.fixture
def directory(filled, db):
    """What was filled in once for all tests of this module."""


def fill_in(die):
    for code in REGIONS:
        make_region(code, level="province" if code.endswith("0000") else "county")
    sectors = [make_sector(code) for code in SECTORS]
    roles = [make_role(code, rank) for rank, code in enumerate(ROLES)]
    communities = [make_community("one"), make_community("two")]
    sources = [make_source("S1", dated=date(2024, 1, 1)), make_source("S2")]
    for _ in range(40):
        add(die, sectors, roles, communities, sources)


def add(die, sectors, roles, communities, sources):
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
        if die.random() < 0.3:
            asked["undated"] = "1"
        asked["sort"] = die.choice(SORTS)
        yield asked


def plain(params) -> set[int]:
    return set(
        MemberFilter(params, index_store.get_day_index().reference_data).qs.values_list(
            "pk", flat=True
        )
    )


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
    monkeypatch.setattr("directory.listing.listing.PAGE_SIZE", 7)
    walked = []
    for number in range(1, Listing(QueryDict()).page_count + 1):
        page = Listing(QueryDict(f"sort={sort}&page={number}")).page_records
        walked += [record.organization.pk for record in page]
    assert sorted(walked) == sorted(Organization.objects.members().values_list("pk", flat=True))


def test_the_index_keeps_members_only_once_whatever_they_hold(directory):
    found = index_store.get_day_index(DAY)
    keys = list(found.iter_sorted(found.members, "seniority"))
    assert set(keys) == set(Organization.objects.members(DAY).values_list("pk", flat=True))
    assert len(keys) == len(set(keys))


def test_a_far_page_begins_where_the_one_before_it_ended(directory, monkeypatch):
    monkeypatch.setattr("directory.listing.index.ordering.PART_SIZE", 4)
    monkeypatch.setattr("directory.listing.index.ordering.SORT_LIMIT", 2)
    found = index_store.get_day_index(DAY)
    for sort in SORTS:
        whole = list(found.iter_sorted(found.members, sort))
        for start in range(len(whole) + 2):
            assert list(found.iter_sorted(found.members, sort, start)) == whole[start:]
