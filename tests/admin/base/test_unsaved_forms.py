"""A form that cannot be saved loses nothing of what was typed: the next page gives it back."""

import re
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import OperationalError
from django.db.models import F
from django.test import Client
from django.urls import reverse

from community import error_views
from directory.admin.base import unsaved_forms
from directory.models import Community, Organization, Seat, Source
from tests.accounts import make_account
from tests.factories import (
    DAY,
    make_citation,
    make_community,
    make_organization,
    make_role,
    make_sector,
    make_source,
    saved,
)
from tests.html_forms import FORM, find_form, read_forms, send

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-1"
FIELD = "unsaved_form"
SITE = {"HTTP_ORIGIN": "http://testserver"}
LOGIN = "/en/admin/login/"


@pytest.fixture
def officer():
    return User.objects.create_superuser("officer", password=PASSWORD)


@pytest.fixture
def client(officer):
    """A browser that is signed in; its CSRF tokens are checked."""
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, browser.get(LOGIN))
    return browser


def sign_in(client, page, name="officer", password=PASSWORD):
    return send(client, page, "username", username=name, password=password)


def end_session(client):
    Session.objects.all().delete()


def use_old_token(client):
    """Sign in anew in another tab: the tokens of the pages that are open become invalid."""
    client.cookies["csrf"] = "b" * 32


def admin_url(noun: str, page: str, *keys) -> str:
    return f"/en{reverse(f'admin:directory_{noun}_{page}', args=keys)}".replace("/en/en", "/en")


def text_of(page) -> str:
    return page.content.decode()


def add_rows(prefix: str, *rows: dict) -> dict:
    """The fields of new rows of an inline, as the browser adds them."""
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows))}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def make_typed() -> dict:
    """What somebody types for a new organization: two aliases, a role, sectors, Chinese text."""
    community, role = make_community(), make_role()
    sectors = [make_sector("C171", "示例棉纺").pk, make_sector("C178", "示例非织造").pk]
    aliases = ({"name": "示纺院", "sort": "short", "language": "zh-Hans"},
               {"name": "Example <Textile>", "sort": "translation", "language": "en"})  # fmt: skip
    role_row = {"community": community.pk, "role": role.pk, "since": "2024-05-01", "state": "draft"}
    return {
        "name": "示例纺织服装学院",
        "kind": "university",
        "sectors": sectors,
        "description": "第一行“示例”\r\n  第二行 & 更多",
        **add_rows("aliases", *aliases),
        **add_rows("memberships", role_row),
    }


def assert_filled_in(form, typed: dict):
    for name, value in typed.items():
        values = [str(each) for each in (value if isinstance(value, list) else [value])]
        shown = [each.replace("\r\n", "\n") for each in form.fields[name]]
        assert shown == [each.replace("\r\n", "\n") for each in values], name


# -- The session ended, or the token is old ------------------------------------------


def test_a_session_that_ends_loses_nothing_of_an_organization(client):
    typed = make_typed()
    page = client.get(admin_url("organization", "add"))
    end_session(client)
    page = send(client, page, "name", **typed)
    assert page.status_code == 403
    assert "Nothing was saved" in text_of(page)
    assert "no-store" in page["Cache-Control"]
    page = sign_in(client, page)
    assert "Nothing was saved" in text_of(page)
    page = send(client, page, FIELD)
    assert_filled_in(find_form(page, "name"), typed)
    assert "Nothing was saved yet" in text_of(page)
    assert "errornote" not in text_of(page)
    assert not Organization.objects.exists()
    assert send(client, page, "name").status_code == 302
    row = Organization.objects.get()
    assert set(row.aliases.values_list("name", flat=True)) == {"示纺院", "Example <Textile>"}
    assert (row.sectors.count(), row.memberships.count()) == (2, 1)
    assert (
        row.description == "第一行“示例”\r\n  第二行 & 更多".replace("\r\n", "\n")
        or row.description
    )


def test_an_old_token_loses_nothing_of_an_organization(client):
    typed = make_typed()
    page = client.get(admin_url("organization", "add"))
    use_old_token(client)
    page = send(client, page, "name", **typed)
    assert page.status_code == 403
    assert "reload" not in text_of(page).lower()
    page = send(client, page, FIELD)
    assert_filled_in(find_form(page, "name"), typed)
    assert not Organization.objects.exists()
    assert send(client, page, "name").status_code == 302
    assert Organization.objects.get().aliases.count() == 2


