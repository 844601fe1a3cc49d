"""The workshop: makes .venv from a hashed lock, once, and runs programs that end when we end."""

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
FULL = 20_000_000

# test.txt holds every line of serve.txt (tests/community/test_locks.py), so it installs both.
INSTALLS = {
    "serve": ["serve"],
    "test": ["serve", "test"],
    "lint": ["lint"],
    "postgresql": ["postgresql"],
}
PROBES = {
    "serve": "import django, gunicorn, psycopg",
    "test": "import django, gunicorn, pytest",
    "lint": "import importlinter, mypy",
}

# How pip names a package: from an index or there already, or a wheel in a folder.
FOUND = re.compile(
    r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)|Processing (?:\S*/)?([^\s/-]+)"
)


class SetupError(Exception):
    """A known failure, told in one plain sentence."""


def explain(error):
    """An OSError as one plain sentence."""
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{place}: free some space and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"This folder may not be written{place}: start from a folder that is yours."
    return f"The system refused{place}: {error.strerror or error}; mend that and start again."


def environ(**changes):
    """The user's environment without what would lead our Python to other code or settings."""
    left_out = ("PYTHONPATH", "PYTHONHOME", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV")
    return {key: value for key, value in os.environ.items() if key not in left_out} | changes


@contextlib.contextmanager
def child(command, end=signal.SIGTERM, patience=10, **options):
    """A running program, in a group of its own, that is ended when this block is left."""
    options = {"cwd": ROOT, "env": environ(), "stdin": subprocess.DEVNULL} | options
    process = subprocess.Popen([str(word) for word in command], start_new_session=True, **options)
    try:
        yield process
    finally:
        stop(process, end, patience)


def stop(process, end, patience):
    # A second Ctrl-C must not leave half of the programs running.
    held = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
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
    for one, handler in held.items():
        signal.signal(one, handler)


def output(command, **options):
    """What a short program printed, and whether it ended well."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with child(command, errors="replace", **pipes, **options) as process:
        printed = process.stdout.read()
        process.wait()
    return printed.strip(), process.returncode == 0


class Progress:
    """pip's output as a counter: one line kept up to date on a terminal, else a line a package."""

    def __init__(self, total, stream=None):
        self.total, self.count, self.stream = total, 0, stream or sys.stdout

    def read(self, line):
        words = line.split()
        if line.startswith("Ignoring "):
            self.total -= 1
        elif found := FOUND.match(line):
            self.count += 1
            self.show(f"{self.count} of {self.total}: {found[1] or found[2]}")
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


class Environment:
    """The .venv of a project folder, and the stamp that says which locks it holds."""

    def __init__(self, root=ROOT):
        self.root, self.folder = root, root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp, self.log = self.folder / "installed.json", self.folder / "install.log"

    def lock(self, name):
        return self.root / "requirements" / f"{name}.txt"

    def digest(self, name):
        return hashlib.sha256(self.lock(name).read_bytes()).hexdigest()

    def installed(self):
        """Lock names and digests in the stamp; nothing if another Python made it."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            stamp = json.loads(self.stamp.read_text())
            if stamp["python"] == sys.implementation.cache_tag:
                return dict(stamp["locks"])
        return {}

    def holds(self, name):
        return self.installed().get(name) == self.digest(name)

    def works(self, name):
        probe = [self.python, "-I", "-c", PROBES.get(name, "pass")]
        return self.python.exists() and output(probe, cwd=self.root)[1]

    def sound(self):
        """Whether a further lock may be added: all that is in it is known and current."""
        held = self.installed()
        return bool(held) and all(map(self.holds, held)) and self.works("serve")

    @contextlib.contextmanager
    def alone(self):
        """One command at a time: the folder itself is the lock, so no file is left behind."""
        handle = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another command is setting up this folder; waiting for it to finish.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            pass  # Some network folders know no locks.
        try:
            yield
        finally:
            os.close(handle)

    def ensure(self, name, target=None):
        """Have the packages of a lock installed, and say what is happening while they are not."""
        if self.holds(name) and self.works(name):
            return
        if not os.access(self.root, os.W_OK):
            raise SetupError(
                f"The folder {self.root} may not be written, so .venv cannot be made in it: "
                "copy the project to a folder of yours and start there."
            )
        kept = self.installed() if self.sound() else {}
        if not kept:
            self.create()
        # Written last: whatever interrupts the installation, the next start repairs it.
        self.stamp.unlink(missing_ok=True)
        self.install(name, ["--target", target] if target else [])
        held = kept | {each: self.digest(each) for each in INSTALLS[name]}
        stamp = {"python": sys.implementation.cache_tag, "locks": held}
        self.stamp.write_text(json.dumps(stamp, indent=1) + "\n")

    def create(self):
        for module in ("venv", "ensurepip"):
            spec = importlib.util.find_spec(module)
            if spec is None or spec.origin is None:
                raise SetupError(without_venv(module))
        if self.folder.is_symlink():
            raise SetupError(
                f"{self.folder} is a link, and making it anew would empty what it points to: "
                "remove the link and start again."
            )
        print(f"Making .venv with Python {sys.version.split()[0]}")
        printed, well = output(
            [sys.executable, "-m", "venv", "--clear", self.folder], cwd=self.root
        )
        if not well:
            raise SetupError(self.why_no_venv(printed))

    def why_no_venv(self, printed):
        if "ensurepip is not available" in printed:
            return without_venv("ensurepip")
        if shutil.disk_usage(self.root).free < FULL or "No space left" in printed:
            return f"The disk of {self.root} is full: free some space and start again."
        last = printed.splitlines()[-1] if printed else "no reason given"
        return f".venv could not be made ({last}): remove {self.folder} and start again."

    def install(self, name, options):
        lock = self.lock(name)
        total = len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE))
        print(f"Installing the packages of {lock.relative_to(self.root)}")
        command = [self.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        command += ["--progress-bar", "off", "--require-hashes", "--no-deps", *options, "-r", lock]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        progress = Progress(total)
        with (
            self.log.open("w", encoding="utf-8") as log,
            # Interrupted, pip removes its temporary folders; terminated, it leaves them.
            child(command, signal.SIGINT, cwd=self.root, errors="replace", **pipes) as process,
        ):
            for line in process.stdout:
                log.write(line)
                progress.read(line)
            progress.close()
            process.wait()
        if process.returncode:
            raise SetupError(self.why_not_installed())

    def why_not_installed(self):
        said = self.log.read_text(encoding="utf-8")
        if shutil.disk_usage(self.root).free < FULL or "No space left" in said:
            return f"The disk of {self.root} is full: free some space and start again."
        if "DO NOT MATCH THE HASHES" in said:
            return (
                "A downloaded package is not the one this project was tested with (its hash "
                f"differs), so nothing was installed: see {self.log}, and start again."
            )
        if "Retrying (" in said:
            return (
                "The package index could not be reached: check the network or pip's settings "
                f"and start again ({self.log} has the details)."
            )
        errors = [line for line in said.splitlines() if line.startswith("ERROR: ")]
        last = (errors or said.splitlines() or ["it said nothing"])[-1].removeprefix("ERROR: ")
        return f"pip could not install the packages ({last}): see {self.log}, and start again."


def without_venv(module):
    return (
        f"This Python lacks its module {module}: "
        "install it with `apt install python3-venv` (or your system's package) and start again."
    )
