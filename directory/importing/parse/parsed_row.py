"""The result of parsing a row: values that can be stored, and reasons for what is in doubt."""

from dataclasses import dataclass, field

from directory.importing.parse.messages import Reason


@dataclass
class ParsedRow:
    """A row of a list as values of an organization.

    A cell that cannot be used is not among the values; a reason tells why.
    """

    number: int
    cells: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    sectors: list[str] = field(default_factory=list)
    aliases: list[tuple[str, str, str]] = field(default_factory=list)
    memberships: list[dict] = field(default_factory=list)
    # All kinds that the words of the row may mean: 高等学校 is a university or a college.
    kinds: frozenset[str] = frozenset()
    reasons: list[Reason] = field(default_factory=list)
    # The name without what may be a remark or a part of it: who has it may be meant.
    base_name: str = ""

    @property
    def name(self) -> str:
        """The name, or "" if the row has none."""
        return self.values.get("name", "")

    @property
    def is_own_export(self) -> bool:
        """Whether this directory exported the row: then its names are used as they stand."""
        return bool(self.cells.get("fingerprint") or self.cells.get("number"))

    def add_warning(self, code: str, column: str, **params: object) -> None:
        """Add the reason with this code (see messages) for a column."""
        self.reasons.append(Reason(code, column, params))

    def set_parsed(self, column: str, parsed: tuple[str, Reason | None]) -> None:
        """Store what a parser of cells returned: its reason if there is one, else its value."""
        value, reason = parsed
        if reason:
            self.reasons.append(reason)
        elif value:
            self.values[column] = value
