"""The database may be away for a moment: a read is tried again once, else 503 with a time."""

import logging

from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse

from community import error_views

logger = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError)


class DatabaseOutage:
    """Repeats a GET once on a fresh connection; answers 503 while the database is away.

    A view's exception never reaches the middleware as an exception (Django turns it into a
    500), so it is noted in `process_exception` and answered there.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            response = self.get_response(request)
        except AWAY as error:
            return self.away(request, error)
        if getattr(request, "database_away", False) and request.method in ("GET", "HEAD"):
            return self.again(request)
        return response

    def again(self, request: HttpRequest) -> HttpResponse:
        request.database_away = False
        request.second_try = True
        try:
            return self.get_response(request)
        except AWAY as error:
            return self.away(request, error)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, AWAY):
            return None
        if not getattr(request, "second_try", False):
            request.database_away = True
        return self.away(request, error)

    def away(self, request: HttpRequest, error: Exception) -> HttpResponse:
        logger.error("The database does not answer: %s", str(error).strip().split("\n")[0])
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()
        return error_views.unavailable(request)
