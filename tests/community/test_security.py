"""Safe from the first day: what the browser is told, what is refused, who is locked out."""

import json
import re
from ipaddress import ip_address
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.test import RequestFactory

from community import env
from community.middleware import input_validation, security_headers
from tests.factories import make_member

OUR_SCRIPT = '<script type="module" src="/static/site/site.js">'
PAGES = ("/", "/en/", "/members/", "/roles/", "/about/", "/admin/login/", "/nothing/", "/healthz",
         "/members.csv", "/members/?kind=foo")  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_every_answer_carries_the_strict_policy(client, address):
    response = client.get(address)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/members/", "/en/about/", "/members.csv"])
def test_public_pages_set_no_cookie_and_read_none(client, address):
    response = client.get(address)
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.django_db
def test_what_has_a_session_is_stored_nowhere(client):
    assert client.get("/admin/login/")["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "PATCH", "MADEUP"])
@pytest.mark.parametrize("address", ["/", "/members/", "/members.csv", "/roles/", "/healthz"])
def test_readers_doors_answer_reading_only(client, method, address):
    assert client.generic(method, address).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("question", ["q=%00", "%00=1", "kind=a%0Bb", "x=%7f"])
@pytest.mark.parametrize("address", ["/", "/members/", "/admin/login/", "/en/members/"])
def test_unreadable_characters_are_refused_at_the_gate(client, address, question):
    response = client.get(f"{address}?{question}")
    assert response.status_code == 400
    assert "<h1>" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/%00", "/members/%01/", "/%ed%a0%80"])
def test_unreadable_paths_are_never_an_error_of_ours(client, address):
    assert client.get(address).status_code in (400, 404)


@pytest.mark.django_db
def test_an_unreadable_form_is_refused_before_anything_reads_it(client):
    form = "application/x-www-form-urlencoded"
    assert client.post("/admin/login/", "username=a%00b", content_type=form).status_code == 400


@pytest.mark.parametrize("text", ["巴音学院", "a\tb\r\n", "é", "𠮷"])
def test_readable_text_passes_the_gate(text):
    assert not input_validation.is_unreadable(RequestFactory().get("/", {"q": text}).GET)


@pytest.mark.django_db
def test_markup_in_a_question_stays_text(client):
    marker = "<script>alert(1)</script>"
    for address in ("/members/", "/en/members/", "/institutions/"):
        for name in ("q", "kind", "on", "sort"):
            assert marker not in client.get(address, {name: marker}).content.decode()


@pytest.mark.django_db
def test_health_tells_the_databases_state(client):
    told = json.loads(client.get("/healthz").content)
    assert told["status"] == "ok"
    assert told["database"] == "ok"
    assert client.get("/readyz").status_code == 200


@pytest.fixture
def away(monkeypatch):
    """A database that fails the first `times` it is asked for the data version."""
    from directory.models import DataVersion

    real, failures = DataVersion.get_current, []

    def now():
        if len(failures) < away.times:
            failures.append(1)
            raise OperationalError("server closed the connection unexpectedly")
        return real()

    def away(times):
        away.times = times

    monkeypatch.setattr(DataVersion, "get_current", now)
    return away


@pytest.mark.django_db
def test_one_failure_of_the_database_is_not_seen_by_the_reader(client, away):
    away(1)
    assert client.get("/members/").status_code == 200


@pytest.mark.django_db
def test_a_database_that_stays_away_is_told_honestly(client, away):
    away(100)
    response = client.get("/en/members/")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "The directory is catching its breath" in response.content.decode()


@pytest.mark.django_db
def test_five_wrong_passwords_lock_this_account_at_this_address_only(client, django_user_model):
    django_user_model.objects.create_superuser("officer", password="a-long-password-1")
    wrong = {"username": "officer", "password": "wrong"}
    for _ in range(5):
        client.post("/en/admin/login/", wrong)
    assert client.post("/en/admin/login/", wrong).status_code == 429
    right = wrong | {"password": "a-long-password-1", "next": "/en/admin/"}
    assert client.post("/en/admin/login/", right).status_code == 429
    elsewhere = client.post("/en/admin/login/", right, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.5", "192.0.2.1"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 192.0.2.7", "203.0.113.5"),
        (2, "203.0.113.5", "192.0.2.1"),
        (1, "nonsense", "0.0.0.0"),
    ],
)
def test_only_trusted_proxies_may_say_who_asks(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    asked = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert security_headers.get_client_address(asked) == str(ip_address(address))


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("DEBUG", "maybe", lambda: env.get_bool("DEBUG")),
        ("TRUSTED_PROXIES", "many", lambda: env.get_int("TRUSTED_PROXIES", 0)),
        ("TRUSTED_PROXIES", "-1", lambda: env.get_int("TRUSTED_PROXIES", 0)),
        ("SECRET_KEY", "short", lambda: env.get_secret_key(False, None)),
        ("SECRET_KEY", "", lambda: env.get_secret_key(False, None)),
        ("ALLOWED_HOSTS", "", lambda: env.get_allowed_hosts(False)),
        ("DATABASE_URL", "mysql://x/y", lambda: env.get_database_settings(None)),
        ("DATABASE_URL", "postgres://u@h:port/x", lambda: env.get_database_settings(None)),
        ("DATABASE_URL", "postgres://u@h/", lambda: env.get_database_settings(None)),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(monkeypatch, name, value, read):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read()


@pytest.mark.django_db
def test_no_page_loads_anything_from_elsewhere(client):
    make_member()
    for address in ("/", "/members/", "/roles/", "/regions/", "/sources/", "/about/"):
        shown = client.get(address).content.decode()
        assert 'src="http' not in shown
        assert " style=" not in shown
        assert re.findall(r"<script(?! type=.application/ld\+json.>)[^>]*>[^<]*", shown) == [
            OUR_SCRIPT
        ]


@pytest.mark.parametrize(("pattern", "most"), [("*.css", 40_000), ("*.js", 6_000)])
def test_style_sheets_and_scripts_of_the_site_stay_small(pattern, most):
    """Their sum, with each run of spaces and line breaks counted as one."""
    files = sorted((Path(__file__).parents[2] / "static" / "site").glob(pattern))
    assert files
    assert sum(len(re.sub(rb"\s+", b" ", path.read_bytes())) for path in files) < most
