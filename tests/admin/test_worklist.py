"""The worklist names what waits, counts it, and leads to the fix."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from directory.admin import worklist
from directory.history import recorder
from directory.models import Citation, LikelyPair, NotSame, Organization, Seat
from directory.models.membership import today
from tests.admin_client import Desk, told
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
    saved,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


def sound(name="示例学院", **values):
    """A member that nothing is missing of."""
    row = make_member(name, region=make_region(), verified_on=today(), **values)
    make_citation(organization=row, field="name")
    return row


def cases() -> dict[str, int]:
    tasks = [task for group in worklist.build_groups() for task in group.tasks]
    return {str(task.label): task.count for task in tasks}


def test_a_sound_register_has_nothing_to_do():
    sound()
    assert cases() == {}


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("no region recorded", {"region": None}),
        ("no Chinese name", {"name": "Example Silk Co., Ltd."}),
        ("web site that is not a valid address", {"website": "www.示例"}),
        ("not verified for a year", {"verified_on": date(2020, 1, 1)}),
    ],
)
def test_what_an_entry_lacks_is_named(label, values):
    row = sound()
    for name, value in values.items():
        setattr(row, name, value)
    saved(row)
    for citation in Citation.objects.all():
        citation.value = None
        saved(citation)  # the source says the new value too
    assert cases() == {label: 1}


def test_a_value_for_which_no_source_speaks_any_more_is_named():
    row = sound()
    row.name = "示例另一学院"
    saved(row)
    assert cases() == {"a value for which no source speaks any more": 1}


def test_what_has_no_source_is_named_until_any_of_its_names_has_one():
    row = make_member("示例学院", region=make_region(), verified_on=today())
    assert cases() == {"no source recorded": 1}
    make_citation(alias=make_alias(row, "示例旧称"))
    assert cases() == {}


def test_drafts_wait_only_if_they_hold_a_role():
    make_organization(state="draft")
    assert cases() == {}
    make_membership(make_organization(state="draft", region=make_region()))
    assert cases()["drafts to publish"] == 1


def test_a_lead_seat_is_vacant_or_held_twice():
    role = make_role("lead-enterprise", rank=1, axis="lead")
    seat = saved(Seat(community=make_community(), role=role, count=1))
    assert cases() == {"vacant lead seat": 1}
    make_membership(sound("示例甲"), role)
    assert cases() == {}
    make_membership(sound("示例乙"), role)
    assert cases() == {"two on one seat": 1}
    assert seat.count == 1


def test_a_role_that_ends_soon_is_named_and_one_that_ends_later_is_not():
    for days in (1, 90, 91):
        make_membership(sound(f"示例{days}"), make_role("chair", rank=4), until=in_days(days))
    assert cases() == {"roles that end within 90 days": 2}


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


def test_likely_doubles_are_named_until_they_are_told_apart():
    one, other = sound("示例甲棉纺有限公司"), sound("示例甲棉纺有限责任公司")
    LikelyPair.objects.create(one=one, other=other, score=95)
    assert cases() == {"likely doubles": 1}
    NotSame.objects.create(one=one, other=other)
    assert cases() == {}


def test_one_click_confirms_an_entry_and_dates_it(desk):
    row = sound()
    row.verified_on = date(2020, 1, 1)
    saved(row)
    page = desk.client.get(reverse("admin:index"))
    address = reverse("admin:directory_organization_verify", args=[row.pk])
    assert address in page.content.decode()
    page = desk.client.post(address, {"next": "worklist"}, follow=True)
    row.refresh_from_db()
    assert row.verified_on == today()
    assert told(page)
    assert cases() == {}


def test_many_are_confirmed_at_once(desk):
    rows = [make_member() for _ in range(3)]
    desk.act(Organization, "confirm", rows)
    assert {row.verified_on for row in Organization.objects.all()} == {today()}


def test_every_rule_leads_to_the_list_of_its_cases(desk):
    row = make_member("Example Silk", website="nowhere", verified_on=date(2020, 1, 1))
    make_membership(row, make_role("chair", rank=4), until=in_days(5))
    make_membership(make_organization(state="draft"))
    renamed = sound("示例改名学院")
    renamed.name = "示例新名学院"
    saved(renamed)
    address = reverse("admin:directory_organization_changelist")
    for rule, _label in worklist.RULE_CHOICES:
        page = desk.client.get(address, {"todo": rule})
        assert page.context["cl"].result_count == (2 if rule in ("no-region", "no-source") else 1)
    assert desk.client.get(address, {"todo": "made-up"}).status_code == 302


def test_the_first_page_asks_the_same_few_questions_however_much_waits(
    desk, django_assert_max_num_queries
):
    with recorder.record_changes(None, "test") as change:
        rows = [
            Organization(name=f"Example {n}", kind="enterprise", state="draft") for n in range(60)
        ]
        for row in Organization.objects.bulk_create(rows):
            change.mark_changed(row)
    with django_assert_max_num_queries(30):
        assert desk.client.get(reverse("admin:index")).status_code == 200


def test_the_first_page_is_the_rooms_alone_for_who_sees_no_organizations(client, django_user_model):
    user = django_user_model.objects.create_user("clerk", password="x", is_staff=True)
    make_member("示例秘密", state="draft")
    client.force_login(user)
    page = client.get(reverse("admin:index"))
    assert page.status_code == 200
    assert "示例秘密" not in page.content.decode()
