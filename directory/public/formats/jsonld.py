"""Members as linked data (JSON-LD of schema.org), for machines that read pages."""

import json
from collections.abc import Iterable

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from directory.listing.records import Record, Seat
from directory.models import Kind, Organization
from directory.public.html.list_items import Card

CONTEXT = "https://schema.org"
COLLEGES = (Kind.UNIVERSITY, Kind.VOCATIONAL_UNIVERSITY, Kind.VOCATIONAL_COLLEGE)
TYPES = dict.fromkeys(COLLEGES, "CollegeOrUniversity") | {
    Kind.SECONDARY_VOCATIONAL_SCHOOL: "EducationalOrganization",
    Kind.RESEARCH_INSTITUTE: "ResearchOrganization",
}
# No value may end the element that holds it, nor begin another.
ESCAPED = (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026"))


def script(data: dict) -> SafeString:
    text = json.dumps({"@context": CONTEXT} | data, ensure_ascii=False)
    for letter, escaped in ESCAPED:
        text = text.replace(letter, escaped)
    return SafeString(f'<script type="application/ld+json">{text}</script>')


def member(record: Record, origin: str) -> dict:
    row = record.organization
    names = [name for name, _language in record.names]
    told = {
        "@type": TYPES.get(row.kind, "Organization"),
        "@id": f"{origin}{row.get_absolute_url()}",
        "name": names[0],
        "alternateName": [*names[1:], *(alias.name for alias in record.aliases)],
        "url": row.website,
        "description": row.description_en if get_language() == "en" else row.description,
        "identifier": identifiers(row),
        "address": address(record),
        "memberOf": [held(seat) for seat in record.every_seat],
    }
    return {name: value for name, value in told.items() if value}


def identifiers(row: Organization) -> list[dict]:
    known = (("GB 32100-2015", row.credit_code), ("学校标识码", row.school_code))
    return [
        {"@type": "PropertyValue", "propertyID": sort, "value": code}
        for sort, code in known
        if code
    ]


def address(record: Record) -> dict:
    if not record.path:
        return {}
    province, *below = (region.label for region in record.path)
    place = {"@type": "PostalAddress", "addressCountry": "CN", "addressRegion": province}
    return place | ({"addressLocality": below[-1]} if below else {})


def held(seat: Seat) -> dict:
    """A role in a community, with its days as far as they are recorded."""
    days = (("startDate", seat.since), ("endDate", seat.until))
    return {
        "@type": "OrganizationRole",
        "roleName": seat.role.label,
        **{name: day.isoformat() for name, day in days if day},
        "memberOf": {"@type": "Organization", "name": seat.community.label},
    }


def listing(total: int, start: int, cards: Iterable[Card], origin: str) -> dict:
    """A page of a list of so many, each member with its place in the whole."""
    return {
        "@type": "ItemList",
        "numberOfItems": total,
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": card.label,
                "url": f"{origin}{card.link}",
            }
            for place, card in enumerate(cards, start)
        ],
    }
