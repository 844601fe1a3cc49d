"""A large index, read in a process of its own, is the index that would be read here."""

import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from directory.listing.index import builder, subprocess_build
from directory.listing.index import store as index_store
from directory.listing.index.reference_data import ReferenceData
from directory.models import DataVersion
from tests.factories import make_citation, make_member, make_membership, make_region, make_sector

pytestmark = pytest.mark.django_db(transaction=True)
PARTS = ("version", "bitmaps", "intervals")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A few members in a database that another process can open."""
    region, sector = make_region(), make_sector()
    for kind in ("university", "enterprise"):
        make_member(kind=kind, region=region).sectors.add(sector)
    held = make_membership(make_member(), since="2020-01-01", until="2030-01-01")
    make_citation(membership=held, field="role")
    monkeypatch.setattr(subprocess_build, "MAX_IN_PROCESS", 2)
    if connection.vendor == "sqlite":
        path = tmp_path / "copy.sqlite3"
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
        monkeypatch.setitem(connection.settings_dict, "NAME", str(path))


@pytest.mark.slow
def test_the_other_process_hands_over_the_same_index(elsewhere):
    assert subprocess_build.is_needed()
    here, there = (
        builder.build_index(DataVersion.get_current(), ReferenceData.load()),
        subprocess_build.build_in_subprocess(),
    )
    assert there.size == 3
    for part in PARTS:
        assert getattr(there, part) == getattr(here, part)
    assert {n: o.parts for n, o in there.orders.items()} == {
        n: o.parts for n, o in here.orders.items()
    }


def test_where_no_process_can_be_started_the_index_is_read_here(elsewhere, monkeypatch, caplog):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert len(index_store.get_day_index().members) == 3
    assert "process of its own" in caplog.text


def test_a_process_that_fails_half_way_is_noticed(elsewhere, monkeypatch, caplog):
    monkeypatch.setattr(subprocess_build, "CHILD_CODE", "import os; os.write(1, b'half')")
    assert len(index_store.get_day_index().members) == 3
    assert "process of its own" in caplog.text


def test_few_are_read_here(elsewhere, monkeypatch):
    monkeypatch.setattr(subprocess_build, "MAX_IN_PROCESS", 3)
    assert not subprocess_build.is_needed()
