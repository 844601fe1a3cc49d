"""What every test starts from: nothing remembered, and style sheets under their plain names."""

import pytest

from directory import index


@pytest.fixture(autouse=True)
def _fresh_index():
    index.forget()
    yield
    index.forget()


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}
