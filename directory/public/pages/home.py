"""The template context of the home page: the community, its size, its leads, what is new."""

from django.http import QueryDict
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from directory.listing.index.bitmaps import DayIndex
from directory.listing.listing import Listing
from directory.models import Community, Organization, Role
from directory.models.date_fields import get_partial_date
from directory.partial_dates import PartialDate, Precision
from directory.public.pages import role_seats
from directory.public.pages.contexts import (
    build_region_tiles,
    fetch_published_in_order,
    get_stated_size,
)
from directory.public.pages.statistics import Statistics
from directory.text.language import LocalizedText, get_punctuation, is_english

LONG_FORMATS = {
    "en": {Precision.DAY: "j F Y", Precision.MONTH: "F Y", Precision.YEAR: "Y"},
    "zh": {Precision.DAY: "Y 年 n 月 j 日", Precision.MONTH: "Y 年 n 月", Precision.YEAR: "Y 年"},
}
MAX_LATEST, MAX_LEADS, MAX_HINTS = 5, 6, 4


def build_home_context(day_index: DayIndex) -> dict:
    community = next(iter(day_index.reference_data.community.values()), None)
    leads = _get_lead_roles(community, day_index) if community else []
    return {
        "community": community,
        "lead_roles": leads,
        "search_hints": get_search_hints(leads),
        "kinds": Statistics(Listing(QueryDict(), today=day_index)).kinds,
        "tiles": build_region_tiles(day_index),
        "total": len(day_index.members),
        "description": describe_register(community, day_index),
        "size_label": format_register_size(community, day_index),
        "latest_organizations": get_latest_organizations(day_index),
        **(_build_community_context(community, day_index) if community else {}),
    }


def describe_register(community: Community | None, day_index: DayIndex) -> str:
    """The community with the numbers of its named and its stated members, as a sentence."""
    mark, total = get_punctuation(), len(day_index.members)
    named = ngettext("%(total)s named member", "%(total)s named members", total)
    text = named % {"total": total}
    if community is None:
        return f"{text}{mark.full_stop}"
    stated = get_stated_size(community, total, day_index)
    more = f"{mark.semicolon}{stated.not_named_label}" if stated else ""
    return f"{community.label}{mark.colon}{text}{more}{mark.full_stop}"


def format_register_size(community: Community | None, day_index: DayIndex) -> str:
    """What stands after the number of named members: what it counts, and what is only stated."""
    total = len(day_index.members)
    text = ngettext("member named", "members named", total)
    stated = get_stated_size(community, total, day_index) if community else None
    return f"{text}{get_punctuation().semicolon}{stated.not_named_label}" if stated else text


def _get_lead_roles(community: Community, day_index: DayIndex) -> list[role_seats.RoleSeats]:
    return role_seats.get_role_seats(community, day_index, MAX_LEADS, Role.Axis.LEAD)


def _build_community_context(community: Community, day_index: DayIndex) -> dict:
    reference_data = day_index.reference_data
    return {
        "community_citations": reference_data.community_citations.get(community.pk, {}),
        "stated_size": get_stated_size(community, len(day_index.members), day_index),
        "community_path": reference_data.get_path(community.region_id),
        "founding_label": format_founding(community, day_index),
    }


def get_latest_organizations(day_index: DayIndex) -> list[Organization]:
    """The members that were first published last."""
    return fetch_published_in_order(day_index.iter_sorted(day_index.members, "newest"), MAX_LATEST)


def format_place(community: Community, day_index: DayIndex) -> str:
    """The region of a community: 新疆巴音郭楞, or Bayingolin, Xinjiang."""
    path = day_index.reference_data.get_path(community.region_id)
    labels = [region.short_label for region in path]
    return ", ".join(reversed(labels)) if is_english() else "".join(labels)


def format_founding(community: Community, day_index: DayIndex) -> str:
    """When and where it was founded; "" where no day is recorded."""
    founded = get_partial_date(community, "founded_on")
    if founded is None:
        return ""
    values = {"day": format_long_date(founded), "place": ""}
    is_day = founded.precision == Precision.DAY
    if not community.region_id:
        text = _("Founded on %(day)s") if is_day else _("Founded in %(day)s")
        return text % values
    text = _("Founded on %(day)s in %(place)s") if is_day else _("Founded in %(place)s in %(day)s")
    return text % (values | {"place": format_place(community, day_index)})


def format_long_date(value: PartialDate) -> str:
    """2023 年 11 月 13 日, or 13 November 2023; without day or month where it is not known."""
    formats = LONG_FORMATS["en" if is_english() else "zh"]
    return date_format(value.day, formats[value.precision])


def get_search_hints(leads: list[role_seats.RoleSeats]) -> list[LocalizedText]:
    """Queries to try: an alias of each lead organization, or two words of its English name."""
    hints = []
    for record in (holder.record for role in leads for holder in role.holders):
        if record.aliases:
            hints.append(LocalizedText(record.aliases[0].name, record.aliases[0].language))
        elif record.organization.name_en:
            words = record.organization.name_en.lower().split()[1:3]
            hints.append(LocalizedText(" ".join(words), "en"))
    return hints[:MAX_HINTS]
