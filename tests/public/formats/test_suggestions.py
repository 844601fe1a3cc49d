"""What a search box offers: members by any name, regions and roles, never a draft."""

import json

import pytest

from tests.factories import make_alias, make_member, make_organization, make_region, make_role

pytestmark = pytest.mark.django_db


def offered(client, typed, prefix="/en") -> list[dict]:
    return json.loads(client.get(f"{prefix}/members/suggest", {"q": typed}).content)["suggestions"]


def test_a_member_is_offered_with_the_name_that_was_typed(client):
    row = make_member("示例棉纺学院", name_en="Example Cotton College")
    make_alias(row, "示例旧名学校", sort="former")
    assert offered(client, "jiuming") == [
        {
            "label": "Example Cotton College",
            "sort": "former name: 示例旧名学校",
            "address": f"/en/members/{row.pk}-example-cotton-college/",
        }
    ]


def test_a_region_and_a_role_are_offered_as_questions_with_their_counts(client):
    city = make_region("652801", name="示例甲市", pinyin="shi li jia shi")
    make_member(role=make_role("chair", 10, name="示例甲长"), region=city)
    shown = offered(client, "示例甲", prefix="")
    assert {line["address"] for line in shown} == {
        "/members/?region=652801",
        "/members/?role=chair",
    }
    assert all(line["label"].endswith("(1)") for line in shown)


@pytest.mark.parametrize("typed", ["", " ", "%", "。", "qqqq", '"'])
def test_nothing_is_offered_for_nothing(client, typed):
    make_member()
    assert offered(client, typed) == []


def test_a_draft_is_never_offered(client):
    make_organization("示例草稿学院", state="draft")
    assert offered(client, "草稿") == []


def test_too_many_words_are_refused_as_in_the_list(client):
    assert client.get("/members/suggest", {"q": "x" * 201}).status_code == 400


@pytest.mark.slow
def test_the_list_stays_short(client):
    for number in range(20):
        make_member(f"示例学院{number}")
    assert len(offered(client, "示例")) <= 12
