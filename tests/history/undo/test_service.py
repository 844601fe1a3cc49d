"""What a change wrote can be taken back, and what came later stays."""

from random import Random

import pytest

from directory import snapshots
from directory.history import recorder
from directory.history.undo import plan as undo_plan
from directory.history.undo import service as undo_service
from directory.models import (
    Alias,
    Citation,
    Contact,
    Membership,
    Organization,
    Revision,
    RowChange,
    Seat,
    Sector,
    State,
)
from tests.accounts import limit, make_account
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_member,
    make_organization,
    make_region,
    make_role,
    make_sector,
    saved,
)

pytestmark = pytest.mark.django_db


def everything() -> dict:
    """What all rows of organizations say, but for what is derived."""
    found = snapshots.snapshot_organizations(Organization.objects.values_list("pk", flat=True))
    return {place: image.values for place, image in found.items()}


def newest() -> Revision:
    return Revision.objects.order_by("pk").last()


def renamed(row, name):
    row.name = name
    return saved(row)


def test_a_revision_says_what_changed_and_nothing_else():
    row = make_member("示例旧名学院")
    renamed(row, "示例新名学院")
    (change,) = newest().changes.all()
    assert (change.noun, change.organization) == ("organization", row.pk)
    assert change.before == {"name": "示例旧名学院"}
    assert change.after == {"name": "示例新名学院"}


def test_saving_the_same_again_makes_no_revision():
    row = make_member()
    before = Revision.objects.count()
    saved(row)
    assert Revision.objects.count() == before


def write_unopened(row):
    with recorder.record_changes(None, "test") as change:
        row.save()
        change.mark_changed(row)


def test_writing_what_was_not_opened_is_refused():
    row = make_member()
    with pytest.raises(recorder.UntrackedWriteError):
        write_unopened(row)


def test_an_undone_change_says_again_what_it_said():
    row = make_member("示例旧名学院")
    renamed(row, "示例新名学院")
    done = undo_service.undo(newest(), None)
    row.refresh_from_db()
    assert (row.name, done.restored, done.not_restored) == ("示例旧名学院", 1, [])


def test_undoing_an_undo_brings_the_change_back():
    row = make_member("示例旧名学院")
    renamed(row, "示例新名学院")
    undo_service.undo(newest(), None)
    undo_service.undo(newest(), None)
    row.refresh_from_db()
    assert row.name == "示例新名学院"


def test_a_revision_is_undone_only_once():
    renamed(make_member("示例旧名学院"), "示例新名学院")
    revision = newest()
    undo_service.undo(revision, None)
    with pytest.raises(undo_plan.UndoRefused, match="already"):
        undo_service.undo(revision, None)


def test_what_was_edited_since_stays_and_is_told():
    row = make_member("示例旧名学院", name_en="Example Old")
    row.name, row.name_en = "示例新名学院", "Example New"
    saved(row)
    revision = newest()
    renamed(row, "示例又名学院")
    done = undo_service.undo(revision, None)
    row.refresh_from_db()
    assert (row.name, row.name_en) == ("示例又名学院", "Example Old")
    assert [(kept.column, kept.reason) for kept in done.not_restored] == [
        ("name", undo_plan.CHANGED_SINCE)
    ]


def test_a_deleted_draft_comes_back_with_all_that_was_its_own():
    row = make_organization(state="draft", region=make_region())
    row.sectors.set([make_sector()])
    alias = make_alias(row, "示例旧称")
    make_citation(alias=alias)
    before = everything()
    with recorder.record_changes(None, "test") as change:
        change.mark_deleted(row)
        Organization.objects.get(pk=row.pk).delete()
    assert not everything()
    undo_service.undo(newest(), None)
    assert everything() == before


def test_one_of_many_deleted_drafts_is_recovered_alone():
    rows = [make_organization(state="draft") for _ in range(2)]
    with recorder.record_changes(None, "test") as change:
        for row in rows:
            change.mark_deleted(row)
            Organization.objects.get(pk=row.pk).delete()
    undo_service.restore(rows[0].pk, newest().pk - 1, None)
    assert [row.pk for row in Organization.objects.all()] == [rows[0].pk]


def test_a_new_draft_goes_when_its_entry_is_undone():
    row = make_organization(state="draft")
    undo_service.undo(newest(), None)
    assert not Organization.objects.filter(pk=row.pk).exists()


def test_a_new_draft_stays_where_somebody_has_added_to_it():
    row = make_organization(state="draft")
    revision = newest()
    make_alias(row, "示例别名")
    done = undo_service.undo(revision, None)
    assert Organization.objects.filter(pk=row.pk).exists()
    assert [kept.reason for kept in done.not_restored] == [undo_plan.NEEDED_SINCE]


