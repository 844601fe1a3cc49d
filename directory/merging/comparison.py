"""Compares what two organizations record: the fields of a merge, and contacts."""

import unicodedata
from dataclasses import dataclass

from directory.models import Alias, Contact

MERGED_FIELDS = (
    "name", "name_en", "kind", "region", "credit_code", "school_code", "website",
    "description", "description_en",
)  # fmt: skip
VERIFIED_FIELD = "verified_on"
ALIAS_LANGUAGES = {"name": Alias.Language.CHINESE, "name_en": Alias.Language.ENGLISH}


@dataclass(frozen=True)
class FactComparison:
    """The values of one field in both organizations, and which of them is `chosen`.

    `fills_gap` says whether a value that only the organization that goes has is used.
    """

    field: str
    label: str
    kept: object
    gone: object
    chosen: str
    fills_gap: bool = True

    @property
    def is_conflict(self) -> bool:
        """Whether both have a value, and these differ."""
        return bool(self.kept and self.gone and self.kept != self.gone)

    @property
    def uses_gone(self) -> bool:
        """Whether the value of the organization that goes is used."""
        if self.is_conflict:
            return self.chosen == "gone"
        return bool(self.gone and not self.kept and self.fills_gap)

    @property
    def result(self) -> object:
        """The value after the merge."""
        return self.gone if self.uses_gone else self.kept

    @property
    def dropped(self) -> object:
        """The value that is lost; None if they do not disagree."""
        return (self.kept if self.uses_gone else self.gone) if self.is_conflict else None


def get_contact_key(row: Contact) -> tuple[str, str]:
    """Return channel and normalized value, to compare contacts apart from their spelling."""
    value = unicodedata.normalize("NFKC", row.value).casefold()
    return row.channel, "".join(c for c in value if c.isalnum() or c == "@")
