"""Bulk inserts store rows as saving each would, and instance factories match the models."""

from datetime import date

import pytest
from django.db import IntegrityError, connection

from directory import snapshots
from directory.db import bulk
from directory.history import recorder
from directory.models import Import, ImportRow, Organization, RowChange
from directory.search import index as search_index
from tests.factories import make_organization, make_region

pytestmark = pytest.mark.django_db
DAY = date(2024, 6, 1)
ROW = {"kind": "university", "name": "示例学院"}


def rows(of, *numbers):
    values = {"name": "示例", "days": [None, "2024-01-01"]}
    return [ImportRow(of=of, number=n, outcome="new", values=values) for n in numbers]


@pytest.fixture
def of():
    return Import.objects.create(name="示例.csv", header_row=1, last_row=9, rows_found=8)


def test_a_row_is_stored_as_if_it_were_saved(of):
    bulk.bulk_insert_models(rows(of, 2))
    rows(of, 3)[0].save()
    inserted, saved = ImportRow.objects.values().order_by("number")
    assert inserted == saved | {"id": inserted["id"], "number": 2}


def test_an_organization_is_poured_under_the_number_that_it_was_given():
    before = make_organization().pk
    made = [
        Organization(region=make_region(), **ROW),
        Organization(verified_on="2024-01-01", **ROW),
    ]
    bulk.assign_keys(made)
    bulk.bulk_insert_models(made)
    found = Organization.objects.filter(pk__in=[row.pk for row in made]).order_by("pk")
    assert [row.region_id for row in found] == ["652801", None]
    assert before < found[0].pk < found[1].pk < make_organization().pk


def test_a_number_is_never_given_twice():
    gone = make_organization()
    number = gone.pk
    Organization.objects.all().delete()
    made = [Organization(**ROW)]
    bulk.assign_keys(made)
    assert made[0].pk > number


def test_what_the_database_refuses_is_poured_not_at_all(of):
    with pytest.raises(IntegrityError):
        bulk.bulk_insert_models(rows(of, 2, 3, 2))


def test_keys_without_a_gap_are_asked_for_as_one_run():
    assert bulk.build_key_filter([4, 5, 6], "organization") == {"organization__pk__range": (4, 6)}
    assert bulk.build_key_filter([4, 6, 7]) == {"pk__in": [4, 6, 7]}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has an index of its own")
def test_many_new_words_are_gathered_before_they_are_written():
    with connection.cursor() as cursor:
        cursor.execute("SELECT v FROM directory_words_config WHERE k = 'hashsize'")
        assert cursor.fetchone() == (search_index.HASH_SIZE,)


def test_those_that_are_there_already_are_passed_over(of):
    bulk.bulk_insert_models(rows(of, 2))
    bulk.bulk_insert_models(rows(of, 2, 3), ignore_conflicts=True)
    assert list(ImportRow.objects.order_by("number").values_list("number", flat=True)) == [2, 3]


@pytest.mark.parametrize("model", [ImportRow, Organization])
def test_a_blank_row_is_as_its_model_makes_it(model):
    blank = bulk.InstanceFactory(model)
    one, other, by_model = blank.build({"name": "示例"}), blank.build({}), model(name="示例")
    fields = [field.attname for field in model._meta.concrete_fields]
    assert [getattr(one, f) for f in fields] == [getattr(by_model, f) for f in fields]
    assert one._state.adding
    # What can be altered is nobody else's.
    assert not any(
        getattr(one, f) is getattr(other, f) for f in fields if isinstance(getattr(one, f), dict)
    )


def test_an_inserted_organization_says_what_would_be_read_of_it():
    region = make_region()
    row = bulk.InstanceFactory(Organization).build(
        ROW | {"region_id": region.pk, "verified_on": DAY}
    )
    with recorder.record_changes(who=None, via="import") as change:
        recorder.publish(row)
        change.insert_new([row])
        told = snapshots.snapshot_organizations([row.pk], change.inserted)
        assert told == snapshots.snapshot_organizations([row.pk])
    assert (row.slug, row.pinyin) == ("shi-li-xue-yuan", "shi li xue yuan")


def test_what_is_altered_after_it_was_inserted_is_read_again():
    row = bulk.InstanceFactory(Organization).build(ROW)
    with recorder.record_changes(who=None, via="import") as change:
        change.insert_new([row])
        row.name = "示例改名学院"
        row.save()
        change.mark_changed(row)
    [told] = RowChange.objects.filter(noun="organization")
    assert told.after["name"] == "示例改名学院"
    assert Organization.objects.get().slug == "shi-li-gai-ming-xue-yuan"
