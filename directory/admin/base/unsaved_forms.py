"""What was entered in a form that could not be saved, kept in a signed hidden field.

Whoever sends a form after the session ended, with an old CSRF token or while the database is
away gets a page that carries what was entered, so that the form can be shown again filled in.
Nothing is stored on the server. Passwords and files are never kept.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core import signing
from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.http import is_same_domain

FIELD = "unsaved_form"
SALT = "directory.unsaved_form"
MAX_AGE = timedelta(days=1)
MAX_CHARACTERS = 500_000  # of names and values together; a longer form is shown for copying
# What a browser must be able to send back, with its CSRF token, below Django's own limit.
MAX_TOKEN_LENGTH = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 2_621_440) - 10_000
NEVER_KEPT = ("csrfmiddlewaretoken", FIELD)
# Fields that nobody types: buttons, keys, versions, and the counts of formsets.
BOOKKEEPING = re.compile(
    r"^_|^(action|index|select_across|shown_rows|all_shown|post|next|seen|with|row)$"
    r"|^version|(^|-)id$|-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$|^initial-|__prefix__"
)


@dataclass(frozen=True)
class UnsavedForm:
    """A posted form that was not saved.

    `address` is where it was sent, `page` the page that held it; both are paths of the admin.
    `files` are the names of chosen files. `account` is the key of the account that sent it, or
    "" where nobody knows. `is_for_copying`: it is only shown, as it was refused for good or kept
    for too long. `signed` is the token that it was read from, or "".
    """

    address: str
    page: str
    fields: tuple[tuple[str, list[str]], ...]
    files: tuple[str, ...] = ()
    has_passwords: bool = False
    account: str = ""
    is_for_copying: bool = False
    signed: str = ""

    @cached_property
    def token(self) -> str:
        """The form as the signed value of a hidden field; "" if it is too long for one."""
        if self.signed:
            return self.signed
        if sum(len(name) + sum(map(len, values)) for name, values in self.fields) > MAX_CHARACTERS:
            return ""
        kept = (self.address, self.page, self.fields, self.files, self.has_passwords, self.account)
        token = signing.dumps(kept, salt=SALT, compress=True)
        return token if len(token) <= MAX_TOKEN_LENGTH else ""

    @property
    def typed_fields(self) -> list[tuple[str, list[str]]]:
        """The fields that somebody may have filled in, without those that are empty."""
        return [
            (name, values)
            for name, values in self.fields
            if not BOOKKEEPING.search(name) and any(values)
        ]

    @property
    def can_be_shown_again(self) -> bool:
        """Whether the form's own page can draw it filled in without saving it."""
        match = resolve_admin(self.address)
        return bool(
            self.token and not self.is_for_copying and match and is_redisplaying_view(match.func)
        )

    def belongs_to(self, user: Any) -> bool:
        """Whether this account sent the form, or nobody knows who did."""
        return self.account in ("", str(user.pk))

    def to_query_dict(self) -> QueryDict:
        """The form as a changeable `request.POST`."""
        data = QueryDict(mutable=True)
        for name, values in self.fields:
            data.setlist(name, values)
        return data


# -- Reading --------------------------------------------------------------------


def read_form(
    request: HttpRequest, account: str = "", unreadable: re.Pattern | None = None
) -> UnsavedForm | None:
    """The form that a POST request sent or carried; None if there was none.

    `unreadable` matches characters that are left out.
    """
    if request.method != "POST":
        return None
    if shown := getattr(request, FIELD, None):
        return shown
    try:
        posted, files = request.POST, request.FILES
    except (SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        return None
    if FIELD in posted:
        return load_token(str(posted[FIELD]))
    match = resolve_admin(request.path_info)
    if match is None or match.url_name in ("login", "logout"):
        return None
    fields = tuple(
        (clean(name, unreadable), [clean(value, unreadable) for value in map(str, values)])
        for name, values in posted.lists()
        if name not in NEVER_KEPT and "password" not in name.lower()
    )
    has_passwords = any("password" in name.lower() and posted[name] for name in posted)
    names = tuple(str(file.name) for each in files for file in files.getlist(each))
    address = request.get_full_path()
    return UnsavedForm(
        address, get_form_page(request, address), fields, names, has_passwords, account
    )


def clean(text: str, unreadable: re.Pattern | None) -> str:
    return unreadable.sub("", text) if unreadable else text


def load_token(token: str) -> UnsavedForm | None:
    """The form of a signed value; None if it was not signed here."""
    try:
        kept = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    form = replace(UnsavedForm(*kept), signed=token)
    try:
        signing.loads(token, salt=SALT, max_age=MAX_AGE)
    except signing.SignatureExpired:
        return replace(form, is_for_copying=True)
    return form


def get_form_page(request: HttpRequest, address: str) -> str:
    """The path of the admin page that held the form: the referring page, else the address."""
    referrer = split_address(request.META.get("HTTP_REFERER", ""))
    match = resolve_admin(referrer.path) if is_own_host(request, referrer.netloc) else None
    if match is None or match.url_name in ("login", "logout"):
        return address if is_page(address) else ""
    return f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path


def is_page(address: str) -> bool:
    """Whether a form is shown at the address itself."""
    match = resolve_admin(address)
    return match is not None and is_redisplaying_view(match.func)


def resolve_admin(address: str) -> ResolverMatch | None:
    """The admin's view at a path, in whichever language; None for any other address."""
    path = split_address(address).path
    language = translation.get_language_from_path(path) or settings.LANGUAGE_CODE
    with translation.override(language):
        try:
            match = resolve(path)
        except Resolver404:
            return None
    return match if match.app_name == "admin" else None


# -- Where it came from ----------------------------------------------------------


def split_address(address: str) -> SplitResult:
    """The parts of an address; a malformed one is on no host of ours."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("//malformed")


def is_own_host(request: HttpRequest, host: str) -> bool:
    """Whether it is the host of this site, or one from which it accepts forms."""
    trusted = (urlsplit(origin).netloc.lstrip("*") for origin in settings.CSRF_TRUSTED_ORIGINS)
    try:
        return host == request.get_host() or any(is_same_domain(host, each) for each in trusted)
    except DisallowedHost:
        return False


def is_cross_site(request: HttpRequest) -> bool:
    """Whether a header of the browser says that another site sent the request."""
    origin, referrer = (request.META.get(f"HTTP_{name}") for name in ("ORIGIN", "REFERER"))
    addresses = [split_address(address).netloc for address in (origin, referrer) if address]
    if not all(is_own_host(request, host) for host in addresses):
        return True
    return request.META.get("HTTP_SEC_FETCH_SITE", "none") not in ("same-origin", "none")


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the request, and nothing differs."""
    names = ("HTTP_ORIGIN", "HTTP_REFERER")
    known = any(request.META.get(name) for name in names)
    known = known or request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin"
    return known and not is_cross_site(request)


# -- Showing it again --------------------------------------------------------------


def redisplays_form(view: Callable) -> Callable:
    """Mark a view that draws a posted form without saving it while `is_redisplay` is true."""
    view.redisplays_form = True  # type: ignore[attr-defined]
    return view


def is_redisplaying_view(view: Callable) -> bool:
    return getattr(view, "redisplays_form", False)


def is_redisplay(request: HttpRequest) -> bool:
    """Whether the posted form is only to be shown again: nothing may be saved."""
    return hasattr(request, FIELD)
