"""What every page shows: navigation, the same page in the other language, the member count."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from directory.listing.index import store as index_store
from directory.listing.index.bitmaps import DayIndex
from directory.public.html.renderer import get_renderer
from directory.text.language import get_punctuation
from directory.text.page_languages import list_page_languages


@dataclass(frozen=True)
class NavigationLink:
    """A link of the main navigation; `aria_current` is "page", "true" (below it) or ""."""

    label: str
    url: str
    aria_current: str


@dataclass(frozen=True)
class RegisterSummary:
    """How many members are named, and in which words the sources state how many there are."""

    total: int
    stated_size: str

    @property
    def text(self) -> str:
        named = ngettext("%(total)s named member", "%(total)s named members", self.total)
        text = named % {"total": self.total}
        if not self.stated_size:
            return text
        stated = _("the sources say “%(words)s”") % {"words": self.stated_size}
        return f"{text}{get_punctuation().semicolon}{stated}"


def get_navigation(path: str) -> list[NavigationLink]:
    labels = {
        "members": _("Members"),
        "roles": _("Roles"),
        "regions": _("Regions"),
        "statistics": _("Statistics"),
        "sources": _("Sources"),
        "about": _("About"),
    }
    links, renderer = [], get_renderer()
    for name, label in labels.items():
        url = renderer.url(name)
        current = "page" if path == url else "true" if path.startswith(url) else ""
        links.append(NavigationLink(label, url, current))
    return links


def get_register_summary(day_index: DayIndex) -> RegisterSummary:
    """The stated size is that of the only community; "" where there are several."""
    communities = list(day_index.reference_data.community.values())
    stated = communities[0].stated_size_label if len(communities) == 1 else ""
    return RegisterSummary(len(day_index.members), stated)


def site_context(request: HttpRequest) -> dict:
    """The context processor. The members are counted only for a page that shows the count."""
    languages = list_page_languages(request.path, request.META.get("QUERY_STRING", ""))
    return {
        "navigation": get_navigation(request.path),
        "languages": languages,
        "other_languages": [page for page in languages if not page.is_active],
        "punctuation": get_punctuation(),
        # Lazy, because a page that refuses the host's name has none.
        "origin": SimpleLazyObject(lambda: f"{request.scheme}://{request.get_host()}"),
        "register_summary": SimpleLazyObject(lambda: _get_summary_of_request(request)),
    }


def _get_summary_of_request(request: HttpRequest) -> RegisterSummary:
    day_index = getattr(request, "day_index", None) or index_store.get_day_index()
    return get_register_summary(day_index)
