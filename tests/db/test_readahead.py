"""Reading ahead gives what reading in turn gives, and leaves no thread and no connection behind."""

import threading
from itertools import count

import pytest
from django.db import transaction

from directory.db import readahead as ahead_module
from directory.db.readahead import read_ahead
from directory.listing import listing
from directory.listing.index import store as index_store
from directory.models import Organization
from tests.factories import make_alias, make_member, make_sector

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(monkeypatch):
    """The threads that opened a connection; its close takes them out again."""
    found, opening = {}, ahead_module._register_connection

    def watched(told):
        opening(told)
        thread, close = threading.get_ident(), told[-1].close
        found[thread] = True
        monkeypatch.setattr(told[-1], "close", lambda: (close(), found.update({thread: False})))

    monkeypatch.setattr(ahead_module, "_register_connection", watched)
    return found


def counted(batch):
    """The thread that asked, and how many organizations the database told it of."""
    return batch, threading.get_ident(), Organization.objects.count()


def test_each_batch_in_order_beside_us(opened):
    make_member()
    found = list(read_ahead(counted, range(7)))
    assert [batch for batch, _thread, _count in found] == list(range(7))
    assert {count for _batch, _thread, count in found} == {1}
    assert threading.get_ident() not in {thread for _batch, thread, _count in found}
    assert opened
    assert not any(opened.values())


@pytest.mark.parametrize("batches", [[], [1]])
def test_a_single_batch_needs_no_thread(batches, opened):
    assert [batch for batch, *_ in read_ahead(counted, batches)] == batches
    assert not opened


def test_within_a_transaction_what_it_wrote_is_read(opened):
    with transaction.atomic():
        make_member()
        assert [count for *_, count in read_ahead(counted, range(3))] == [1, 1, 1]
        transaction.set_rollback(True)
    assert not opened


def test_who_goes_away_early_leaves_nothing_open(opened):
    before = threading.active_count()
    running = read_ahead(counted, count())
    assert next(running)[0] == 0
    running.close()
    assert threading.active_count() == before
    assert not any(opened.values())


def test_what_fails_beside_us_fails_here(opened):
    def failing(batch):
        counted(batch)
        if batch == 2:
            raise LookupError("gone")
        return batch

    running = read_ahead(failing, range(9))
    assert [next(running), next(running)] == [0, 1]
    with pytest.raises(LookupError, match="gone"):
        next(running)
    assert not any(opened.values())


def test_a_file_read_in_batches_is_the_file_read_at_once(client, monkeypatch):
    """Also of members with nothing, or with several of what a cell joins."""
    sectors = [make_sector(), make_sector("C181")]
    for number in range(7):
        row = make_member()
        row.sectors.set(sectors[: number % 3])
        for again in range(number % 3):
            make_alias(row, f"示例别名{number}{again}")
    index_store.clear()
    whole = b"".join(client.get("/members.csv").streaming_content)
    monkeypatch.setattr(listing, "EXPORT_BATCH", 2)
    with transaction.atomic():
        in_turn = b"".join(client.get("/members.csv").streaming_content)
    beside = b"".join(client.get("/members.csv").streaming_content)
    assert whole.count(b"\r\n") == 8
    assert whole == in_turn == beside
