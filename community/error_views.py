"""Error pages in the visitor's language; each says what to do next."""

import re

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from directory.admin.base import unsaved_pages
from directory.admin.base.unsaved_pages import UnsavedContext


def render_error(
    request: HttpRequest,
    status: int,
    title: str,
    advice: str,
    headers: dict | None = None,
    unsaved: UnsavedContext | None = None,
) -> HttpResponse:
    """Render error.html without reading the database.

    `unsaved` is the form that was sent, whose fields the page gives back.
    """
    language = translation.get_language_from_path(request.path_info)
    with translation.override(language or "zh-hans"):
        context = {"status": status, "title": _(title), "advice": _(advice), "unsaved": unsaved}
        context |= unsaved_pages.NO_LANGUAGE_LINKS if unsaved else {}
        response = render(request, "error.html", context, status=status)
    if unsaved:
        response["Cache-Control"] = "private, no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: unreadable characters or parameters."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return render_error(
            request,
            400,
            gettext_noop("This form is too long"),
            gettext_noop(
                "Nothing was saved: more was sent at once than the site accepts. Go back with the "
                "browser’s button, without reloading the page, and send it in smaller parts."
            ),
        )
    return render_error(
        request,
        400,
        gettext_noop("This question cannot be read"),
        gettext_noop(
            "It holds characters or parts that no page understands. Nothing was changed. "
            "Start again from the list of members, or type the address by hand."
        ),
    )


def unreadable_form(request: HttpRequest, unreadable: re.Pattern) -> HttpResponse:
    """400: a form with characters that match `unreadable`; the rest of it is given back."""
    unsaved = unsaved_pages.build_error_context(request, unreadable)
    if unsaved is None:
        return bad_request(request)
    return render_error(
        request,
        400,
        gettext_noop("This form cannot be read"),
        gettext_noop(
            "Nothing was saved: it holds characters that nobody can see, often from a text that "
            "was pasted. They are left out below."
        ),
        unsaved=unsaved,
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
    return unsaved_pages.render_outdated(request) or render_error(
        request,
        403,
        gettext_noop("The form was open for too long, or came from elsewhere"),
        gettext_noop(
            "Nothing was saved. Open the page anew and send it again; "
            "the browser must accept this site’s cookies while you are signed in."
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
        unsaved=unsaved_pages.build_error_context(request),
    )


def service_unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database does not answer; asks to retry after 5 seconds."""
    unsaved = unsaved_pages.build_error_context(request)
    return render_error(
        request,
        503,
        gettext_noop("The directory is catching its breath"),
        gettext_noop("The database does not answer just now. Try again in a few seconds.")
        if unsaved
        else gettext_noop(
            "The database does not answer just now. Reload this page in a few seconds."
        ),
        {"Retry-After": "5", "Cache-Control": "no-store"},
        unsaved,
    )
