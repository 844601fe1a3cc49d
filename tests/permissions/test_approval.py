"""A lead or council role is published by two people where the community asks for it."""

import pytest
from django.urls import reverse

from directory.history import recorder
from directory.history.undo import service as undo_service
from directory.merging.merge import merge_organizations
from directory.models import Membership, Organization, Revision
from tests.accounts import make_account
from tests.admin_client import Desk, told
from tests.factories import make_community, make_membership, make_organization, make_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def asking():
    return make_community("asking", second_person=True)


@pytest.fixture
def one(client):
    return make_account("one", "publisher")


@pytest.fixture
def two():
    return make_account("two", "publisher")


@pytest.fixture
def proposed(one, asking):
    row = Membership(organization=make_organization(), role=lead(), community=asking)
    with recorder.record_changes(one, "import") as change:
        change.track_row(row)
        row.save()
        change.mark_changed(row)
    return row


def lead():
    return make_role("lead-enterprise", 10, "lead")


def state(row) -> tuple[str, str]:
    return Membership.objects.values_list("state", "proposed_by").get(pk=row.pk)


def press(desk, row):
    address = reverse("admin:directory_membership_confirm", args=[row.pk])
    return desk.client.post(address, follow=True)


def test_what_one_person_publishes_is_proposed(client, one, asking):
    organization = make_organization()
    desk = Desk(client, one)
    values = {"community": asking.pk, "role": lead().pk, "state": "published"}
    answer = desk.send(desk.open(organization), {"memberships": values})
    row = organization.memberships.get()
    assert state(row) == ("draft", "one")
    assert lead().name in told(answer)
    assert list(Membership.objects.awaiting_confirmation()) == [row]


def test_plain_members_and_communities_that_do_not_ask_need_one(asking):
    member = make_membership(community=asking, role=make_role("member", 90))
    other = make_membership(role=lead())
    seat = make_membership(community=asking, role=make_role("council-member", 80))
    found = [state(row)[0] for row in (member, other, seat)]
    assert found == ["published", "published", "draft"]


def test_the_second_person_confirms_with_a_button(client, two, proposed):
    desk = Desk(client, two)
    assert "one" in desk.open(proposed).content.decode()
    press(desk, proposed)
    assert state(proposed) == ("published", "")
    assert Revision.objects.first().who == two


def test_the_organization_s_page_has_the_button_too(client, two, proposed):
    page = Desk(client, two).open(proposed.organization)
    assert (
        reverse("admin:directory_membership_confirm", args=[proposed.pk]) in page.content.decode()
    )


@pytest.mark.parametrize("way", ["button", "action", "form", "inline", "import"])
def test_nobody_confirms_its_own_at_any_door(client, one, proposed, way):
    desk = Desk(client, one)
    if way == "button":
        press(desk, proposed)
    elif way == "action":
        desk.act(Membership, "confirm", [proposed])
    elif way == "form":
        desk.send(desk.open(proposed), state="published")
    elif way == "inline":
        desk.send(desk.open(proposed.organization), **{"memberships-0-state": "published"})
    else:
        publish(one, proposed)
    assert state(proposed) == ("draft", "one")


def publish(user, row):
    with recorder.record_changes(user, "import") as change:
        change.track_row(row)
        Membership.objects.filter(pk=row.pk).update(state="published")
        change.mark_changed(row)


def test_the_publish_action_of_organizations_confirms_no_role(client, one, asking):
    organization = make_organization(state="draft")
    row = make_membership(organization, lead(), asking, state="draft")
    publish(one, row)
    Desk(client, one).act(Organization, "publish", [organization])
    assert state(row) == ("draft", "one")


@pytest.mark.parametrize("way", ["action", "form", "import"])
def test_another_person_confirms_at_any_door(client, two, proposed, way):
    desk = Desk(client, two)
    if way == "action":
        desk.act(Membership, "confirm", [proposed])
    elif way == "form":
        desk.send(desk.open(proposed), state="published")
    else:
        publish(two, proposed)
    assert state(proposed) == ("published", "")


def test_an_undo_of_the_undo_confirms_nothing(one, two, proposed):
    publish(two, proposed)
    undo_service.undo(Revision.objects.first(), one)
    assert state(proposed) == ("draft", "one")
    undo_service.undo(Revision.objects.first(), one)
    assert state(proposed) == ("draft", "one")
    publish(two, proposed)
    assert state(proposed) == ("published", "")


