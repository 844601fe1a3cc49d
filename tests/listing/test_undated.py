"""Members of whom no first day is known: today they are members, on no earlier day they count."""

from datetime import date, timedelta

import pytest

from directory.models import Membership
from directory.models.membership import today
from tests.factories import (
    make_citation,
    make_member,
    make_membership,
    make_organization,
    make_role,
    make_source,
)

pytestmark = pytest.mark.django_db
PAST = "2024-01-01"


@pytest.fixture
def members():
    """Three since 2023, four undated, and one that a source of 2022 names."""
    role = make_role("member")
    for number in range(3):
        make_membership(make_organization(f"示例有日{number}"), role, since=date(2023, 11, 13))
    for number in range(4):
        make_member(f"示例无日{number}", role)
    named = make_membership(make_organization("示例见报"), role)
    source = make_source("S1", dated=date(2022, 5, 1), dated_precision="month")
    make_citation(source, membership=named, field="role")


def names(client, address: str) -> set[str]:
    answer = client.get(address)
    text = (b"".join(answer)).decode()
    kinds = ("有日", "无日", "见报")
    return {name for name in kinds if f"示例{name}" in text}


@pytest.mark.parametrize("door", ["/members/", "/en/members/", "/institutions/", "/members.csv"])
def test_an_earlier_day_counts_them_only_if_asked(client, members, door):
    assert names(client, f"{door}?on={PAST}") == {"有日", "见报"}
    assert names(client, f"{door}?on={PAST}&undated=1") == {"有日", "无日", "见报"}
    assert names(client, door) == {"有日", "无日", "见报"}
    tomorrow = today() + timedelta(days=1)
    assert names(client, f"{door}?on={tomorrow}") == {"有日", "无日", "见报"}


@pytest.mark.parametrize("door", ["/en/members/", "/en/statistics/"])
def test_a_page_of_an_earlier_day_says_how_many_it_leaves_out(client, members, door):
    shown = client.get(f"{door}?on={PAST}").content.decode()
    assert "4 more members have no start date" in shown
    assert f"?on={PAST}&amp;undated=1" in shown
    shown = client.get(f"{door}?on={PAST}&undated=1").content.decode()
    assert "more members have no start date" not in shown
    assert "members without one included" in shown


def years(client, question: str = "") -> dict[str, str]:
    lines = client.get(f"/statistics.csv{question}").content.decode().split()
    rows = [line.split(",") for line in lines]
    return {value: count for name, value, count in rows if name in ("year", "undated")}


def test_statistics_count_them_from_today_and_say_how_many(client, members):
    now = str(today().year)
    assert years(client) | {"2022": "1", "2023": "4", "2025": "4", now: "8", "1": "4"} == years(
        client
    )
    asked = years(client, "?undated=1")
    assert (asked["2022"], asked["2023"], asked["1"]) == ("5", "8", "4")
    shown = client.get("/en/statistics/").content.decode()
    assert "4 members have neither." in shown


def test_nobody_knows_when_they_joined(client, members):
    rows = client.get("/en/statistics/").context["statistics"].years
    assert [row.joined for row in rows if row.year in (2022, 2023)] == [1, 3]
    assert sum(row.joined for row in rows) == 4


def test_a_filter_counts_its_own(client, members):
    question = f"?on={PAST}&role=member&kind=enterprise"
    assert "no start date" not in client.get(f"/en/members/{question}").content.decode()


def test_an_undated_member_that_left_is_none_on_any_day_unless_asked(client):
    row = make_membership(make_organization("示例旧员"), until=date(2024, 6, 1))
    for day, undated, held in (
        (PAST, False, False),
        (PAST, True, True),
        ("2024-06-01", True, False),
    ):
        found = Membership.objects.current(date.fromisoformat(day), undated)
        assert found.filter(pk=row.pk).exists() == held


@pytest.mark.parametrize("value", ["0", "yes", "2"])
def test_another_value_is_refused_with_what_to_write(client, members, value):
    for door in ("/en/members/", "/members.csv", "/statistics.csv"):
        answer = client.get(f"{door}?undated={value}")
        assert (answer.status_code, b"1" in b"".join(answer)) == (400, True)


def test_the_day_of_a_question_is_read_in_every_usual_spelling(client, members):
    for day in ("2024年1月1日", "20240101", "1 January 2024"):
        assert names(client, f"/members.csv?on={day}") == {"有日", "见报"}
    answer = client.get("/en/members/?on=2024-01")
    assert (answer.status_code, "no exact day" in answer.content.decode()) == (400, True)
