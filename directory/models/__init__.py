"""What the directory knows: a file for each noun."""

from directory.models.alias import Alias
from directory.models.community import Community, Role, Seat
from directory.models.contact import Contact
from directory.models.doubles import LikelyPair, NotSame, PairSearch
from directory.models.finding import Finding
from directory.models.imports import Import, ImportCorrection, ImportRow
from directory.models.membership import Membership
from directory.models.merged import MergedNumber
from directory.models.organization import (
    Enterprise,
    Institution,
    Kind,
    Organization,
    State,
)
from directory.models.reading import Reading
from directory.models.region import Region
from directory.models.remit import Remit
from directory.models.revision import Revision, RowChange
from directory.models.sector import Sector
from directory.models.source import Citation, Evidence, Source
from directory.models.version import DataVersion

__all__ = [
    "Alias",
    "Citation",
    "Community",
    "Contact",
    "DataVersion",
    "Enterprise",
    "Evidence",
    "Finding",
    "Import",
    "ImportCorrection",
    "ImportRow",
    "Institution",
    "Kind",
    "LikelyPair",
    "Membership",
    "MergedNumber",
    "NotSame",
    "Organization",
    "PairSearch",
    "Reading",
    "Region",
    "Remit",
    "Revision",
    "Role",
    "RowChange",
    "Seat",
    "Sector",
    "Source",
    "State",
]
