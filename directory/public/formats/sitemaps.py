"""XML sitemaps: every public page in each language, in parts, with the day of its last change."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from directory.db.expressions import InKeys
from directory.listing.index.bitmaps import DayIndex
from directory.models import Organization
from directory.models.membership import SHANGHAI
from directory.partial_dates import Precision
from directory.text.page_languages import get_html_code

# A part may hold 50,000 URLs; one of a thousand members is written in no time.
PART_SIZE = 1000
VERIFIED = ("verified_on", "verified_on_precision")
PAGE_NAMES = (
    *("home", "members", "institutions", "enterprises", "roles", "regions"),
    *("statistics", "changes", "sources", "about"),
)
XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
XHTML_NAMESPACE = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


# A page's URLs, one for each language, and the day of its last change.
Page = tuple[list[str], date | None]


def count_parts(day_index: DayIndex) -> int:
    return -(-len(day_index.members) // PART_SIZE)


def build_index(day_index: DayIndex, origin: str) -> str:
    """The sitemap of sitemaps."""
    parts = range(1, count_parts(day_index) + 1)
    names = ["pages", *(f"members-{number}" for number in parts)]
    lines = (f"<sitemap><loc>{origin}/sitemap-{name}.xml</loc></sitemap>" for name in names)
    text = "\n".join(lines)
    return f"{XML_DECLARATION}<sitemapindex {SITEMAP_NAMESPACE}>\n{text}\n</sitemapindex>\n"


def build_pages(day_index: DayIndex, origin: str) -> str:
    """The sitemap of the pages, and of the regions that have members."""
    count = day_index.get_counter("region", {}, day_index.members)
    regions = day_index.reference_data.region.items()
    codes = [code for code, row in regions if not row.virtual and count(code)]
    urls = [_get_localized_urls(name) for name in PAGE_NAMES]
    urls += [_get_localized_urls("region", code) for code in codes]
    return _render_urlset(((each, None) for each in urls), origin)


def build_members(day_index: DayIndex, number: int, origin: str) -> str:
    """The sitemap of one part of the members; `number` counts from 1."""
    keys = list(day_index.members[(number - 1) * PART_SIZE : number * PART_SIZE])
    rows = Organization.objects.published().filter(InKeys("pk", keys)).order_by("pk")
    columns = rows.values_list("pk", "slug", "first_published_at", *VERIFIED)
    prefixes = _get_localized_urls("members")
    pages = (
        ([f"{prefix}{key}-{slug}/" for prefix in prefixes], _get_last_modified(*days))
        for key, slug, *days in columns
    )
    return _render_urlset(pages, origin)


def _get_last_modified(
    published: datetime | None, verified: date | None, precision: str
) -> date | None:
    """The later day; a verification of which only the month or year is known has none."""
    verified = verified if precision == Precision.DAY.value else None
    days = [published.astimezone(SHANGHAI).date() if published else None, verified]
    return max((day for day in days if day), default=None)


def _get_localized_urls(name: str, *args: str) -> list[str]:
    """The path of a page in each language."""
    urls = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            urls.append(reverse(f"directory:{name}", args=args))
    return urls


def _render_urlset(pages: Iterable[Page], origin: str) -> str:
    lines = (line for urls, day in pages for line in _render_urls(urls, day, origin))
    text = "\n".join(lines)
    namespaces = f"{SITEMAP_NAMESPACE} {XHTML_NAMESPACE}"
    return f"{XML_DECLARATION}<urlset {namespaces}>\n{text}\n</urlset>\n"


def _render_urls(paths: list[str], day: date | None, origin: str) -> Iterator[str]:
    """A page in each language, each of which names all."""
    urls = [escape(origin + path) for path in paths]
    codes = [get_html_code(language) for language, _name in settings.LANGUAGES]
    alternates = [*zip(codes, urls, strict=True), ("x-default", urls[0])]
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{url}"/>' for code, url in alternates
    )
    changed = f"<lastmod>{day.isoformat()}</lastmod>" if day else ""
    for url in urls:
        yield f"<url><loc>{url}</loc>{changed}{links}</url>"
