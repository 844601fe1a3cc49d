"""The extraction: what the sources say, fact by fact, each compared with its very words."""

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from directory.models import Citation

LONGEST_PASSAGE = 160
# How passages of several cells of a row are joined: a space that no cell holds.
JOINT = "\u3000"
CITABLE = {
    "community": dict(Citation.COMMUNITY_FIELDS),
    "organization": dict(Citation.ORGANIZATION_FIELDS),
    "membership": dict(Citation.MEMBERSHIP_FIELDS),
}


def read(path: Path) -> dict:
    with path.open("rb") as file:
        return tomllib.load(file)


# -- What is cited -----------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A row that needs its sources: a community, an organization, an alias or a membership."""

    noun: str
    pk: int
    row: dict
    owner: int | None = None

    @property
    def label(self) -> str:
        if self.noun == "alias":
            return f"alias “{self.row['name']}” of organization {self.owner}"
        if self.noun == "membership":
            return f"membership of organization {self.owner}"
        return f"{self.noun} {self.pk}"

    @property
    def citations(self) -> list[dict]:
        return self.row.get("citations", [])

    @property
    def uncited(self) -> list[str]:
        """The facts that it records without a source."""
        if self.noun == "alias":
            return [] if self.citations else ["name"]
        cited = {citation.get("fact") for citation in self.citations}
        return [name for name in CITABLE[self.noun] if self.row.get(name) and name not in cited]


def entries(extraction: dict) -> Iterator[Entry]:
    """Every row that is cited, each noun numbered in the order of the file."""
    yield Entry("community", 1, extraction["community"])
    alias, membership = 0, 0
    for row in extraction["organizations"]:
        owner = row["number"]
        yield Entry("organization", owner, row)
        for each in row.get("aliases", []):
            alias += 1
            yield Entry("alias", alias, each, owner)
        for each in row.get("memberships", []):
            membership += 1
            yield Entry("membership", membership, each, owner)


# -- Where the words stand ---------------------------------------------------


class Copy:
    """A source's copy at hand, opened where its passages stand."""

    def __init__(self, path: Path, source: dict):
        self.source = source
        written = path.read_bytes()
        self.sha256 = hashlib.sha256(written).hexdigest()
        text = written.decode("utf-8-sig", errors="replace")
        self.lines = text.split("\n")
        if not self.in_lines:
            self.rows = list(csv.reader(text.splitlines()))[1:]

    @property
    def in_lines(self) -> bool:
        return self.source["reads"] in ("lines", "excerpt")

    @property
    def is_the_one(self) -> bool:
        return self.sha256 == self.source["sha256"]

    @property
    def length_differs(self) -> bool:
        found = self.lines if self.in_lines else self.rows
        return self.source.get("lines", len(found)) != len(found)

    def holds(self, citation: dict) -> bool:
        """Whether the passage stands in that line, or is made of that row's cells."""
        if self.in_lines:
            line = citation.get("line", 0)
            return 0 < line <= len(self.lines) and citation["passage"] in self.lines[line - 1]
        cells = iter(self._row(citation))
        return all(part in cells for part in citation["passage"].split(JOINT))

    def _row(self, citation: dict) -> list[str]:
        only = self.source["reads"] == "record"
        number = str(citation.get("row", ""))
        return next((row for row in self.rows if only or row[:1] == [number]), [])


def copies(sources: Iterable[dict], paths: dict[str, Path]) -> dict[str, Copy]:
    """The sources that are at hand, by their codes."""
    return {
        source["code"]: Copy(paths[source["code"]], source)
        for source in sources
        if source["code"] in paths and paths[source["code"]].is_file()
    }


# -- What is wrong -----------------------------------------------------------


def place_of(citation: dict) -> str:
    """The place in words, for a sentence: line 7, row 1539, or none."""
    return next((f" {name} {citation[name]}" for name in ("line", "row") if name in citation), "")


def complaints(extraction: dict, at_hand: dict[str, Copy]) -> Iterator[str]:
    """A sentence for whatever is wrong; nothing is written while there is one."""
    for code, copy in at_hand.items():
        if not copy.is_the_one:
            yield (
                f"The copy of {code} is not the one that was read: its SHA-256 is {copy.sha256}, "
                f"recorded is {copy.source['sha256']}."
            )
        if copy.length_differs:
            yield f"The copy of {code} does not have {copy.source['lines']} lines."
    sources = {source["code"]: source for source in extraction["sources"]}
    for entry in entries(extraction):
        for fact in entry.uncited:
            yield f"The {fact} of {entry.label} has no source."
        for citation in entry.citations:
            yield from _complaints(entry, citation, sources, at_hand)


def _complaints(entry: Entry, citation: dict, sources: dict, at_hand: dict) -> Iterator[str]:
    code, passage = citation["source"], citation["passage"]
    fact = f"The {citation.get('fact', 'name')} of {entry.label}"
    where = f"{code}{place_of(citation)}"
    if code not in sources:
        yield f"{fact} cites {code}, which is no source."
        return
    known = CITABLE.get(entry.noun, {}) if entry.noun != "alias" else {None: ""}
    if citation.get("fact") not in known:
        yield f"{fact} is not a fact that can be cited."
    if len(passage) > LONGEST_PASSAGE:
        yield f"{fact} quotes {len(passage)} characters of {where}: quote a phrase."
    if not place_of(citation) and sources[code]["reads"] != "record":
        yield f"{fact} does not say where in {code} the words stand."
    if citation["evidence"] != "stated" and not (citation.get("note") and citation.get("note_en")):
        yield f"{fact} ({where}) is {citation['evidence']} without a note in both languages."
    if code in at_hand and not at_hand[code].holds(citation):
        yield f"{fact}: {where} does not hold “{passage}”."
