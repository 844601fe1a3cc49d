"""Loads organizations as the cells of the file for editing, and signs their fingerprints."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

from django.core import signing
from django.db.models import Model

from directory.db.expressions import NotEqualTo
from directory.duplicates import normalize
from directory.importing.parse import terms
from directory.importing.readers import limits
from directory.models import Alias, Membership, Organization, State
from directory.models.date_fields import get_partial_date
from directory.models.organization import OrganizationQuerySet
from directory.tabular import COLUMNS, SEPARATOR
from directory.text.normalization import normalize_characters

TEXT_COLUMNS = (
    "name",
    "name_en",
    "kind",
    "credit_code",
    "school_code",
    "website",
    "description",
    "description_en",
)
ROUNDTRIP_COLUMNS = (*COLUMNS[:7], "until", *COLUMNS[7:])
SALT = "directory.imports.fingerprint"
MAX_VALUE_LENGTH = 120  # of a value in a fingerprint; a longer one is shortened to a digest
BATCH = 500


@dataclass
class CurrentOrganization:
    """An organization, with its aliases, sectors and memberships."""

    row: Organization
    aliases: list[str] = field(default_factory=list)
    sectors: list[str] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    # Withdrawn memberships are restored by an officer, never by an import.
    withdrawn_memberships: list[Membership] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """All its names: the registered one, the English one and the aliases."""
        return [name for name in (self.row.name, self.row.name_en, *self.aliases) if name]

    def has_name(self, name: str) -> bool:
        """Whether this is one of its names, apart from spelling differences."""
        folds = terms.normalize_term, normalize.normalize_name
        return any(fold(name) in map(fold, self.names) for fold in folds)

    def get_value(self, column: str) -> str:
        """Return its value of a column of a single value as text, or ""."""
        if column in TEXT_COLUMNS:
            return getattr(self.row, column)
        if column == "region":
            return self.row.region_id or ""
        if column == "verified_on":
            return format_date(self.row, "verified_on")
        return ""

    def build_cells(self) -> dict[str, str]:
        """Build the cells of its row in the file for editing, with ended and hidden memberships.

        A text too long for a cell of a spreadsheet is left empty; an empty cell deletes nothing.
        """
        values = {column: self.get_value(column) for column in ROUNDTRIP_COLUMNS}
        values = {column: normalize_characters(value) for column, value in values.items()}
        cells = {column: "" if len(c) >= limits.CELL_LENGTH else c for column, c in values.items()}
        days = [[format_date(m, "since"), format_date(m, "until")] for m in self.memberships]
        since, until = ([pair[at] for pair in days] for at in (0, 1))
        return cells | {
            "number": str(self.row.pk),
            "roles": SEPARATOR.join(each.role_id for each in self.memberships),
            "communities": SEPARATOR.join(each.community.code for each in self.memberships),
            "since": SEPARATOR.join(since) if any(since) else "",
            "until": SEPARATOR.join(until) if any(until) else "",
            "sectors": SEPARATOR.join(self.sectors),
            "aliases": normalize_characters(SEPARATOR.join(self.aliases)),
        }


def format_date(row: Model, name: str) -> str:
    """Return the date that a row has in this field in ISO 8601, or ""."""
    value = get_partial_date(row, name)
    return str(value) if value else ""


def load_organizations(
    keys: Collection[int], outside: Collection[int] = ()
) -> dict[int, CurrentOrganization]:
    """Load the organizations of these primary keys, by primary key.

    Those `outside` of the part of an account are loaded as visitors see them.
    """
    loaded = load_queryset(Organization.objects.filter(pk__in=keys))
    for key in loaded.keys() & {*outside}:
        current = loaded[key]
        current.memberships = [m for m in current.memberships if m.state == State.PUBLISHED]
        current.withdrawn_memberships = []
    return loaded


def load_queryset(organizations: OrganizationQuerySet) -> dict[int, CurrentOrganization]:
    """Load organizations with what belongs to them, by primary key, in four queries."""
    loaded = {row.pk: CurrentOrganization(row) for row in organizations}
    aliases = Alias.objects.filter(organization__in=loaded).order_by("pk")
    for key, name in aliases.values_list("organization_id", "name"):
        loaded[key].aliases.append(name)
    through = Organization.sectors.through.objects.filter(organization__in=loaded)
    for key, code in through.order_by("sector_id").values_list("organization_id", "sector_id"):
        loaded[key].sectors.append(code)
    memberships = Membership.objects.filter(organization__in=loaded)
    for each in memberships.select_related("community", "role").order_by("role__rank", "pk"):
        current = loaded[each.organization_id]
        withdrawn = each.state == State.WITHDRAWN
        (current.withdrawn_memberships if withdrawn else current.memberships).append(each)
    return loaded


def filter_by_pinyin(pinyin: Collection[str]) -> OrganizationQuerySet:
    """Return organizations whose names have this pinyin: names have no index of their own."""
    return Organization.objects.filter(pinyin__in=pinyin)


def filter_by_code(column: str, codes: Collection[str]) -> OrganizationQuerySet:
    """Return organizations that have one of these codes."""
    return Organization.objects.filter(NotEqualTo(column), **{f"{column}__in": codes})


# -- Fingerprints ------------------------------------------------------------


def sign_fingerprint(cells: dict[str, str]) -> str:
    """Sign the cells of an exported row, so that a file cannot claim others."""
    values = {column: shorten_value(cell) for column, cell in cells.items() if cell}
    return signing.dumps(values, salt=SALT, compress=True)


def shorten_value(cell: str) -> str:
    """Return a value as a fingerprint holds it: a long one is replaced by a digest."""
    if len(cell) <= MAX_VALUE_LENGTH:
        return cell
    return f"{cell[:60]}…{hashlib.sha256(cell.encode()).hexdigest()[:16]}"


def read_fingerprint(text: str) -> dict[str, str] | None:
    """Return the cells of a fingerprint; None if it was not signed here."""
    try:
        cells = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, UnicodeError):
        return None
    return cells if isinstance(cells, dict) and "number" in cells else None
