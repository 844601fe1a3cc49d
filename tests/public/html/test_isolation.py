"""A name whose direction is another turns nothing beside it: it stands in <bdi>."""

import pytest

from directory.history import recorder
from tests.factories import make_alias, make_member, make_role

pytestmark = pytest.mark.django_db


def page(client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize("address", ["/en/members/", "/en/members/?view=table", "/en/"])
def test_names_in_lists_are_isolated(client, address):
    row = make_member("示例学院", name_en="Example College")
    make_alias(row, "示院")
    text = page(client, address)
    assert "<bdi>Example College</bdi></a>" in text
    if address == "/en/members/":
        assert "<bdi>示例学院</bdi>" in text
        assert '<bdi lang="zh-Hans">示院</bdi>' in text


def test_names_on_the_page_of_a_member_are_isolated(client):
    row = make_member("示例学院", name_en="Example College")
    make_alias(row, "示院")
    text = page(client, f"/en/members/{row.pk}-{row.slug}/")
    for name in ("示例学院", "示院"):
        assert f'<bdi lang="zh-Hans">{name}</bdi>' in text or f'"zh-Hans">{name}</bdi>' in text
    assert "“<bdi>Example College</bdi>”" in text


def test_the_name_that_a_question_found_is_isolated(client):
    make_alias(make_member("示例学院"), "示旧院", sort="former")
    assert '<mark lang="zh-Hans" dir="auto">示旧院</mark>' in page(client, "/en/members/?q=示旧院")


def test_the_holder_of_a_seat_and_a_reason_of_withdrawal_are_isolated(client):
    make_member("示例学院", make_role("lead-enterprise", rank=10, axis="lead"), kind="enterprise")
    row = make_member("示例旧院")
    with recorder.record_changes(who=None, via="test") as change:
        change.track_row(row)
        recorder.withdraw(row, "示例原因")
        row.save()
        change.mark_changed(row)
    assert "<bdi>示例学院</bdi></a>" in page(client, "/en/roles/")
    assert "<bdi>示例原因</bdi>" in page(client, f"/en/members/{row.pk}-{row.slug}/")
