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

from directory.listing.index import store as index_store

MOST_BYTES = 16_000_000
CODED = {"br": lambda body: brotli.compress(body, quality=4), "gzip": gzip.compress}


@dataclass
class Answer:
    """A drawn page, plain and in the codings that were asked for."""

    bodies: dict[str, bytes]
    content_type: str

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
        request.day = found = index_store.current()
        where = request.scheme, request.get_host(), request.get_full_path()
        key = (found.version, found.day, release(), *where)
        tag = f'W/"{blake2b(repr(key).encode(), digest_size=12).hexdigest()}"'
        if tag in request.headers.get("If-None-Match", ""):
            return confirmed(HttpResponseNotModified(), tag)
        kept = _memory.look_up(key)
        if kept is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200 or response.streaming:
                return response
            kept = Answer({"": response.content}, response["Content-Type"])
            _memory.keep(key, kept)
        return confirmed(sent(request, key, kept), tag)

    return answer


def sent(request: HttpRequest, key: tuple, kept: Answer) -> HttpResponse:
    coding = accepted(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(_memory.coded(key, kept, coding), content_type=kept.content_type)
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


class Memory:
    """The answers of one data version, day and release, the least recently asked dropped first."""

    def __init__(self):
        self.lock, self.bytes = Lock(), 0
        self.answers: OrderedDict[tuple, Answer] = OrderedDict()

    def look_up(self, key: tuple) -> Answer | None:
        with self.lock:
            if key in self.answers:
                self.answers.move_to_end(key)
            return self.answers.get(key)

    def keep(self, key: tuple, answer: Answer) -> None:
        with self.lock:
            if self.answers and next(iter(self.answers))[:3] != key[:3]:
                self._clear()
            self._drop(key)
            self.answers[key] = answer
            self.bytes += answer.size
            self._shrink()

    def coded(self, key: tuple, answer: Answer, coding: str) -> bytes:
        """The answer in this coding, which is kept with it."""
        if coding not in answer.bodies:
            body = CODED[coding](answer.bodies[""])
            with self.lock:
                self.bytes += len(body) if self.answers.get(key) is answer else 0
                answer.bodies[coding] = body
                self._shrink()
        return answer.bodies[coding]

    def forget(self) -> None:
        with self.lock:
            self._clear()

    def _clear(self) -> None:
        self.answers.clear()
        self.bytes = 0

    def _drop(self, key: tuple) -> None:
        if known := self.answers.pop(key, None):
            self.bytes -= known.size

    def _shrink(self) -> None:
        while self.bytes > MOST_BYTES:
            self._drop(next(iter(self.answers)))


_memory = Memory()


def forget() -> None:
    """Drop what is kept: for tests, whose rollbacks turn the data version back."""
    _memory.forget()
