"""What `manage.py prepare` does before a start, and what it says when it cannot."""

import os
import re
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings as site
from django.contrib.auth import get_user_model
from django.core.management import call_command

from directory.models import Organization


@pytest.fixture
def place(db, settings, tmp_path):
    """A folder of its own with one static file, so that nothing of the project is touched."""
    source = tmp_path / "static"
    source.mkdir()
    (source / "site.css").write_text("body { color: black }")
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path / "var", tmp_path / "var" / "static"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    return tmp_path


def prepare():
    said = StringIO()
    call_command("prepare", stdout=said)
    return said.getvalue()


def start(database_url):
    """`manage.py prepare` as a start runs it, against a database that cannot be had."""
    environment = os.environ | {"COMMUNITY_LOCAL": "1", "DATABASE_URL": database_url}
    command = [sys.executable, "manage.py", "prepare"]
    return subprocess.run(
        command, cwd=site.BASE_DIR, env=environment, capture_output=True, text=True, timeout=60
    )


def refusal(database_url):
    """The one sentence of a refusal; a traceback or a second line fails here."""
    run = start(database_url)
    assert (run.returncode, run.stdout) == (1, "")
    assert re.fullmatch(r"[^\n]+ start again\.\n", run.stderr), run.stderr
    return run.stderr


def test_an_empty_site_gets_its_fixtures_its_files_and_its_administrator(place):
    said = prepare()
    assert "Fixtures loaded: 3225 regions, 3 organizations" in said
    assert Organization.objects.members().count() == 3
    assert (place / "var" / "static" / "site.css").is_file()
    assert get_user_model().objects.get(is_superuser=True).username == "admin"


@pytest.mark.slow
def test_the_password_is_shown_once_and_opens_the_account(place):
    password = re.search(r"^  password  (\S{16})$", prepare(), re.MULTILINE)[1]
    assert get_user_model().objects.get(username="admin").check_password(password)
    assert prepare() == ""
    assert get_user_model().objects.count() == 1


def test_a_superuser_of_any_name_is_enough(place):
    get_user_model().objects.create_superuser("wang", password="long enough")
    assert "password" not in prepare()
    assert get_user_model().objects.count() == 1


def test_an_admin_without_the_rights_is_not_overwritten(place):
    get_user_model().objects.create_user("admin", password="long enough")
    assert "name      admin1" in prepare()
    assert get_user_model().objects.get(username="admin").check_password("long enough")


def test_a_second_start_leaves_an_officers_work(place):
    prepare()
    Organization.objects.filter(pk=2).update(name_en="Edited")
    assert prepare() == ""
    assert Organization.objects.get(pk=2).name_en == "Edited"


def test_static_files_are_collected_again_only_when_one_has_changed(place):
    prepare()
    collected = place / "var" / "static" / "site.css"
    before = collected.stat().st_mtime_ns
    assert prepare() == ""
    assert collected.stat().st_mtime_ns == before
    (place / "static" / "site.css").write_text("body { color: navy }")
    assert "Static files: collected." in prepare()
    assert "navy" in collected.read_text()


def test_static_files_that_were_deleted_are_collected_again(place):
    prepare()
    collected = place / "var" / "static" / "site.css"
    collected.unlink()
    collected.parent.rmdir()
    assert "Static files: collected." in prepare()
    assert collected.is_file()


@pytest.mark.slow
def test_an_unreachable_server_is_named_and_the_password_is_not():
    said = refusal("postgres://someone:hidden-word@127.0.0.1:1/members")
    assert said.startswith("No database server answers at 127.0.0.1:1: start it")
    assert "hidden-word" not in said


@pytest.mark.slow
def test_a_file_that_is_no_database_is_named(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("no database at all, only a few words of somebody's\n" * 20)
    assert refusal(f"sqlite:///{file}").startswith(f"The file {file} is not an SQLite database:")


@pytest.mark.slow
def test_a_missing_folder_is_named(tmp_path):
    said = refusal(f"sqlite:///{tmp_path}/nowhere/db.sqlite3")
    assert said.startswith(f"The folder {tmp_path}/nowhere for the SQLite database does not exist")


@pytest.mark.slow
def test_a_folder_in_place_of_a_database_is_named(tmp_path):
    assert refusal(f"sqlite:///{tmp_path}").startswith(f"{tmp_path} is a folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may write everywhere")
def test_a_database_that_may_not_be_written_is_named(tmp_path):
    file = tmp_path / "db.sqlite3"
    file.touch()
    file.chmod(0o444)
    assert refusal(f"sqlite:///{file}").startswith(f"The SQLite database {file} or its folder")
