"""Plans what each row of a list would change, with reasons; writes nothing."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import starmap

import django

from directory import snapshots
from directory.db.bulk import InstanceFactory
from directory.duplicates import similarity
from directory.duplicates.matcher import DuplicateMatch, Matcher, MatchTraits, build_traits
from directory.duplicates.normalize import PlaceNames
from directory.duplicates.similarity import LIKELY
from directory.importing.parse import messages as parse_messages
from directory.importing.parse.messages import Reason
from directory.importing.parse.parsed_row import ParsedRow
from directory.importing.parse.rows import RowParser
from directory.importing.plan import current as current_values
from directory.importing.plan.diff import RowComparison
from directory.importing.plan.identity import (
    CODES,
    FoundMatches,
    Organizations,
    RowIdentifier,
    get_number,
)
from directory.importing.readers.reader import Row
from directory.models import ImportRow, Membership, MergedNumber, Seat, State
from directory.permissions import disclosure
from directory.permissions.policy import Account
from directory.search import index as search_index
from directory.text import tokens
from directory.workers import WorkerProcess

BATCH = 500
ROW_FACTORY = InstanceFactory(ImportRow)
Outcome = ImportRow.Outcome
OUTCOMES = tuple(Outcome.values)
SeatKey = tuple[str, str]


@dataclass
class RowAnalyzer:
    """Parses rows and computes their traits for the matcher; can be pickled to a process."""

    parser: RowParser
    places: PlaceNames
    readings: Mapping[str, tuple[str, ...]]

    def analyze(self, rows: list[tuple]) -> list[tuple[ParsedRow, MatchTraits | None]]:
        tokens.set_readings(self.readings)
        return [(parsed, self.build_traits(parsed)) for parsed in starmap(self.parser.parse, rows)]

    def build_traits(self, parsed: ParsedRow) -> MatchTraits | None:
        if not parsed.name:
            return None
        names = [n for n in (parsed.name, parsed.values.get("name_en")) if n]
        aliases = [alias for alias, _sort, _language in parsed.aliases]
        codes = (parsed.values.get(column, "") for column in CODES)
        return build_traits(similarity.build_identity(self.places, names, aliases, *codes))


class Planner:
    """Plans the rows of one file, in their order: each row is compared with those above it.

    `reader` sees the plan: of organizations that this account may not know of, it tells no more
    than that there is one. None may know of all.
    """

    def __init__(self, mapping: list[str], options: dict | None = None, reader: Account = None):
        self.parser = RowParser(mapping, options)
        self.parts = disclosure.find_other_parts(reader)
        search_index.load_readings()
        self.matcher = Matcher.load()
        merged = load_merged_numbers() if "number" in self.parser.columns else {}
        self.identifier = RowIdentifier(self.matcher, merged, self.parts.hidden)
        # Names and codes that rows above give to existing organizations.
        self.rows_by_value: dict[str, int] = {}
        self.seat_counts = dict(_load_seat_counts())
        self.holders: dict[SeatKey, set[int]] = defaultdict(set)
        memberships = Membership.objects.current().values_list(
            "community__code", "role_id", "organization_id"
        )
        for community, role, organization in memberships:
            if (community, role) in self.seat_counts:
                self.holders[community, role].add(organization)

    def read_numbers(self, rows: Iterable[Row]) -> None:
        """Read the numbers of all rows before they are planned: a row may clash with a later one.

        Only where organizations were merged can two numbers mean the same one.
        """
        if self.identifier.merged_numbers:
            at = self.parser.columns["number"]
            cells = ((row.number, row.cells[at]) for row in rows if at < len(row.cells))
            self.identifier.read_numbers(cells)

    def plan(self, rows: Iterable) -> Iterator[ImportRow]:
        """Yield an unsaved `ImportRow` for each row of the file."""
        analyzer = RowAnalyzer(self.parser, self.matcher.places, tokens.get_readings())
        with WorkerProcess(analyzer.analyze, setup=django.setup) as process:
            for batch in process.map(snapshots.split_into_batches(rows, BATCH)):
                yield from self.plan_batch(batch)

    def plan_batch(self, batch: list[tuple[ParsedRow, MatchTraits | None]]) -> Iterator[ImportRow]:
        """Plan rows whose organizations are loaded together."""
        matches_by_row = [self.find_matches(parsed, traits) for parsed, traits in batch]
        keys = {match.organization for found in matches_by_row for match in found.matches[:5]}
        numbers = {self.identifier.get_survivor(get_number(parsed)) for parsed, _traits in batch}
        wanted = {key for key in keys | numbers if key > 0} - self.parts.hidden
        by_pk = current_values.load_organizations(wanted, self.parts.outside & wanted)
        for (parsed, _traits), found in zip(batch, matches_by_row, strict=True):
            yield self.plan_row(parsed, found, by_pk)

    def find_matches(self, parsed: ParsedRow, traits: MatchTraits | None) -> FoundMatches:
        """Find whom the row may mean: organizations, and rows above it as negative numbers."""
        found = FoundMatches([], [])
        if traits is None:
            return found
        matches = self.matcher.match_traits(traits)
        hidden = self.parts.hidden
        if not any(match.score == 1 and match.organization not in hidden for match in matches):
            self.matcher.add_traits(-parsed.number, traits)
        matches = [m for m in matches if m.score >= LIKELY or m.method in ("code", "name", "alias")]
        for match in (*self.find_by_base_name(parsed, matches), *matches):
            (found.hidden if match.organization in hidden else found.matches).append(match)
        return found

    def find_by_base_name(
        self, parsed: ParsedRow, matches: list[DuplicateMatch]
    ) -> Iterator[DuplicateMatch]:
        """Yield others whose name is that of the row without what stands beside it, as likely."""
        if parsed.base_name:
            known = {-parsed.number, *(match.organization for match in matches)}
            identity = similarity.build_identity(self.matcher.places, [parsed.base_name])
            for match in self.matcher.match_traits(build_traits(identity)):
                if match.score == 1 and match.organization not in known:
                    reasons = (similarity.SAME_WITHOUT_REMARK,)
                    yield DuplicateMatch(match.organization, LIKELY, "likeness", reasons)

    def plan_row(self, parsed: ParsedRow, found: FoundMatches, by_pk: Organizations) -> ImportRow:
        row = ROW_FACTORY.build({"number": parsed.number, "name": parsed.name[:250]})
        reasons = list(parsed.reasons)
        if parse_messages.has_refusal(reasons):
            return finish_row(row, Outcome.REFUSED, reasons)
        exported = self.identifier.read_fingerprint(parsed, reasons)
        identity = list(self.identifier.find_reasons_elsewhere(parsed, found))
        current, is_certain = self.identifier.identify(
            parsed, found.matches, by_pk, exported, identity
        )
        row.whole, role_reasons = self.plan_new(parsed)
        if found.has_code_elsewhere:  # nobody can add it, as a code belongs to one
            row.whole = {}
        if current is None:
            reasons += identity + role_reasons
            reasons += self.find_repeated_values(parsed, row.whole, self.rows_by_value.get)
            reasons += self.find_second_holders(row.whole.get("memberships", ()), -parsed.number)
            if parse_messages.has_doubt(reasons):
                return finish_row(row, Outcome.DOUBTFUL, reasons)
            row.values, row.whole = row.whole, {}
            return finish_row(row, Outcome.NEW, reasons)
        roles = self.parser.terms.role_by_code
        comparison = RowComparison(parsed, current, roles, exported, is_certain)
        reasons = [reason for reason in reasons if comparison.is_relevant(reason)]
        return self.plan_change(row, comparison, reasons + identity)

    def plan_change(
        self, row: ImportRow, comparison: RowComparison, reasons: list[Reason]
    ) -> ImportRow:
        current, parsed, changes = comparison.current, comparison.parsed, comparison.compare()
        reasons += changes.reasons
        register = self.rows_by_value.setdefault
        reasons += self.find_repeated_values(parsed, changes.values, register)
        row.organization, row.version = current.row.pk, current.row.version
        row.values, row.before = changes.values, changes.before
        if not comparison.is_certain:
            return finish_row(row, Outcome.DOUBTFUL, reasons)
        row.whole = {}
        if row.values and current.row.state == State.WITHDRAWN:
            params = {"name": current.row.name, "why": current.row.withdrawn_reason}
            reasons.append(Reason("withdrawn", "", params))
        reasons += self.find_second_holders(row.values.get("memberships", ()), current.row.pk)
        if parse_messages.has_doubt(reasons):
            return finish_row(row, Outcome.DOUBTFUL, reasons)
        return finish_row(row, Outcome.CHANGED if row.values else Outcome.UNCHANGED, reasons)

    # -- New organizations ---------------------------------------------------

    def plan_new(self, parsed: ParsedRow) -> tuple[dict, list[Reason]]:
        """Return all values of a new organization, and reasons for roles that it cannot hold."""
        values, reasons = build_new_values(parsed), []
        by_seat: dict[SeatKey, dict] = {}
        for wanted in parsed.memberships:
            role = self.parser.terms.role_by_code[wanted["role"]]
            first = by_seat.get((wanted["community"], wanted["role"]), wanted)
            if not role.accepts_kind(values["kind"]):
                params = {"role": role.code, "kind": values["kind"]}
                reasons.append(Reason("ineligible", "roles", params))
            elif first != wanted:
                params = {"role": role.code, "since": "…", "until": "…"}
                reasons.append(Reason("overlap", "roles", params))
            else:
                by_seat[wanted["community"], wanted["role"]] = first
        if "memberships" in values:
            values["memberships"] = list(by_seat.values())
        return values, reasons

    def find_repeated_values(
        self, parsed: ParsedRow, values: dict, get_row: Callable
    ) -> Iterator[Reason]:
        """Yield a reason for each name or code that a row above gives to another organization.

        Only changes are registered here: the matcher knows the names of new organizations.
        """
        for column in ("name", *CODES):
            if value := values.get(column):
                first = get_row(f"{column} {value}", parsed.number)
                if first != parsed.number:
                    yield Reason("same-row", column, {"row": first})

    def find_second_holders(self, memberships: Iterable[dict], holder: int) -> Iterator[Reason]:
        """Yield a reason for each seat that gets more holders than the community has."""
        for each in memberships:
            seat = each["community"], each["role"]
            if seat in self.seat_counts and not each["until"]:
                self.holders[seat].add(holder)
                if len(self.holders[seat]) > self.seat_counts[seat]:
                    params = {"role": each["role"], "count": self.seat_counts[seat]}
                    yield Reason("second-holder", "roles", params)


def plan_file(
    mapping: list[str],
    options: dict | None,
    read_rows: Callable[[], Iterable[Row]],
    reader: Account = None,
) -> Iterator[ImportRow]:
    """Yield an unsaved `ImportRow` for each row of a file, whose rows may be read twice."""
    planner = Planner(mapping, options, reader)
    planner.read_numbers(read_rows())
    yield from planner.plan(read_rows())


def serialize_plan(row: ImportRow) -> str:
    """Return what was planned of a row, to compare two plans."""
    plan = [row.outcome, row.organization, row.values, row.before, row.whole, row.reasons]
    return json.dumps(plan, sort_keys=True)


def load_merged_numbers() -> dict[int, int]:
    """Load the numbers of merged organizations, each with that of the one that was kept."""
    return dict(MergedNumber.objects.values_list("number", "organization_id"))


def _load_seat_counts() -> Iterator[tuple[SeatKey, int]]:
    for community, role, count in Seat.objects.values_list("community__code", "role_id", "count"):
        yield (community, role), count


def build_new_values(parsed: ParsedRow) -> dict:
    """Build all values of a new organization; a kind that is not known is "other"."""
    values = {"kind": "other"} | parsed.values
    lists = {
        "sectors": parsed.sectors,
        "aliases": [list(each) for each in parsed.aliases],
        "memberships": parsed.memberships,
    }
    return values | {column: each for column, each in lists.items() if each}


def finish_row(row: ImportRow, outcome: str, reasons: list[Reason]) -> ImportRow:
    """Set outcome and reasons; a reason that several columns give is stored once."""
    unique: dict[tuple, list] = {}
    for each in reasons:
        unique.setdefault((each.code, *map(str, each.params.values())), list(each))
    row.outcome, row.reasons = outcome, list(unique.values())
    return row
