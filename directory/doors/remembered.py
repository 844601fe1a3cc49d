"""Pages remembered by data version: the same question of the same data is drawn once.

An answer is a function of the data's version, the day, the release, the language (it is in the
path) and the address. These make its ETag, so that a reader who has it gets 304; whole answers
are kept compressed, the least recently asked dropped first.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from hashlib import blake2b
from pathlib import Path
from threading import Lock

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

from directory.asking import index

MOST_BYTES = 16_000_000
CODED = {"br": lambda body: brotli.compress(body, quality=4), "gzip": gzip.compress}
_lock = Lock()
_kept: OrderedDict[tuple, "Answer"] = OrderedDict()


@dataclass
class Answer:
    """A drawn page in the encodings that were asked for."""

    bodies: dict[str, bytes]
    content_type: str

    def coded(self, coding: str) -> bytes:
        if coding not in self.bodies:
            self.bodies[coding] = CODED[coding](self.bodies[""])
        return self.bodies[coding]

    @property
    def size(self) -> int:
        return sum(map(len, self.bodies.values()))


@cache
def release() -> str:
    """What the code, words and templates of this release are, in a few letters."""
    found = blake2b(digest_size=8)
    for folder, ending in (("directory", "py"), ("templates", "html"), ("community", "mo")):
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob(f"*.{ending}")):
            found.update(f"{path.name} {path.stat().st_mtime_ns}".encode())
    return found.hexdigest()


def remembered(view: Callable) -> Callable:
    """A public view whose good answers are kept, compressed and confirmed by ETag.

    The view finds the members of today in `request.day`.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        request.day = found = index.current()
        where = request.scheme, request.get_host(), request.get_full_path()
        key = (found.version, found.day, release(), *where)
        tag = f'W/"{blake2b(repr(key).encode(), digest_size=12).hexdigest()}"'
        if tag in request.headers.get("If-None-Match", ""):
            return confirmed(HttpResponseNotModified(), tag)
        kept = look_up(key)
        if kept is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200 or response.streaming:
                return response
            kept = Answer({"": response.content}, response["Content-Type"])
            keep(key, kept)
        return confirmed(sent(request, kept), tag)

    return answer


def sent(request: HttpRequest, kept: Answer) -> HttpResponse:
    coding = accepted(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(kept.coded(coding), content_type=kept.content_type)
    if coding:
        response["Content-Encoding"] = coding
    return response


def accepted(header: str) -> str:
    """The best coding that the reader names and does not refuse; "" for none."""
    named = [part.replace(" ", "").lower() for part in header.split(",")]
    willing = {part.split(";")[0] for part in named if not part.endswith((";q=0", ";q=0.0"))}
    return next((coding for coding in CODED if coding in willing), "")


def confirmed(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def look_up(key: tuple) -> Answer | None:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def keep(key: tuple, answer: Answer) -> None:
    with _lock:
        for old in [k for k in _kept if k[:3] != key[:3]]:
            del _kept[old]
        _kept[key] = answer
        while sum(kept.size for kept in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)


def forget() -> None:
    """Drop what is kept: for tests, whose rollbacks turn the data version back."""
    _kept.clear()
