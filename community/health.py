"""Health checks for monitoring: /healthz (process is up) and /readyz (database answers)."""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


def get_database_state() -> dict:
    """State as JSON data: `{"database": "ok", "engine": "sqlite"}`, or "away" without an answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            answers = cursor.fetchone() == (1,)
    except Error:
        connection.close()
        answers = False
    return {"database": "ok" if answers else "away", "engine": connection.vendor}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Always 200."""
    return JsonResponse({"status": "ok"} | get_database_state())


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if the database answers, else 503."""
    state = get_database_state()
    ready = state["database"] == "ok"
    return JsonResponse(
        {"status": "ready" if ready else "waiting"} | state, status=200 if ready else 503
    )
