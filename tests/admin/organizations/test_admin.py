"""The page of an organization: codes, state, doubles, and what visitors see of it."""

import pytest

from directory.models import DataVersion, Enterprise, Institution, Organization
from tests.admin_client import Desk, faults, told
from tests.factories import make_alias, make_member, make_organization, make_region, make_sector

pytestmark = pytest.mark.django_db
CREDIT = "91110000600037341L"


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


def stored(row: Organization) -> Organization:
    return Organization.objects.get(pk=row.pk)


def test_a_new_organization_is_a_draft(desk):
    desk.send(desk.add(Organization), name="示例棉纺学院", kind="university")
    row = Organization.objects.get()
    assert (row.state, row.slug) == ("draft", "shi-li-mian-fang-xue-yuan")


def test_codes_are_tidied_before_they_are_checked(desk):
    row = make_organization()
    typed = {"credit_code": "９１１１ 0000-6000 3734 1l", "school_code": " 41410 10465 "}
    page = desk.send(desk.open(row), **typed)
    assert page.redirect_chain
    assert (stored(row).credit_code, stored(row).school_code) == (CREDIT, "4141010465")


@pytest.mark.parametrize(
    ("field", "code", "reason"),
    [
        ("credit_code", "911100006000373411", "“L”"),
        ("credit_code", "9111", "18"),
        ("credit_code", "4141010465", "ten digits"),
        ("school_code", "414101046", "10"),
        ("school_code", "4199010465", "“99”"),
        ("school_code", CREDIT, "social credit code"),
    ],
)
def test_a_wrong_code_is_refused_at_its_field_with_the_reason(desk, field, code, reason):
    row = make_organization()
    page = desk.client.get(desk.address(Organization, "change", row.pk, language="en"))
    errors = desk.send(page, **{field: code}).context["adminform"].form.errors
    assert reason in " ".join(errors[field])
    assert getattr(stored(row), field) == ""


def test_an_enterprise_with_a_school_code_is_refused_at_the_code(desk):
    page = desk.send(
        desk.add(Organization), name="示例厂", kind="enterprise", school_code="4141010465"
    )
    assert list(page.context["adminform"].form.errors) == ["school_code"]


@pytest.mark.parametrize(
    ("field", "code"), [("credit_code", CREDIT), ("school_code", "4141010465")]
)
def test_a_code_that_is_taken_says_by_whom(desk, field, code):
    make_organization("示例甲学院", **{field: code})
    page = desk.send(desk.open(make_organization("示例乙学院")), **{field: code})
    errors = page.context["adminform"].form.errors
    assert list(errors) == [field]
    assert "示例甲学院" in errors[field][0]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("www.example.edu.cn", "https://www.example.edu.cn"),
        ("http://example.cn/a", "http://example.cn/a"),
        ("ｗｗｗ．example．cn", "https://www.example.cn"),
    ],
)
def test_a_web_site_without_a_scheme_is_an_https_one(desk, typed, kept):
    row = make_organization()
    desk.send(desk.open(row), website=typed)
    assert stored(row).website == kept


@pytest.mark.parametrize("typed", ["javascript:alert(1)", "ftp://example.cn", "no site"])
def test_what_is_no_web_site_is_refused(desk, typed):
    page = desk.send(desk.open(make_organization()), website=typed)
    assert "website" in page.context["adminform"].form.errors


def test_relations_are_saved_with_the_rest(desk):
    region, sector = make_region(), make_sector()
    row = make_organization()
    desk.send(desk.open(row), region=region.pk, sectors=[sector.pk], verified_on="2024-05-01")
    assert stored(row).region == region
    assert list(stored(row).sectors.all()) == [sector]


def test_a_region_that_is_only_a_rung_is_refused(desk):
    rung = make_region("110100", "示例", "prefecture", virtual=True)
    page = desk.send(desk.open(make_organization()), region=rung.pk)
    assert "region" in page.context["adminform"].form.errors


def test_publishing_shows_a_draft_to_visitors(desk):
    row = make_member(state="draft")
    assert desk.client.get(row.get_absolute_url()).status_code == 404
    desk.send(desk.open(row), state="published")
    assert stored(row).first_published_at
    assert desk.client.get(row.get_absolute_url()).status_code == 200


def test_what_was_published_is_never_a_draft_again(desk):
    row = make_member()
    page = desk.send(desk.open(row), state="draft")
    assert "2024" in " ".join(page.context["adminform"].form.errors["state"])
    assert stored(row).state == "published"


@pytest.mark.slow
def test_withdrawing_needs_a_reason(desk):
    row = make_member()
    page = desk.send(desk.open(row), state="withdrawn", withdrawn_reason="  ")
    assert "withdrawn_reason" in page.context["adminform"].form.errors
    desk.send(desk.open(row), state="withdrawn", withdrawn_reason="示例原因")
    assert desk.client.get(row.get_absolute_url()).status_code == 410


def test_a_draft_cannot_be_withdrawn(desk):
    page = desk.send(
        desk.open(make_organization(state="draft")), state="withdrawn", withdrawn_reason="示例"
    )
    assert list(page.context["adminform"].form.errors) == ["state"]


def test_a_reason_without_the_state_is_not_lost_silently(desk):
    page = desk.send(desk.open(make_member()), withdrawn_reason="示例原因")
    assert "state" in page.context["adminform"].form.errors


