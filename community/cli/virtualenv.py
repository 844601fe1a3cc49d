"""Make .venv from hashed locks, and run programs that are ended when this one ends."""

import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MIN_FREE_BYTES = 20_000_000

# test.txt holds every line of serve.txt (tests/community/test_locks.py), so it installs both.
INSTALLS = {
    "serve": ["serve"],
    "test": ["serve", "test"],
    "lint": ["lint"],
    "postgresql": ["postgresql"],
}
IMPORT_CHECKS = {
    "serve": "import django, gunicorn, psycopg",
    "test": "import django, gunicorn, pytest",
    "lint": "import importlinter, mypy",
}

# The lines in which pip names a package: from an index, installed already, or a wheel in a folder.
PACKAGE_LINE = re.compile(
    r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)|Processing (?:\S*/)?([^\s/-]+)"
)


class SetupError(Exception):
    """A known failure, explained in one sentence for the person at the terminal."""


def explain_os_error(error):
    """Explain an OSError in one sentence."""
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{place}: free some space and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"This folder may not be written{place}: start from a folder that is yours."
    return f"The system refused{place}: {error.strerror or error}; mend that and start again."


def clean_environ(**changes):
    """The user's environment without variables that would lead Python to other code or settings."""
    left_out = ("PYTHONPATH", "PYTHONHOME", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV")
    return {key: value for key, value in os.environ.items() if key not in left_out} | changes


@contextlib.contextmanager
def run_process(command, end=signal.SIGTERM, patience=10, **options):
    """Context manager: a running program in its own process group, ended on exit."""
    options = {"cwd": ROOT, "env": clean_environ(), "stdin": subprocess.DEVNULL} | options
    process = subprocess.Popen([str(word) for word in command], start_new_session=True, **options)
    try:
        yield process
    finally:
        stop_process(process, end, patience)


def stop_process(process, end, patience):
    """Send the signal `end`, wait `patience` seconds, then kill the process group."""
    # A second Ctrl-C must not leave half of the programs running.
    handlers = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)
    }
    if process.poll() is None:
        process.send_signal(end)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
    for signum, handler in handlers.items():
        signal.signal(signum, handler)


def capture_output(command, **options):
    """Run a short program; return what it printed and whether it exited with 0."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with run_process(command, errors="replace", **pipes, **options) as process:
        printed = process.stdout.read()
        process.wait()
    return printed.strip(), process.returncode == 0


class InstallProgress:
    """Shows pip's output as a counter: one updated line on a terminal, else a line per package."""

    def __init__(self, total, stream=None):
        self.total, self.count, self.stream = total, 0, stream or sys.stdout

    def read_line(self, line):
        """Count and show the package that a line of pip's output names."""
        words = line.split()
        if line.startswith("Ignoring "):
            self.total -= 1
        elif match := PACKAGE_LINE.match(line):
            self.count += 1
            self.show(f"{self.count} of {self.total}: {match[1] or match[2]}")
        elif line.startswith("Installing collected packages"):
            self.show(f"unpacking {len(words) - 3} packages")
        elif "Retrying (" in line:
            self.show("the package index does not answer; pip tries again")

    def show(self, text):
        start, end = ("\r\033[K", "") if self.stream.isatty() else ("", "\n")
        self.stream.write(f"{start}  {text}{end}")
        self.stream.flush()

    def close(self):
        if self.stream.isatty():
            self.stream.write("\r\033[K")


