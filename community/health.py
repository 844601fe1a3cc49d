"""Is the process up, and does the database answer: two addresses for whoever watches."""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


def database_state() -> dict:
    """`{"database": "ok", "engine": "sqlite"}`, or "away" when it does not answer."""
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
    return JsonResponse({"status": "ok"} | database_state())


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    state = database_state()
    ready = state["database"] == "ok"
    return JsonResponse(
        {"status": "ready" if ready else "waiting"} | state, status=200 if ready else 503
    )
