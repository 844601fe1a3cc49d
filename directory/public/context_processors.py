"""What every page carries: its rooms, the same page in the other language, the count of members."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from directory.listing.index import store as index_store
from directory.listing.index.bitmaps import Day
from directory.public.html.renderer import pen
from directory.text.language import is_english

LANGUAGES = {"zh-Hans": "中文", "en": "English"}


@dataclass(frozen=True)
class Room:
    label: str
    address: str
    here: str


@dataclass(frozen=True)
class Address:
    """This page in one language."""

    code: str
    label: str
    address: str
    path: str


def rooms(path: str) -> list[Room]:
    names = {
        "members": _("Members"),
        "roles": _("Roles"),
        "regions": _("Regions"),
        "statistics": _("Statistics"),
        "sources": _("Sources"),
        "about": _("About"),
    }
    found, address_of = [], pen().address
    for name, label in names.items():
        address = address_of(name)
        here = "page" if path == address else "true" if path.startswith(address) else ""
        found.append(Room(label, address, here))
    return found


def addresses(request: HttpRequest) -> list[Address]:
    """This page in each language, its question kept."""
    chinese = request.path[3:] if request.path.startswith("/en/") else request.path
    query = request.META.get("QUERY_STRING", "")
    asked = f"?{query}" if query else ""
    paths = {"zh-Hans": chinese, "en": f"/en{chinese}"}
    return [
        Address(code, label, paths[code] + asked, paths[code]) for code, label in LANGUAGES.items()
    ]


def state(found: Day) -> dict:
    """How many members are named, and the words in which the sources state how many there are."""
    communities = list(found.vocabulary.community.values())
    stated = ""
    if len(communities) == 1:
        stated = communities[0].stated_words
    return {"total": len(found.everyone), "stated": stated}


def masthead(request: HttpRequest) -> dict:
    """The context processor. The count is read only by a page that shows it."""
    languages = addresses(request)
    return {
        "rooms": rooms(request.path),
        "languages": languages,
        "other_language": languages[0 if is_english() else 1],
        # Late, because a page that refuses the host's name has none.
        "origin": SimpleLazyObject(lambda: f"{request.scheme}://{request.get_host()}"),
        "colophon": SimpleLazyObject(
            lambda: state(getattr(request, "day", None) or index_store.current())
        ),
    }