def test_who_changes_a_proposal_proposes_it(one, two, proposed):
    with recorder.record_changes(two, "admin") as change:
        change.track_row(proposed)
        Membership.objects.filter(pk=proposed.pk).update(role=make_role("chair", 40))
        change.mark_changed(proposed)
    assert state(proposed) == ("draft", "two")
    publish(two, proposed)
    assert state(proposed) == ("draft", "two")
    publish(one, proposed)
    assert state(proposed) == ("published", "")


def changed(user, row, **values):
    with recorder.record_changes(user, "admin") as change:
        change.track_row(row)
        Membership.objects.filter(pk=row.pk).update(**values)
        change.mark_changed(row)
    return Revision.objects.first()


def test_undoing_a_part_gives_nobody_s_facts_to_the_first_proposer(one, two, proposed):
    first = changed(two, proposed, since="2020-01-01")
    changed(two, proposed, since="2021-02-02", role=make_role("chair", 40))
    done = undo_service.undo(first, two)
    assert state(proposed) == ("draft", "two")
    assert {kept.column for kept in done.not_restored} == {"since", "proposed_by"}
    publish(two, proposed)
    assert state(proposed) == ("draft", "two")


def test_who_undoes_one_fact_of_a_later_proposal_proposes_it(two, proposed):
    first = changed(two, proposed, since="2020-01-01")
    changed(two, proposed, role=make_role("chair", 40))
    undo_service.undo(first, two)
    assert state(proposed) == ("draft", "two")


def test_a_withdrawal_undone_after_an_edit_brings_no_proposer_back(one, two, proposed):
    withdrawal = changed(two, proposed, state="withdrawn")
    changed(two, proposed, since="2021-02-02")
    undo_service.undo(withdrawal, two)
    publish(two, proposed)
    assert state(proposed) == ("draft", "two")


@pytest.mark.parametrize("way", ["undo", "restore"])
def test_a_proposal_that_goes_back_whole_is_the_first_one_s_again(two, proposed, way):
    then = Revision.objects.first()
    edit = changed(two, proposed, since="2020-01-01")
    if way == "undo":
        undo_service.undo(edit, two)
    else:
        undo_service.restore(proposed.organization_id, then.pk, two)
    assert state(proposed) == ("draft", "one")
    publish(two, proposed)
    assert state(proposed) == ("published", "")


def test_another_name_alone_makes_nobody_the_proposer(two, proposed):
    changed(two, proposed, proposed_by="three")
    assert state(proposed) == ("draft", "one")


def test_a_merging_neither_hides_what_was_public_nor_confirms_what_was_proposed(one):
    community = make_community()
    gone = make_membership(role=lead(), community=community)
    type(community).objects.update(second_person=True)
    kept = make_membership(role=lead(), community=community, since="2019-01-01")
    assert [state(row)[0] for row in (kept, gone)] == ["draft", "published"]
    both = [kept.organization, gone.organization]
    versions = [Organization.objects.get(pk=row.pk).version for row in both]
    merge_organizations(tuple(row.pk for row in both), versions, one)
    assert state(gone) == ("published", "")
    assert Membership.objects.get().since is None


def test_who_merges_two_proposals_into_other_days_proposes_them(one, two, proposed):
    later = Membership(
        organization=make_organization(),
        role=lead(),
        community=proposed.community,
        since="2015-01-01",
    )
    changed(two, proposed, since="2020-01-01")
    with recorder.record_changes(one, "admin") as change:
        change.track_row(later)
        later.save()
        change.mark_changed(later)
    both = [proposed.organization, later.organization]
    versions = [Organization.objects.get(pk=row.pk).version for row in both]
    merge_organizations(tuple(row.pk for row in both), versions, one)
    assert state(proposed) == ("draft", "one")


def test_an_editor_confirms_nothing(client, proposed):
    editor = Desk(client, make_account("three", "editor"))
    assert press(editor, proposed).status_code == 403
    assert state(proposed) == ("draft", "one")


def test_a_public_member_does_not_become_a_lead_by_one(client, one, asking):
    row = make_membership(community=asking, role=make_role("member", 90))
    desk = Desk(client, one)
    answer = desk.send(desk.open(row), role=lead().pk)
    assert answer.context["adminform"].form.errors["role"]
    assert Membership.objects.get(pk=row.pk).role_id == "member"


def test_what_stood_before_the_community_asked_stays_and_can_end(client, one):
    community = make_community()
    row = make_membership(community=community, role=lead())
    type(community).objects.update(second_person=True)
    desk = Desk(client, one)
    desk.send(desk.open(row), since="2024-01-01")
    desk.send(desk.open(row), until="2025-01-01")
    row.refresh_from_db()
    assert (row.state, str(row.until)) == ("published", "2025-01-01")
