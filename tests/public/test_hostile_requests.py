"""Whatever a visitor sends, the answer is a page of ours and never an error of ours."""

import random

import pytest
from django.test import Client

from tests.factories import make_alias, make_member, make_region

pytestmark = pytest.mark.django_db
PATHS = (
    "/", "/en/", "/members/", "/members.csv", "/members/suggest", "/institutions/", "/roles/",
    "/members/1/", "/members/999999999/", "/members/99999999999999999999/", "/members/1-x/",
    "/regions/", "/regions/650000/", "/regions/000000/", "/regions/999999/", "/sources/",
    "/admin/", "/en/admin/login/", "/about/", "/static/../manage.py", "/members/%2e%2e/", "//",
    "/members/-1/", "/members/１/", "/en/en/", "/zh-hans/", "/healthz/x", "/members/1%00/",
    "/statistics/", "/statistics.csv", "/members/1/vcard", "/members/1-x/vcard", "/robots.txt",
    "/sitemap.xml", "/sitemap-pages.xml", "/sitemap-members-1.xml", "/sitemap-members-99999.xml",
    "/picture.png", "/icon-192.png", "/icon-999.png", "/favicon.ico", "/en/manifest.webmanifest",
)  # fmt: skip
NAMES = ("q", "role", "region", "kind", "sector", "evidence", "community", "on", "sort", "page",
         "view",
         "x", "page[]", "q\x00", "__proto__", "csrfmiddlewaretoken", "next", "é")  # fmt: skip
VALUES = (
    "", " ", "0", "-1", "1e9", "9" * 400, "\x00", "\ud800", "\ufffd", "'\" OR 1=1 --", "{{7*7}}",
    "<script>alert(1)</script>", "%", "_", "*", '"', "NEAR(a b)", "a" * 5000, "学" * 3000, "🧵",
    "٣", "２０２３-１１-１３", "2023-11-13", "0000-00-00", "9999-12-31", "lead-enterprise", "none",
    "650000", "६५००००", "NaN", "true", "null", "[]", "../../etc/passwd", "\r\nSet-Cookie: a=b",
    "ａ", "e\u0301" * 50,
)  # fmt: skip
METHODS = ("GET",) * 8 + ("HEAD", "POST", "PUT", "OPTIONS", "TRACE", "X" * 30)
HEADERS = ("Accept-Language", "Accept-Encoding", "If-None-Match", "X-Forwarded-For", "Cookie",
           "Host", "Referer", "User-Agent", "Range", "If-Modified-Since")  # fmt: skip


def text(value: str) -> str:
    return value.encode("utf-8", "surrogatepass").decode("latin-1")


def ask(client: Client, die: random.Random):
    from urllib.parse import quote

    pairs = [(die.choice(NAMES), die.choice(VALUES)) for _ in range(die.randint(0, 4))]
    query = "&".join(
        f"{quote(name, errors='surrogatepass')}={quote(value, errors='surrogatepass')}"
        for name, value in pairs
    )
    headers = {die.choice(HEADERS): text(die.choice(VALUES)) for _ in range(die.randint(0, 2))}
    path = die.choice(PATHS)
    return client.generic(
        die.choice(METHODS), path, QUERY_STRING=query, headers=headers, REMOTE_ADDR="192.0.2.1"
    ), (path, query, headers)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_no_question_is_an_error_of_ours(seed):
    make_alias(make_member("示例棉纺学院", region=make_region()), "示例旧名")
    client, die = Client(raise_request_exception=False), random.Random(seed)
    for _ in range(250):
        response, asked = ask(client, die)
        assert response.status_code < 500, asked
        if not response.streaming and "html" in response.get("Content-Type", ""):
            assert b"<script>alert(1)" not in response.content, asked
        assert "Set-Cookie" not in response.headers, asked
