"""Cache of whole public pages by data version: the same request for the same data is drawn once.

A page is a function of the data version, the day, the release, the language (it is in the path)
and the address. These make its ETag, so that a browser that has it gets 304; whole pages are
kept compressed, and the least recently used are dropped first.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Concatenate, ParamSpec

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

from directory.listing.index import store as index_store
from directory.listing.index.bitmaps import DayIndex

MAX_BYTES = 16_000_000
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": gzip.compress,
}
Arguments = ParamSpec("Arguments")


class IndexedRequest(HttpRequest):
    """A request as a cached view gets it: with the index of today's members."""

    day_index: DayIndex


View = Callable[Concatenate[IndexedRequest, Arguments], HttpResponse]


@dataclass
class CachedPage:
    """A page's body, plain (under "") and in the content encodings that were asked for."""

    bodies: dict[str, bytes]
    content_type: str

    @property
    def size(self) -> int:
        return sum(map(len, self.bodies.values()))


@cache
def get_release_id() -> str:
    """A hash of this release's code, translations and templates."""
    digest = blake2b(digest_size=8)
    for folder, ending in (("directory", "py"), ("templates", "html"), ("community", "mo")):
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob(f"*.{ending}")):
            digest.update(f"{path.name} {path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()


def cached_page(view: View[Arguments]) -> View[Arguments]:
    """Decorate a public view: its good responses are cached, compressed and given an ETag.

    The view finds the members of today in `request.day_index`.
    """

    @wraps(view)
    def wrapper(
        request: IndexedRequest, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        request.day_index = index_store.get_day_index()
        key = build_key(request)
        tag = f'W/"{blake2b(repr(key).encode(), digest_size=12).hexdigest()}"'
        if tag in request.headers.get("If-None-Match", ""):
            return add_cache_headers(HttpResponseNotModified(), tag)
        page = _page_cache.get(key)
        if page is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200 or response.streaming:
                return response
            page = CachedPage({"": response.content}, response["Content-Type"])
            _page_cache.set(key, page)
        return add_cache_headers(build_response(request, key, page), tag)

    return wrapper


def build_key(request: IndexedRequest) -> tuple:
    """All that a page depends on; the language is a part of the path."""
    day_index = request.day_index
    address = request.scheme, request.get_host(), request.get_full_path()
    return (day_index.version, day_index.date, get_release_id(), *address)


def build_response(request: HttpRequest, key: tuple, page: CachedPage) -> HttpResponse:
    encoding = choose_encoding(request.headers.get("Accept-Encoding", ""))
    body = _page_cache.get_encoded(key, page, encoding)
    response = HttpResponse(body, content_type=page.content_type)
    if encoding:
        response["Content-Encoding"] = encoding
    return response


def choose_encoding(header: str) -> str:
    """The best encoding that the header names and does not refuse; "" for none."""
    named = [part.replace(" ", "").lower() for part in header.split(",")]
    accepted = {part.split(";")[0] for part in named if not part.endswith((";q=0", ";q=0.0"))}
    return next((encoding for encoding in ENCODERS if encoding in accepted), "")


def add_cache_headers(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


class PageCache:
    """The pages of one data version, day and release, the least recently used dropped first."""

    def __init__(self) -> None:
        self.lock, self.bytes = Lock(), 0
        self.pages: OrderedDict[tuple, CachedPage] = OrderedDict()

    def get(self, key: tuple) -> CachedPage | None:
        with self.lock:
            if key in self.pages:
                self.pages.move_to_end(key)
            return self.pages.get(key)

    def set(self, key: tuple, page: CachedPage) -> None:
        with self.lock:
            if self.pages and next(iter(self.pages))[:3] != key[:3]:
                self._clear()
            self._drop(key)
            self.pages[key] = page
            self.bytes += page.size
            self._shrink()

    def get_encoded(self, key: tuple, page: CachedPage, encoding: str) -> bytes:
        """The page in this encoding, which is cached with it."""
        if encoding not in page.bodies:
            body = ENCODERS[encoding](page.bodies[""])
            with self.lock:
                self.bytes += len(body) if self.pages.get(key) is page else 0
                page.bodies[encoding] = body
                self._shrink()
        return page.bodies[encoding]

    def clear(self) -> None:
        with self.lock:
            self._clear()

    def _clear(self) -> None:
        self.pages.clear()
        self.bytes = 0

    def _drop(self, key: tuple) -> None:
        if page := self.pages.pop(key, None):
            self.bytes -= page.size

    def _shrink(self) -> None:
        while self.bytes > MAX_BYTES:
            self._drop(next(iter(self.pages)))


_page_cache = PageCache()


def clear() -> None:
    """Empty the cache: for tests, whose rollbacks turn the data version back."""
    _page_cache.clear()
