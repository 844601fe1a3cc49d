"""Rights in the language of the page, complete, and an editor who brings files."""

import re

import pytest
from django.contrib.auth.models import Group

from directory.models import Organization
from directory.permissions import groups
from tests.accounts import make_account
from tests.import_client import Officer, sheet

pytestmark = pytest.mark.django_db


def rights_shown(client, address: str, field="permissions") -> list[str]:
    form = client.get(address).context["adminform"].form
    return [str(label) for _key, label in form.fields[field].choices]


@pytest.mark.parametrize("place", ["group", "user"])
def test_every_right_is_worded_in_the_language_of_the_page(admin_client, admin_user, place):
    groups.sync_groups()
    key = Group.objects.first().pk if place == "group" else admin_user.pk
    field = "permissions" if place == "group" else "user_permissions"
    found = rights_shown(admin_client, f"/admin/auth/{place}/{key}/change/", field)
    assert not [label for label in found if re.search("[A-Za-z]", label)]
    english = rights_shown(admin_client, f"/en/admin/auth/{place}/{key}/change/", field)
    assert "Organization · may add" in english
    assert "Organization · Can merge organizations" in english
    assert not [label for label in english if re.search("[一-鿿]", label)]


def test_all_rights_of_the_groups_can_be_ticked(admin_client):
    groups.sync_groups()
    for group in Group.objects.all():
        address = f"/en/admin/auth/group/{group.pk}/change/"
        shown = admin_client.get(address).context["adminform"].form.fields["permissions"].queryset
        assert set(group.permissions.all()) <= set(shown), group.name


@pytest.mark.slow
def test_an_editor_brings_files_as_drafts(client):
    client.force_login(make_account("editor", "editor"))
    page = client.get("/en/admin/directory/import/add/")
    assert page.status_code == 200
    officer, data = Officer(client), sheet(["示例纺织有限公司", "企业", "", "", ""])
    of = officer.plan(data, publish="on")
    officer.decide(of, officer.see(of), _apply="1")
    assert Organization.objects.get().state == "draft"