def test_what_was_withdrawn_can_be_shown_again_since_its_first_day(desk):
    row = make_member(state="withdrawn")
    desk.send(desk.open(row), state="published")
    again = stored(row)
    assert (again.state, again.withdrawn_reason) == ("published", "")
    assert again.first_published_at == row.first_published_at


@pytest.mark.slow
def test_only_what_visitors_see_has_a_link_to_the_site(desk):
    links = {
        state: desk.open(make_member(state=state)).context["has_absolute_url"]
        for state in ("draft", "published", "withdrawn")
    }
    assert links == {"draft": False, "published": True, "withdrawn": False}
    assert not desk.open(make_organization()).context["has_absolute_url"]


def test_drafts_are_invisible_outside_the_desk(desk, client):
    row = make_member("示例秘密学院", state="draft")
    assert "示例秘密学院" in desk.open(row).content.decode()
    client.logout()
    for address in ("/members/", "/members/?q=示例秘密", "/members.csv", "/"):
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert row.slug not in body.decode()
    assert client.get(row.get_absolute_url()).status_code == 404


@pytest.mark.slow
def test_bulk_publishing_names_those_that_it_leaves(desk):
    drafts = [
        make_member(state="draft"),
        make_member("示例坏码", state="draft", credit_code="9" * 18),
    ]
    gone = make_member("示例撤回", state="withdrawn")
    page = desk.act(Organization, "publish", [*drafts, gone])
    assert [stored(row).state for row in (*drafts, gone)] == ["published", "draft", "withdrawn"]
    assert "示例坏码" in told(page)
    assert "示例撤回" in told(page)


def test_archiving_asks_for_the_reason_first(desk):
    row = make_member()
    page = desk.act(Organization, "archive", [row])
    assert b'name="reason"' in page.content
    assert stored(row).state == "published"
    desk.act(Organization, "archive", [row], reason="")
    assert stored(row).state == "published"


def test_archiving_withdraws_what_is_published_and_names_the_rest(desk):
    row, draft = make_member(), make_member("示例草稿", state="draft")
    page = desk.act(Organization, "archive", [row, draft], reason="示例原因")
    assert (stored(row).state, stored(row).withdrawn_reason) == ("withdrawn", "示例原因")
    assert stored(draft).state == "draft"
    assert "示例草稿" in told(page)


def test_a_bulk_action_is_in_the_history_of_each_row(desk):
    row = make_member(state="draft")
    desk.act(Organization, "publish", [row])
    history = desk.client.get(desk.address(Organization, "history", row.pk))
    assert [each.revision.who_name for each in history.context["entries"]] == ["admin", "", ""]


@pytest.mark.parametrize(
    "again", ["示例棉纺学院", "示例 棉紡學院", "示例（棉纺）学院", "Cotton House"]
)
def test_a_probable_double_is_told_first_and_saved_when_confirmed(desk, again):
    there = make_organization("示例棉纺学院")
    make_alias(there, "cotton house", "translation", "en")
    page = desk.send(desk.add(Organization), name=again, kind="university")
    assert f"/organization/{there.pk}/change/" in page.content.decode()
    assert Organization.objects.count() == 1
    desk.send(page, another="on")
    assert Organization.objects.count() == 2


def test_a_new_name_is_asked_nothing(desk):
    make_organization("示例棉纺学院")
    desk.send(desk.add(Organization), name="示例棉学院", kind="university")
    assert Organization.objects.count() == 2


def test_a_published_organization_cannot_be_deleted(desk):
    row = make_member(state="withdrawn")
    page = desk.delete(row)
    assert row.name in told(page)
    desk.act(Organization, "delete_selected", [row], post="yes")
    assert stored(row)


def test_a_draft_can_be_deleted(desk):
    rows = [make_member(state="draft") for _number in range(3)]
    desk.delete(rows[0])
    desk.act(Organization, "delete_selected", rows[1:], post="yes")
    assert not Organization.objects.exists()


@pytest.mark.slow
def test_an_enterprise_has_one_kind_and_no_school_code(desk):
    page = desk.add(Enterprise)
    form = page.context["adminform"].form
    assert "school_code" not in form.fields
    desk.send(page, name="示例厂", kind="enterprise")
    assert Enterprise.objects.get().name == "示例厂"
    assert (
        "kind" in desk.send(page, name="示例校", kind="university").context["adminform"].form.errors
    )


def test_an_institution_is_never_an_enterprise(desk):
    page = desk.send(desk.add(Institution), name="示例厂", kind="enterprise")
    assert "kind" in page.context["adminform"].form.errors
    assert not Organization.objects.exists()


def test_a_refused_page_changes_nothing(desk):
    row = make_member()
    before = DataVersion.get_current(), stored(row).version
    assert "18" in faults(desk.send(desk.open(row), credit_code="1"))
    assert (DataVersion.get_current(), stored(row).version) == before


def test_a_reader_of_the_desk_sees_and_cannot_change(desk, client, django_user_model):
    from django.contrib.auth.models import Permission

    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(reader)
    row = make_member("示例学院")
    assert "示例学院" in desk.open(row).content.decode()
    assert client.post(desk.address(Organization, "change", row.pk), {}).status_code == 403
