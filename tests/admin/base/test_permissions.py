"""What the desk shows and takes of an account with a remit, and what made-up input makes of it."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from directory.merging import merge as merging
from directory.models import LikelyPair, NotSame, Organization
from tests.accounts import limit, make_account
from tests.admin_client import Desk
from tests.factories import (
    make_alias,
    make_membership,
    make_organization,
    make_role,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(client):
    user = limit(make_account("limited", "editor"), "650000")
    client.force_login(user)
    return client


def added(client, noun: str, **given) -> str:
    address = reverse(f"admin:directory_{noun}_add")
    return client.get(address, given).content.decode()


@pytest.mark.parametrize("noun", ["membership", "alias", "contact", "citation"])
def test_an_address_fills_in_no_organization_outside_the_remit(limited, noun):
    foreign = make_organization("示例别处草稿", state="draft")
    assert "示例别处草稿" not in added(limited, noun, organization=foreign.pk)


def test_an_address_fills_in_no_fact_outside_the_remit(limited):
    foreign = make_organization("示例别处草稿", state="draft")
    alias = make_alias(foreign, "示例别名")
    held = make_membership(foreign, make_role())
    page = added(limited, "citation", alias=alias.pk, membership=held.pk)
    assert "示例别" not in page


@pytest.mark.parametrize(
    ("noun", "given"),
    [
        ("membership", {"organization": "x"}),
        ("membership", {"community": "x"}),
        ("citation", {"alias": "x", "membership": "²"}),
        ("alias", {"organization": "9" * 30}),
        ("seat", {"community": "x"}),
    ],
)
def test_an_address_that_fills_in_no_key_fills_in_nothing(admin_client, noun, given):
    address = reverse(f"admin:directory_{noun}_add")
    assert admin_client.get(address, given).status_code in (200, 400)


def test_a_number_of_another_script_is_no_import(admin_client):
    assert admin_client.get("/admin/directory/import/²/change/").status_code == 404


def test_likely_doubles_outside_the_remit_are_not_told_and_not_judged(limited):
    one, other = (make_organization(f"示例{n}草稿", state="draft") for n in "甲乙")
    LikelyPair.objects.create(one=one, other=other, score=90)
    page = limited.get(reverse("admin:directory_likelypair_changelist")).content.decode()
    assert "草稿" not in page
    address = reverse("admin:directory_likelypair_tell_apart")
    answer = limited.post(address, {"one": one.pk, "other": other.pk})
    assert (answer.status_code, NotSame.objects.count()) == (302, 0)


def test_what_was_told_apart_outside_the_remit_is_not_shown(limited):
    one, other = (make_organization(f"示例{n}草稿", state="draft") for n in "甲乙")
    pair = NotSame.objects.create(one=one, other=other)
    page = limited.get(reverse("admin:directory_likelypair_apart")).content.decode()
    assert "草稿" not in page
    answer = limited.post(reverse("admin:directory_likelypair_take_back"), {"pair": pair.pk})
    assert (answer.status_code, NotSame.objects.count()) == (404, 1)


# -- Two editors -----------------------------------------------------------------


def test_an_account_is_not_saved_over_what_somebody_else_has_changed(client, admin_user):
    desk, account = Desk(client, admin_user), make_account("officer", "editor")
    with_it = client.get(reverse("admin:auth_user_change", args=[account.pk]))
    account.is_active = False
    account.save()
    account.groups.clear()
    page = desk.send(with_it)
    account.refresh_from_db()
    assert (account.is_active, account.groups.count()) == (False, 0)
    assert "Somebody saved this" in page.content.decode()


def test_an_account_that_has_signed_in_since_can_be_saved(client, admin_user):
    desk, account = Desk(client, admin_user), make_account("officer", "editor")
    page = client.get(reverse("admin:auth_user_change", args=[account.pk]))
    client_of_the_officer = type(client)()
    client_of_the_officer.force_login(account)
    desk.send(page, last_name="示")
    account.refresh_from_db()
    assert account.last_name == "示"
    assert account.last_login is not None


def test_a_group_that_no_column_can_number_is_refused(client, admin_user):
    desk, account = Desk(client, admin_user), make_account("officer", "editor")
    page = client.get(reverse("admin:auth_user_change", args=[account.pk]))
    assert desk.send(page, groups=str(1 << 63)).status_code == 200
    assert Group.objects.filter(user=account).count() == 1


def test_a_form_of_one_that_was_merged_meanwhile_leads_to_the_other(client, admin_user):
    desk = Desk(client, admin_user)
    kept, gone = (make_organization(f"示例{n}学院") for n in "甲乙")
    page = desk.open(gone)
    merging.merge_organizations((kept.pk, gone.pk), (kept.version, gone.version), admin_user)
    answer = desk.send(page, name_en="Late")
    text = answer.content.decode()
    assert answer.status_code == 404
    assert f"/organization/{kept.pk}/change/" in text
    assert f"{gone.pk}" in answer.context["reason"]
    assert "Late" in text
    assert not Organization.objects.filter(name_en="Late").exists()
