"""The locks hold what the project asks for, by hash and by nothing else."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from community.cli.virtualenv import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED = {
    "serve": PROJECT["project"]["dependencies"],
    "test": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"],
    "lint": PROJECT["dependency-groups"]["lint"],
    "postgresql": PROJECT["dependency-groups"]["postgresql"],
}


def text(lock):
    return (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")


def entries(lock):
    """Each locked package: its line of name, version and marker, without the hashes."""
    joined = text(lock).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def pins(lock):
    found = [Requirement(re.sub(r"\s--hash=\S+", "", line)) for line in entries(lock)]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in found}


@pytest.mark.parametrize(
    ("lock", "asked"), [(lock, asked) for lock in ASKED for asked in ASKED[lock]]
)
def test_what_the_project_asks_for_is_locked_at_a_version_it_accepts(lock, asked):
    requirement = Requirement(asked)
    locked = pins(lock)[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(locked)


@pytest.mark.parametrize("lock", ASKED)
def test_every_locked_package_has_one_version_and_a_hash(lock):
    form = re.compile(r"[\w.-]+==[\w.]+\s+(;[^;]+?)?(\s*--hash=sha256:[0-9a-f]{64})+\s*")
    assert [line for line in entries(lock) if not form.fullmatch(line)] == []
    assert len(pins(lock)) == len(entries(lock))


@pytest.mark.parametrize("lock", ASKED)
def test_no_lock_names_an_address(lock):
    assert "://" not in text(lock)


def test_the_tests_run_on_the_very_packages_that_serve():
    assert set(entries("serve")) <= set(entries("test"))


def test_the_folder_of_locks_holds_nothing_else():
    assert {path.stem for path in (ROOT / "requirements").iterdir()} == set(ASKED)
