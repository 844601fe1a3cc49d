"""A Chromium for the tests of pages, and a site with the seeded directory."""

import os
from io import StringIO

import pytest
from django.core.management import call_command
from playwright.sync_api import sync_playwright

# Run by `python3 -m community test --browser`; without a Chromium there is nothing to collect.
if not os.environ.get("COMMUNITY_BROWSER"):
    collect_ignore_glob = ["test_*.py"]

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop in this thread
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    path = os.environ.get("COMMUNITY_CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def site(live_server):
    call_command("load_fixtures", stdout=StringIO())
    return live_server.url