def test_what_was_published_is_withdrawn_and_never_unmade():
    row = make_organization()
    done = undo_service.undo(newest(), None)
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN
    assert [kept.reason for kept in done.not_restored] == [undo_plan.PUBLIC_SINCE]


def test_what_would_clash_with_a_later_entry_is_told_and_the_rest_is_undone():
    row = make_member(credit_code="91110000600037341L", name_en="Example")
    row.credit_code, row.name_en = "", ""
    saved(row)
    revision = newest()
    other = make_member(credit_code="91110000600037341L")
    done = undo_service.undo(revision, None)
    row.refresh_from_db()
    assert row.credit_code == ""
    assert other.credit_code
    assert [str(kept.reason) for kept in done.not_restored] == [
        "clashes with what was entered since"
    ]


def deleted(*rows):
    """Let these drafts, or what belongs to them, go by one change."""
    with recorder.record_changes(None, "test") as change:
        for row in rows:
            change.track_row(row)
            change.mark_deleted(row) if isinstance(row, Organization) else change.mark_changed(row)
            type(row).objects.filter(pk=row.pk).delete()
    return newest()


def told_of(done) -> list[tuple]:
    return [(kept.model_name, kept.column, kept.reason) for kept in done.not_restored]


def test_a_draft_whose_code_is_taken_comes_back_without_it():
    row = make_organization(state="draft", credit_code="91110000600037341L")
    make_citation(alias=make_alias(row, "示例旧称"))
    revision = deleted(row)
    make_organization(credit_code="91110000600037341L")
    done = undo_service.restore(row.pk, revision.pk - 1, None)
    row.refresh_from_db()
    assert (row.credit_code, row.aliases.get().citations.count()) == ("", 1)
    assert told_of(done) == [("organization", "credit_code", undo_plan.CLASHES)]
    assert done.not_restored[0].organization == row.pk


def test_what_hangs_on_a_row_that_cannot_come_back_stays_away_and_is_told():
    row = make_member()
    alias = make_alias(row, "示例旧称")
    make_citation(alias=alias)
    revision = deleted(alias)
    make_alias(row, "示例旧称")
    done = undo_service.undo(revision, None)
    assert not Citation.objects.exists()
    assert told_of(done) == [
        ("alias", "", undo_plan.CLASHES),
        ("citation", "", undo_plan.ORPHANED),
    ]


def choose(row, *sectors) -> Revision:
    with recorder.record_changes(None, "test") as change:
        change.track_row(row)
        row.sectors.set(sectors)
        change.mark_changed(row)
    return newest()


@pytest.mark.parametrize("state", ["draft", "published"])
def test_a_sector_that_is_gone_is_left_out_and_told(state):
    row, gone, stays = make_organization(state=state), make_sector("C171"), make_sector("C172")
    then = choose(row, gone, stays)
    deleted(row) if state == "draft" else choose(row)
    deleted(gone)
    done = undo_service.restore(row.pk, then.pk, None)
    assert list(row.sectors.all()) == [stays]
    assert told_of(done) == [("organization", "sectors", undo_plan.NOT_THERE)]


def test_one_column_that_cannot_go_back_does_not_hold_the_others():
    region = make_region()
    row = make_organization("示例一学院", region=region, credit_code="91110000600037341L")
    then = newest()
    row.name, row.region, row.credit_code = "示例二学院", None, ""
    saved(row)
    deleted(region)
    make_organization(credit_code="91110000600037341L")
    done = undo_service.restore(row.pk, then.pk, None)
    row.refresh_from_db()
    assert (row.name, row.region, row.credit_code) == ("示例一学院", None, "")
    assert told_of(done) == [
        ("organization", "region_id", undo_plan.NOT_THERE),
        ("organization", "credit_code", undo_plan.CLASHES),
    ]


def test_an_alias_of_what_is_gone_is_not_put_back():
    row = make_organization(state="draft")
    alias = make_alias(row, "示例别名")
    with recorder.record_changes(None, "test") as change:
        change.track_row(alias)
        change.mark_changed(alias)
        alias.delete()
    revision = newest()
    with recorder.record_changes(None, "test") as change:
        change.mark_deleted(row)
        Organization.objects.get(pk=row.pk).delete()
    done = undo_service.undo(revision, None)
    assert [str(kept.reason) for kept in done.not_restored] == [
        "what it belonged to is not there any more"
    ]


