"""`python3 -m community lint`: style, formatting, import layers, types, templates, style sheets.

Each check is a tool with its settings in pyproject.toml or package.json; none writes a file.
"""

import shutil
import subprocess

from community.cli.virtualenv import (
    ROOT,
    SetupError,
    VirtualEnvironment,
    clean_environ,
    run_process,
)

PRETTIER = ROOT / "node_modules" / ".bin" / "prettier"
PRETTIER_FILES = ("static/**/*.css", "static/**/*.js")


def run_checks():
    """Run every check and print a line for each; the exit code is 0 only if all passed."""
    venv = VirtualEnvironment()
    with venv.exclusive_lock():
        venv.ensure_installed("test")
        venv.ensure_installed("lint")
        install_prettier()
    results = [
        (title, run_check(title, command)) for title, command in list_checks(venv.folder / "bin")
    ]
    print()
    for title, code in results:
        print(f"{title}: {'FAILED' if code else 'passed'}")
    return int(any(code for _, code in results))


def list_checks(programs):
    """Title and command of each check; `programs` is the folder of .venv's programs."""
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    return [
        ("ruff", [programs / "ruff", "check", "."]),
        ("ruff format", [programs / "ruff", "format", "--check", "."]),
        ("import-linter", [programs / "lint-imports"]),
        ("mypy", [programs / "mypy"]),
        ("djade", [programs / "djade", "--check", "--target-version", "5.2", *templates]),
        ("djhtml", [programs / "djhtml", "--check", "--tabwidth", "2", *templates]),
        ("prettier", [PRETTIER, "--check", *PRETTIER_FILES]),
    ]


def run_check(title, command):
    """Run one check in the project folder and return its exit code."""
    print(f"\n== {title} ==", flush=True)
    with run_process(command, env=clean_environ(COMMUNITY_LOCAL="1")) as process:
        process.wait()
    return process.returncode


def install_prettier():
    """Have npm install what package-lock.json names, unless it is there."""
    if PRETTIER.exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SetupError(
            "prettier, which checks style sheets and scripts, needs npm: "
            "install it (apt install npm) and start again."
        )
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    with run_process(command, stdout=subprocess.DEVNULL) as process:
        process.wait()
    if process.returncode:
        raise SetupError("npm could not install prettier: run `npm ci` to see why.")
