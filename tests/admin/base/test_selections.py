"""An action does what its confirmation page showed, and says what changed or came since."""

import re
from html import unescape

import pytest

from directory.models import Membership, Organization, Source
from tests.admin_client import Desk, told
from tests.factories import make_membership, make_organization, make_role, saved

pytestmark = pytest.mark.django_db
ACTIONS = {
    "publish": "draft",
    "archive": "published",
    "confirm": "draft",
    "delete_selected": "draft",
}
HIDDEN = re.compile(r'<input\s+type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"')


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


def select_all(desk, action, noun=Organization, row=None):
    """The page that comes after "select all" and an action, as the list sends it."""
    row = row or noun.objects.first()
    chosen = {"action": action, "select_across": "1", "index": "0", "_selected_action": row.pk}
    return desk.client.post(desk.address(noun, "changelist", language="en"), chosen)


def confirm(desk, page, **more):
    """Send the page with its hidden fields, as a browser does."""
    html = page.content.decode().partition('id="content"')[2]
    fields = {name: unescape(value) for name, value in HIDDEN.findall(html)}
    del fields["csrfmiddlewaretoken"]
    return desk.client.post(page.request["PATH_INFO"], fields | more, follow=True)


def states() -> list[str]:
    return sorted(Organization.objects.values_list("name", "state"))


@pytest.mark.parametrize(("action", "state"), ACTIONS.items())
def test_select_all_changes_nothing_before_the_rows_were_shown(desk, action, state):
    make_organization("示例甲学院", state=state)
    before = list(Organization.objects.values())
    answers = {"post": "yes", "reason": "示例原因"}
    chosen = {"action": action, "select_across": "1", "_selected_action": 1} | answers
    page = desk.client.post(desk.address(Organization, "changelist"), chosen)
    assert "示例甲学院" in page.content.decode()
    assert list(Organization.objects.values()) == before


def test_what_came_after_the_confirmation_page_is_left_and_named(desk):
    for name in "甲乙丙":
        make_organization(f"示例{name}学院")
    page = select_all(desk, "archive")
    make_organization("示例丁学院")
    answer = confirm(desk, page, reason="示例原因")
    assert states() == [
        (f"示例{n}学院", "published" if n == "丁" else "withdrawn") for n in "丁丙乙甲"
    ]
    assert "示例丁学院" in told(answer)
    assert "came into this list" in told(answer)


@pytest.mark.parametrize(("action", "state"), ACTIONS.items())
def test_what_changed_after_the_confirmation_page_is_left_and_named(desk, action, state):
    changed, same = make_organization(state=state), make_organization(state=state)
    page = select_all(desk, action)
    changed.website = "https://example.org/"
    saved(changed)
    before = Organization.objects.filter(pk=changed.pk).values().get()
    answer = confirm(desk, page, reason="示例原因")
    assert Organization.objects.filter(pk=changed.pk).values().get() == before
    assert f"{changed.name} ({changed.pk}): was changed" in told(answer)
    assert same.version != getattr(Organization.objects.filter(pk=same.pk).first(), "version", 0)


def test_the_chosen_rows_of_a_page_are_checked_as_well(desk):
    rows = [make_organization(), make_organization()]
    page = desk.act(Organization, "archive", rows)
    saved(rows[0])
    confirm(desk, page, reason="示例原因")
    assert [Organization.objects.get(pk=row.pk).state for row in rows] == ["published", "withdrawn"]


def test_what_was_deleted_after_the_confirmation_page_is_reported(desk):
    gone, same = make_organization(state="draft"), make_organization(state="draft")
    page = select_all(desk, "publish", row=same)
    key = gone.pk
    desk.delete(gone)
    assert f"{key}: is not there any more" in told(confirm(desk, page))
    assert Organization.objects.get(pk=same.pk).state == "published"


def test_rows_shown_stay_chosen_when_the_reason_was_missing(desk):
    make_organization("示例甲学院")
    page = confirm(desk, select_all(desk, "archive"), reason="")
    make_organization("示例乙学院")
    confirm(desk, page, reason="示例原因")
    assert states() == [("示例乙学院", "published"), ("示例甲学院", "withdrawn")]


def test_the_filters_of_the_list_hold_for_what_is_shown(desk):
    make_organization("示例甲学院", state="draft")
    make_organization("示例乙学院")
    chosen = {"action": "publish", "select_across": "1", "index": "0", "_selected_action": "1"}
    address = desk.address(Organization, "changelist") + "?state__exact=draft"
    page = desk.client.post(address, chosen).content.decode()
    assert "示例甲学院" in page
    assert "示例乙学院" not in page


def test_sources_are_deleted_as_they_were_shown(desk):
    changed, _same = (saved(Source(code=f"S{n}", title="示例来源", medium="letter")) for n in "12")
    page = select_all(desk, "delete_selected", Source)
    changed.title = "示例来源丙"
    saved(changed)
    confirm(desk, page)
    assert list(Source.objects.values_list("pk", flat=True)) == [changed.pk]


def test_roles_are_confirmed_as_they_were_shown(desk):
    row = make_membership(make_organization(), make_role("council", rank=10), state="draft")
    page = select_all(desk, "confirm", Membership)
    Membership.objects.filter(pk=row.pk).update(since="2020-01-01")
    confirm(desk, page)
    assert Membership.objects.get(pk=row.pk).state == "draft"


@pytest.mark.parametrize("text", ["", "x", "[]", "[1]", '[["x","1"]]', "{}", "[" * 9000, '[["1"]]'])
def test_a_confirmation_that_names_no_rows_changes_nothing(desk, text):
    row = make_organization()
    desk.act(Organization, "archive", [row], reason="示例原因", shown_rows=text)
    assert Organization.objects.get(pk=row.pk).state == "published"
