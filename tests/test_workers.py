"""A second process gives the answers that would be given here, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from directory import workers
from directory.history import recorder
from directory.importing import service as import_service
from directory.importing.apply import selection
from directory.importing.apply import writer as import_writer
from directory.importing.plan import planner
from directory.importing.readers import reader
from directory.models import Organization, Reading
from directory.search import index as search_index
from directory.search import indexer
from directory.text import tokens
from directory.workers import WorkerProcess
from tests import spreadsheets as files
from tests.factories import make_alias, make_organization, make_region, saved

pytestmark = pytest.mark.slow

NAMES = [f"示例纺织{number}厂" for number in "一二三四五六七八"]
ASKER = """
from directory import workers
from directory.text import tokens
workers.LOCAL_CALLS = 0
with workers.WorkerProcess(tokens.fold) as other:
    other.is_local = False
    other.submit("A")()
    print("both are there", flush=True)
    input()
"""


def ask_at_once(monkeypatch):
    """The other process is wanted from the first question on, however many processors."""
    monkeypatch.setattr(workers, "LOCAL_CALLS", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def at_once(monkeypatch):
    ask_at_once(monkeypatch)


def test_its_answers_are_those_given_here_in_their_order(at_once):
    with WorkerProcess(tokens.sort_key) as other:
        assert list(other.map(NAMES)) == list(map(tokens.sort_key, NAMES))
        process = other.process
    assert process.returncode == 0


def test_a_few_questions_start_no_process():
    with WorkerProcess(tokens.sort_key) as other:
        assert list(other.map(NAMES[: workers.LOCAL_CALLS])) == list(
            map(tokens.sort_key, NAMES[: workers.LOCAL_CALLS])
        )
        assert other.process is None


def test_a_single_processor_works_alone(at_once, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with WorkerProcess(tokens.sort_key) as other:
        assert list(other.map(NAMES)) == list(map(tokens.sort_key, NAMES))
        assert other.process is None


def test_what_a_killed_process_owes_is_answered_here(at_once, caplog):
    with WorkerProcess(tokens.sort_key) as other:
        other.submit(NAMES[0])()
        other.process.kill()
        assert list(other.map(NAMES)) == list(map(tokens.sort_key, NAMES))
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_process_that_cannot_start_is_not_missed(at_once, monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with WorkerProcess(tokens.sort_key) as other:
        assert list(other.map(NAMES)) == list(map(tokens.sort_key, NAMES))
    assert len(caplog.records) == 1


def test_it_ends_with_the_process_that_asks():
    environment = os.environ | {"PYTHONPATH": str(Path(workers.__file__).parents[1])}
    asker = subprocess.Popen(
        [sys.executable, "-c", ASKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    assert asker.stdout.readline()
    asker.send_signal(signal.SIGKILL)
    # Both write their errors into this pipe: it ends when the last of them has ended.
    assert asker.communicate(timeout=10) == (b"", b"")


@pytest.mark.django_db
def test_words_spelled_out_there_are_those_of_a_rebuild(monkeypatch):
    region = make_region("652801", name="示例甲市")
    rows = [make_organization(name, region=region) for name in NAMES]
    make_alias(rows[1], "示例旧名学校")
    ask_at_once(monkeypatch)
    with recorder.record_changes(who=None, via="test") as change:
        for row in rows:
            change.track_row(row)
            row.name += "公司"
            row.save()
            change.mark_changed(row)
            change.flush()
        change.mark_deleted(rows[-1])
        rows[-1].delete()
    written = search_index.dump_index()
    assert len(written) == len(rows) - 1
    indexer.rebuild()
    assert written == search_index.dump_index()


@pytest.mark.django_db
def test_a_change_that_fails_leaves_no_process(at_once):
    row, started = make_organization(NAMES[0]), []
    with suppress(ZeroDivisionError), recorder.record_changes(who=None, via="test") as change:
        change.track_row(row)
        change.mark_changed(row)
        change.flush()
        change.indexer.finish()
        started.append(change.indexer.worker.process)
        raise ZeroDivisionError
    assert started[0].poll() == 0


@pytest.mark.django_db
def test_rows_read_there_are_those_read_here(monkeypatch, at_once):
    make_region("652801", name="示例甲市")
    lines = [[name, "企业", "示例甲市", "91110000600037341L"] for name in NAMES] + [
        ["", "甲", "乙", "1"]
    ]
    found = reader.read_table(files.csv(["单位名称", "类别", "地区", "统一社会信用代码"], *lines))
    monkeypatch.setattr(planner, "BATCH", 2)
    there = [vars(row) for row in planner.Planner(found.mapping).plan(found.rows())]
    monkeypatch.setattr(workers, "LOCAL_CALLS", 100)
    here = [vars(row) for row in planner.Planner(found.mapping).plan(found.rows())]
    for row in (*there, *here):
        del row["_state"]
    assert there == here
    assert len(here) == len(lines)
    assert not Organization.objects.exists()


@pytest.mark.django_db
def test_slugs_and_order_thought_of_there_are_those_made_here(monkeypatch, at_once):
    monkeypatch.setattr(selection, "BATCH", 2)
    data = files.csv(["单位名称", "类别"], *([name, "企业"] for name in NAMES))
    of = import_service.create_import("示例.csv", data, None)
    import_service.plan_import(of)
    import_writer.apply_import(of, None)
    made = Organization.objects.values_list("name", "name_en", "slug", "pinyin")
    assert len(made) == len(NAMES)
    for name, name_en, *derived in made:
        assert derived == [tokens.build_slug(name, name_en), tokens.sort_key(name)]


@pytest.mark.django_db
def test_an_import_reads_as_the_desk_corrected_it(at_once):
    saved(Reading(han="乐陵", pinyin="yue ling"))
    tokens.set_readings({})  # as in a process that has not asked yet
    of = import_service.create_import("示例.csv", files.csv(["单位名称"], ["示例乐陵厂"]), None)
    import_service.plan_import(of)
    tokens.set_readings({})
    import_writer.apply_import(of, None)
    assert Organization.objects.get().pinyin == "shi li yue ling chang"
    Reading.objects.all().delete()
    search_index.load_readings()
