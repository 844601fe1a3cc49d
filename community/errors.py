"""The pages for what went wrong: each says what to do next, in the visitor's language."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _


def page(
    request: HttpRequest, status: int, title: str, advice: str, headers: dict | None = None
) -> HttpResponse:
    """An error page of the site; it reads nothing from the database."""
    language = translation.get_language_from_path(request.path_info)
    with translation.override(language or "zh-hans"):
        context = {"status": status, "title": _(title), "advice": _(advice)}
        response = render(request, "error.html", context, status=status)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def N_(text: str) -> str:  # noqa: N802  the name that gettext's tools look for
    return text


def refuse(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(
        request,
        400,
        N_("This question cannot be read"),
        N_(
            "It holds characters or parts that no page understands. Nothing was changed. "
            "Start again from the list of members, or type the address by hand."
        ),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(
        request,
        403,
        N_("You may not open this page"),
        N_("Sign in with an account that may, or ask the operator for the right to it."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(
        request,
        403,
        N_("The form was open for too long, or came from elsewhere"),
        N_(
            "Nothing was saved. Go back, reload the page, and send it again; "
            "the browser must accept this site's cookies while you are signed in."
        ),
    )


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(
        request,
        404,
        N_("There is no such page"),
        N_(
            "The address may be mistyped. Search for the member by any of its names, "
            "or start from the list."
        ),
    )


def broken(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        500,
        N_("Something broke on our side"),
        N_("It has been written down, and nothing was half saved. Try again in a moment."),
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        503,
        N_("The directory is catching its breath"),
        N_("The database does not answer just now. Reload this page in a few seconds."),
        {"Retry-After": "5", "Cache-Control": "no-store"},
    )
