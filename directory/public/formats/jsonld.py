"""Members as linked data (JSON-LD of schema.org), as dictionaries; `html` writes them."""

from collections.abc import Iterable

from django.utils.translation import get_language

from directory.listing.records import Record, RecordMembership
from directory.models import Kind, Organization
from directory.public.html.list_items import ListItem

COLLEGES = (Kind.UNIVERSITY, Kind.VOCATIONAL_UNIVERSITY, Kind.VOCATIONAL_COLLEGE)
TYPES: dict[str, str] = {
    **dict.fromkeys(COLLEGES, "CollegeOrUniversity"),
    Kind.SECONDARY_VOCATIONAL_SCHOOL: "EducationalOrganization",
    Kind.RESEARCH_INSTITUTE: "ResearchOrganization",
}


def build_member(record: Record, origin: str) -> dict:
    row = record.organization
    names = [name.text for name in record.names]
    data = {
        "@type": TYPES.get(row.kind, "Organization"),
        "@id": f"{origin}{row.get_absolute_url()}",
        "name": names[0],
        "alternateName": [*names[1:], *(alias.name for alias in record.aliases)],
        "url": row.website,
        "description": row.description_en if get_language() == "en" else row.description,
        "identifier": build_identifiers(row),
        "address": build_address(record),
        "memberOf": [build_role(held) for held in record.all_memberships],
    }
    return {name: value for name, value in data.items() if value}


def build_identifiers(row: Organization) -> list[dict]:
    codes = (("GB 32100-2015", row.credit_code), ("学校标识码", row.school_code))
    return [
        {"@type": "PropertyValue", "propertyID": scheme, "value": code}
        for scheme, code in codes
        if code
    ]


def build_address(record: Record) -> dict:
    if not record.path:
        return {}
    province, *below = (region.label for region in record.path)
    place = {"@type": "PostalAddress", "addressCountry": "CN", "addressRegion": province}
    return place | ({"addressLocality": below[-1]} if below else {})


def build_role(membership: RecordMembership) -> dict:
    """A role in a community, with its days as far as they are recorded."""
    days = (("startDate", membership.since), ("endDate", membership.until))
    return {
        "@type": "OrganizationRole",
        "roleName": membership.role.label,
        **{name: day.isoformat() for name, day in days if day},
        "memberOf": {"@type": "Organization", "name": membership.community.label},
    }


def build_item_list(total: int, start: int, items: Iterable[ListItem], origin: str) -> dict:
    """A page of a list of `total` members, each with its place in the whole list."""
    return {
        "@type": "ItemList",
        "numberOfItems": total,
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": item.label,
                "url": f"{origin}{item.url}",
            }
            for place, item in enumerate(items, start)
        ],
    }
