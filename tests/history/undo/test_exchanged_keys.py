"""Undoing a change in which rows exchanged what must be unique."""

from datetime import date

import pytest

from directory.history import recorder
from directory.history.undo import service as undo_service
from directory.models import Alias, Membership, Organization, Revision
from tests.factories import make_alias, make_membership, make_organization, make_role, saved

pytestmark = pytest.mark.django_db


def write(rows, column, values) -> Revision:
    """Give each row a value, in one revision, by way of a value that none of them has."""
    with recorder.record_changes(None, "test") as change:
        for row in rows:
            change.track_row(row)
            type(row).objects.filter(pk=row.pk).delete()
        for row, value in zip(rows, values, strict=True):
            setattr(row, column, value)
            row.save(force_insert=True)
            change.mark_changed(row)
    return Revision.objects.latest("pk")


def read(model, column) -> list:
    return list(model.objects.order_by("pk").values_list(column, flat=True))


def test_exchanged_names_go_back(admin_user):
    row = make_organization()
    aliases = [make_alias(row, name) for name in ("示例甲", "示例乙", "示例丙")]
    revision = write(aliases, "name", ["示例乙", "示例丙", "示例甲"])
    result = undo_service.undo(revision, admin_user)
    assert read(Alias, "name") == ["示例甲", "示例乙", "示例丙"]
    assert not result.not_restored
    undo_service.undo(Revision.objects.latest("pk"), admin_user)
    assert read(Alias, "name") == ["示例乙", "示例丙", "示例甲"]


def test_exchanged_roles_go_back(admin_user):
    row = make_organization()
    roles = [make_role("chair", rank=4), make_role()]
    memberships = [make_membership(row, role) for role in roles]
    revision = write(memberships, "role", roles[::-1])
    undo_service.undo(revision, admin_user)
    assert read(Membership, "role") == ["chair", "member"]


def test_which_of_two_terms_is_open_goes_back(admin_user):
    row = make_organization()
    until = date(2024, 1, 1)
    terms = [make_membership(row, since=date(2020, 1, 1), until=until), make_membership(row)]
    revision = write(terms, "until", [None, until])
    undo_service.undo(revision, admin_user)
    assert read(Membership, "until") == [until, None]


def test_exchanged_codes_of_two_organizations_go_back(admin_user):
    codes = ["4141010466", "4141010459"]
    rows = [make_organization(school_code=code) for code in codes]
    with recorder.record_changes(None, "test") as change:
        change.track(row.pk for row in rows)
        Organization.objects.filter(pk=rows[0].pk).update(school_code="")
        for row, code in zip(rows[::-1], codes, strict=True):
            Organization.objects.filter(pk=row.pk).update(school_code=code)
            change.mark_changed(row)
    result = undo_service.undo(Revision.objects.latest("pk"), admin_user)
    assert not result.not_restored
    assert read(Organization, "school_code") == codes


def test_a_name_that_was_entered_since_keeps_only_its_own_row_from_going_back(admin_user):
    row = make_organization()
    names = ["示例甲", "示例乙", "示例丙"]
    aliases = [make_alias(row, name) for name in names]
    revision = write(aliases, "name", ["示例乙", "示例甲", "示例丁"])
    make_alias(row, "示例丙")
    result = undo_service.undo(revision, admin_user)
    assert read(Alias, "name") == ["示例甲", "示例乙", "示例丁", "示例丙"]
    assert [(each.key, each.column) for each in result.not_restored] == [
        (str(aliases[2].pk), "name")
    ]


def test_going_back_across_several_revisions_exchanges_names(admin_user):
    row = make_organization()
    aliases = [make_alias(row, name) for name in ("示例甲", "示例乙")]
    then = Revision.objects.latest("pk").pk
    for number, name in ((0, "示例丙"), (1, "示例甲"), (0, "示例乙")):
        aliases[number].name = name
        saved(aliases[number])
    undo_service.restore(row.pk, then, admin_user)
    assert read(Alias, "name") == ["示例甲", "示例乙"]