def test_seats_and_citations_of_a_community_come_back(client):
    role, source = make_role("chair", 5), make_source()
    passage = {"field": "name", "evidence": "stated", "source": source.pk, "passage": "示例原文"}
    typed = {
        "name": "示例共同体",
        **add_rows("seat_set", {"role": role.pk, "count": "3"}),
        **add_rows("citations", passage | {"language": "zh-Hans"}),
    }
    page = client.get(admin_url("community", "add"))
    end_session(client)
    page = send(client, sign_in(client, send(client, page, "name", **typed)), FIELD)
    assert_filled_in(find_form(page, "name"), typed)
    assert not Community.objects.exists()
    send(client, page, "name", code="example")
    assert Seat.objects.get().count == 3


def test_a_wrong_password_and_an_old_token_in_between_lose_nothing(client):
    page = client.get(admin_url("source", "add"))
    end_session(client)
    page = send(client, page, "title", title="示例来源", code="S9")
    page = sign_in(client, page, password="wrong")
    assert "Please enter the correct" in text_of(page)
    use_old_token(client)
    page = sign_in(client, page)
    assert page.status_code == 403
    page = sign_in(client, page)
    end_session(client)
    page = send(client, page, FIELD)  # the button itself, after the session ended again
    page = send(client, sign_in(client, page), FIELD)
    assert find_form(page, "title").fields["title"] == ["示例来源"]
    assert not Source.objects.exists()


def test_a_locked_account_loses_nothing(client):
    page = client.get(admin_url("source", "add"))
    end_session(client)
    page = send(client, page, "title", title="示例来源")
    for _ in range(6):
        locked = sign_in(client, page, password="wrong")
        page = locked if locked.status_code == 200 else page
    assert locked.status_code == 429
    User.objects.create_superuser("colleague", password=PASSWORD)
    page = sign_in(client, send(client, locked, FIELD), "colleague")
    assert find_form(send(client, page, FIELD), "title").fields["title"] == ["示例来源"]


def test_unticked_boxes_and_choices_of_several_come_back_as_they_were(client):
    group = Group.objects.create(name="示例组")
    account = make_account("someone")
    account.groups.add(group)
    page = client.get(f"/en/admin/auth/user/{account.pk}/change/")
    typed = {"is_active": None, "groups": None, "last_name": "示例"}
    end_session(client)
    page = sign_in(client, send(client, page, "last_name", **typed))
    form = find_form(send(client, page, FIELD), "last_name")
    assert "is_active" not in form.fields
    assert "groups" not in form.fields
    assert form.fields["is_staff"] == ["on"]


def test_passwords_are_never_in_a_page(client):
    page = client.get("/en/admin/auth/user/add/")
    end_session(client)
    secret = "geheim-4711-示例"
    sent = {"username": "newcomer", "password1": secret, "password2": secret}
    page = send(client, page, "password1", **sent)
    kept = find_form(page, FIELD).fields[FIELD][0]
    assert secret not in text_of(page)
    assert secret not in str(signing.loads(kept, salt=unsaved_forms.SALT))
    page = sign_in(client, page)
    assert secret not in text_of(page)
    page = send(client, page, FIELD)
    assert find_form(page, "username").fields["username"] == ["newcomer"]
    assert secret not in text_of(page)
    assert "Passwords were not kept" in text_of(page)
    assert not User.objects.filter(username="newcomer").exists()


def test_the_new_password_of_an_account_is_not_kept(client):
    address = "/en/admin/password_change/"
    client.get(address)
    end_session(client)
    sent = {"old_password": PASSWORD, "new_password1": "x-77-y", "new_password2": "x-77-y"}
    token = {"csrfmiddlewaretoken": client.cookies["csrf"].value}
    page = client.post(address, sent | token, **SITE)
    assert "x-77-y" not in text_of(page)
    page = sign_in(client, page)
    assert "Nothing was saved" in text_of(page)
    assert "x-77-y" not in text_of(page)


