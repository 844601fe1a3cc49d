"""Settings from environment variables; ImproperlyConfigured, in a sentence, if one is wrong."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

TRUE_VALUES = {"1", "true", "yes", "on"}
FALSE_VALUES = {"", "0", "false", "no", "off"}


def get_bool(name: str, default: bool = False) -> bool:
    """A boolean variable: 1, true, yes, on, or 0, false, no, off."""
    value = os.environ.get(name, "1" if default else "").strip().lower()
    if value in TRUE_VALUES:
        return True
    if value in FALSE_VALUES:
        return False
    raise ImproperlyConfigured(f"{name} is “{value}”; write 1 for yes or 0 for no.")


def get_int(name: str, default: int, least: int = 0, most: int = 10**9) -> int:
    """A whole number within a range."""
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise ImproperlyConfigured(
            f"{name} is “{value}”; write a whole number from {least} to {most}."
        )
    return int(value)


def get_list(name: str) -> list[str]:
    """The non-empty parts of a comma-separated value."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def get_text(name: str) -> str:
    """The stripped value; empty if it is not set."""
    return os.environ.get(name, "").strip()


def get_allowed_hosts(local: bool) -> list[str]:
    """ALLOWED_HOSTS, which may be missing only in local mode."""
    hosts = get_list("ALLOWED_HOSTS")
    if local:
        return hosts or ["*"]
    if not hosts:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS is not set; write the host names that this site answers to, "
            "such as ALLOWED_HOSTS=directory.example.org, "
            "or set COMMUNITY_LOCAL=1 to try it on this computer only."
        )
    return hosts


def get_secret_key(local: bool, var: Path) -> str:
    """SECRET_KEY; in local mode a key that is generated once and stored in `var`."""
    key = get_text("SECRET_KEY")
    if key:
        if not local and (len(key) < 50 or len(set(key)) < 5):
            raise ImproperlyConfigured(
                "SECRET_KEY is too short or too plain; use at least 50 random characters."
            )
        return key
    if not local:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set; write at least 50 random characters there, "
            "or set COMMUNITY_LOCAL=1 to try the site on this computer only."
        )
    return _load_or_create_key(var / "secret_key")


def _load_or_create_key(path: Path) -> str:
    """Read the key file, which is created by the first process that needs it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(60))
        except FileExistsError:
            pass
        key = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {path.parent} cannot be written ({error.strerror}); "
            "make it writable, or move the project to a folder of your own."
        ) from error
    return key or secrets.token_urlsafe(60)


def get_database_settings(var: Path) -> dict:
    """Settings of the default database: DATABASE_URL, or an SQLite file in `var`."""
    url = get_text("DATABASE_URL")
    if not url:
        return _add_sqlite_options(
            {"ENGINE": "django.db.backends.sqlite3", "NAME": str(var / "db.sqlite3")}
        )
    scheme = url.partition(":")[0]
    if scheme not in {"postgres", "postgresql", "sqlite"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with “{scheme[:20]}”; it must read "
            "postgres://user:password@host:port/name or sqlite:///path/of/file."
        )
    try:
        settings = dj_database_url.parse(url)
        urlsplit(url).port  # noqa: B018  a port that is no number raises here
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}.") from error
    if not settings.get("NAME"):
        raise ImproperlyConfigured("DATABASE_URL names no database; add /name at its end.")
    add_options = _add_sqlite_options if scheme == "sqlite" else _add_postgresql_options
    return add_options(dict(settings))


def _add_sqlite_options(settings: dict) -> dict:
    # FULL: committed data survives a power cut. IMMEDIATE: writers wait for each other.
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000;"
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
    return settings | {"OPTIONS": options, "CONN_MAX_AGE": None}


def _add_postgresql_options(settings: dict) -> dict:
    options = {"connect_timeout": 3} | settings.get("OPTIONS", {})
    return settings | {"OPTIONS": options, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