class VirtualEnvironment:
    """The .venv of a project folder, with a stamp file that records which locks are installed."""

    def __init__(self, root=ROOT):
        self.root, self.folder = root, root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp_file, self.log_file = self.folder / "installed.json", self.folder / "install.log"

    def lock_file(self, name):
        """Path of a lock in requirements/."""
        return self.root / "requirements" / f"{name}.txt"

    def lock_digest(self, name):
        """SHA-256 of a lock."""
        return hashlib.sha256(self.lock_file(name).read_bytes()).hexdigest()

    def read_installed_locks(self):
        """Names and digests of the locks in the stamp; empty if another Python made it."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            stamp = json.loads(self.stamp_file.read_text())
            if stamp["python"] == sys.implementation.cache_tag:
                return dict(stamp["locks"])
        return {}

    def is_current(self, name):
        """Whether the lock is installed as it is now."""
        return self.read_installed_locks().get(name) == self.lock_digest(name)

    def is_working(self, name):
        """Whether the main packages of a lock can be imported."""
        probe = [self.python, "-I", "-c", IMPORT_CHECKS.get(name, "pass")]
        return self.python.exists() and capture_output(probe, cwd=self.root)[1]

    def is_extendable(self):
        """Whether another lock may be added: all that is installed is current."""
        locks = self.read_installed_locks()
        return bool(locks) and all(map(self.is_current, locks)) and self.is_working("serve")

    @contextlib.contextmanager
    def exclusive_lock(self):
        """Context manager: one command at a time; the lock is on the folder, so no file is left."""
        handle = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another command is setting up this folder; waiting for it to finish.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            pass  # Some network file systems have no locks.
        try:
            yield
        finally:
            os.close(handle)

    def ensure_installed(self, name, target=None):
        """Install the packages of a lock unless they are, and print the progress."""
        if self.is_current(name) and self.is_working(name):
            return
        if not os.access(self.root, os.W_OK):
            raise SetupError(
                f"The folder {self.root} may not be written, so .venv cannot be made in it: "
                "copy the project to a folder of yours and start there."
            )
        locks = self.read_installed_locks() if self.is_extendable() else {}
        if not locks:
            self.create()
        # Written last: after an interrupted installation the next start repairs it.
        self.stamp_file.unlink(missing_ok=True)
        self.install(name, ["--target", target] if target else [])
        locks |= {each: self.lock_digest(each) for each in INSTALLS[name]}
        stamp = {"python": sys.implementation.cache_tag, "locks": locks}
        self.stamp_file.write_text(json.dumps(stamp, indent=1) + "\n")

    def create(self):
        """Make .venv anew, without packages; SetupError if that fails."""
        for module in ("venv", "ensurepip"):
            spec = importlib.util.find_spec(module)
            if spec is None or spec.origin is None:
                raise SetupError(explain_missing_module(module))
        if self.folder.is_symlink():
            raise SetupError(
                f"{self.folder} is a link, and making it anew would empty what it points to: "
                "remove the link and start again."
            )
        print(f"Making .venv with Python {sys.version.split()[0]}")
        printed, succeeded = capture_output(
            [sys.executable, "-m", "venv", "--clear", self.folder], cwd=self.root
        )
        if not succeeded:
            raise SetupError(self.explain_create_failure(printed))

    def explain_create_failure(self, printed):
        """One sentence for what `python -m venv` printed."""
        if "ensurepip is not available" in printed:
            return explain_missing_module("ensurepip")
        if shutil.disk_usage(self.root).free < MIN_FREE_BYTES or "No space left" in printed:
            return f"The disk of {self.root} is full: free some space and start again."
        last = printed.splitlines()[-1] if printed else "no reason given"
        return f".venv could not be made ({last}): remove {self.folder} and start again."

    def install(self, name, options):
        """Run pip with a lock and show its progress; SetupError if it fails."""
        lock = self.lock_file(name)
        total = len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE))
        print(f"Installing the packages of {lock.relative_to(self.root)}")
        command = [self.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        command += ["--progress-bar", "off", "--require-hashes", "--no-deps", *options, "-r", lock]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        progress = InstallProgress(total)
        with (
            self.log_file.open("w", encoding="utf-8") as log,
            # On SIGINT pip removes its temporary folders; on SIGTERM it does not.
            run_process(
                command, signal.SIGINT, cwd=self.root, errors="replace", **pipes
            ) as process,
        ):
            for line in process.stdout:
                log.write(line)
                progress.read_line(line)
            progress.close()
            process.wait()
        if process.returncode:
            raise SetupError(self.explain_install_failure())

    def explain_install_failure(self):
        """One sentence for what pip wrote into the log."""
        log = self.log_file.read_text(encoding="utf-8")
        if shutil.disk_usage(self.root).free < MIN_FREE_BYTES or "No space left" in log:
            return f"The disk of {self.root} is full: free some space and start again."
        if "DO NOT MATCH THE HASHES" in log:
            return (
                "A downloaded package is not the one this project was tested with (its hash "
                f"differs), so nothing was installed: see {self.log_file}, and start again."
            )
        if "Retrying (" in log:
            return (
                "The package index could not be reached: check the network or pip's settings "
                f"and start again ({self.log_file} has the details)."
            )
        errors = [line for line in log.splitlines() if line.startswith("ERROR: ")]
        last = (errors or log.splitlines() or ["it said nothing"])[-1].removeprefix("ERROR: ")
        return f"pip could not install the packages ({last}): see {self.log_file}, and start again."


def explain_missing_module(module):
    """One sentence for a Python without venv or ensurepip, as in Debian's python3."""
    return (
        f"This Python lacks its module {module}: "
        "install it with `apt install python3-venv` (or your system's package) and start again."
    )
