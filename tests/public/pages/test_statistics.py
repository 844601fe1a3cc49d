"""The numbers obey the list's questions, and each is the length of the list it leads to."""

import csv
import re
from datetime import date
from io import StringIO

import pytest

from directory.listing.listing import Listing
from directory.public.html import charts
from directory.public.html.charts import YearCount
from directory.public.pages.statistics import Statistics, count_recorded_facts, count_years
from tests.factories import (
    make_citation,
    make_member,
    make_membership,
    make_organization,
    make_role,
)

pytestmark = pytest.mark.django_db


def figures(client, question=""):
    text = client.get(f"/statistics.csv{question}").content.decode("utf-8-sig")
    lines = list(csv.reader(StringIO(text)))
    assert lines[0] == ["question", "value", "members"]
    return {(name, value): int(count) for name, value, count in lines[1:]}


def ask(question: str) -> Listing:
    from django.http import QueryDict

    return Listing(QueryDict(question))


def test_every_figure_that_leads_somewhere_leads_to_as_many(client):
    lead = make_role("lead-enterprise", 1, "lead")
    for kind in ("enterprise", "university", "university"):
        make_membership(make_member(kind=kind), lead)
    page = client.get("/en/statistics/?kind=university&kind=enterprise").content.decode()
    rows = re.findall(r'<th scope="row"><a href="([^"]+)"[^>]*>.*?<td class="num">(\d+)', page)
    assert len(rows) >= 4
    for address, count in rows:
        listed = client.get(address.replace("&amp;", "&")).context["listing"]
        assert listed.total == int(count), address


@pytest.mark.parametrize(("question", "status"), [("?kind=foo", 400), ("?page=9", 404)])
def test_what_the_list_refuses_is_refused_here(client, question, status):
    assert client.get(f"/statistics/{question}").status_code == status
    assert client.get(f"/statistics.csv{question}").status_code == status
    told = client.get(f"/members/{question}").content.decode()
    heading = re.search(r"<h1>(.*?)</h1>", told)[1]
    assert f"<h1>{heading}</h1>" in client.get(f"/statistics/{question}").content.decode()


def test_drafts_and_those_who_left_are_not_counted(client):
    make_organization("示例草稿学院", state="draft")
    make_membership(make_organization("示例旧员学院"), until=date(2020, 1, 1))
    make_membership(make_organization("示例未列学院"), state="draft")
    assert figures(client)["kind", "university"] == 0
    page = client.get("/statistics/").content.decode()
    assert "示例草稿" not in page
    assert "示例未列" not in page


def test_a_year_tells_who_came_and_who_left():
    make_membership(since=date(2021, 5, 1))
    make_membership(since=date(2021, 6, 1), until=date(2022, 3, 1))
    first, second, *_rest, last = count_years(ask("on=2023-02-01"))
    assert (first.year, first.joined, first.left, first.total) == (2021, 2, 0, 2)
    assert (second.year, second.joined, second.left, second.total) == (2022, 0, 1, 1)
    assert (last.year, last.total, last.until) == (2023, 1, "2023-02-01")


def test_each_year_is_the_list_of_its_last_day(client):
    row = make_membership(since=date(2021, 5, 1))
    make_citation(membership=row, field="role")
    for column in count_years(ask("evidence=stated")):
        assert client.get(column.url).context["listing"].total == column.total


def test_long_histories_show_the_last_twelve_years():
    make_membership(since=date(1950, 1, 1))
    assert len(count_years(ask("on=2024-12-31"))) == 12


def test_facts_are_counted_where_they_are_asked():
    school = make_member(kind="university", school_code="4165013094", name_en="Example")
    mill = make_member(kind="enterprise", website="https://www.example.org/")
    counts = {fact.name: fact for fact in count_recorded_facts([school.pk, mill.pk])}
    found = {name: fact.recorded for name, fact in counts.items()}
    total = {name: fact.total for name, fact in counts.items()}
    assert (found["school_code"], total["school_code"]) == (1, 1)
    assert (found["website"], total["website"]) == (1, 2)
    assert (found["name_en"], found["verified_on"], found["sectors"]) == (1, 0, 0)


def test_facts_of_a_list_that_is_too_long_are_not_counted(client, monkeypatch):
    monkeypatch.setattr("directory.public.pages.statistics.MAX_COUNTED_FACTS", 1)
    make_member()
    assert Statistics(ask("")).facts
    make_member()
    assert not Statistics(ask("")).facts
    assert "Counted for lists of up to 1 members" in client.get("/en/statistics/").content.decode()


def test_an_empty_directory_has_a_page_too(client):
    assert client.get("/en/statistics/").status_code == 200
    assert Statistics(ask("")).facts == []


@pytest.mark.parametrize(
    ("most", "numbers"), [(0, [0, 1]), (3, [0, 1, 2, 3]), (415, [0, 200, 400, 600])]
)
def test_the_scale_is_of_round_numbers(most, numbers):
    assert charts.get_axis_numbers([YearCount(2024, 0, 0, most, "")]) == numbers


def test_no_column_stands_above_the_scale():
    columns = [YearCount(2020 + n, n, 0, n * 97, "") for n in range(8)]
    assert all(15 <= drawn.joined_y <= 150 for drawn in charts.layout_years(columns))


# With the opening data, which stay until the module ends.


def test_members_are_counted_by_every_question(client, seeded):
    found = figures(client)
    assert found["kind", "enterprise"] == 1
    assert found["role", "lead-enterprise"] == 1
    assert found["region", "650000"] == 2
    assert found["region", "110000"] == 0
    assert found["evidence", "stated"] == 3
    assert found["year", "2023"] == 3


@pytest.mark.parametrize("question", ["?region=650000", "?q=巴州", "?kind=university&role="])
def test_the_figures_obey_the_questions_of_the_list(client, seeded, question):
    total = Listing(client.get(f"/members/{question}").wsgi_request.GET).total
    found = figures(client, question)
    assert sum(n for (name, _value), n in found.items() if name == "kind") == total
    assert sum(n for (name, _value), n in found.items() if name == "region") == total
