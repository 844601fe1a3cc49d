"""Middleware for database outages: a GET is retried once, else the answer is 503."""

import logging

from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse

from community import error_views

logger = logging.getLogger(__name__)
OUTAGE_ERRORS = (OperationalError, InterfaceError)


class DatabaseOutageMiddleware:
    """Retries a GET once on a new connection; answers 503 while the database is unavailable.

    A view's exception never reaches the middleware as an exception (Django turns it into a
    500), so `process_exception` marks the request and answers 503.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            response = self.get_response(request)
        except OUTAGE_ERRORS as error:
            return self.respond_unavailable(request, error)
        if getattr(request, "database_failed", False) and request.method in ("GET", "HEAD"):
            return self.retry(request)
        return response

    def retry(self, request: HttpRequest) -> HttpResponse:
        """Run the view a second time."""
        request.database_failed = False  # type: ignore[attr-defined]  # our own attributes
        request.is_database_retry = True  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        except OUTAGE_ERRORS as error:
            return self.respond_unavailable(request, error)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OUTAGE_ERRORS):
            return None
        if not getattr(request, "is_database_retry", False):
            request.database_failed = True  # type: ignore[attr-defined]
        return self.respond_unavailable(request, error)

    def respond_unavailable(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Log the error, close broken connections and render 503."""
        logger.error("The database does not answer: %s", str(error).strip().split("\n")[0])
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()
        return error_views.service_unavailable(request)
