"""Reads the extraction of facts from the sources, and compares each with the quoted passage."""

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from directory.models import Citation

MAX_PASSAGE_LENGTH = 160
# Joins the cells of a passage of several ones: a space that no cell contains.
CELL_SEPARATOR = "\u3000"
CITABLE_FIELDS = {
    "community": dict(Citation.COMMUNITY_FIELDS),
    "organization": dict(Citation.ORGANIZATION_FIELDS),
    "membership": dict(Citation.MEMBERSHIP_FIELDS),
}


def load_toml(path: Path) -> dict:
    """Parse a TOML file."""
    with path.open("rb") as file:
        return tomllib.load(file)


# -- What is cited -----------------------------------------------------------


@dataclass(frozen=True)
class ExtractionEntry:
    """A row that needs citations: a community, an organization, an alias or a membership."""

    model_name: str
    pk: int
    row: dict
    owner: int | None = None

    @property
    def label(self) -> str:
        """The row in words, for a sentence."""
        if self.model_name == "alias":
            return f"alias “{self.row['name']}” of organization {self.owner}"
        if self.model_name == "membership":
            return f"membership of organization {self.owner}"
        return f"{self.model_name} {self.pk}"

    @property
    def citations(self) -> list[dict]:
        return self.row.get("citations", [])

    @property
    def uncited_fields(self) -> list[str]:
        """The fields that have a value but no citation."""
        if self.model_name == "alias":
            return [] if self.citations else ["name"]
        cited = {citation.get("fact") for citation in self.citations}
        return [
            name
            for name in CITABLE_FIELDS[self.model_name]
            if self.row.get(name) and name not in cited
        ]


def iter_entries(extraction: dict) -> Iterator[ExtractionEntry]:
    """Yield every row that needs citations, numbered by model in the order of the file."""
    yield ExtractionEntry("community", 1, extraction["community"])
    alias, membership = 0, 0
    for row in extraction["organizations"]:
        owner = row["number"]
        yield ExtractionEntry("organization", owner, row)
        for each in row.get("aliases", []):
            alias += 1
            yield ExtractionEntry("alias", alias, each, owner)
        for each in row.get("memberships", []):
            membership += 1
            yield ExtractionEntry("membership", membership, each, owner)


# -- Copies of the sources ---------------------------------------------------


class SourceCopy:
    """A local copy of a source, in which its passages are looked up."""

    def __init__(self, path: Path, source: dict):
        self.source = source
        content = path.read_bytes()
        self.sha256 = hashlib.sha256(content).hexdigest()
        text = content.decode("utf-8-sig", errors="replace")
        self.lines = text.split("\n")
        if not self.has_lines:
            self.rows = list(csv.reader(text.splitlines()))[1:]

    @property
    def has_lines(self) -> bool:
        """Whether passages are cited by line; else by row of a CSV file."""
        return self.source["reads"] in ("lines", "excerpt")

    @property
    def is_unchanged(self) -> bool:
        """Whether it is the file that the facts were taken from."""
        return self.sha256 == self.source["sha256"]

    @property
    def has_other_length(self) -> bool:
        """Whether the number of lines differs from the recorded one, if there is one."""
        count = len(self.lines if self.has_lines else self.rows)
        return self.source.get("lines", count) != count

    def contains(self, citation: dict) -> bool:
        """Whether the passage is in the cited line, or made of cells of the cited row, in order."""
        if self.has_lines:
            line = citation.get("line", 0)
            return 0 < line <= len(self.lines) and citation["passage"] in self.lines[line - 1]
        cells = iter(self._row(citation))
        return all(part in cells for part in citation["passage"].split(CELL_SEPARATOR))

    def _row(self, citation: dict) -> list[str]:
        only = self.source["reads"] == "record"
        number = str(citation.get("row", ""))
        return next((row for row in self.rows if only or row[:1] == [number]), [])


def load_copies(sources: Iterable[dict], paths: dict[str, Path]) -> dict[str, SourceCopy]:
    """Load the copies that are available, by code of the source."""
    return {
        source["code"]: SourceCopy(paths[source["code"]], source)
        for source in sources
        if source["code"] in paths and paths[source["code"]].is_file()
    }


# -- Problems -----------------------------------------------------------


def format_place(citation: dict) -> str:
    """Return the cited place for a sentence: " line 7", " row 1539" or ""."""
    return next((f" {name} {citation[name]}" for name in ("line", "row") if name in citation), "")


def find_problems(extraction: dict, copies: dict[str, SourceCopy]) -> Iterator[str]:
    """Yield a sentence for each problem; fixtures are written only if there is none."""
    for code, copy in copies.items():
        if not copy.is_unchanged:
            yield (
                f"The copy of {code} is not the one that was read: its SHA-256 is {copy.sha256}, "
                f"recorded is {copy.source['sha256']}."
            )
        if copy.has_other_length:
            yield f"The copy of {code} does not have {copy.source['lines']} lines."
    sources = {source["code"]: source for source in extraction["sources"]}
    for entry in iter_entries(extraction):
        for fact in entry.uncited_fields:
            yield f"The {fact} of {entry.label} has no source."
        for citation in entry.citations:
            yield from _find_citation_problems(entry, citation, sources, copies)


def _find_citation_problems(
    entry: ExtractionEntry, citation: dict, sources: dict, copies: dict
) -> Iterator[str]:
    code, passage = citation["source"], citation["passage"]
    fact = f"The {citation.get('fact', 'name')} of {entry.label}"
    where = f"{code}{format_place(citation)}"
    if code not in sources:
        yield f"{fact} cites {code}, which is no source."
        return
    citable = (
        CITABLE_FIELDS.get(entry.model_name, {}) if entry.model_name != "alias" else {None: ""}
    )
    if citation.get("fact") not in citable:
        yield f"{fact} is not a fact that can be cited."
    if len(passage) > MAX_PASSAGE_LENGTH:
        yield f"{fact} quotes {len(passage)} characters of {where}: quote a phrase."
    if not format_place(citation) and sources[code]["reads"] != "record":
        yield f"{fact} does not say where in {code} the words stand."
    if citation["evidence"] != "stated" and not (citation.get("note") and citation.get("note_en")):
        yield f"{fact} ({where}) is {citation['evidence']} without a note in both languages."
    if code in copies and not copies[code].contains(citation):
        yield f"{fact}: {where} does not hold “{passage}”."