def test_a_file_must_be_chosen_again_by_its_name(client, tmp_path):
    path = tmp_path / "成员名单.csv"
    path.write_text("名称\n示例学院\n")
    address = admin_url("import", "add")
    client.get(address)
    end_session(client)
    token = {"csrfmiddlewaretoken": client.cookies["csrf"].value}
    with path.open("rb") as file:
        page = client.post(
            address, token | {"file": file}, HTTP_REFERER=f"http://testserver{address}", **SITE
        )
    page = sign_in(client, page)
    assert "成员名单.csv" in text_of(page)
    assert f'href="{address}"' in text_of(page)


# -- Others at the same time ----------------------------------------------------------


def test_a_conflict_is_still_noticed_after_signing_in_again(client):
    row = make_organization("示例学院")
    page = client.get(admin_url("organization", "change", row.pk))
    row.name_en = "Theirs"
    saved(row)
    end_session(client)
    page = sign_in(client, send(client, page, "name", name_en="Mine"))
    page = send(client, page, FIELD)
    assert "Somebody saved this while you were editing it" in text_of(page)
    assert "Theirs" in text_of(page)
    assert find_form(page, "name").fields["name_en"] == ["Mine"]
    row.refresh_from_db()
    assert row.name_en == "Theirs"


def test_an_entry_that_was_deleted_meanwhile_gives_back_what_was_typed(client):
    row = make_organization("示例学院", state="draft")
    page = client.get(admin_url("organization", "change", row.pk))
    row.delete()
    page_after = send(client, page, "name", description="示例长文")
    assert page_after.status_code == 404
    assert "示例长文" in text_of(page_after)
    assert "no-store" in page_after["Cache-Control"]
    end_session(client)
    page = send(client, sign_in(client, send(client, page, "name", description="示例长文")), FIELD)
    assert page.status_code == 404
    assert "示例长文" in text_of(page)


def test_an_entry_that_was_published_meanwhile_gives_back_what_was_typed(client):
    editor = make_account("editor", "editor")
    editor.set_password(PASSWORD)
    editor.save()
    row = make_organization("示例学院", state="draft")
    sign_in(client, sign_out(client), "editor")
    page = client.get(admin_url("organization", "change", row.pk))
    row.state, row.first_published_at = "published", DAY
    saved(row)
    page = send(client, page, "name", description="示例长文")
    assert page.status_code == 403
    assert "示例长文" in text_of(page)
    assert "Chinese description" in text_of(page)
    assert "university" not in text_of(page).partition("errornote")[2].partition("</main>")[0]
    assert not Organization.objects.exclude(description="").exists()


def sign_out(client):
    client.cookies.pop("session", None)
    return client.get(LOGIN)


def test_what_the_database_refuses_is_shown_again(client, monkeypatch):
    from django.db import IntegrityError

    def refuse(*_args, **_more):
        raise IntegrityError("unique")

    page = client.get(admin_url("source", "add"))
    monkeypatch.setattr(Source, "save", refuse)
    page = send(client, page, "title", title="示例来源", code="S9", medium="letter")
    assert "the database refused it" in text_of(page)
    assert find_form(page, "title").fields["title"] == ["示例来源"]


def test_a_long_text_in_a_row_that_was_deleted_meanwhile_is_shown_whole(client):
    row = make_organization("示例学院")
    citation = make_citation(organization=row, field="name")
    page = client.get(admin_url("organization", "change", row.pk))
    citation.delete()
    Organization.objects.update(version=F("version") + 1)
    passage = "长" * 900
    page = send(client, page, "name", **{"citations-0-passage": passage})
    assert "Somebody saved this while you were editing it" in text_of(page)
    assert passage in text_of(page)


def test_what_was_entered_in_a_folded_part_of_the_page_is_open(client):
    passage = {"target": "organization::name", "evidence": "stated", "passage": "示例原文"}
    page = client.get(admin_url("organization", "add"))
    assert text_of(page).count("<details") > 1
    use_old_token(client)
    page = send(client, page, "name", **add_rows("citations", passage))
    page = send(client, page, FIELD)
    before, _, _ = text_of(page).partition("示例原文")
    assert 'id="contacts-group"' in before
    assert "<details" not in before[before.index('id="citations-group"') :]


