"""Identifies which recorded organization a row of a list means."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from django.utils import translation

from directory.duplicates import similarity
from directory.duplicates.matcher import DuplicateMatch, Matcher
from directory.importing.parse.messages import Reason
from directory.importing.parse.parsed_row import ParsedRow
from directory.importing.plan import current as current_values
from directory.importing.plan.contradictions import find_contradictions
from directory.importing.plan.current import CurrentOrganization

CODES = ("credit_code", "school_code")
MAX_DIGITS = 18
Organizations = dict[int, CurrentOrganization]


class FoundMatches(NamedTuple):
    """Whom a row may mean, and whom of those the reader of the plan may not know."""

    matches: list[DuplicateMatch]
    hidden: list[DuplicateMatch]

    @property
    def has_code_elsewhere(self) -> bool:
        """Whether one of those has a code of the row."""
        return any(match.method == "code" for match in self.hidden)


class RowIdentifier:
    """Identifies the rows of one file in their order: each organization is meant once.

    `merged_numbers` leads from the number of a merged organization to the one that was kept;
    `hidden` are the numbers of organizations of which the reader of the plan may not know.
    """

    def __init__(
        self,
        matcher: Matcher,
        merged_numbers: dict[int, int] | None = None,
        hidden: Collection[int] = (),
    ):
        self.hidden = hidden
        self.matcher = matcher
        self.merged_numbers = merged_numbers or {}
        self.rows_by_organization: dict[int, int] = {}
        # Of organizations into which others were merged, the rows that give one of their numbers.
        self.rows_by_survivor: dict[int, list[int]] = {}

    def read_numbers(self, cells: Iterable[tuple[int, str]]) -> None:
        """Note which rows, by number and cell, mean an organization into which one was merged."""
        survivors = set(self.merged_numbers.values())
        for row_number, cell in cells:
            survivor = self.get_survivor(parse_number(cell))
            if survivor in survivors:
                self.rows_by_survivor.setdefault(survivor, []).append(row_number)

    def get_survivor(self, number: str) -> int:
        """Return the number of the organization that a number means today; 0 without one."""
        key = int(number) if 0 < len(number) < MAX_DIGITS else 0
        return self.merged_numbers.get(key, key)

    def read_fingerprint(self, parsed: ParsedRow, reasons: list[Reason]) -> dict[str, str] | None:
        """Return the cells as exported; None without a fingerprint of this organization."""
        text = parsed.cells.get("fingerprint", "")
        if not text:
            return None
        exported = current_values.read_fingerprint(text)
        if exported is None or exported["number"] != get_number(parsed):
            reasons.append(Reason("fingerprint", "fingerprint"))
            return None
        return exported

    def identify(
        self,
        parsed: ParsedRow,
        matches: list[DuplicateMatch],
        by_pk: Organizations,
        exported: dict[str, str] | None,
        reasons: list[Reason],
    ) -> tuple[CurrentOrganization | None, bool]:
        """Return the organization that is meant and whether that is certain; add doubts."""
        certain = [m for m in matches if m.score == 1]
        current = self.identify_by_number(parsed, certain, by_pk, exported, reasons)
        if current:
            return current, self.check_number(parsed, current, exported, reasons)
        if above := [-m.organization for m in certain if m.organization < 0]:
            reasons.append(Reason("same-row", "name", {"row": min(above)}))
            return None, False
        certain = [m for m in certain if m.organization in by_pk]
        by_name = [m for m in matches if m.score < 1 and m.method == "name"]
        keys = [m.organization for m in (*certain, *by_name) if m.organization in by_pk]
        keys = list(dict.fromkeys(keys))
        if certain and len(keys) == 1:
            return by_pk[keys[0]], self.check_match(parsed, certain[0], by_pk[keys[0]], reasons)
        if certain:
            names = "; ".join(f"{by_pk[key].row.name} ({key})" for key in keys[:5])
            reasons.append(Reason("several", "name", {"names": names, "numbers": keys[:5]}))
            return by_pk[keys[0]], False
        return self.find_likely(matches, by_pk, reasons), False

    def find_reasons_elsewhere(self, parsed: ParsedRow, found: FoundMatches) -> Iterator[Reason]:
        """Yield what may be told of organizations elsewhere that the row may mean: that they are.

        Not by which name or code they were found, nor that two rows mean the same one.
        """
        number = get_number(parsed)
        if self.get_survivor(number) in self.hidden:
            yield Reason("number-elsewhere", "number", {"number": int(number)})
        # Read only by accounts without a limit, which are asked whom it means.
        numbers = {"numbers": [match.organization for match in found.hidden[:5]]}
        if found.has_code_elsewhere:
            yield Reason("code-elsewhere", "", numbers)
        elif found.hidden:
            yield Reason("elsewhere", "", numbers)

    def identify_by_number(
        self,
        parsed: ParsedRow,
        certain: list[DuplicateMatch],
        by_pk: Organizations,
        exported: dict[str, str] | None,
        reasons: list[Reason],
    ) -> CurrentOrganization | None:
        """Return the organization of the row's number if the row fits it otherwise too."""
        number = get_number(parsed)
        if not number:
            return None
        if self.get_survivor(number) in self.hidden:
            return None  # told by `find_reasons_elsewhere`
        current = by_pk.get(self.get_survivor(number))
        if current and (exported or any(m.organization == current.row.pk for m in certain)):
            reasons += self.find_taken_codes(parsed, certain, current, by_pk)
            return current
        params = {"number": int(number)} | ({"name": current.row.name} if current else {})
        reasons.append(Reason("number-other" if current else "number-nobody", "number", params))
        return None

    def check_number(
        self,
        parsed: ParsedRow,
        current: CurrentOrganization,
        exported: dict[str, str] | None,
        reasons: list[Reason],
    ) -> bool:
        """Whether the number alone is certain: that of a merged one is only with a fingerprint."""
        merged, kept = get_number(parsed), current.row
        if int(merged) == kept.pk:
            return self.claim_organization(parsed, current, reasons)
        params = {"merged": int(merged), "number": kept.pk, "name": kept.name}
        reasons.append(Reason("merged-number", "number", params))
        found = () if exported else find_contradictions(parsed, current, "name")
        return self.claim_organization(parsed, current, reasons, found)

    def check_match(
        self,
        parsed: ParsedRow,
        match: DuplicateMatch,
        current: CurrentOrganization,
        reasons: list[Reason],
    ) -> bool:
        """Whether nothing in the row speaks against the match."""
        is_named = self.check_name(parsed, match, current, reasons)
        found = find_contradictions(parsed, current, match.method)
        return self.claim_organization(parsed, current, reasons, found) and is_named

    def check_name(
        self,
        parsed: ParsedRow,
        match: DuplicateMatch,
        current: CurrentOrganization,
        reasons: list[Reason],
    ) -> bool:
        """Whether the name fits too: a code may be mistyped, an alias be another's name."""
        if match.method == "name" or current.has_name(parsed.name):
            return True
        params = {"number": current.row.pk, "name": current.row.name}
        if match.method == "alias":
            reasons.append(Reason("alias-only", "name", params))
            return False
        if parsed.values.get("credit_code", "-") == current.row.credit_code:
            return True  # its last character is a check of the others: it is not mistyped
        places = self.matcher.places
        one, other = (
            similarity.build_identity(places, names) for names in ([parsed.name], current.names)
        )
        if not similarity.compare_identities(one, other).score:
            reasons.append(Reason("code-only", "name", params))
        return True

    def find_taken_codes(
        self,
        parsed: ParsedRow,
        certain: list[DuplicateMatch],
        current: CurrentOrganization,
        by_pk: Organizations,
    ) -> Iterator[Reason]:
        """Yield a reason for each code of this row that belongs to another organization."""
        for match in certain:
            other = by_pk.get(match.organization)
            if match.method == "code" and other and other.row.pk != current.row.pk:
                params = {"number": other.row.pk, "name": other.row.name}
                codes = [c for c in CODES if parsed.values.get(c) == getattr(other.row, c) != ""]
                for column in codes:
                    yield Reason("code-taken", column, {"cell": parsed.values[column]} | params)

    def claim_organization(
        self,
        parsed: ParsedRow,
        current: CurrentOrganization,
        reasons: list[Reason],
        contradictions: Iterable[Reason] = (),
    ) -> bool:
        """Whether the row means the organization, and no fact contradicts.

        Adds the contradictions as reasons, and one if another row means the same.
        """
        found = list(contradictions)
        key = -current.row.pk if found else current.row.pk
        rows = self.rows_by_survivor.get(current.row.pk, [])
        first = self.rows_by_organization.setdefault(key, parsed.number)
        if parsed.number in rows and len(rows) > 1:
            others = [number for number in rows if number != parsed.number]
            params = {"rows": others[:5], "number": current.row.pk, "name": current.row.name}
            reasons.append(Reason("merged-rows", "number", params))
        elif first != parsed.number:
            reasons.append(Reason("same-row", "name", {"row": first}))
        reasons += found
        return not found

    def find_likely(
        self, matches: list[DuplicateMatch], by_pk: Organizations, reasons: list[Reason]
    ) -> CurrentOrganization | None:
        """Return the most similar organization; add a reason for each of the first three."""
        first = None
        for match in matches[:3]:
            with translation.override("en"):
                why = [str(reason) for reason in match.reasons]
            params: dict = {"score": f"{match.score:.2f}", "why": why}
            if match.organization < 0:
                reasons.append(Reason("like-row", "name", {"row": -match.organization} | params))
            elif match.organization in by_pk:
                current = by_pk[match.organization]
                first = first or current
                params |= {"number": current.row.pk, "name": current.row.name}
                reasons.append(Reason("like", "name", params))
        return first


def get_number(parsed: ParsedRow) -> str:
    """Return the row's number of an organization as digits, or ""."""
    return parse_number(parsed.cells.get("number", ""))


def parse_number(cell: str) -> str:
    """Return a number of an organization as digits; "" for anything else."""
    number = cell.strip().removesuffix(".0")
    return number if number.isascii() and number.isdigit() else ""
