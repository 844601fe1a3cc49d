"""What a draft said is nowhere to be seen after it was merged, unless it was ticked."""

from datetime import date
from urllib.parse import quote

import pytest

from directory.history import recorder
from directory.merging.merge import merge_organizations
from directory.merging.preview import MergePreview
from directory.models import Contact, Organization
from tests.factories import (
    make_alias,
    make_citation,
    make_member,
    make_membership,
    make_organization,
    make_role,
    saved,
)

pytestmark = pytest.mark.django_db
WORDS = ("Secret", "密棉", "密文", "7654321", "secret.example", "2020")


@pytest.fixture
def kept() -> Organization:
    return make_member("示例棉纺学院")


@pytest.fixture
def draft() -> Organization:
    row = make_organization("示例密棉院", state="draft", name_en="Secret Cotton")
    row.website = "https://secret.example"
    saved(row)
    make_alias(row, "密棉")
    make_membership(row, make_role("chair", 10), since=date(2020, 1, 1))
    contact = {"label": "办公室", "channel": "telephone", "value": "0996-7654321", "hidden": False}
    saved(Contact(organization=row, **contact))
    make_citation(organization=row, field="name", passage="密文：示例密棉院")
    make_citation(organization=row, field="kind", passage="密文：大学")
    return row


def merge(kept: Organization, draft: Organization, ticked=()) -> None:
    rows = Organization.objects.in_bulk([kept.pk, draft.pk])
    versions = [rows[kept.pk].version, rows[draft.pk].version]
    merge_organizations((kept.pk, draft.pk), versions, None, ticked=ticked)


def read_all(client, kept: Organization) -> str:
    """All that visitors can read of the directory, in both languages."""
    own = Organization.objects.get(pk=kept.pk).get_absolute_url()
    asked = [f"?q={quote(word)}" for word in ("secret cotton", "密棉", "mimian")]
    pages = ["/", own, f"{own}vcard", "/members/", "/members.csv", "/statistics/", "/roles/"]
    pages += ["/sources/", "/changes/", "/sitemap-pages.xml", "/sitemap-members-1.xml", "/about/"]
    pages += [f"/members/suggest{each}" for each in asked]
    text = ""
    for path in [*pages, *(f"/en{page}" for page in pages)]:
        answer = client.get(path, follow=True)
        parts = answer.streaming_content if answer.streaming else [answer.content]
        body = b"".join(parts).decode()
        text += body if answer.status_code == 200 else ""
    return text


def count_found(client, words: str) -> int:
    return client.get("/members/", {"q": words}).context["listing"].total


def test_nothing_of_the_draft_is_told_anywhere(client, kept, draft):
    before = read_all(client, kept)
    merge(kept, draft)
    after = read_all(client, kept)
    assert kept.name in after
    assert [word for word in WORDS if word in after and word not in before] == []
    assert not {word for word in WORDS[:-1] if word in after}
    assert count_found(client, "Secret Cotton") == count_found(client, "密棉") == 0
    assert count_found(client, "示例棉纺学院") == 1


def test_what_is_ticked_is_shown_found_and_told_as_a_change(client, kept, draft):
    ticked = [item.key for item in MergePreview(kept, draft).draft_items]
    merge(kept, draft, ticked)
    text = read_all(client, kept)
    assert [word for word in WORDS if word not in text] == []
    assert count_found(client, "Secret Cotton") == count_found(client, "密棉") == 1


def test_only_the_ticked_name_is_shown(client, kept, draft):
    merge(kept, draft, ["name_en"])
    text = read_all(client, kept)
    assert [word for word in WORDS[:-1] if word in text] == ["Secret"]


def test_what_is_written_after_the_merge_tells_nothing_of_before(client, kept, draft):
    merge(kept, draft)
    row = Organization.objects.get(pk=kept.pk)
    with recorder.record_changes(None, "test") as change:
        change.track_row(row)
        row.description = "示例说明"
        row.save()
        change.mark_changed(row)
    text = client.get("/changes/").content.decode()
    assert "示例说明" in text
    assert not {word for word in WORDS[:-1] if word in text}


def test_the_old_number_of_the_draft_answers_like_one_that_never_was(client, kept, draft):
    merge(kept, draft)
    assert client.get(f"/members/{draft.pk}/").status_code == 404
