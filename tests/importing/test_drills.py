"""Imports killed at random moments: the directory is as it was or as it would be, never between.

Each kill has a database of its own, written by `manage.py import_members` in a process that ends
by SIGKILL. Afterwards the same file is brought again, and must come in whole.
"""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests import spreadsheets as files

pytestmark = pytest.mark.drills
ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("DRILL_KILLS", "20"))
ROWS = 3_000
# Where an import keeps its own plan, which may be half made: nobody takes it for the directory.
PLANS = ("directory_import", "directory_importrow", "directory_importcorrection")


class Sqlite:
    def __init__(self, folder: Path):
        self.folder = folder
        self.url = self._url("base")

    def _url(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}.sqlite3"

    def copy(self, name: str) -> str:
        shutil.copy(self.folder / "base.sqlite3", self.folder / f"{name}.sqlite3")
        return self._url(name)

    def drop(self, url: str) -> None:
        Path(url.removeprefix("sqlite:///")).unlink()

    def rows(self, url: str, question: str) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(question).fetchall()

    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'directory_*'"


class Postgres:
    def __init__(self, url: str):
        self.given = url
        self.rows(url, "DROP DATABASE IF EXISTS drill_base WITH (FORCE)")
        self.rows(url, "CREATE DATABASE drill_base")
        self.url = self._url("drill_base")

    def _url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.given)._replace(path=f"/{name}"))

    def copy(self, name: str) -> str:
        self.rows(self.given, f"DROP DATABASE IF EXISTS drill_{name} WITH (FORCE)")
        self.rows(self.given, f"CREATE DATABASE drill_{name} TEMPLATE drill_base")
        return self._url(f"drill_{name}")

    def drop(self, url: str) -> None:
        name = urlsplit(url).path.removeprefix("/")
        self.rows(self.given, f"DROP DATABASE {name} WITH (FORCE)")

    def rows(self, url: str, question: str) -> list[tuple]:
        import psycopg

        with psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True) as held:
            cursor = held.execute(question)
            return cursor.fetchall() if cursor.description else []

    tables = "SELECT tablename FROM pg_tables WHERE tablename LIKE 'directory\\_%'"


def start(url: str, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "COMMUNITY_LOCAL": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def run(url: str, *arguments: object) -> None:
    process = start(url, *arguments)
    _out, said = process.communicate(timeout=600)
    assert process.returncode == 0, said.decode()


def counted(engine, url: str) -> dict[str, int]:
    """How many rows every table of the directory holds, all at one moment.

    A server may still be ending what it was told to commit just before the kill.
    """
    names = [name for (name,) in engine.rows(url, engine.tables) if name not in PLANS]
    counts = ", ".join(f"(SELECT COUNT(*) FROM {name})" for name in sorted(names))
    return dict(zip(sorted(names), engine.rows(url, f"SELECT {counts}")[0], strict=True))


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    given = os.environ.get("DATABASE_URL", "")
    server = given.startswith("postgres")
    found = Postgres(given) if server else Sqlite(tmp_path_factory.mktemp("drills"))
    run(found.url, "migrate", "-v0")
    run(found.url, "load_fixtures")
    return found


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("file") / "示例名单.csv"
    heads = ["单位名称", "类别", "英文名称", "角色", "简称"]
    body = [
        [
            f"示例{chr(0x4E00 + n)}{chr(0x5E00 + n % 97)}纺织厂",
            "企业",
            f"Mill {n}",
            "member",
            f"示{n}",
        ]
        for n in range(ROWS)
    ]
    path.write_bytes(files.csv(heads, *body))
    return path


def test_two_imports_of_one_list_at_once_enter_it_once(engine, tmp_path):
    path, url = tmp_path / "示例名单.csv", engine.copy("twice")
    body = [[f"示例第{n}纺织厂", "企业"] for n in range(40)]
    path.write_bytes(files.csv(["单位名称", "类别"], *body))
    before = counted(engine, url)["directory_organization"]
    processes = [start(url, "import_members", path, "--publish") for _ in range(2)]
    for process in processes:
        _out, said = process.communicate(timeout=600)
        assert process.returncode == 0, said.decode()
    assert counted(engine, url)["directory_organization"] - before == len(body)
    engine.drop(url)


def test_a_killed_import_leaves_nothing_half_written(engine, file):
    before = counted(engine, engine.url)
    whole = engine.copy("whole")
    began = time.monotonic()
    run(whole, "import_members", file, "--publish")
    took = time.monotonic() - began
    after = counted(engine, whole)
    engine.drop(whole)
    assert after["directory_organization"] - before["directory_organization"] > ROWS * 0.8
    dice, seen = random.Random(), []
    for number in range(KILLS):
        url = engine.copy(f"kill{number}")
        process = start(url, "import_members", file, "--publish")
        # Later rather than earlier: what is planned writes nothing that could be half.
        moment = took * dice.uniform(0.25, 1.05)
        time.sleep(moment)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        found = counted(engine, url)
        states = [state for (state,) in engine.rows(url, "SELECT state FROM directory_import")]
        print(f"killed after {moment:.1f} of {took:.1f} s: {states}, {found == after}", flush=True)
        assert found in (before, after), (
            moment,
            {k: found[k] for k in found if found[k] != before[k]},
        )
        assert ("applied" in states) == (found == after)
        run(url, "import_members", file, "--publish")
        again = counted(engine, url)
        # A version for each change, and one revision: an import that changes nothing makes none.
        assert again == after
        seen.append(found == after)
        engine.drop(url)
    assert not all(seen), "every kill came too late"
