"""`manage.py take_screenshots`: screenshots of a running site for the README."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

# File name, address, width of the window, colour scheme.
SCREENSHOTS = (
    ("home", "/", 1280, "light"),
    ("members", "/en/members/", 1280, "light"),
    ("member", "/members/3/", 1280, "light"),
    ("statistics", "/en/statistics/", 1280, "dark"),
    ("phone", "/en/", 360, "light"),
)
HEIGHT = 900
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Command(BaseCommand):
    help = "Takes the pictures of the README from a running site (Chromium and playwright needed)."

    def add_arguments(self, parser):
        parser.add_argument("--site", default="http://127.0.0.1:8000", help="(%(default)s)")
        parser.add_argument("--to", default=settings.BASE_DIR / "docs", type=Path)

    def handle(self, *, site: str, to: Path, **options):
        with launch_browser() as (chromium, unreachable):
            for name, address, width, scheme in SCREENSHOTS:
                size = {"width": width, "height": HEIGHT}
                page = chromium.new_page(viewport=size, color_scheme=scheme)
                try:
                    response = page.goto(site.rstrip("/") + address)
                except unreachable as error:
                    raise CommandError(f"Nothing answers at {site}: start the site.") from error
                if not response.ok:
                    raise CommandError(f"{address} answers {response.status}: load the fixtures.")
                page.screenshot(path=to / f"{name}.png")
                page.close()
                self.stdout.write(f"{to / name}.png")


@contextmanager
def launch_browser() -> Iterator[tuple]:
    """Context manager: Chromium, and the class of its errors; CommandError if it is missing."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise CommandError("Playwright is not installed: it comes with the tests.") from None
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise CommandError("No Chromium was found: install it (apt install chromium).")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium, Error
        chromium.close()
