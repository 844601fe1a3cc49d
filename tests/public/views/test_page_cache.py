"""The same question of the same data is drawn once, and an edit is seen at once."""

import gzip

import brotli
import pytest

from directory.public.views import page_cache
from tests.factories import make_member, saved

pytestmark = pytest.mark.django_db


def test_a_reader_who_has_the_page_is_told_so(client):
    tag = client.get("/members/")["ETag"]
    again = client.get("/members/", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""
    assert again["Content-Security-Policy"]


def test_an_edit_changes_the_tag_and_the_page(client):
    row = make_member("示例甲学院")
    tag = client.get("/members/")["ETag"]
    row.name = "示例乙学院"
    saved(row)
    again = client.get("/members/", headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert "示例乙学院" in again.content.decode()


def test_a_page_is_drawn_once(client, django_assert_max_num_queries):
    make_member()
    first = client.get("/members/").content
    with django_assert_max_num_queries(1):
        assert client.get("/members/").content == first


@pytest.mark.parametrize(
    ("asked", "coding", "decode"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("", None, bytes),
    ],
)
def test_the_page_comes_in_the_coding_that_the_reader_takes(client, asked, coding, decode):
    plain = client.get("/about/").content
    response = client.get("/about/", headers={"Accept-Encoding": asked})
    assert response.get("Content-Encoding") == coding
    assert decode(response.content) == plain
    assert "Accept-Encoding" in response["Vary"]


def test_languages_hosts_and_questions_are_not_mixed_up(client):
    addresses = ("/members/", "/en/members/", "/members/?kind=enterprise")
    tags = {client.get(address)["ETag"] for address in addresses}
    tags.add(client.get("/members/", headers={"Host": "elsewhere.example"})["ETag"])
    assert len(tags) == 4


def test_a_refusal_is_not_remembered(client):
    assert "ETag" not in client.get("/members/?kind=foo")
    assert not page_cache._page_cache.pages


def test_memory_stays_bounded(client, monkeypatch):
    monkeypatch.setattr(page_cache, "MAX_BYTES", 30_000)
    for number in range(12):
        client.get(f"/about/?x={number}")
    kept = sum(page.size for page in page_cache._page_cache.pages.values())
    assert 0 < kept == page_cache._page_cache.bytes <= 30_000


def test_head_has_the_headers_of_get(client):
    told = client.get("/about/")
    head = client.head("/about/")
    assert head["ETag"] == told["ETag"]
    assert head.content == b""