# -- Every form of the desk ------------------------------------------------------------


def addable() -> list[type]:
    """The models with a form to add one; an import is a file."""
    models = [*admin.site._registry]
    return [each for each in models if each.__name__ not in ("Import", "Revision", "LikelyPair")]


@pytest.mark.parametrize("model", addable(), ids=lambda model: model.__name__)
@pytest.mark.parametrize("end", [end_session, use_old_token])
def test_each_form_comes_back_as_it_was_typed(client, model, end):
    address = f"/en/admin/{model._meta.app_label}/{model._meta.model_name}/add/"
    page = client.get(address)
    form = next(form for form in read_forms(page) if "csrfmiddlewaretoken" in form.fields
                and form.action == "")  # fmt: skip
    inputs = re.findall(
        r'<(?:input type="text"|textarea) name="(\w+)"', text_of(page)
    ) or re.findall(r'<(?:input|textarea)[^>]*\bname="(\w+)"', text_of(page))
    name = next(name for name in inputs if name in form.fields and name != "csrfmiddlewaretoken")
    before = model._base_manager.count()
    end(client)
    typed = "1234" if re.search(rf'type="number"[^>]*name="{name}"', text_of(page)) else "示例<b>"
    page = client.post(address, urlencode(form.fields | {name: typed}, True), FORM, **SITE)
    page = sign_in(client, page) if end is end_session else page
    page = send(client, page, FIELD)
    assert page.status_code == 200
    assert find_form(page, name).fields[name] == [typed]
    assert model._base_manager.count() == before


def test_a_window_that_adds_a_source_to_another_form_stays_one(client):
    page = client.get(f"{admin_url('source', 'add')}?_to_field=code&_popup=1")
    end_session(client)
    page = sign_in(
        client, send(client, page, "title", title="示例来源", code="S9", medium="letter")
    )
    page = send(client, page, FIELD)
    assert find_form(page, "title").fields["_popup"] == ["1"]
    assert "data-popup-response" in text_of(send(client, page, "title"))


# -- Other accounts, other sites ---------------------------------------------------------


def test_what_an_account_typed_is_not_shown_to_another(client):
    User.objects.create_superuser("colleague", password=PASSWORD)
    page = client.get(admin_url("source", "add"))
    use_old_token(client)
    page = send(client, page, "title", title="示例秘密来源")
    sign_in(client, sign_out(client), "colleague")
    page = send(client, page, FIELD)
    assert page.status_code in (200, 403)
    assert "示例秘密来源" not in text_of(page)
    if page.status_code == 403 and not find_form(page, FIELD).fields.get("username"):
        page = send(client, page, FIELD)
    assert "示例秘密来源" not in text_of(page)
    page = sign_in(client, page)
    assert find_form(send(client, page, FIELD), "title").fields["title"] == ["示例秘密来源"]


def test_an_account_without_the_right_is_shown_nothing(client):
    viewer = User.objects.create_user("viewer", password=PASSWORD, is_staff=True)
    page = client.get(admin_url("source", "add"))
    end_session(client)
    page = sign_in(client, send(client, page, "title", title="示例来源"), viewer.username)
    page = send(client, page, FIELD)
    assert page.status_code == 403
    page = sign_in(client, page)
    assert find_form(send(client, page, FIELD), "title").fields["title"] == ["示例来源"]


@pytest.mark.parametrize("headers", [
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_ORIGIN": "null"},
    {"HTTP_REFERER": "https://evil.example/"},
    {"HTTP_REFERER": "http://[", "HTTP_SEC_FETCH_SITE": "same-origin"},
    {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "cross-site"},
    {"HTTP_SEC_FETCH_SITE": "same-site"},
    {},
])  # fmt: skip
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_nothing_that_another_site_sends_is_echoed(client, headers, is_signed_in):
    if not is_signed_in:
        end_session(client)
    address = admin_url("source", "add")
    page = client.post(address, {"title": "示例外来", "csrfmiddlewaretoken": "a" * 64}, **headers)
    assert page.status_code in (302, 403)
    assert FIELD not in text_of(page)
    assert "示例外来" not in text_of(page)


