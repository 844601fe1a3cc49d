"""The gate: input that no page can mean is refused once, before anything reads it."""

import re

from django.http import HttpRequest, HttpResponse

from community import error_views

# NUL and the other control characters but tab and line ends, and halves of surrogate pairs.
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
FORM = "application/x-www-form-urlencoded"


class InputGate:
    """Answers 400 to unreadable characters in the path, the question or a form."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if UNREADABLE.search(request.path_info) or unreadable(request):
            return error_views.refuse(request)
        return self.get_response(request)


def unreadable(request: HttpRequest) -> bool:
    asked = [request.GET]
    if request.content_type == FORM and request.method == "POST":
        asked.append(request.POST)
    return any(
        UNREADABLE.search(text)
        for values in asked
        for name, parts in values.lists()
        for text in (name, *parts)
    )
