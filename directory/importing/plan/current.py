"""What the directory has of organizations, as their rows in a file would say it."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.core import signing

from directory.db.expressions import Unlike
from directory.duplicates import normalize
from directory.importing.parse import terms
from directory.importing.readers import limits
from directory.models import Alias, Membership, Organization, State
from directory.models.organization import OrganizationQuerySet
from directory.tabular import COLUMNS, JOIN

PLAIN = (
    "name",
    "name_en",
    "kind",
    "credit_code",
    "school_code",
    "website",
    "description",
    "description_en",
)
EDITED = (*COLUMNS[:7], "until", *COLUMNS[7:])
SALT = "directory.imports.fingerprint"
LONGEST = 120  # of a value in a fingerprint; a longer one is kept as its digest
BATCH = 500


@dataclass
class Recorded:
    """An organization, with its aliases, sectors and memberships."""

    row: Organization
    aliases: list[str] = field(default_factory=list)
    sectors: list[str] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    # Taken from the public: they come back by an officer's hand, not by a list.
    withdrawn: list[Membership] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [name for name in (self.row.name, self.row.name_en, *self.aliases) if name]

    def is_called(self, name: str) -> bool:
        """Whether this is one of its names, however it is written."""
        folds = terms.plain, normalize.plain
        return any(fold(name) in map(fold, self.names) for fold in folds)

    def value(self, column: str) -> str:
        if column in PLAIN:
            return getattr(self.row, column)
        if column == "region":
            return self.row.region_id or ""
        if column == "verified_on":
            return iso(self.row.verified_on)
        return ""

    def cells(self) -> dict[str, str]:
        """As the file for editing says it: with what has ended and what is not public.

        What no cell of a spreadsheet holds is left out, and an empty cell takes nothing away.
        """
        whole = {column: self.value(column) for column in EDITED}
        found = {column: "" if len(c) >= limits.CELL else c for column, c in whole.items()}
        days = [[iso(each.since), iso(each.until)] for each in self.memberships]
        since, until = ([pair[at] for pair in days] for at in (0, 1))
        return found | {
            "number": str(self.row.pk),
            "roles": JOIN.join(each.role_id for each in self.memberships),
            "communities": JOIN.join(each.community.code for each in self.memberships),
            "since": JOIN.join(since) if any(since) else "",
            "until": JOIN.join(until) if any(until) else "",
            "sectors": JOIN.join(self.sectors),
            "aliases": JOIN.join(self.aliases),
        }


def iso(value: date | None) -> str:
    return value.isoformat() if value else ""


def fetch(keys: Collection[int]) -> dict[int, Recorded]:
    return fetched(Organization.objects.filter(pk__in=keys))


def fetched(organizations: OrganizationQuerySet) -> dict[int, Recorded]:
    found = {row.pk: Recorded(row) for row in organizations}
    aliases = Alias.objects.filter(organization__in=found).order_by("pk")
    for key, name in aliases.values_list("organization_id", "name"):
        found[key].aliases.append(name)
    through = Organization.sectors.through.objects.filter(organization__in=found)
    for key, code in through.order_by("sector_id").values_list("organization_id", "sector_id"):
        found[key].sectors.append(code)
    held = Membership.objects.filter(organization__in=found)
    for each in held.select_related("community", "role").order_by("role__rank", "pk"):
        its = found[each.organization_id]
        (its.withdrawn if each.state == State.WITHDRAWN else its.memberships).append(each)
    return found


def spoken_so(pinyin: Collection[str]) -> OrganizationQuerySet:
    """Who stands at these places in the order of pinyin: names have no index of their own."""
    return Organization.objects.filter(pinyin__in=pinyin)


def coded(column: str, codes: Collection[str]) -> OrganizationQuerySet:
    """Who has one of these codes."""
    return Organization.objects.filter(Unlike(column), **{f"{column}__in": codes})


# -- Fingerprints ------------------------------------------------------------


def fingerprint(cells: dict[str, str]) -> str:
    """What a row said when it was written into a file, signed, so that nobody can say otherwise."""
    kept = {column: brief(cell) for column, cell in cells.items() if cell}
    return signing.dumps(kept, salt=SALT, compress=True)


def brief(cell: str) -> str:
    if len(cell) <= LONGEST:
        return cell
    return f"{cell[:60]}…{hashlib.sha256(cell.encode()).hexdigest()[:16]}"


def said_then(text: str) -> dict[str, str] | None:
    """The cells of a fingerprint; None if it is none of ours."""
    try:
        found = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, UnicodeError):
        return None
    return found if isinstance(found, dict) and "number" in found else None