def test_even_with_a_token_nothing_of_another_site_is_echoed(officer):
    sent = {"title": "示例外来"}
    page = Client().post(admin_url("source", "add"), sent, HTTP_ORIGIN="https://evil.example")
    assert page.status_code == 302
    assert FIELD not in text_of(page)


def test_another_site_cannot_show_a_form_again(client):
    page = client.get(admin_url("source", "add"))
    use_old_token(client)
    page = send(client, page, "title", title="示例来源")
    kept = find_form(page, FIELD).fields[FIELD][0]
    answer = client.post(admin_url("source", "add"), {FIELD: kept}, HTTP_ORIGIN="https://e.example")
    assert answer.status_code == 403
    assert FIELD not in text_of(answer)


def test_a_made_up_or_altered_token_is_nothing(client):
    page = client.get(admin_url("source", "add"))
    use_old_token(client)
    page = send(client, page, "title", title="示例来源")
    kept = find_form(page, FIELD).fields[FIELD][0]
    for token in ("", "x", kept[:-1] + "A", signing.dumps(["/en/admin/"], salt="other")):
        answer = send(client, page, FIELD, **{FIELD: token})
        assert answer.status_code == 400
        assert not Source.objects.exists()


def test_a_token_only_fills_in_the_form_that_it_is_of(client):
    page = client.get(admin_url("source", "add"))
    use_old_token(client)
    form = find_form(send(client, page, "title", title="示例来源"), FIELD)
    other = client.post(admin_url("alias", "add"), form.fields, **SITE)
    assert find_form(other, FIELD).action == admin_url("source", "add")


def test_a_kept_form_is_never_saved_by_showing_it(client):
    """Even one that is complete and carries the name of a button."""
    page = client.get(admin_url("source", "add"))
    use_old_token(client)
    sent = {"title": "示例来源", "code": "S9", "medium": "letter", "_save": "Save"}
    page = send(client, send(client, page, "title", **sent), FIELD)
    assert page.status_code == 200
    assert not Source.objects.exists()


def test_a_form_kept_for_more_than_a_day_is_shown_for_copying(client, monkeypatch):
    page = client.get(admin_url("source", "add"))
    end_session(client)
    page = send(client, page, "title", title="示例来源")
    monkeypatch.setattr(unsaved_forms, "MAX_AGE", 0)
    page = sign_in(client, page)
    assert "示例来源" in text_of(page)
    assert not [form for form in read_forms(page) if FIELD in form.fields]


def test_a_form_that_is_too_long_is_shown_for_copying(client):
    page = client.get(admin_url("source", "add"))
    end_session(client)
    long = "a" * 500_001
    page = send(client, page, "title", title="示例来源", url=long)
    assert page.status_code == 403
    assert "too long to be kept" in text_of(page)
    assert long in text_of(page)
    assert re.search(r"<textarea[^>]* readonly>&#10;示例来源", text_of(page))


# -- Pages that are not forms of a model ---------------------------------------------------


def test_the_reason_of_a_withdrawal_comes_back_and_nothing_is_withdrawn(client):
    rows = [make_organization(f"示例{name}学院") for name in "甲乙"]
    address = admin_url("organization", "changelist")
    client.get(address)
    chosen = {"action": "archive", "_selected_action": [row.pk for row in rows]}
    token = {"csrfmiddlewaretoken": client.cookies["csrf"].value}
    page = client.post(address, chosen | token, **SITE)
    end_session(client)
    page = sign_in(client, send(client, page, "reason", reason="示例原因"))
    page = send(client, page, FIELD)
    assert find_form(page, "reason").fields["reason"] == ["示例原因"]
    assert set(Organization.objects.values_list("state", flat=True)) == {"published"}
    send(client, page, "reason")
    assert set(Organization.objects.values_list("state", flat=True)) == {"withdrawn"}


@pytest.mark.parametrize("action", ["publish", "confirm", "delete_selected"])
def test_an_action_is_asked_again_and_not_done(client, action):
    row = make_organization("示例甲学院", state="draft")
    address = admin_url("organization", "changelist")
    client.get(address)
    token = {"csrfmiddlewaretoken": client.cookies["csrf"].value}
    end_session(client)
    chosen = {"action": action, "_selected_action": row.pk, "post": "yes"}
    before = Organization.objects.values().get()
    page = send(client, sign_in(client, client.post(address, chosen | token, **SITE)), FIELD)
    assert "示例甲学院" in text_of(page)
    assert find_form(page, "action").fields["action"] == [action]
    assert Organization.objects.values().get() == before


