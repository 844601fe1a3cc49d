"""Rows that are poured stand as if each had been saved."""

import pytest
from django.db import IntegrityError, connection

from directory import pouring, search
from directory.models import Import, ImportRow, Organization
from tests.factories import make_organization, make_region

pytestmark = pytest.mark.django_db
ROW = {"kind": "university", "name": "示例学院"}


def rows(of, *numbers):
    values = {"name": "示例", "days": [None, "2024-01-01"]}
    return [ImportRow(of=of, number=n, outcome="new", values=values) for n in numbers]


@pytest.fixture
def of():
    return Import.objects.create(name="示例.csv", header_row=1, last_row=9, rows_found=8)


def test_a_row_is_stored_as_if_it_were_saved(of):
    pouring.pour_whole(rows(of, 2))
    rows(of, 3)[0].save()
    poured, saved = ImportRow.objects.values().order_by("number")
    assert poured == saved | {"id": poured["id"], "number": 2}


def test_an_organization_is_poured_under_the_number_that_it_was_given():
    before = make_organization().pk
    made = [
        Organization(region=make_region(), **ROW),
        Organization(verified_on="2024-01-01", **ROW),
    ]
    pouring.number(made)
    pouring.pour_whole(made)
    found = Organization.objects.filter(pk__in=[row.pk for row in made]).order_by("pk")
    assert [row.region_id for row in found] == ["652801", None]
    assert before < found[0].pk < found[1].pk < make_organization().pk


def test_a_number_is_never_given_twice():
    gone = make_organization()
    number = gone.pk
    Organization.objects.all().delete()
    made = [Organization(**ROW)]
    pouring.number(made)
    assert made[0].pk > number


def test_what_the_database_refuses_is_poured_not_at_all(of):
    with pytest.raises(IntegrityError):
        pouring.pour_whole(rows(of, 2, 3, 2))


def test_keys_without_a_gap_are_asked_for_as_one_run():
    assert pouring.keyed([4, 5, 6], "organization") == {"organization__pk__range": (4, 6)}
    assert pouring.keyed([4, 6, 7]) == {"pk__in": [4, 6, 7]}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has an index of its own")
def test_many_new_words_are_gathered_before_they_are_written():
    with connection.cursor() as cursor:
        cursor.execute("SELECT v FROM directory_words_config WHERE k = 'hashsize'")
        assert cursor.fetchone() == (search.GATHERED,)


def test_those_that_are_there_already_are_passed_over(of):
    pouring.pour_whole(rows(of, 2))
    pouring.pour_whole(rows(of, 2, 3), known=True)
    assert list(ImportRow.objects.order_by("number").values_list("number", flat=True)) == [2, 3]
