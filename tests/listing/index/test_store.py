"""What the index knows after an edit, of a large directory, and of whom it may not speak."""

import time
from datetime import date

import pytest
from django.http import QueryDict

from directory.listing.index import store as index_store
from directory.listing.listing import PAGE_SIZE, Listing
from tests.factories import (
    make_citation,
    make_membership,
    make_organization,
    make_role,
    make_source,
    saved,
)

pytestmark = pytest.mark.django_db


def test_an_edit_is_visible_on_the_next_question():
    before = Listing(QueryDict()).total
    make_membership()
    assert Listing(QueryDict()).total == before + 1


@pytest.mark.django_db(transaction=True)
def test_a_large_directory_answers_while_its_index_is_renewed_behind(monkeypatch):
    monkeypatch.setattr(index_store, "MAX_FOREGROUND_SIZE", 0)
    make_membership()
    assert Listing(QueryDict()).total == 1
    make_membership()
    assert Listing(QueryDict()).total == 1
    deadline = time.monotonic() + 20
    while Listing(QueryDict()).total == 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert Listing(QueryDict()).total == 2


def test_who_left_since_a_large_index_was_built_is_not_drawn(monkeypatch):
    monkeypatch.setattr(index_store, "refresh_in_background", lambda: None)
    monkeypatch.setattr(index_store, "MAX_FOREGROUND_SIZE", 0)
    held = make_membership()
    assert len(Listing(QueryDict()).page_records) == 1
    held.until = date(2020, 1, 1)
    held.since = date(2019, 1, 1)
    saved(held)
    assert Listing(QueryDict()).total == 1
    assert Listing(QueryDict()).page_records == []


def test_a_source_that_a_large_index_does_not_know_yet_is_named(monkeypatch):
    monkeypatch.setattr(index_store, "refresh_in_background", lambda: None)
    monkeypatch.setattr(index_store, "MAX_FOREGROUND_SIZE", 0)
    held = make_membership()
    assert Listing(QueryDict()).total == 1
    make_citation(make_source("S7", title="示例新来源"), membership=held, field="role")
    (record,) = Listing(QueryDict()).page_records
    assert record.senior_membership.citations["role"][0].source.title == "示例新来源"


def test_a_day_that_only_a_draft_knows_is_in_no_index():
    make_membership(since="2020-01-01")
    make_membership(make_organization(state="draft"), since="2019-01-01")
    make_membership(make_organization(), since="2018-01-01", state="draft")
    assert set(index_store.get_day_index().index.intervals.get_start_days()) == {
        date(2020, 1, 1).toordinal()
    }


def test_seniority_comes_first_and_pinyin_within_it():
    second = make_organization("示例乙学院")
    first = make_organization("示例甲学院")
    senior = make_organization("示例子学院")
    for row in (first, second):
        make_membership(row, make_role("member", 90))
    make_membership(senior, make_role("chair", 10))
    names = [record.organization.name for record in Listing(QueryDict()).page_records]
    assert names == ["示例子学院", "示例甲学院", "示例乙学院"]


def test_a_page_holds_fifty():
    assert PAGE_SIZE == 50
