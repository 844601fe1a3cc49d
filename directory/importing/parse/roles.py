"""The roles of a row as memberships: each with its community and its days."""

import re
from dataclasses import dataclass

from directory.importing.parse import blanks, terms
from directory.importing.parse import cells as parse_cells
from directory.importing.parse.parsed_row import Said
from directory.importing.parse.terms import Vocabulary

# A day is written with strokes, so that these separate no days.
BETWEEN_DAYS = re.compile(r"[;；、|\n]")
BESIDE = ("communities", "since", "until")


@dataclass
class Roles:
    """`role` and `community` hold for rows that name none."""

    vocabulary: Vocabulary
    role: str = ""
    community: str = ""

    def read(self, said: Said) -> None:
        """The first role goes with the first community and the first day."""
        roles = terms.parts(said.cells.get("roles", "")) or [self.role] * bool(self.role)
        if not roles:
            if any(map(said.cells.get, BESIDE)):
                said.doubt("roleless", "roles")
            return
        beside = self.beside(said, len(roles))
        unequal = (column for column, found in beside.items() if not found)
        if column := next(unequal, ""):
            said.doubt("unequal", column)
            return
        for each in zip(roles, *beside.values(), strict=True):
            self.membership(said, *each)

    def beside(self, said: Said, count: int) -> dict[str, list[str]]:
        """What stands beside each of so many roles; nothing where it does not go with them."""
        communities = terms.parts(said.cells.get("communities", "")) or [self.community]
        if 1 < len(communities) < count:
            communities += [""] * (count - len(communities))
        since, until = (days_of(said.cells.get(c, ""), c, count) for c in BESIDE[1:])
        found = zip(BESIDE, (communities, since, until), strict=True)
        return {column: fitted(each, count) for column, each in found}

    def membership(self, said: Said, role: str, community: str, since: str, until: str) -> None:
        role_code = self.vocabulary.roles.get(terms.plain(role))
        where = self.vocabulary.communities.get(terms.plain(community))
        if role_code is None:
            said.doubt("role-unknown", "roles", cell=role[:60])
        if not community:
            said.doubt("community-missing", "communities")
        elif where is None:
            said.doubt("community-unknown", "communities", cell=community[:60])
        days = {}
        for column, cell in (("since", since), ("until", until)):
            value, reason = parse_cells.day(cell, column) if cell else ("", None)
            days[column] = value
            if reason:
                said.reasons.append(reason)
        if days["since"] and days["until"] and days["until"] <= days["since"]:
            said.doubt("ends-before", "until", **days)
        elif role_code and where:
            said.memberships.append({"community": where, "role": role_code, **days})


def fitted(found: list[str], count: int) -> list[str]:
    """One speaks for all; else there must be as many."""
    found = found * count if len(found) == 1 else found
    return found if len(found) == count else []


def days_of(cell: str, column: str, count: int) -> list[str]:
    """The days of so many roles; one day speaks for all of them."""
    days = [part.strip() for part in BETWEEN_DAYS.split(cell)]
    if len(days) == 1:
        return days
    if parse_cells.day(cell, column)[0]:  # one day, on two lines
        return [cell]
    while len(days) > count and not days[-1]:
        days.pop()
    return ["" if blanks.is_blank(column, day) else day for day in days]
