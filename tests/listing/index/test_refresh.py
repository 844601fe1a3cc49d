"""An index of which only what was touched is read anew is the index that reads everything."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from pyroaring import BitMap

from directory.history import recorder
from directory.listing.index import builder, ordering, refresh
from directory.listing.index import store as index_store
from directory.listing.index.reference_data import ReferenceData
from directory.models import Citation, DataVersion, Kind, Membership, Organization, Reading
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    make_source,
    saved,
)

pytestmark = pytest.mark.django_db
DAYS = (date(2019, 1, 1), date(2022, 6, 1), date(2024, 6, 1), date(2030, 1, 1))
NAMES = ("示例棉纺", "示例丝绸", "示例毛纺", "示例職業學院", "Example Ünï", "示例 a", "示例阿")
ENGLISH = ("", "example mill", "Example Mill", "Éxample", "zebra")


@pytest.fixture
def whole(monkeypatch):
    """Every part of an order holds four, so that few rows fill several."""
    monkeypatch.setattr(ordering, "PART_SIZE", 4)
    monkeypatch.setattr(ordering, "SORT_LIMIT", 2)
    for code in ("650000", "652800", "652801", "410000"):
        make_region(code, level="province" if code.endswith("0000") else "county")
    for code in ("C17", "C171", "C18"):
        make_sector(code)
    for rank, code in enumerate(("lead", "chair", "member")):
        make_role(code, rank)
    make_source("S1", dated=date(2020, 1, 1))
    make_source("S2")
    make_community("one")
    make_community("two")


def described(die) -> dict:
    return {
        "name": die.choice(NAMES) + str(die.randrange(3)),
        "name_en": die.choice(ENGLISH),
        "kind": die.choice([kind for kind in Kind.values if kind != Kind.ENTERPRISE]),
        "region_id": die.choice([None, "652801", "652800", "410000"]),
    }


def make_some(die) -> Organization:
    shown = datetime(2024, 1, die.randrange(1, 28), microsecond=die.choice([0, 7]), tzinfo=UTC)
    return make_organization(first_published_at=shown, **described(die))


def hold(die, row):
    since = die.choice([None, date(2020, 1, 1), date(2023, 1, 1)])
    made = make_membership(
        row,
        make_role(die.choice(["lead", "chair", "member"])),
        make_community(die.choice(["one", "two"])),
        since=since,
        until=die.choice([None, date(2028, 1, 1)]),
        state=die.choice(["published", "published", "draft"]),
    )
    make_citation(make_source(die.choice(["S1", "S2"])), membership=made, field="role")


def rename(die, row):
    for name, value in described(die).items():
        setattr(row, name, value)
    saved(row)


def withdraw(die, row):
    recorder.withdraw(row, "示例原因")
    saved(row)


def sort_into(die, row):
    with recorder.record_changes(who=None, via="test") as change:
        change.track_row(row)
        row.sectors.set(die.sample(["C17", "C171", "C18"], die.randrange(3)))
        change.mark_changed(row)


def leave(die, row):
    for held in row.memberships.all():
        with recorder.record_changes(who=None, via="test") as change:
            change.track_row(held)
            change.mark_changed(held)
            Citation.objects.filter(membership=held).delete()
            held.delete()


def vanish(die, row):
    with recorder.record_changes(who=None, via="test") as change:
        change.mark_deleted(row)
        Citation.objects.filter(membership__organization=row).delete()
        Membership.objects.filter(organization=row).delete()
        row.delete()


def spell(die, row):
    make_alias(row, f"示例{die.randrange(10**6)}")


EDITS = (rename, rename, withdraw, sort_into, hold, hold, leave, vanish, spell)


def told(found):
    """All that an index says, in the order in which it says it."""
    return {
        "orders": {name: list(order) for name, order in found.orders.items()},
        "bitmaps": {name: {k: b for k, b in g.items() if b} for name, g in found.bitmaps.items()},
        "seats": {
            (day, every): {s: b for s, b in found.intervals.get_holders(day, every).items() if b}
            for day in DAYS
            for every in (True, False)
        },
        "years": {
            (year, every): {
                s: b for s, b in found.intervals.get_holders_at_year_end(year, every).items() if b
            }
            for year in (2019, 2020, 2022, 2028)
            for every in (True, False)
        },
        "ended": [found.intervals.find_ended("member", "one", day, 9) for day in DAYS],
        "begun": set(found.intervals.get_start_days()),
    }


def read_whole():
    return builder.build_index(DataVersion.get_current(), ReferenceData.load())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_edited_a_renewal_says_what_reading_everything_says(whole, seed):
    die = random.Random(seed)
    for row in [make_some(die) for _ in range(12)]:
        hold(die, row)
    found = read_whole()
    for _ in range(10):
        for _ in range(die.randrange(1, 4)):
            rows = list(Organization.objects.filter(state="published"))
            if die.random() < 0.3 or not rows:
                hold(die, make_some(die))
            else:
                die.choice(EDITS)(die, die.choice(rows))
        found = refresh.refresh_index(found)
        assert told(found) == told(read_whole())
        assert found.version == DataVersion.get_current()


def test_places_are_kept_so_that_few_and_many_come_in_the_same_order(whole, monkeypatch):
    for number in range(9):
        make_member(f"示例{number}")
    found = read_whole()
    make_member("示例4半")
    order = refresh.refresh_index(found).orders["pinyin"]
    every = BitMap(Organization.objects.values_list("pk", flat=True))
    many = list(order.iterate(every))
    monkeypatch.setattr(ordering, "SORT_LIMIT", 100)
    assert list(order.iterate(every)) == many == list(order)


def test_what_was_drawn_of_those_not_touched_is_kept(whole):
    first, second = make_member("示例甲"), make_member("示例乙")
    found = read_whole()
    found.get_day(DAYS[2]).list_item_cache["how"] = {first.pk: "one", second.pk: "other"}
    rename(random.Random(1), second)
    assert refresh.refresh_index(found).get_day(DAYS[2]).list_item_cache["how"] == {first.pk: "one"}


def test_a_renamed_role_is_drawn_anew_everywhere(whole):
    row, role = make_member(), make_role("member")
    found = read_whole()
    found.get_day(DAYS[2]).list_item_cache["how"] = {row.pk: "drawn"}
    role.name = "示例新名"
    saved(role)
    fresh = refresh.refresh_index(found)
    assert fresh.reference_data.role["member"].name == "示例新名"
    assert fresh.get_day(DAYS[2]).list_item_cache == {}


def date_the_source():
    source = make_source("S2")
    source.dated = date(2021, 1, 1)
    saved(source)


def recode_the_community():
    community = make_community("two")
    community.code = "three"
    saved(community)


def correct_a_reading():
    saved(Reading(han="单", pinyin="shan"))


def write_past_the_door():
    DataVersion.increment()


@pytest.mark.parametrize(
    "write", [date_the_source, recode_the_community, correct_a_reading, write_past_the_door]
)
def test_what_reaches_far_or_is_not_told_makes_everything_be_read(whole, write):
    make_member()
    found = read_whole()
    write()
    assert refresh.refresh_index(found) is None


def test_after_many_are_touched_everything_is_read(whole, monkeypatch):
    monkeypatch.setattr(refresh, "MAX_CHANGED", 1)
    make_member()
    found = read_whole()
    make_member()
    assert refresh.refresh_index(found) is not None
    make_member()
    assert refresh.refresh_index(found) is None


def test_the_next_question_has_the_edit_and_reads_only_what_was_touched(whole, monkeypatch):
    make_member()
    index_store.get_day_index()
    monkeypatch.setattr(index_store, "rebuild", lambda: pytest.fail("everything was read"))
    row = make_member()
    assert row.pk in index_store.get_day_index(date.today() + timedelta(1)).members


def test_the_end_of_a_year_is_its_last_day(whole):
    for since, until in (("2020-01-01", "2020-12-31"), ("2020-12-31", "2021-01-01"), (None, None)):
        make_membership(make_organization(), since=since, until=until)
    intervals = read_whole().intervals
    for year, every in product((2019, 2020, 2021), (True, False)):
        found = intervals.get_holders(date(year, 12, 31), every)
        assert intervals.get_holders_at_year_end(year, every) == found
