"""What every test starts from: nothing remembered, English words, plain style sheets."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import translation

from directory.duplicates import normalize
from directory.listing.index import store as index_store
from directory.public.views import page_cache


@pytest.fixture(autouse=True)
def _fresh_start():
    page_cache.clear()
    index_store.clear()
    normalize.clear_cache()
    with translation.override("en"):
        yield
    index_store.clear()


@pytest.fixture(autouse=True)
def _plain_settings(settings):
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    # Passwords are slow to check on purpose; the tests have nothing to protect.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Else each test's client reads every file of the site before its first page.
    settings.WHITENOISE_AUTOREFRESH = True
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker):
    """The directory as it opens, for all tests of a module, rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_fixtures", stdout=StringIO())
        index_store.clear()
        yield
        transaction.set_rollback(True)
