"""`manage.py bootstrap`: what a server needs before it starts, done only where it is missing."""

import fcntl
import filecmp
import hashlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from directory.models import Finding
from directory.permissions import groups
from directory.quality import issues as quality_issues
from directory.seed import fixtures as seed_fixtures

# Keeps two starts on different machines apart: any number that nobody else locks.
LOCK = 6528002023

# What an engine says when it refuses, what that means, and what to do; the first that fits is told.
AWAY = ("No database server answers at {where}", "start it, or correct DATABASE_URL,")
POSTGRESQL = (
    (
        "password authentication failed",
        "The database server refused the user “{USER}” with this password",
        "correct DATABASE_URL",
    ),
    (
        "no password supplied",
        "The database server wants a password for the user “{USER}”",
        "write it into DATABASE_URL",
    ),
    (
        'role "{USER}" does not exist',
        "The database server knows no user “{USER}”",
        "make that user, or correct DATABASE_URL,",
    ),
    (
        'database "{NAME}" does not exist',
        "There is no database “{NAME}” on the server at {where}",
        "make it (createdb {NAME}), or correct DATABASE_URL,",
    ),
    ("resolve host", "There is no computer named “{HOST}”", "correct DATABASE_URL"),
    ("translate host name", "There is no computer named “{HOST}”", "correct DATABASE_URL"),
    ("onnection refused", *AWAY),
    ("timeout expired", *AWAY),
    ("No route to host", *AWAY),
    ("unreachable", *AWAY),
    ("No such file or directory", *AWAY),
    (
        "read-only",
        "The database “{NAME}” at {where} can only be read",
        "connect to the one written",
    ),
    (
        "permission denied",
        "The user “{USER}” may not make tables in the database “{NAME}”",
        "make that user its owner, or correct DATABASE_URL,",
    ),
)
SQLITE = (
    ("not a database", "The file {NAME} is not an SQLite database", "correct DATABASE_URL"),
    ("malformed", "The SQLite database {NAME} is damaged", "put back a backup"),
    (
        "readonly",
        "The SQLite database {NAME} or its folder may not be written",
        "make both writable",
    ),
    ("locked", "The SQLite database {NAME} is held by another program", "stop that program"),
    ("full", "The disk of the SQLite database {NAME} is full", "make room"),
)


def sentence(error: Exception) -> str:
    """What the database's refusal means and what to do, without a password."""
    known = connection.settings_dict
    port = f":{known['PORT']}" if known.get("PORT") else ""
    words = {**known, "where": f"{known.get('HOST') or 'this computer'}{port}"}
    said = str(error)
    if connection.vendor == "sqlite" and "unable to open" in said:
        return not_opened(Path(known["NAME"]))
    for sign, meaning, advice in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
        if sign.format(**words) in said:
            return f"{meaning}: {advice} and start again.".format(**words)
    first = (said.strip().splitlines() or [type(error).__name__])[0]
    if known.get("PASSWORD"):
        first = first.replace(known["PASSWORD"], "…")
    return f"The database refused ({first}): mend that, or correct DATABASE_URL, and start again."


def not_opened(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a folder, not an SQLite database: correct DATABASE_URL and start again."
    if not path.parent.is_dir():
        return (
            f"The folder {path.parent} for the SQLite database does not exist: "
            "make it, or correct DATABASE_URL, and start again."
        )
    return (
        f"The SQLite database {path} may not be read or written: "
        "make it and its folder writable and start again."
    )


def static_sources() -> Iterator[tuple[str, Path]]:
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            yield path, Path(storage.path(path))


def stamp() -> str:
    """What the static files are collected from: names, sizes and days, and by what."""
    lines = sorted(
        f"{path} {stat.st_size} {stat.st_mtime_ns}"
        for path, source in static_sources()
        for stat in [source.stat()]
    )
    how = (django.__version__, settings.STORAGES["staticfiles"]["BACKEND"], settings.STATIC_ROOT)
    return hashlib.sha256("\n".join([*map(str, how), *lines]).encode()).hexdigest()


def drop_stale(root: Path) -> None:
    """Django keeps a copy that is not older by whole seconds, whatever is in it."""
    for path, source in static_sources():
        if (root / path).is_file() and not filecmp.cmp(source, root / path, shallow=False):
            (root / path).unlink()


class Command(BaseCommand):
    help = "Bring database, fixtures, static files and the first account up to date."
    # A start is quick, and `manage.py check` is there for who wants them.
    requires_system_checks = []

    def execute(self, *args, **options):
        """As Django does, but a refusal is one plain sentence."""
        try:
            return super().execute(*args, **options)
        except CommandError as error:
            if self._called_from_command_line:
                sys.exit(str(error))
            raise

    def handle(self, *args, **options):
        try:
            with alone_here():
                self.check_database()
                with alone_in_database():
                    self.migrate()
                    self.load_fixtures()
                    self.groups()
                    self.first_account()
                self.collect_static()
        except (Error, UnicodeError) as error:
            raise CommandError(sentence(error)) from error
        except OSError as error:
            place = f" ({error.filename})" if error.filename else ""
            raise CommandError(
                f"A file could not be written{place}: {error.strerror or error}; "
                "mend that and start again."
            ) from error

    def check_database(self) -> None:
        """Fail here, with the reason, if the database cannot be reached or written."""
        connection.ensure_connection()
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SHOW transaction_read_only")
                if cursor.fetchone() == ("on",):
                    raise Error("read-only")

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", verbosity=0, interactive=False)
            self.stdout.write(f"Database: {len(plan)} migrations applied.")
        if plan and not Finding.objects.exists():
            quality_issues.rebuild()  # of what was entered before there were findings

    def load_fixtures(self) -> None:
        if seed_fixtures.is_empty():
            call_command("load_fixtures", stdout=self.stdout)

    def groups(self) -> None:
        with transaction.atomic():
            changed = groups.prepare()
        if changed:
            self.stdout.write(f"Groups: {', '.join(changed)} brought up to date.")

    def first_account(self) -> None:
        """An administrator, if there is none; the password is shown before it is kept."""
        users = get_user_model()._default_manager
        if users.filter(is_superuser=True).exists():
            return
        names = (f"admin{number or ''}" for number in count())
        name = next(name for name in names if not users.filter(username=name).exists())
        password = secrets.token_urlsafe(12)
        with transaction.atomic():
            users.create_superuser(name, password=password)
            self.stdout.write(
                "The first administrator, shown only this once:\n"
                f"  name      {name}\n"
                f"  password  {password}\n"
                f"Another one is set with `manage.py changepassword {name}`."
            )
            self.stdout.flush()

    def collect_static(self) -> None:
        kept, fresh = settings.VAR_DIR / "static.stamp", stamp()
        root = Path(settings.STATIC_ROOT)
        if root.is_dir() and kept.is_file() and kept.read_text() == fresh:
            return
        kept.unlink(missing_ok=True)
        drop_stale(root)
        try:
            call_command("collectstatic", verbosity=0, interactive=False)
        except ValueError as error:
            raise CommandError(f"The static files do not fit together: {error}") from error
        kept.write_text(fresh)
        self.stdout.write("Static files: collected.")


@contextmanager
def alone_here() -> Iterator[None]:
    """One start at a time on this machine: the folder itself is the lock."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    folder = os.open(settings.VAR_DIR, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def alone_in_database() -> Iterator[None]:
    """One start at a time on any machine, where the engine knows locks of this sort."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            # A broken connection has let go of it already.
            with suppress(Error):
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
