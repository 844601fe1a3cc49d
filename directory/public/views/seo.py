"""The doors for machines: sitemap, robots, icons, the picture of a link, and the manifest."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from directory.listing.index import store as index_store
from directory.public.formats import images as page_images
from directory.public.formats import sitemaps
from directory.public.views.page_cache import remembered
from directory.text.language import spoken

ICONS = (180, 192, 512)
PAPER = "#faf8f3"
xml = "application/xml; charset=utf-8"


def origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything public may be read; what only people ask for is not worth a machine's time."""
    starts = ("", "/en")
    closed = [start + address for start in starts for address in ("/admin/", "/members/suggest")]
    lines = ["User-agent: *", *(f"Disallow: {address}" for address in closed)]
    lines += ["", f"Sitemap: {origin(request)}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@remembered
def sitemap_index(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.index_of(request.day, origin(request)), content_type=xml)


@require_safe
@remembered
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.pages(request.day, origin(request)), content_type=xml)


@require_safe
def sitemap_members(request: HttpRequest, number: str) -> HttpResponse:
    """Not kept in memory: a part is larger than all pages that are."""
    day = index_store.current()
    if int(number) > sitemaps.parts(day):
        raise Http404
    return HttpResponse(sitemaps.members(day, int(number), origin(request)), content_type=xml)


@require_safe
@remembered
def picture(request: HttpRequest) -> HttpResponse:
    communities = list(request.day.vocabulary.community.values())
    stated = communities[0].stated_at_least if len(communities) == 1 else None
    body = page_images.shared(len(request.day.everyone), stated)
    return HttpResponse(body, content_type="image/png")


@require_safe
@cache_control(public=True, max_age=86_400)
def icon(request: HttpRequest, size: str) -> HttpResponse:
    if int(size) not in ICONS:
        raise Http404
    return HttpResponse(page_images.icon(int(size)), content_type="image/png")


@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(page_images.favicon(), content_type="image/x-icon")


@require_safe
@cache_control(public=True, max_age=86_400)
def manifest(request: HttpRequest) -> JsonResponse:
    name = spoken(settings.SITE_NAME, settings.SITE_NAME_EN)
    icons = [
        {"src": f"/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
        for size in ICONS
    ]
    told = {
        "name": name,
        "short_name": name,
        "lang": "en" if get_language() == "en" else "zh-Hans",
        "start_url": reverse("directory:home"),
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
    }
    return JsonResponse(told, content_type="application/manifest+json")
