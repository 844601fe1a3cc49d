"""What a search box offers while somebody types: members, regions and roles, each a way on."""

from dataclasses import asdict, dataclass
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext as _

from directory.listing.index.bitmaps import Day
from directory.listing.listing import Listing
from directory.listing.matches import matched, names_of
from directory.models import Region
from directory.text import tokens

MOST_MEMBERS, MOST_OTHERS = 6, 3


@dataclass(frozen=True)
class Suggestion:
    """A line of the list: what it is called, what it is, and where it leads."""

    label: str
    sort: str
    address: str


def suggestions(listing: Listing) -> list[dict]:
    """At most twelve lines for what was typed; nothing for nothing."""
    if not listing.q or tokens.asked(listing.q) is None:
        return []
    day = listing.index
    found = [*members(listing), *regions(listing.q, day), *roles(listing.q, day)]
    return [asdict(line) for line in found]


def members(listing: Listing):
    own = listing.index.ordered(listing.found & listing.hits[0], "seniority")
    for record in listing.records(islice(own, MOST_MEMBERS), brief=True):
        hit = matched(listing.q, names_of(record))
        label = record.organization.label
        sort = f"{hit.sort}: {hit.name}" if hit and hit.name != label else record.senior.role.label
        yield Suggestion(label, sort, record.organization.get_absolute_url())


def regions(query: str, day: Day):
    count = day.counts("region", {}, day.everyone)
    question, known = tokens.asked(query), day.bitmaps["region"]
    used = (row for code, row in day.vocabulary.region.items() if code in known)
    fitting = (row for row in used if not row.virtual and tokens.answers(question, words_of(row)))
    for row in islice((row for row in fitting if count(row.code)), MOST_OTHERS):
        address = reverse("directory:members") + f"?region={row.code}"
        yield Suggestion(f"{row.label} ({count(row.code)})", _("region"), address)


def words_of(region: Region) -> frozenset[str]:
    return tokens.kept_words_of_all(tuple(region.every_name))


def roles(query: str, day: Day):
    count = day.counts("role", {}, day.everyone)
    fitting = (r for r in day.vocabulary.role.values() if tokens.matches(query, r.name, r.name_en))
    for role in islice(fitting, MOST_OTHERS):
        address = reverse("directory:members") + f"?role={role.code}"
        yield Suggestion(f"{role.label} ({count(role.code)})", _("role"), address)