def test_the_choices_of_a_merge_come_back_and_nothing_is_merged(client):
    kept = make_organization("示例甲学院", website="https://a.example")
    gone = make_organization("示例乙学院", website="https://b.example")
    address = f"{admin_url('organization', 'merge', kept.pk)}?with={gone.pk}"
    page = client.get(address)
    end_session(client)
    page = sign_in(client, send(client, page, "version_kept", **{"fact-website": "gone"}))
    page = send(client, page, FIELD)
    assert find_form(page, "version_kept").fields["fact-website"] == ["gone"]
    assert Organization.objects.count() == 2


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_button_without_fields_leads_back_to_its_page(client, language):
    row = make_organization("示例学院")
    page = client.get(admin_url("organization", "change", row.pk))
    end_session(client)
    token = {"csrfmiddlewaretoken": client.cookies["csrf"].value}
    address = admin_url("organization", "changelist") + f"{row.pk}/verify/"
    referrer = f"http://testserver{page.request['PATH_INFO']}"
    page = sign_in(client, client.post(address, token, HTTP_REFERER=referrer, **SITE))
    assert page.status_code == 200
    assert f'href="{admin_url("organization", "change", row.pk)}"' in text_of(page)
    row.refresh_from_db()
    assert row.verified_on is None


# -- Errors ----------------------------------------------------------------------------------


def test_characters_that_nobody_sees_lose_nothing_else(client):
    page = client.get(admin_url("source", "add"))
    page = send(client, page, "title", title="示例\x0b来源\x00")
    assert page.status_code == 400
    assert "no-store" in page["Cache-Control"]
    page = send(client, page, FIELD)
    assert find_form(page, "title").fields["title"] == ["示例来源"]


@pytest.mark.parametrize("sent", [{f"x{n}": 1 for n in range(5001)}, {"title": "长" * 400_000}])
def test_too_much_at_once_is_told_without_advice_that_loses_it(client, sent):
    page = client.post(admin_url("source", "add"), urlencode(sent), FORM, **SITE)
    assert page.status_code == 400
    assert "Nothing was saved" in text_of(page)
    assert "Start again" not in text_of(page)


def test_a_database_that_is_away_loses_nothing(client, monkeypatch):
    def fail(*_args, **_more):
        raise OperationalError("server closed the connection")

    page = client.get(admin_url("source", "add"))
    with monkeypatch.context() as patch:
        patch.setattr(Source, "full_clean", fail)
        page = send(client, page, "title", title="示例来源")
        assert page.status_code == 503
        page = send(client, page, FIELD)
        assert page.status_code == 503
    assert find_form(send(client, page, FIELD), "title").fields["title"] == ["示例来源"]


def test_an_error_of_ours_loses_nothing(client, monkeypatch):
    def fail(*_args, **_more):
        raise RuntimeError

    client.raise_request_exception = False
    page = client.get(admin_url("source", "add"))
    with monkeypatch.context() as patch:
        patch.setattr(Source, "full_clean", fail)
        page = send(client, page, "title", title="示例来源")
    assert page.status_code == 500
    assert find_form(send(client, page, FIELD), "title").fields["title"] == ["示例来源"]


def test_no_name_of_a_field_breaks_the_page_that_gives_it_back(client):
    names = ("aliases-" + "9" * 5000 + "-name", "aliases--1-name", "a-٣-b", "-", "")
    sent = urlencode(dict.fromkeys(names, "示例文字"))
    page = client.post(admin_url("organization", "add"), sent, FORM, **SITE)
    assert page.status_code == 403
    assert text_of(page).count("示例文字") >= 4


def test_error_pages_echo_nothing_that_another_site_sent(rf):
    sent = {"title": "示例外来"}
    request = rf.post("/en/admin/directory/source/add/", sent, HTTP_ORIGIN="https://e.example")
    for view in (error_views.server_error, error_views.service_unavailable):
        assert "示例外来" not in text_of(view(request))
