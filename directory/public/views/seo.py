"""Views for machines: sitemaps, robots.txt, icons, the image of link previews, the manifest."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from directory.listing.index import store as index_store
from directory.public.formats import images, sitemaps
from directory.public.views.page_cache import IndexedRequest, cached_page
from directory.text.language import localize

ICONS = (180, 192, 512)
BACKGROUND_COLOR = "#faf8f3"
XML_CONTENT_TYPE = "application/xml; charset=utf-8"


def get_origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything public may be read, but neither the admin nor what a search box suggests."""
    starts = ("", "/en")
    closed = [start + address for start in starts for address in ("/admin/", "/members/suggest")]
    lines = ["User-agent: *", *(f"Disallow: {address}" for address in closed)]
    lines += ["", f"Sitemap: {get_origin(request)}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cached_page
def sitemap_index(request: IndexedRequest) -> HttpResponse:
    body = sitemaps.build_index(request.day_index, get_origin(request))
    return HttpResponse(body, content_type=XML_CONTENT_TYPE)


@require_safe
@cached_page
def sitemap_pages(request: IndexedRequest) -> HttpResponse:
    body = sitemaps.build_pages(request.day_index, get_origin(request))
    return HttpResponse(body, content_type=XML_CONTENT_TYPE)


@require_safe
def sitemap_members(request: HttpRequest, number: str) -> HttpResponse:
    """Not in the page cache: a part is larger than all pages that are."""
    day_index = index_store.get_day_index()
    if int(number) > sitemaps.count_parts(day_index):
        raise Http404
    body = sitemaps.build_members(day_index, int(number), get_origin(request))
    return HttpResponse(body, content_type=XML_CONTENT_TYPE)


@require_safe
@cached_page
def picture(request: IndexedRequest) -> HttpResponse:
    """The image that link previews show."""
    communities = list(request.day_index.reference_data.community.values())
    stated = communities[0].stated_at_least if len(communities) == 1 else None
    body = images.draw_share_image(len(request.day_index.members), stated)
    return HttpResponse(body, content_type="image/png")


@require_safe
@cache_control(public=True, max_age=86_400)
def icon(request: HttpRequest, size: str) -> HttpResponse:
    if int(size) not in ICONS:
        raise Http404
    return HttpResponse(images.draw_icon(int(size)), content_type="image/png")


@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(images.draw_favicon(), content_type="image/x-icon")


@require_safe
@cache_control(public=True, max_age=86_400)
def manifest(request: HttpRequest) -> JsonResponse:
    name = localize(settings.SITE_NAME, settings.SITE_NAME_EN)
    icons = [
        {"src": f"/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
        for size in ICONS
    ]
    data = {
        "name": name,
        "short_name": name,
        "lang": "en" if get_language() == "en" else "zh-Hans",
        "start_url": reverse("directory:home"),
        "display": "minimal-ui",
        "background_color": BACKGROUND_COLOR,
        "theme_color": BACKGROUND_COLOR,
        "icons": icons,
    }
    return JsonResponse(data, content_type="application/manifest+json")
