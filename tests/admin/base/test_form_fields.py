"""What is typed at the desk is stored in ordinary characters."""

import pytest

from directory.models import Alias, Community, Contact, Organization, Source
from tests.admin_client import Desk
from tests.factories import make_community, make_organization

pytestmark = pytest.mark.django_db
HIDDEN = "\u202e示\xad例⻓\u2060厂\u200f"


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


def test_an_organization_and_its_inlines_hold_no_invisible_characters(desk):
    page = desk.add(Organization)
    alias = {"aliases": {"name": HIDDEN + "甲", "sort": "short", "language": "zh-Hans"}}
    contact = {
        "contacts": {"about": "office", "label": HIDDEN, "channel": "wechat", "value": HIDDEN}
    }
    texts = {"name": HIDDEN, "description": f"{HIDDEN}\n二", "website": "\u200bexample.org"}
    desk.send(page, alias, contact, kind="enterprise", **texts)
    row = Organization.objects.get()
    assert (row.name, row.description) == ("示例长厂", "示例长厂\n二")
    assert (row.website, Alias.objects.get().name) == ("https://example.org", "示例长厂甲")
    assert (Contact.objects.get().label, Contact.objects.get().value) == ("示例长厂", "示例长厂")


def test_a_source_and_a_community_hold_none_either(desk):
    desk.send(desk.add(Source), code="S9", title=HIDDEN, medium="letter")
    desk.send(desk.open(make_community()), name=HIDDEN)
    assert (Source.objects.get().title, Community.objects.get().name) == ("示例长厂", "示例长厂")


def test_the_reason_of_a_withdrawal_holds_none(desk):
    row = make_organization()
    desk.act(Organization, "archive", [row], reason=HIDDEN)
    row.refresh_from_db()
    assert row.withdrawn_reason == "示例长厂"
