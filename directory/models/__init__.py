"""Models of the directory, a module for each subject."""

from directory.models.account_scope import Remit
from directory.models.alias import Alias
from directory.models.citation import Citation, Evidence
from directory.models.community import Community, Role, Seat
from directory.models.contact import Contact
from directory.models.data_version import DataVersion
from directory.models.duplicate import LikelyPair, NotSame, PairSearch
from directory.models.import_job import Import, ImportCorrection, ImportRow
from directory.models.membership import Membership
from directory.models.merged_number import MergedNumber
from directory.models.organization import (
    Enterprise,
    Institution,
    Kind,
    Organization,
    State,
)
from directory.models.pinyin_override import Reading
from directory.models.quality_issue import Finding
from directory.models.region import Region
from directory.models.revision import Revision, RowChange
from directory.models.sector import Sector
from directory.models.source import Source

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
