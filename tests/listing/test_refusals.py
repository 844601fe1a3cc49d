"""What a list refuses: the first refusals in words, the number of the others, and a way on."""

import pytest
from django.http import QueryDict

from directory.listing.filters import CodesField
from directory.listing.listing import Listing
from tests.factories import make_member, make_region
from tests.listing.test_listing import text

pytestmark = pytest.mark.django_db
MANY = "&".join(f"region=65{code:04d}" for code in range(900, 1221))


@pytest.mark.parametrize("door", ["/members/", "/members.csv", "/statistics/", "/statistics.csv"])
def test_many_unknown_values_are_listed_up_to_ten_and_then_counted(client, door):
    response = client.get(f"/en{door}?{MANY}")
    shown = text(response)
    assert response.status_code == 400
    assert "650909" in shown
    assert "650910”" not in shown
    assert "… and 311 more." in shown


def test_the_nearest_known_value_is_looked_for_twice_in_a_question(monkeypatch):
    make_region("652801")
    looked_for = []
    monkeypatch.setattr(CodesField, "find_nearest", lambda field, text: looked_for.append(text))
    Listing(QueryDict(f"{MANY}&kind=universty&role=lead"))
    assert len(looked_for) == 2


@pytest.mark.parametrize(
    ("question", "near"),
    [
        ("kind=universty", "university"),
        ("kind=Enterprises", "enterprise"),
        ("region=65280", "652801"),
        ("evidence=state", "stated"),
        ("kind=qqqq", ""),
    ],
)
def test_an_unknown_value_brings_the_nearest_known_one(client, question, near):
    make_region("652801")
    shown = text(client.get(f"/en/members.csv?{question}"))
    assert ("did you mean" in shown) == bool(near)
    assert near in shown


@pytest.mark.parametrize("name", ["role", "region", "kind", "sector", "evidence", "community"])
def test_a_refusal_is_no_longer_than_an_answer(client, name):
    make_member()
    many = "&".join(f"{name}=x{number}{'y' * 20}" for number in range(300))
    refusal = client.get(f"/en/members/?{many}").content
    assert len(refusal) < len(client.get("/en/members/").content) + 3 * len(many)


def test_what_was_refused_can_be_left_out_all_at_once():
    listing = Listing(QueryDict(f"{MANY}&q=示例&kind=universty&kind=university&page=x"))
    assert listing.refusals.query_without_all == "?q=%E7%A4%BA%E4%BE%8B&kind=university"


def test_too_many_values_of_a_question_are_left_out_together():
    listing = Listing(QueryDict("&".join(f"region={n}" for n in range(501)) + "&kind=enterprise"))
    assert [each.query_without for each in listing.invalid_parameters] == ["?kind=enterprise"]


def test_long_values_are_cut_where_they_are_repeated():
    listing = Listing(QueryDict("region=" + "6" * 60_000))
    assert [len(each.value) for each in listing.invalid_parameters] == [60]
    assert len(listing.invalid_parameters[0].reason) < 200


def test_of_very_many_chosen_values_the_first_have_a_link_and_the_others_are_counted(client):
    codes = [make_region(f"65{number:04d}").code for number in range(2801, 2871)]
    make_member()
    page = client.get("/en/members/?" + "&".join(f"region={code}" for code in codes))
    assert page.content.decode().count('class="chip"') == 40
    assert "… and 30 more." in page.content.decode()
