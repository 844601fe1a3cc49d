"""Values read from the environment, each checked, each refused in a sentence."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"", "0", "false", "no", "off"}


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "1" if default else "").strip().lower()
    if value in YES:
        return True
    if value in NO:
        return False
    raise ImproperlyConfigured(f"{name} is “{value}”; write 1 for yes or 0 for no.")


def number(name: str, default: int, least: int = 0, most: int = 10**9) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise ImproperlyConfigured(
            f"{name} is “{value}”; write a whole number from {least} to {most}."
        )
    return int(value)


def words(name: str) -> list[str]:
    """The parts of a comma-separated value, without blanks."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def text(name: str) -> str:
    return os.environ.get(name, "").strip()


def hosts(local: bool) -> list[str]:
    named = words("ALLOWED_HOSTS")
    if local:
        return named or ["*"]
    if not named:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS is not set; write the host names that this site answers to, "
            "such as ALLOWED_HOSTS=directory.example.org, "
            "or set COMMUNITY_LOCAL=1 to try it on this computer only."
        )
    return named


def secret_key(local: bool, var: Path) -> str:
    """The key from the environment; on a local start one that is made once and kept."""
    key = text("SECRET_KEY")
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
    return _kept_key(var / "secret_key")


def _kept_key(path: Path) -> str:
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


def database(var: Path) -> dict:
    """The one database: DATABASE_URL, or an SQLite file in `var`."""
    url = text("DATABASE_URL")
    if not url:
        return _sqlite({"ENGINE": "django.db.backends.sqlite3", "NAME": str(var / "db.sqlite3")})
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
    return _sqlite(settings) if scheme == "sqlite" else _postgresql(settings)


def _sqlite(settings: dict) -> dict:
    # FULL: what was acknowledged survives a power cut. IMMEDIATE: writers queue, none fails.
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000;"
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
    return settings | {"OPTIONS": options, "CONN_MAX_AGE": None}


def _postgresql(settings: dict) -> dict:
    options = {"connect_timeout": 3} | settings.get("OPTIONS", {})
    return settings | {"OPTIONS": options, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
