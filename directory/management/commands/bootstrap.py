"""`manage.py bootstrap`: migrations, fixtures, groups, first account, static files; idempotent."""

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

# Key of the PostgreSQL advisory lock: any number that no other program locks.
ADVISORY_LOCK_ID = 6528002023

# Part of a database error, its meaning, what to do: the first entry that matches is used.
UNREACHABLE = ("No database server answers at {where}", "start it, or correct DATABASE_URL,")
POSTGRESQL_ERRORS = (
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
    ("onnection refused", *UNREACHABLE),
    ("timeout expired", *UNREACHABLE),
    ("No route to host", *UNREACHABLE),
    ("unreachable", *UNREACHABLE),
    ("No such file or directory", *UNREACHABLE),
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
SQLITE_ERRORS = (
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


def explain_database_error(error: Exception) -> str:
    """Explain a database error in one sentence with advice, without the password."""
    database = connection.settings_dict
    port = f":{database['PORT']}" if database.get("PORT") else ""
    values = {**database, "where": f"{database.get('HOST') or 'this computer'}{port}"}
    message = str(error)
    if connection.vendor == "sqlite" and "unable to open" in message:
        return explain_unopened_file(Path(database["NAME"]))
    for sign, meaning, advice in (
        SQLITE_ERRORS if connection.vendor == "sqlite" else POSTGRESQL_ERRORS
    ):
        if sign.format(**values) in message:
            return f"{meaning}: {advice} and start again.".format(**values)
    first_line = (message.strip().splitlines() or [type(error).__name__])[0]
    if database.get("PASSWORD"):
        first_line = first_line.replace(database["PASSWORD"], "…")
    return (
        f"The database refused ({first_line}): mend that, or correct DATABASE_URL, and start again."
    )


def explain_unopened_file(path: Path) -> str:
    """Explain why SQLite could not open a file."""
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


def iter_static_files() -> Iterator[tuple[str, Path]]:
    """Yield relative and full path of every file that collectstatic copies."""
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            yield path, Path(storage.path(path))


def compute_static_fingerprint() -> str:
    """Hash of names, sizes and times of the static files, and of what collects them."""
    lines = sorted(
        f"{path} {stat.st_size} {stat.st_mtime_ns}"
        for path, source in iter_static_files()
        for stat in [source.stat()]
    )
    collector = (
        django.__version__,
        settings.STORAGES["staticfiles"]["BACKEND"],
        settings.STATIC_ROOT,
    )
    return hashlib.sha256("\n".join([*map(str, collector), *lines]).encode()).hexdigest()


def delete_stale_copies(root: Path) -> None:
    """Delete copies with other content: collectstatic compares times only, by whole seconds."""
    for path, source in iter_static_files():
        if (root / path).is_file() and not filecmp.cmp(source, root / path, shallow=False):
            (root / path).unlink()


class Command(BaseCommand):
    help = "Bring database, fixtures, static files and the first account up to date."
    # For a quick start; `manage.py check` runs them.
    requires_system_checks = []

    def execute(self, *args, **options):
        """Run as Django does, but print an error as one plain sentence."""
        try:
            return super().execute(*args, **options)
        except CommandError as error:
            if self._called_from_command_line:
                sys.exit(str(error))
            raise

    def handle(self, *args, **options):
        try:
            with machine_lock():
                self.check_database()
                with database_lock():
                    self.migrate()
                    self.load_fixtures()
                    self.update_groups()
                    self.create_first_administrator()
                self.collect_static()
        except (Error, UnicodeError) as error:
            raise CommandError(explain_database_error(error)) from error
        except OSError as error:
            place = f" ({error.filename})" if error.filename else ""
            raise CommandError(
                f"A file could not be written{place}: {error.strerror or error}; "
                "mend that and start again."
            ) from error

    def check_database(self) -> None:
        """Raise an error if the database cannot be reached or written."""
        connection.ensure_connection()
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SHOW transaction_read_only")
                if cursor.fetchone() == ("on",):
                    raise Error("read-only")

    def migrate(self) -> None:
        """Apply migrations, if any are missing."""
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", verbosity=0, interactive=False)
            self.stdout.write(f"Database: {len(plan)} migrations applied.")
        if plan and not Finding.objects.exists():
            quality_issues.rebuild()  # for rows that are older than the table of issues

    def load_fixtures(self) -> None:
        """Load the fixtures into an empty directory."""
        if seed_fixtures.is_directory_empty():
            call_command("load_fixtures", stdout=self.stdout)

    def update_groups(self) -> None:
        """Bring the permissions of the standard groups up to date."""
        with transaction.atomic():
            changed = groups.sync_groups()
        if changed:
            self.stdout.write(f"Groups: {', '.join(changed)} brought up to date.")

    def create_first_administrator(self) -> None:
        """Create an administrator if there is none; the password is printed before the commit."""
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
        """Run collectstatic if a static file has changed since the last time."""
        stamp_file, fingerprint = settings.VAR_DIR / "static.stamp", compute_static_fingerprint()
        root = Path(settings.STATIC_ROOT)
        if root.is_dir() and stamp_file.is_file() and stamp_file.read_text() == fingerprint:
            return
        stamp_file.unlink(missing_ok=True)
        delete_stale_copies(root)
        try:
            call_command("collectstatic", verbosity=0, interactive=False)
        except ValueError as error:
            raise CommandError(f"The static files do not fit together: {error}") from error
        stamp_file.write_text(fingerprint)
        self.stdout.write("Static files: collected.")


@contextmanager
def machine_lock() -> Iterator[None]:
    """Context manager: one process at a time on this machine, by a lock on the folder var/."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    folder = os.open(settings.VAR_DIR, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def database_lock() -> Iterator[None]:
    """Context manager: one process at a time on any machine, by PostgreSQL's advisory lock."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK_ID])
        try:
            yield
        finally:
            # A broken connection has released it already.
            with suppress(Error):
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK_ID])
