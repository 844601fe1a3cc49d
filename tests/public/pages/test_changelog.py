"""The public list of changes tells what visitors may know, and never what a draft said."""

import pytest

from directory.history import recorder
from directory.models import Contact, Organization
from directory.public.pages.changelog import get_public_changes
from tests.factories import (
    make_alias,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
    saved,
)

pytestmark = pytest.mark.django_db


def renamed(row, name):
    row.name = name
    return saved(row)


def published(row):
    with recorder.record_changes(None, "test") as change:
        change.track_row(row)
        recorder.publish(row)
        row.save()
        change.mark_changed(row)
    return row


def said(client, path="/en/changes/") -> str:
    return client.get(path).content.decode()


def test_a_new_name_is_told_with_the_old_one(client):
    row = renamed(make_member("示例一学院"), "示例二学院")
    text = said(client)
    assert "<del>示例一学院</del>" in text
    assert "<ins>示例二学院</ins>" in text
    assert "<ins>示例二学院</ins>" in said(client, f"/en/members/{row.pk}-{row.slug}/")


def test_what_a_draft_said_is_never_told(client):
    row = renamed(make_member("示例秘密一", state="draft"), "示例秘密二")
    assert "秘密" not in said(client)
    renamed(row, "示例公开学院")
    published(row)
    text = said(client)
    assert "示例公开学院" in text
    assert "Entered the public register" in text
    assert "秘密" not in text


def test_a_draft_role_is_told_when_it_is_published(client):
    row = make_member("示例一学院")
    role = make_role("chair", rank=5, name_en="Example chair")
    seat = make_membership(row, role, state="draft")
    seat.since = "2024-05-01"
    saved(seat)
    assert "Example chair" not in said(client)
    seat.state = "published"
    saved(seat)
    assert "<ins>Example chair</ins>" in said(client)


def test_what_a_draft_role_said_is_not_told_after_its_publication(client):
    row = make_member("示例一学院")
    seat = make_membership(row, make_role("chair", 5), state="draft", since="2019-01-01")
    for name, value in (("since", "2020-03-03"), ("state", "published"), ("since", "2021-04-04")):
        setattr(seat, name, value)
        saved(seat)
    text = said(client)
    assert "2019-01-01" not in text
    assert "<ins>2021-04-04</ins>" in text


def test_a_role_that_was_withdrawn_and_shown_again_is_told_as_going_and_coming():
    seat = make_membership(make_member(), make_role("chair", 5, name_en="Example chair"))
    for state in ("withdrawn", "published"):
        seat.state = state
        saved(seat)
    entries = get_public_changes().entries
    lines = [(line.before, line.after) for entry in entries for line in entry.lines]
    assert lines[:2] == [("", "Example chair"), ("Example chair", "")]


def test_a_role_is_told_by_what_it_was_when_it_was_public(client):
    seat = make_membership(make_member(), make_role("chair", 5, name_en="Example chair"))
    seat.state = "withdrawn"
    saved(seat)
    seat.role = make_role("secret", 6, name_en="Example secret")
    saved(seat)
    text = said(client)
    assert "<del>Example chair</del>" in text
    assert "secret" not in text


def test_a_role_that_went_is_still_told_of_only_while_it_was_public(client):
    seat = make_membership(make_member(), make_role("chair", 5), state="draft")
    seat.since = "2020-03-03"
    saved(seat)
    with recorder.record_changes(None, "test") as change:
        change.track_row(seat)
        change.mark_changed(seat)
        seat.delete()
    assert "2020-03-03" not in said(client)


def test_contacts_and_states_are_nobody_s_business(client):
    row = make_member("示例一学院")
    contact = Contact(organization=row, label="示例处", channel="email", value="x@example.org")
    saved(contact)
    contact.value = "secret@example.org"
    saved(contact)
    assert "example.org" not in said(client)


def test_what_was_withdrawn_is_not_spoken_of(client):
    row = renamed(make_member("示例一学院"), "示例二学院")
    row.withdrawn_reason, row.state = "示例原因", "withdrawn"
    saved(row)
    assert "示例二学院" not in said(client)


def test_what_was_written_while_it_was_withdrawn_stays_untold(client):
    row = make_member("示例一学院")
    row.withdrawn_reason, row.state = "示例原因", "withdrawn"
    saved(row)
    renamed(row, "示例秘密学院")
    renamed(row, "示例二学院")
    published(row)
    assert "秘密" not in said(client)


def test_aliases_and_regions_are_told_by_name(client):
    row = make_member("示例一学院")
    make_alias(row, "示例旧称")
    row.region = make_region(name="示例市", name_en="Example City")
    saved(row)
    text = said(client)
    assert "示例旧称" in text
    assert "<ins>Example City</ins>" in text


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [400, 7])
def test_every_change_is_on_exactly_one_page(monkeypatch, at_once):
    monkeypatch.setattr("directory.public.pages.changelog.BATCH_SIZE", at_once)
    monkeypatch.setattr("directory.public.pages.changelog.PAGE_SIZE", 30)
    rows = [make_member(f"示例{number}学院") for number in range(3)]
    with recorder.record_changes(None, "import") as change:
        change.track(row.pk for row in rows)
        for row in rows:
            Organization.objects.filter(pk=row.pk).update(name_en="Example")
            change.mark_changed(row)
    for number in range(31):
        renamed(rows[number % 3], f"示例{number}大学")
    first = get_public_changes()
    second = get_public_changes(before=first.next_cursor)
    seen = [(entry.at, entry.organization.pk) for entry in first.entries + second.entries]
    assert len(first.entries) == 30
    assert len(seen) == len(set(seen)) == 40
    assert second.next_cursor == ""


@pytest.mark.parametrize("place", ["x", "1", "1-", "-1-2", "1-2-3", "٣-1", "9" * 99 + "-x"])
def test_a_place_that_cannot_be_is_refused(client, place):
    assert client.get("/en/changes/", {"before": place}).status_code == 400


def test_a_place_beyond_all_is_the_beginning(client):
    make_organization()
    assert client.get("/changes/", {"before": "9" * 40 + "-1"}).status_code == 200
