"""The data version is what every request asks first, and so finds a connection that broke."""

import pytest
from django.db import OperationalError, connection, transaction

from directory.models import DataVersion
from tests.factories import make_member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="a file's connection cannot break"),
]


@pytest.fixture
def next_request():
    """As when a request begins on a connection that an earlier one left open."""
    make_member()
    connection.close_if_unusable_or_obsolete()
    assert connection.connection
    assert not connection.health_check_done


def broken():
    """The server ends our connection, as it does when it starts again."""
    process, other = connection.connection.info.backend_pid, connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    other.close()


def test_its_question_is_the_check_of_the_connections_health(next_request, monkeypatch):
    monkeypatch.setattr(connection, "is_usable", lambda: pytest.fail("asked once more"))
    assert DataVersion.get_current() > 0
    assert connection.health_check_done


def test_a_connection_that_broke_is_made_anew(next_request):
    before = DataVersion.get_current()
    connection.close_if_unusable_or_obsolete()
    broken()
    assert DataVersion.get_current() == before


@transaction.atomic
def asked_after_it_broke():
    broken()
    return DataVersion.get_current()


def test_what_breaks_within_a_transaction_is_not_hidden(next_request):
    with pytest.raises(OperationalError):
        asked_after_it_broke()
