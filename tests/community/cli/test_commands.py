"""The two commands that set everything up: what they import, choose, refuse and say."""

import ast
import errno
import io
import json
import re
import socket
import subprocess
import sys

import pytest

from community import __main__ as commands
from community.cli import lint as lint_command
from community.cli import postgresql, virtualenv
from community.cli import serve as serve_command
from community.cli import test as test_command

ROOT = virtualenv.ROOT
MODULES = (
    "__init__",
    "__main__",
    "cli.__init__",
    "cli.virtualenv",
    "cli.serve",
    "cli.test",
    "cli.postgresql",
    "cli.bench",
    "cli.lint",
    "cli.benchmark",
)


def community(*arguments):
    command = [sys.executable, "-m", "community", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inside = node.module in ("community", "community.cli")
            yield from (f"{node.module}.{alias.name}" for alias in node.names if inside)
            yield from ([] if inside else [node.module])


@pytest.mark.parametrize("module", MODULES)
def test_the_commands_import_only_the_standard_library_and_each_other(module):
    known = sys.stdlib_module_names | {f"community.{each}" for each in MODULES}
    names = set(imported(ROOT / "community" / f"{module.replace('.', '/')}.py"))
    assert {
        name for name in names if name not in known and name.split(".")[0] not in known
    } == set()


def test_an_older_python_is_refused_before_any_other_module_is_read():
    tree = ast.parse((ROOT / "community" / "__main__.py").read_text(encoding="utf-8"))
    guard = next(index for index, node in enumerate(tree.body) if isinstance(node, ast.If))
    assert "Python 3.11 or newer" in ast.unparse(tree.body[guard])
    assert [ast.unparse(node) for node in tree.body[1:guard]] == ["import signal", "import sys"]


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_a_port_that_cannot_be_is_a_wrong_argument(port, capsys):
    with pytest.raises(SystemExit, match="2"):
        commands.build_parser().parse_args(["serve", f"--port={port}"])
    assert "argument --port" in capsys.readouterr().err


def test_serve_refuses_an_unknown_argument(capsys):
    with pytest.raises(SystemExit, match="2"):
        commands.select_command(["serve", "--prot", "80"])
    assert "unrecognized arguments: --prot 80" in capsys.readouterr().err


def test_what_test_does_not_know_goes_to_pytest(monkeypatch):
    monkeypatch.setattr(test_command, "run_tests", lambda *chosen: chosen)
    command, interrupted = commands.select_command(
        ["test", "--sqlite-only", "-x", "-k", "one or two"]
    )
    assert command() == (True, False, ["-x", "-k", "one or two"])
    assert interrupted != 0


def test_drills_are_run_alone_and_only_when_asked_for(monkeypatch):
    monkeypatch.setattr(test_command, "run_tests", lambda *chosen: chosen)
    command, _interrupted = commands.select_command(["test", "--drills", "-x"])
    assert command() == (False, False, ["-m", "drills", "-s", "-x"])
    assert "not drills" in (ROOT / "pyproject.toml").read_text()


def test_fast_runs_the_quick_tests_on_sqlite_in_two_processes(monkeypatch):
    monkeypatch.setattr(test_command, "run_tests", lambda *chosen: chosen)
    command, _interrupted = commands.select_command(["test", "--fast", "-x"])
    quick = ["-n", "2", "--dist", "loadscope", "-m", "not drills and not slow"]
    assert command() == (True, False, [*quick, "-x"])


def test_lint_runs_every_tool(monkeypatch):
    run = []
    monkeypatch.setattr(
        lint_command.VirtualEnvironment, "ensure_installed", lambda place, name: None
    )
    monkeypatch.setattr(lint_command, "install_prettier", lambda: None)
    monkeypatch.setattr(lint_command, "run_check", lambda title, command: run.append(title) or 0)
    assert commands.select_command(["lint"])[0]() == 0
    tools = ["ruff", "ruff format", "import-linter", "mypy", "djade", "djhtml", "prettier"]
    assert run == tools


def test_lint_fails_if_one_tool_does(monkeypatch):
    monkeypatch.setattr(
        lint_command.VirtualEnvironment, "ensure_installed", lambda place, name: None
    )
    monkeypatch.setattr(lint_command, "install_prettier", lambda: None)
    monkeypatch.setattr(lint_command, "run_check", lambda title, command: int(title == "mypy"))
    assert commands.select_command(["lint"])[0]() == 1


def test_a_taken_port_is_refused_in_one_line_before_anything_is_installed():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = community("serve", "--port", port)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"Port {port} is already in use")
    assert ended.stderr.count("\n") == 1


