"""Middleware that refuses requests with control characters before any view reads them."""

import re

from django.http import HttpRequest, HttpResponse, QueryDict

from community import error_views

# NUL and the other control characters but tab and line ends, and halves of surrogate pairs.
UNREADABLE_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"


class InputValidationMiddleware:
    """Answers 400 to unreadable characters in the path, the query string or a form."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if UNREADABLE_CHARACTERS.search(request.path_info) or is_unreadable(request.GET):
            return error_views.bad_request(request)
        is_form = request.content_type == FORM_CONTENT_TYPE and request.method == "POST"
        if is_form and is_unreadable(request.POST):
            return error_views.unreadable_form(request, UNREADABLE_CHARACTERS)
        return self.get_response(request)


def is_unreadable(values: QueryDict) -> bool:
    """Whether a query string or a form has control characters or lone surrogates."""
    return any(
        UNREADABLE_CHARACTERS.search(text)
        for name, parts in values.lists()
        for text in (name, *parts)
    )
