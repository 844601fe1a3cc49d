"""What was hidden later stays hidden: going back never publishes by itself."""

from datetime import date

import pytest

from directory.history import recorder
from directory.history.undo import plan as undo_plan
from directory.history.undo import service as undo_service
from directory.merging.merge import merge_organizations
from directory.models import Contact, Membership, Organization, Revision
from tests.factories import make_member, make_membership, make_organization, make_role, saved

pytestmark = pytest.mark.django_db
CONSENT = {"about": "person", "basis": "示例同意", "basis_on": date(2024, 1, 1)}


def make_contact(row, **values):
    values = {"label": "示例办公室", "channel": "telephone", "hidden": False} | values
    return saved(Contact(organization=row, value="0996-1234567", **values))


def changed(row, **values) -> Revision:
    """The revision that writes these values."""
    row = type(row).objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    saved(row)
    return newest()


def deleted(row) -> Revision:
    with recorder.record_changes(None, "test") as change:
        change.track_row(row)
        change.mark_changed(row)
        row.delete()
    return newest()


def newest() -> Revision:
    return Revision.objects.order_by("pk").last()


def told(result) -> dict:
    return {item.column: item.reason for item in result.not_restored}


def shown(contact) -> bool:
    return Contact.objects.public().filter(value=contact.value).exists()


def test_going_back_leaves_hidden_what_was_hidden_later():
    row = make_member()
    contact = make_contact(row)
    then = changed(row, name="示例新名学院")
    changed(contact, hidden=True)
    result = undo_service.restore(row.pk, then.pk, None)
    assert not shown(contact)
    assert told(result) == {"hidden": undo_plan.HIDDEN_SINCE}


def test_going_back_restores_everything_else():
    row = make_member()
    contact = make_contact(row)
    then = changed(row, name="示例新名学院")
    changed(contact, hidden=True, label="示例新办公室")
    changed(row, name="示例又名学院")
    undo_service.restore(row.pk, then.pk, None)
    contact.refresh_from_db()
    assert (contact.label, contact.hidden) == ("示例办公室", True)
    assert Organization.objects.get(pk=row.pk).name == "示例新名学院"


def test_a_basis_that_was_removed_does_not_come_back():
    row = make_member()
    contact = make_contact(row, **CONSENT)
    then = changed(row, name="示例新名学院")
    changed(contact, hidden=True, basis="", basis_on=None)
    result = undo_service.restore(row.pk, then.pk, None)
    contact.refresh_from_db()
    assert (contact.hidden, contact.basis, contact.basis_on) == (True, "", None)
    assert told(result).keys() == {"hidden", "basis", "basis_on"}


def test_going_back_brings_a_deleted_contact_back_hidden():
    row = make_member()
    contact = make_contact(row)
    then = changed(row, name="示例新名学院")
    deleted(contact)
    result = undo_service.restore(row.pk, then.pk, None)
    assert Contact.objects.get().hidden
    assert told(result) == {"hidden": undo_plan.RETURNS_HIDDEN}


@pytest.mark.parametrize("values", [{}, CONSENT])
def test_undoing_the_hiding_itself_shows_the_contact_again(values):
    contact = make_contact(make_member(), **values)
    result = undo_service.undo(changed(contact, hidden=True), None)
    assert shown(contact)
    assert not result.not_restored


def test_undoing_an_older_hiding_leaves_the_later_one():
    contact = make_contact(make_member())
    first = changed(contact, hidden=True)
    changed(contact, hidden=False)
    changed(contact, hidden=True)
    result = undo_service.undo(first, None)
    assert not shown(contact)
    assert told(result) == {"hidden": undo_plan.HIDDEN_SINCE}


def test_undoing_leaves_hidden_what_lost_its_basis_later():
    contact = make_contact(make_member(), basis="示例同意")
    first = changed(contact, hidden=True)
    changed(contact, basis="")
    undo_service.undo(first, None)
    assert not shown(contact)


def test_undoing_a_deletion_keeps_hidden_what_was_entered_again_and_hidden():
    row = make_member()
    deletion = deleted(make_contact(row))
    again = make_contact(row)
    changed(again, hidden=True)
    result = undo_service.undo(deletion, None)
    assert not shown(again)
    assert told(result) == {"hidden": undo_plan.RETURNS_HIDDEN}


def test_an_undo_may_hide_what_is_public():
    contact = make_contact(make_member(), hidden=True)
    undo_service.undo(changed(contact, hidden=False), None)
    assert not shown(contact)


def test_going_back_leaves_a_role_withdrawn():
    row = make_organization()
    membership = make_membership(row, make_role())
    then = changed(row, name="示例新名学院")
    changed(membership, state="withdrawn")
    result = undo_service.restore(row.pk, then.pk, None)
    assert Membership.objects.get().state == "withdrawn"
    assert told(result) == {"state": undo_plan.HIDDEN_SINCE}


def test_going_back_brings_a_deleted_role_back_as_a_draft():
    row = make_organization()
    membership = make_membership(row, make_role())
    then = changed(row, name="示例新名学院")
    deleted(membership)
    undo_service.restore(row.pk, then.pk, None)
    assert Membership.objects.get().state == "draft"


def test_going_back_leaves_an_organization_withdrawn_and_says_so():
    row = make_member()
    then = changed(row, name="示例新名学院")
    changed(row, state="withdrawn", withdrawn_reason="示例原因")
    result = undo_service.restore(row.pk, then.pk, None)
    assert Organization.objects.get(pk=row.pk).state == "withdrawn"
    assert told(result) == {"state": undo_plan.HIDDEN_SINCE}


def test_undoing_an_older_withdrawal_leaves_the_later_one():
    row = make_member()
    first = changed(row, state="withdrawn", withdrawn_reason="示例原因")
    changed(row, state="published", withdrawn_reason="")
    changed(row, state="withdrawn", withdrawn_reason="示例原因")
    result = undo_service.undo(first, None)
    assert Organization.objects.get(pk=row.pk).state == "withdrawn"
    assert told(result)["state"] == undo_plan.HIDDEN_SINCE


def merged(kept, gone) -> Revision:
    versions = [Organization.objects.get(pk=row.pk).version for row in (kept, gone)]
    return merge_organizations((kept.pk, gone.pk), versions, None, None)


def test_parting_what_was_withdrawn_later_publishes_neither():
    kept, gone = make_member(), make_member()
    merge = merged(kept, gone)
    changed(kept, state="withdrawn", withdrawn_reason="示例原因")
    result = undo_service.undo(merge, None)
    assert set(Organization.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert undo_plan.RETURNS_HIDDEN in [item.reason for item in result.not_restored]


def test_parting_keeps_hidden_what_was_hidden_later():
    kept, gone = make_member(), make_member()
    contact = make_contact(kept)
    make_contact(gone)
    merge = merged(kept, gone)
    changed(contact, hidden=True)
    undo_service.undo(merge, None)
    assert Contact.objects.count() == 2
    assert not shown(contact)


def test_parting_brings_no_role_back_that_was_withdrawn_later():
    kept, gone = make_member(), make_member()
    merge = merged(kept, gone)
    changed(kept.memberships.get(), state="withdrawn")
    undo_service.undo(merge, None)
    assert not Membership.objects.filter(state="published").exists()
