"""Parse the roles of a row into memberships, each with its community and its days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from directory.importing.parse import blanks, terms
from directory.importing.parse import cells as parse_cells
from directory.importing.parse.parsed_row import ParsedRow
from directory.importing.parse.terms import Terms
from directory.partial_dates import get_end, get_first_day

# Slashes and commas are left out: they occur within a day.
DAY_SEPARATOR = re.compile(r"[;；、|\n]")
MAX_PARTS = 8  # into which the separators in one name may cut it
MEMBERSHIP_COLUMNS = ("communities", "since", "until")


@dataclass
class RoleParser:
    """Parse roles; `role` and `community` are used for rows that give none."""

    terms: Terms
    role: str = ""
    community: str = ""

    def parse(self, row: ParsedRow) -> None:
        """Add the memberships of a row: the first role with the first community and days."""
        roles = split_known_values(row.cells.get("roles", ""), self.terms.role_codes)
        roles = roles or [self.role] * bool(self.role)
        if not roles:
            if any(map(row.cells.get, MEMBERSHIP_COLUMNS)):
                row.add_warning("roleless", "roles")
            return
        values_by_column = self._split_columns(row, len(roles))
        unequal = (column for column, values in values_by_column.items() if not values)
        if column := next(unequal, ""):
            row.add_warning("unequal", column)
            return
        for role, community, since, until in zip(roles, *values_by_column.values(), strict=True):
            self._add_membership(row, role, community, since, until)

    def _split_columns(self, row: ParsedRow, count: int) -> dict[str, list[str]]:
        """Return the communities and days of so many roles by column, empty if not as many."""
        cell = row.cells.get("communities", "")
        communities = split_known_values(cell, self.terms.community_codes) or [self.community]
        if 1 < len(communities) < count:
            communities += [""] * (count - len(communities))
        since, until = (split_days(row.cells.get(c, ""), c, count) for c in MEMBERSHIP_COLUMNS[1:])
        columns = zip(MEMBERSHIP_COLUMNS, (communities, since, until), strict=True)
        return {column: fit_to_count(values, count) for column, values in columns}

    def _add_membership(
        self, row: ParsedRow, role: str, community: str, since: str, until: str
    ) -> None:
        role_code = self.terms.role_codes.get(terms.normalize_term(role))
        community_code = self.terms.community_codes.get(terms.normalize_term(community))
        if role_code is None:
            row.add_warning("role-unknown", "roles", cell=role[:60])
        if not community:
            row.add_warning("community-missing", "communities")
        elif community_code is None:
            row.add_warning("community-unknown", "communities", cell=community[:60])
        days = {}
        for column, cell in (("since", since), ("until", until)):
            value, reason = parse_cells.parse_date(cell, column) if cell else ("", None)
            days[column] = value
            if reason:
                row.reasons.append(reason)
        if get_end(days["until"]) <= get_first_day(days["since"]):
            row.add_warning("ends-before", "until", **days)
        elif role_code and community_code:
            row.memberships.append({"community": community_code, "role": role_code, **days})


def split_known_values(cell: str, known: Mapping[str, str]) -> list[str]:
    """Return the values of a cell; a known name that holds a separator is one of them."""
    parts, values = terms.split_values(cell), []
    while parts:
        lengths = range(min(len(parts), MAX_PARTS), 1, -1)
        joined = ((length, "".join(parts[:length])) for length in lengths)
        found = (length for length, name in joined if terms.normalize_term(name) in known)
        length = next(found, 1)
        values.append("".join(parts[:length]))
        parts = parts[length:]
    return values


def fit_to_count(values: list[str], count: int) -> list[str]:
    """Return so many values: a single one is repeated; [] where they are not as many."""
    values = values * count if len(values) == 1 else values
    return values if len(values) == count else []


def split_days(cell: str, column: str, count: int) -> list[str]:
    """Return the days of so many roles, or a single day for all of them."""
    days = [part.strip() for part in DAY_SEPARATOR.split(cell)]
    if len(days) == 1:
        return days
    if parse_cells.parse_date(cell, column)[0]:  # one day, on two lines
        return [cell]
    while len(days) > count and not days[-1]:
        days.pop()
    return ["" if blanks.is_blank(column, day) else day for day in days]
