"""What each row of a list would change, with the reason: nothing is written here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import starmap

import django
from django.utils import translation

from directory import snapshots
from directory.db.bulk import Blank
from directory.duplicates import similarity
from directory.duplicates.matcher import Match, Matcher, Traits, traits_of
from directory.duplicates.normalize import Places
from directory.duplicates.similarity import LIKELY
from directory.importing.parse import messages as parse_messages
from directory.importing.parse.messages import Reason
from directory.importing.parse.rows import Reader, Said
from directory.importing.plan import current as current_values
from directory.importing.plan.current import Recorded
from directory.importing.plan.diff import Comparison
from directory.models import ImportRow, Membership, Seat, State
from directory.search import index as search_index
from directory.text import tokens
from directory.workers import Aside

BATCH = 500
BLANK = Blank(ImportRow)
Outcome = ImportRow.Outcome
OUTCOMES = tuple(Outcome.values)
CODES = ("credit_code", "school_code")


@dataclass
class Eyes:
    """Reads rows and what a matcher needs of them: by itself, in whatever process."""

    reader: Reader
    places: Places
    readings: Mapping[str, tuple[str, ...]]

    def read(self, rows: list[tuple]) -> list[tuple[Said, Traits | None]]:
        tokens.correct(self.readings)
        return [(said, self.traits(said)) for said in starmap(self.reader.read, rows)]

    def traits(self, said: Said) -> Traits | None:
        if not said.name:
            return None
        names = [n for n in (said.name, said.values.get("name_en")) if n]
        named = [alias for alias, _sort, _language in said.aliases]
        numbers = said.values.get("credit_code", ""), said.values.get("school_code", "")
        return traits_of(similarity.body(self.places, names, named, *numbers))


class Planner:
    """Plans the rows of one file, in their order: each knows the rows above it."""

    def __init__(self, mapping: list[str], options: dict | None = None):
        self.reader = Reader(mapping, options)
        search_index.read_corrections()
        self.matcher = Matcher.known()
        self.meant: dict[int, int] = {}
        # What rows above give to organizations that are there: who says the same means them.
        self.given: dict[str, int] = {}
        self.seats = dict(_seats())
        self.holders: dict[tuple[str, str], set[int]] = defaultdict(set)
        held = Membership.objects.current().values_list(
            "community__code", "role_id", "organization_id"
        )
        for community, role, organization in held:
            if (community, role) in self.seats:
                self.holders[community, role].add(organization)

    def plan(self, rows: Iterable) -> Iterator[ImportRow]:
        eyes = Eyes(self.reader, self.matcher.places, tokens.readings())
        with Aside(eyes.read, first=django.setup) as aside:
            for read in aside.answers(snapshots.batches(rows, BATCH)):
                yield from self.batch(read)

    def batch(self, read: list[tuple[Said, Traits | None]]) -> Iterator[ImportRow]:
        found = [self.match(said, traits) for said, traits in read]
        keys = {match.organization for matches in found for match in matches[:5]}
        numbers = {int(n) for said, _traits in read if (n := number_of(said)) and len(n) < 18}
        known = current_values.fetch({key for key in keys | numbers if key > 0})
        for (said, _traits), matches in zip(read, found, strict=True):
            yield self.row(said, matches, known)

    def match(self, said: Said, traits: Traits | None) -> list[Match]:
        """Whom the row may mean: organizations, and rows above it under minus their number."""
        if traits is None:
            return []
        found = self.matcher.meant(traits)
        if not any(match.score == 1 for match in found):
            self.matcher.keep(-said.number, traits)
        return [m for m in found if m.score >= LIKELY or m.how in ("code", "name", "alias")]

    def row(self, said: Said, matches: list[Match], known: dict[int, Recorded]) -> ImportRow:
        row = BLANK.row({"number": said.number, "name": said.name[:250]})
        found = list(said.reasons)
        if parse_messages.refuses(found):
            return finished(row, Outcome.REFUSED, found)
        then = self.fingerprint(said, found)
        identity: list[Reason] = []
        match, same = self.whom(said, matches, known, then, identity)
        row.whole, against = self.of_new(said)
        if match is None:
            found += identity + against
            found += self.said_above(said, row.whole, self.given.get)
            found += self.second_holders(row.whole.get("memberships", ()), -said.number)
            if parse_messages.doubts(found):
                return finished(row, Outcome.DOUBTFUL, found)
            row.values, row.whole = row.whole, {}
            return finished(row, Outcome.NEW, found)
        comparison = Comparison(said, match, self.reader.vocabulary.role, then, same)
        found = [each for each in found if comparison.concerns(each)]
        return self.changed(row, comparison, found + identity)

    def changed(self, row: ImportRow, comparison: Comparison, found: list[Reason]) -> ImportRow:
        now = comparison.now
        difference = comparison.difference()
        found += difference.reasons
        found += self.said_above(comparison.said, difference.values, self.given.setdefault)
        row.organization, row.version = now.row.pk, now.row.version
        row.values, row.before = difference.values, difference.before
        if not comparison.same:
            return finished(row, Outcome.DOUBTFUL, found)
        row.whole = {}
        if row.values and now.row.state == State.WITHDRAWN:
            params = {"name": now.row.name, "why": now.row.withdrawn_reason}
            found.append(Reason("withdrawn", "", params))
        found += self.second_holders(row.values.get("memberships", ()), now.row.pk)
        if parse_messages.doubts(found):
            return finished(row, Outcome.DOUBTFUL, found)
        return finished(row, Outcome.CHANGED if row.values else Outcome.UNCHANGED, found)

    # -- Whom it means -------------------------------------------------------

    def fingerprint(self, said: Said, found: list[Reason]) -> dict[str, str] | None:
        text = said.cells.get("fingerprint", "")
        if not text:
            return None
        then = current_values.said_then(text)
        if then is None or then["number"] != number_of(said):
            found.append(Reason("fingerprint", "fingerprint"))
            return None
        return then

    def whom(self, said, matches, known, then, found) -> tuple[Recorded | None, bool]:
        """The organization that is meant, and whether that is certain; doubts join the reasons."""
        certain = [m for m in matches if m.score == 1]
        number = number_of(said)
        if number:
            here = known.get(int(number)) if len(number) < 18 else None
            if here and (then or any(m.organization == here.row.pk for m in certain)):
                found += self.codes_taken(said, certain, here, known)
                return self.once(said, here, found), True
            params = {"number": int(number)} | ({"name": here.row.name} if here else {})
            found.append(Reason("number-other" if here else "number-nobody", "number", params))
        if any(m.organization < 0 for m in certain):
            first = min(-m.organization for m in certain if m.organization < 0)
            found.append(Reason("same-row", "name", {"row": first}))
            return None, False
        certain = [m for m in certain if m.organization in known]
        named = [m for m in matches if m.score < 1 and m.how == "name" and m.organization in known]
        keys = list(dict.fromkeys(m.organization for m in (*certain, *named)))
        if certain and len(keys) == 1:
            here = self.once(said, known[keys[0]], found)
            return here, self.agrees(said, certain[0], here, found)
        if certain:
            names = "; ".join(f"{known[key].row.name} ({key})" for key in keys[:5])
            found.append(Reason("several", "name", {"names": names}))
            return known[keys[0]], False
        return self.likely(matches, known, found), False

    def agrees(self, said: Said, match: Match, here: Recorded, found: list[Reason]) -> bool:
        """Whether the name fits too: a code may be mistyped, an alias be somebody else's name."""
        if match.how == "name" or here.is_called(said.name):
            return True
        params = {"number": here.row.pk, "name": here.row.name}
        if match.how == "alias":
            found.append(Reason("alias-only", "name", params))
            return False
        if said.values.get("credit_code", "-") == here.row.credit_code:
            return True  # its last character is a check of the others: it is not mistyped
        bodies = (similarity.body(self.matcher.places, each) for each in ([said.name], here.names))
        if not similarity.likeness(*bodies).score:
            found.append(Reason("code-only", "name", params))
        return True

    def codes_taken(self, said: Said, certain, here: Recorded, known: dict) -> Iterator[Reason]:
        """Codes of this row that are another organization's."""
        for match in certain:
            other = known.get(match.organization)
            if match.how == "code" and other and other.row.pk != here.row.pk:
                params = {"number": other.row.pk, "name": other.row.name}
                codes = [c for c in CODES if said.values.get(c) == getattr(other.row, c) != ""]
                for column in codes:
                    cell = {"cell": said.values[column]}
                    yield Reason("code-taken", column, cell | params)

    def once(self, said: Said, here: Recorded, found: list[Reason]) -> Recorded:
        first = self.meant.setdefault(here.row.pk, said.number)
        if first != said.number:
            found.append(Reason("same-row", "name", {"row": first}))
        return here

    def likely(self, matches: list[Match], known: dict, found: list[Reason]) -> Recorded | None:
        first = None
        for match in matches[:3]:
            with translation.override("en"):
                why = [str(reason) for reason in match.reasons]
            params = {"score": f"{match.score:.2f}", "why": why}
            if match.organization < 0:
                found.append(Reason("like-row", "name", {"row": -match.organization} | params))
            elif match.organization in known:
                here = known[match.organization]
                first = first or here
                params |= {"number": here.row.pk, "name": here.row.name}
                found.append(Reason("like", "name", params))
        return first

    # -- What is new ---------------------------------------------------------

    def of_new(self, said: Said) -> tuple[dict, list[Reason]]:
        """All that it would be as a new one, and which of its roles it cannot hold."""
        values, against, held = whole(said), [], {}
        for wanted in said.memberships:
            role = self.reader.vocabulary.role[wanted["role"]]
            place = wanted["community"], wanted["role"]
            if not role.admits(values["kind"]):
                params = {"role": role.code, "kind": values["kind"]}
                against.append(Reason("ineligible", "roles", params))
            elif held.setdefault(place, wanted) is not wanted:
                params = {"role": role.code, "since": "…", "until": "…"}
                against += [Reason("overlap", "roles", params)] if held[place] != wanted else []
        if "memberships" in values:
            values["memberships"] = list(held.values())
        return values, against

    def said_above(self, said: Said, values: dict, known: Callable) -> Iterator[Reason]:
        """Whether a row above gives this very name or code to another organization.

        What a new one is called the matcher knows: only changes are kept here.
        """
        for column in ("name", *CODES):
            if value := values.get(column):
                first = known(f"{column} {value}", said.number)
                if first != said.number:
                    yield Reason("same-row", column, {"row": first})

    def second_holders(self, memberships: Iterable[dict], whose: int) -> Iterator[Reason]:
        for each in memberships:
            seat = each["community"], each["role"]
            if seat in self.seats and not each["until"]:
                self.holders[seat].add(whose)
                if len(self.holders[seat]) > self.seats[seat]:
                    params = {"role": each["role"], "count": self.seats[seat]}
                    yield Reason("second-holder", "roles", params)


def _seats() -> Iterator[tuple[tuple[str, str], int]]:
    for community, role, count in Seat.objects.values_list("community__code", "role_id", "count"):
        yield (community, role), count


def number_of(said: Said) -> str:
    number = said.cells.get("number", "").removesuffix(".0")
    return number if number.isascii() and number.isdigit() else ""


def whole(said: Said) -> dict:
    """All that a new organization would be; a kind that is not known is "other"."""
    values = {"kind": "other"} | said.values
    several = {
        "sectors": said.sectors,
        "aliases": [list(each) for each in said.aliases],
        "memberships": said.memberships,
    }
    return values | {column: each for column, each in several.items() if each}


def finished(row: ImportRow, outcome: str, found: list[Reason]) -> ImportRow:
    """Said once each, of whatever column it was found."""
    once: dict[tuple, list] = {}
    for each in found:
        once.setdefault((each.code, *map(str, each.params.values())), list(each))
    row.outcome, row.reasons = outcome, list(once.values())
    return row


def counted(rows: Iterable[ImportRow]) -> dict[str, int]:
    found = Counter(row.outcome for row in rows)
    return {outcome: found[outcome] for outcome in OUTCOMES}
