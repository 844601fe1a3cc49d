"""What a row of a list says of an organization: values that can be stored, and doubts."""

from dataclasses import dataclass, field

from directory.importing.parse.messages import Reason


@dataclass
class Said:
    """What a row says; a cell in doubt is not among its values, but among its reasons."""

    number: int
    cells: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    sectors: list[str] = field(default_factory=list)
    aliases: list[tuple[str, str, str]] = field(default_factory=list)
    memberships: list[dict] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.values.get("name", "")

    @property
    def is_ours(self) -> bool:
        """Whether the row was written out here: then its names stand as they are recorded."""
        return bool(self.cells.get("fingerprint") or self.cells.get("number"))

    def doubt(self, code: str, column: str, **params: object) -> None:
        self.reasons.append(Reason(code, column, params))

    def put(self, column: str, found: tuple[str, Reason | None]) -> None:
        value, reason = found
        if reason:
            self.reasons.append(reason)
        elif value:
            self.values[column] = value
