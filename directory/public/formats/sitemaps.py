"""The sitemap: every public page in both languages, in parts, each with when it last changed."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from directory.db.expressions import Among
from directory.listing.index.bitmaps import Day
from directory.models import Organization
from directory.models.membership import SHANGHAI

# A part may hold fifty thousand addresses; one of a thousand members is written in no time.
PART = 1000
ROOMS = ("home", "members", "institutions", "enterprises", "roles", "regions", "statistics",
         "changes", "sources", "about")  # fmt: skip
LANGUAGES = {"zh-Hans": "zh-hans", "en": "en"}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
LINKS = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def parts(day: Day) -> int:
    return -(-len(day.everyone) // PART)


def index_of(day: Day, origin: str) -> str:
    names = ["pages", *(f"members-{number}" for number in range(1, parts(day) + 1))]
    lines = (f"<sitemap><loc>{origin}/sitemap-{name}.xml</loc></sitemap>" for name in names)
    return f"{HEAD}<sitemapindex {SPACE}>\n" + "\n".join(lines) + "\n</sitemapindex>\n"


def pages(day: Day, origin: str) -> str:
    """The rooms of the register, and the regions where somebody is."""
    count = day.counts("region", {}, day.everyone)
    known = day.vocabulary.region.items()
    regions = [code for code, row in known if not row.virtual and count(code)]
    found = [_in_both(name) for name in ROOMS] + [_in_both("region", code) for code in regions]
    return _written(((addresses, None) for addresses in found), origin)


def members(day: Day, number: int, origin: str) -> str:
    keys = list(day.everyone[(number - 1) * PART : number * PART])
    these = Organization.objects.published().filter(Among("pk", keys)).order_by("pk")
    columns = these.values_list("pk", "slug", "first_published_at", "verified_on")
    before = _in_both("members")
    found = (
        ([f"{start}{key}-{slug}/" for start in before], _changed(published, verified))
        for key, slug, published, verified in columns
    )
    return _written(found, origin)


def _changed(published, verified: date | None) -> date | None:
    days = [published.astimezone(SHANGHAI).date() if published else None, verified]
    return max((day for day in days if day), default=None)


def _in_both(name: str, *values: str) -> list[str]:
    found = []
    for language in LANGUAGES.values():
        with translation.override(language):
            found.append(reverse(f"directory:{name}", args=values))
    return found


def _written(found, origin: str) -> str:
    lines = (line for addresses, day in found for line in _lines(addresses, day, origin))
    return f"{HEAD}<urlset {SPACE} {LINKS}>\n" + "\n".join(lines) + "\n</urlset>\n"


def _lines(addresses: list[str], day: date | None, origin: str) -> Iterator[str]:
    whole = [escape(origin + address) for address in addresses]
    spoken = [*zip(LANGUAGES, whole, strict=True), ("x-default", whole[0])]
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{address}"/>'
        for code, address in spoken
    )
    changed = f"<lastmod>{day.isoformat()}</lastmod>" if day else ""
    for address in whole:
        yield f"<url><loc>{address}</loc>{changed}{links}</url>"