def test_an_address_of_another_machine_is_refused_in_one_line():
    ended = community("serve", "--host", "192.0.2.1")
    assert ended.returncode == 1
    assert ended.stderr.startswith("'192.0.2.1' is not an address of this machine")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full (var/x): free some space and start again."),
        (errno.EROFS, "This folder may not be written (var/x): start from a folder that is yours."),
    ],
)
def test_the_system_refusing_is_told_in_a_sentence(number, sentence):
    assert virtualenv.explain_os_error(OSError(number, "broken", "var/x")) == sentence


def test_what_prepare_says_of_its_failure_is_passed_on(tmp_path):
    said = serve_command.summarize_failure("DATABASE_URL names no database.\n", tmp_path / "log")
    assert said == "DATABASE_URL names no database."
    assert not (tmp_path / "log").exists()


def test_a_traceback_of_prepare_becomes_a_sentence_and_a_file(tmp_path):
    traceback = "Traceback (most recent call last):\n  File ...\nsome.Error: no room\nIs it: on?\n"
    said = serve_command.summarize_failure(traceback, tmp_path / "log")
    assert said.startswith("The site could not be prepared (some.Error: no room)")
    assert "\n" not in said
    assert (tmp_path / "log").read_text() == traceback


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "A downloaded package is not the"),
        ("WARNING: Retrying (Retry(total=4", "The package index could not be reached"),
        ("OSError: [Errno 28] No space left on device", "The disk of"),
        ("ERROR: No such option\nnote", "pip could not install the packages (No such option)"),
    ],
)
def test_a_failure_of_pip_is_told_in_a_sentence(tmp_path, said, sentence):
    (tmp_path / ".venv").mkdir()
    place = virtualenv.VirtualEnvironment(tmp_path)
    place.log_file.write_text(said)
    assert place.explain_install_failure().startswith(sentence)


