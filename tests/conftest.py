"""What every test starts from: nothing remembered from the test before."""

import pytest

from directory import index


@pytest.fixture(autouse=True)
def _fresh_index():
    index.forget()
    yield
    index.forget()
