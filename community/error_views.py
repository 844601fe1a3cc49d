"""Error pages in the visitor's language; each says what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


def render_error(
    request: HttpRequest, status: int, title: str, advice: str, headers: dict | None = None
) -> HttpResponse:
    """Render error.html without reading the database."""
    language = translation.get_language_from_path(request.path_info)
    with translation.override(language or "zh-hans"):
        context = {"status": status, "title": _(title), "advice": _(advice)}
        response = render(request, "error.html", context, status=status)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: unreadable characters or parameters."""
    return render_error(
        request,
        400,
        gettext_noop("This question cannot be read"),
        gettext_noop(
            "It holds characters or parts that no page understands. Nothing was changed. "
            "Start again from the list of members, or type the address by hand."
        ),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: no permission."""
    return render_error(
        request,
        403,
        gettext_noop("You may not open this page"),
        gettext_noop("Sign in with an account that may, or ask the operator for the right to it."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: failed CSRF check (settings.CSRF_FAILURE_VIEW)."""
    return render_error(
        request,
        403,
        gettext_noop("The form was open for too long, or came from elsewhere"),
        gettext_noop(
            "Nothing was saved. Go back, reload the page, and send it again; "
            "the browser must accept this site's cookies while you are signed in."
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return render_error(
        request,
        404,
        gettext_noop("There is no such page"),
        gettext_noop(
            "The address may be mistyped. Search for the member by any of its names, "
            "or start from the list."
        ),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: an unexpected exception."""
    return render_error(
        request,
        500,
        gettext_noop("Something broke on our side"),
        gettext_noop(
            "It has been written down, and nothing was half saved. Try again in a moment."
        ),
    )


def service_unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database does not answer; asks to retry after 5 seconds."""
    return render_error(
        request,
        503,
        gettext_noop("The directory is catching its breath"),
        gettext_noop("The database does not answer just now. Reload this page in a few seconds."),
        {"Retry-After": "5", "Cache-Control": "no-store"},
    )
