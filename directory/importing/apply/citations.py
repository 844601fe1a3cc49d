"""A list as a source: what is written of a row is cited in the row's very words.

What the officer corrected, or the reader inferred, is cited as an inference from those words.
"""

from collections.abc import Iterator
from pathlib import PurePath

from django.db import IntegrityError, transaction

from directory.db.bulk import Blank, pour_whole
from directory.history.recorder import Change
from directory.importing.apply.selection import Written
from directory.importing.parse.blanks import is_blank
from directory.importing.parse.rows import language_of
from directory.importing.plan.diff import CELLS, INFERRED
from directory.importing.readers import reader
from directory.models import Alias, Citation, Evidence, Import, ImportCorrection, Membership, Source
from directory.models.source import named
from directory.tabular import rearm

THE_FILE = "file"  # in place of a source's code: the list that is imported
NEEDED = ("directory.add_source", "directory.add_citation")
BLANK = Blank(Citation)
LANGUAGES = {"name_en": "en", "description_en": "en"}
NAMED = ("short", "former", "aliases")
HELD = {"role": ("roles",), "since": ("since",), "until": ("until",)}


def may_cite(user: object) -> bool:
    """Whether the account may enter sources and citations; nobody is a command, which may."""
    return user is None or user.has_perms(NEEDED)


class Citing:
    """Cites the rows of one import, in their order; without a source it cites nothing."""

    def __init__(self, of: Import | None = None, change: Change | None = None):
        self.of, self.change = of, change
        self.source = of.options.get("source", "") if of else ""
        if self.source:
            self.rows = reader.again(of).rows()
            self.columns = {name: at for at, name in enumerate(of.mapping) if name}
            found = ImportCorrection.objects.filter(of=of).values_list("number", "column")
            self.corrected = {*found}
            self.read: dict[int, dict[str, str]] = {}

    def cite(self, written: list[Written]) -> None:
        if not (self.source and written):
            return
        if self.source == THE_FILE:
            self.source = self.made().code
        words = self.words({each.row.number for each in written})
        known = Known([each.organization.pk for each in written])
        found = (
            citation
            for each in written
            for citation in self.citations(each, Words(words[each.row.number]), known)
        )
        pour_whole([*found])

    def made(self) -> Source:
        """The list as a source of its own, under the next code."""
        name = PurePath(self.of.name).stem.strip() or self.of.name
        while True:
            code = Source.objects.next_code()
            source = Source(code=code, title=name, medium=Source.Medium.LETTER)
            source.sha256, source.lines = self.of.sha256, self.of.last_row
            try:
                with transaction.atomic():
                    source.save(force_insert=True)
            except IntegrityError:
                continue  # somebody else has just taken that code
            self.change.touch(source)
            return source

    def words(self, numbers: set[int]) -> dict[int, dict[str, str]]:
        """What the file says in these rows, by column; asked for with growing numbers, or again."""
        if numbers <= self.read.keys():
            return self.read
        self.read = {}
        while len(self.read) < len(numbers):
            row = next(self.rows)
            if row.number in numbers:
                self.read[row.number] = self.told(row.cells)
        return self.read

    def told(self, cells: list[str]) -> dict[str, str]:
        """The cells that say something."""
        found = {name: cells[at] for name, at in self.columns.items() if at < len(cells)}
        found = {name: rearm(cell).strip() for name, cell in found.items()}
        return {name: cell for name, cell in found.items() if not is_blank(name, cell)}

    # -- What is cited -------------------------------------------------------

    def citations(self, each: Written, words: "Words", known: "Known") -> Iterator[Citation]:
        number, key = each.row.number, each.organization.pk
        weak = {column for code, column, _params in each.row.reasons if code in INFERRED}

        def cited(field: str, columns: tuple[str, ...], inferred: bool, **owner) -> Iterator:
            typed = any((number, column) in self.corrected for column in columns)
            within_name = (inferred or field == "name_en") and not typed
            passage = words.of(*columns) or (words.named if within_name else "")
            if passage:
                yield self.citation(number, passage, field, inferred or typed, **owner)

        for field in named(Citation.ORGANIZATION_FIELDS):
            if each.values.get(field):
                columns = CELLS.get(field, (field,))
                inferred = bool(weak & {field, *columns})
                yield from cited(field, columns, inferred, organization_id=key)
        for name, _sort, _language in each.values.get("aliases", ()):
            if alias := known.aliases.get((key, name)):
                yield from cited("", words.naming(name), False, alias_id=alias)
        for held in each.values.get("memberships", ()):
            place = key, held["community"], held["role"]
            membership = held.get("key") or known.memberships.get(place)
            fields = ("since", "until") if "key" in held else ("role", "since", "until")
            for field in fields if membership else ():
                inferred = field == "role" and not words.of("roles")
                if field == "role" or held.get(field):
                    yield from cited(field, HELD[field], inferred, membership_id=membership)

    def citation(self, number: int, passage: str, field: str, inferred: bool, **owner) -> Citation:
        evidence = Evidence.INFERRED if inferred else Evidence.STATED
        said = {"source_id": self.source, "passage": passage, "place": str(number)}
        language = LANGUAGES.get(field) or language_of(passage)
        said |= {"field": field, "evidence": str(evidence), "language": language}
        return BLANK.row(said | owner)


class Words(dict):
    """The cells of one row."""

    def of(self, *columns: str) -> str:
        return " ".join(filter(None, map(self.get, columns)))

    @property
    def named(self) -> str:
        return self.of("name") or self.of("name_en")

    def naming(self, alias: str) -> tuple[str, ...]:
        """The column in which this name stands, if any does: an old one may be only recorded."""
        return next(((c,) for c in (*NAMED, "name") if alias in self.get(c, "")), ())


class Known:
    """The aliases and memberships of organizations by what they say."""

    def __init__(self, keys: list[int]):
        aliases = Alias.objects.filter(organization__in=keys).order_by()
        rows = aliases.values_list("organization_id", "name", "pk")
        self.aliases = {(owner, name): key for owner, name, key in rows}
        held = Membership.objects.filter(organization__in=keys).order_by("pk")
        rows = held.values_list("organization_id", "community__code", "role_id", "pk")
        self.memberships = {(owner, where, role): key for owner, where, role, key in rows}