def test_an_organization_goes_back_to_an_earlier_revision_with_its_aliases():
    row = make_member("示例一学院")
    make_alias(row, "示例旧称")
    then, before = newest(), everything()
    renamed(row, "示例二学院")
    with recorder.record_changes(None, "test") as change:
        change.track([row.pk])
        Alias.objects.all().delete()
        change.mark_changed(row)
    make_alias(row, "示例新称")
    undo_service.restore(row.pk, then.pk, None)
    assert everything() == before


def test_a_community_with_its_seats_is_put_back():
    community = make_community()
    role = make_role()
    seat = saved(community.seat_set.model(community=community, role=role, count=2))
    with recorder.record_changes(None, "test") as change:
        change.track_row(seat)
        change.mark_changed(seat)
        seat.delete()
    undo_service.undo(newest(), None)
    assert [row.count for row in community.seat_set.all()] == [2]


def make_seat(**values) -> Seat:
    known = {"community": make_community(), "role": make_role("vice"), "count": 2}
    return saved(Seat(**known | values))


def test_a_deleted_role_comes_back_with_its_seats():
    seat = make_seat()
    revision = deleted(seat.role)
    assert {row.noun for row in revision.changes.all()} == {"role", "seat"}
    assert undo_service.undo(revision, None).not_restored == []
    assert Seat.objects.get() == seat


def enter(noun):
    """Something that all share, and what is entered with it since."""
    if noun == "role":
        return make_seat
    if noun == "sector":
        return lambda: choose(make_organization(), make_sector())
    user = make_account("limited", "editor")
    return lambda: limit(user, "652801")


MADE = {"role": lambda: make_role("vice"), "sector": make_sector, "region": make_region}


@pytest.mark.parametrize("noun", MADE)
def test_what_all_share_does_not_go_while_something_hangs_on_it(noun):
    row = MADE[noun]()
    revision, enter_since = newest(), enter(noun)
    enter_since()
    done = undo_service.undo(revision, None)
    assert type(row).objects.filter(pk=row.pk).exists()
    assert told_of(done) == [(noun, "", undo_plan.NEEDED_SINCE)]


@pytest.mark.parametrize("noun", MADE)
def test_what_all_share_goes_where_nothing_hangs_on_it(noun):
    row = MADE[noun]()
    assert undo_service.undo(newest(), None).not_restored == []
    assert not type(row).objects.filter(pk=row.pk).exists()


def test_what_was_entered_with_what_hangs_on_it_goes_as_one():
    row, sector = make_organization(), Sector(code="C171", name="示例业", name_en="Example")
    with recorder.record_changes(None, "test") as change:
        change.track_row(row)
        sector.save()
        row.sectors.set([sector])
        change.mark_changed(row)
        change.mark_changed(sector)
    assert undo_service.undo(newest(), None).not_restored == []
    assert not Sector.objects.exists()


def scramble(dice: Random) -> None:
    """Some random writes to what is there, as one change."""
    with recorder.record_changes(None, "test") as change:
        rows = list(Organization.objects.order_by("pk"))
        change.track(row.pk for row in rows)
        for row in rows:
            if dice.random() < 0.5:
                row.name = f"示例学院{dice.randrange(10**6)}"
                row.save()
            if dice.random() < 0.3:
                row.aliases.all().delete()
            if dice.random() < 0.5:
                Alias.objects.create(organization=row, name=f"示例{dice.random()}", sort="short")
            if dice.random() < 0.3:
                Citation.objects.filter(organization=row).delete()
            if dice.random() < 0.3:
                Membership.objects.filter(organization=row).update(since="2024-05-01")
            if dice.random() < 0.3:
                Contact.objects.create(organization=row, label="示例", channel="email", value="x")
            row.sectors.set([make_sector("C171")] * dice.randrange(2))
            change.mark_changed(row)
        Alias.objects.filter(pk__in=[]).update(organization=rows[0])
        dice.shuffle(rows)
        Alias.objects.filter(organization=rows[0]).update(organization=rows[1])


@pytest.mark.parametrize("seed", range(12))
def test_undo_is_the_way_back_whatever_was_written(seed):
    dice = Random(seed)
    for number in range(4):
        row = make_member(f"示例学院{number}", region=make_region())
        make_alias(row, f"示例别名{number}")
        make_citation(organization=row, field="name")
    before = everything()
    scramble(dice)
    assert everything() != before
    done = undo_service.undo(newest(), None)
    assert everything() == before
    assert done.not_restored == []


def fail_after_flushing():
    with recorder.record_changes(None, "test") as change:
        change.mark_changed(Organization.objects.create(name="示例", kind="university"))
        change.flush()
        raise ZeroDivisionError


def test_no_row_of_history_is_left_by_what_failed():
    with pytest.raises(ZeroDivisionError):
        fail_after_flushing()
    assert not RowChange.objects.exists()
    assert not Revision.objects.exists()