def test_a_python_without_ensurepip_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(virtualenv.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(virtualenv.SetupError, match="apt install python3-venv"):
        virtualenv.VirtualEnvironment(tmp_path).create()


def test_an_environment_that_is_a_link_is_not_emptied(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    (tmp_path / ".venv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(virtualenv.SetupError, match="remove the link"):
        virtualenv.VirtualEnvironment(tmp_path).create()
    assert (tmp_path / "elsewhere" / "kept").exists()


@pytest.fixture
def place(tmp_path):
    (tmp_path / "requirements").mkdir()
    (tmp_path / ".venv").mkdir()
    for name in (*virtualenv.INSTALLS, "x"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
    return virtualenv.VirtualEnvironment(tmp_path)


def stamp(place, *names):
    locks = {name: place.lock_digest(name) for name in names}
    place.stamp_file.write_text(
        json.dumps({"python": sys.implementation.cache_tag, "locks": locks})
    )


def test_a_lock_counts_as_installed_while_its_stamp_fits(place):
    stamp(place, "serve")
    assert place.is_current("serve")
    assert not place.is_current("test")


def test_a_changed_lock_is_installed_again(place):
    stamp(place, "serve")
    place.lock_file("serve").write_text("serve==2\n")
    assert not place.is_current("serve")


OTHER = '{"python": "cpython-27", "locks": {"serve": "1"}}'


@pytest.mark.parametrize("text", ["", "{", "[]", '{"python": 1}', '{"locks": {}}', OTHER])
def test_a_stamp_that_is_unreadable_or_of_another_python_counts_as_none(place, text):
    place.stamp_file.write_text(text)
    assert place.read_installed_locks() == {}


def test_the_tests_packages_serve_the_site_too(place, monkeypatch):
    monkeypatch.setattr(place, "create", lambda: None)
    monkeypatch.setattr(place, "install", lambda name, options: None)
    place.ensure_installed("test")
    assert place.is_current("serve")
    assert place.is_current("test")


def test_an_interrupted_installation_leaves_no_stamp(place, monkeypatch):
    def interrupted(name, options):
        raise KeyboardInterrupt

    stamp(place, "serve")
    monkeypatch.setattr(place, "is_working", lambda name: True)
    monkeypatch.setattr(place, "install", interrupted)
    with pytest.raises(KeyboardInterrupt):
        place.ensure_installed("test")
    assert not place.stamp_file.exists()


@pytest.mark.parametrize(
    ("held", "expected"), [(["serve"], ["test"]), ([], ["new", "test"]), (["x"], ["new", "test"])]
)
def test_what_is_sound_is_added_to_and_anything_else_is_made_anew(
    place, monkeypatch, held, expected
):
    made = []
    stamp(place, *held)
    place.lock_file("x").write_text("changed since")
    monkeypatch.setattr(place, "is_working", lambda name: True)
    monkeypatch.setattr(place, "create", lambda: made.append("new"))
    monkeypatch.setattr(place, "install", lambda name, options: made.append(name))
    place.ensure_installed("test")
    assert made == expected


def test_two_commands_do_not_set_up_one_folder_at_once(place):
    code = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], 0), fcntl.LOCK_EX | 4)"
    attempt = [sys.executable, "-c", code, place.root]
    with place.exclusive_lock():
        assert subprocess.run(attempt, capture_output=True).returncode != 0
    assert subprocess.run(attempt, capture_output=True).returncode == 0


def test_progress_counts_only_the_packages_of_this_system():
    shown = io.StringIO()
    progress = virtualenv.InstallProgress(3, shown)
    for line in ("Ignoring tzdata: markers", "Collecting django==5.2", "Processing /x/a_b-1.whl"):
        progress.read_line(line)
    assert shown.getvalue() == "  1 of 2: django\n  2 of 2: a_b\n"


def test_a_program_does_not_outlive_the_command_that_started_it():
    with virtualenv.run_process([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        assert process.poll() is None
    assert process.returncode is not None


def programs(folder):
    folder.mkdir(parents=True)
    for name in postgresql.PROGRAMS:
        (folder / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 9.6.1 (Debian)'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def open_folder(tmp_path, monkeypatch):
    """A folder that the server's user may enter, on a machine with nothing in its PATH."""
    monkeypatch.setattr(postgresql.shutil, "which", lambda name: None)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o001 == 0:
            monkeypatch.setattr(postgresql, "get_server_user", dict)
    return tmp_path


def test_the_newest_postgresql_of_several_is_proposed_first(open_folder):
    for number in ("9.6", "15", "16"):
        programs(open_folder / "usr/lib/postgresql" / number / "bin")
    found = list(postgresql.iter_program_folders(open_folder))
    assert [folder.parent.name for folder in found] == ["16", "15", "9.6"]
    assert postgresql.get_version(found[0]) == "9.6.1"


@pytest.mark.parametrize("spoilt", postgresql.PROGRAMS)
def test_programs_of_which_one_is_missing_are_no_postgresql(open_folder, spoilt):
    folder = programs(open_folder / "bin")
    (folder / spoilt).unlink()
    assert postgresql.get_version(folder) == ""


def test_the_tests_see_nothing_that_an_operator_has_set(monkeypatch):
    for name in ("DATABASE_URL", "SECRET_KEY", "PGHOST", "COMMUNITY_OTHER"):
        monkeypatch.setenv(name, "set")
    assert "set" not in test_command.build_environ().values()
    assert test_command.build_environ()["COMMUNITY_LOCAL"] == "1"


def test_every_variable_that_the_settings_read_is_hidden_from_the_tests():
    text = "".join(path.read_text("utf-8") for path in (ROOT / "community").glob("*.py"))
    read = set(re.findall(r'\bget_(?:bool|int|list|text)\(\s*"([A-Z_]+)"', text))
    assert read
    assert {
        name for name in read if not name.startswith("COMMUNITY_")
    } <= test_command.OPERATOR_VARIABLES


def test_browser_tests_get_the_options_but_no_other_tests():
    chosen = test_command.browser_arguments(
        ["-x", "tests/community/cli/test_commands.py", "-k", "page"]
    )
    assert chosen == ["tests/browser", "-x", "-k", "page"]


@pytest.mark.parametrize(
    ("codes", "ended"), [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([0, 5], 0), ([5, 5], 1)]
)
def test_one_failed_run_fails_the_whole(codes, ended):
    assert test_command.print_summary([("SQLite 3", code, 1.0) for code in codes]) == ended


def test_the_summary_names_engine_outcome_and_time(capsys):
    test_command.print_summary([("SQLite 3.40.1", 0, 41.3), ("PostgreSQL 15.18", 1, 60.2)])
    assert capsys.readouterr().out.split("\n")[1:3] == [
        "SQLite 3.40.1: passed in 41 s",
        "PostgreSQL 15.18: FAILED in 60 s",
    ]


def test_a_browser_that_is_missing_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setattr(test_command.shutil, "which", lambda name: None)
    with pytest.raises(virtualenv.SetupError, match="apt install chromium"):
        test_command.find_browser()
