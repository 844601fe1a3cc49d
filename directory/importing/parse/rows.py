"""Reads a row of a list as what it says of an organization."""

import re
from collections.abc import Collection, Iterator

from directory.duplicates import normalize
from directory.importing.parse import blanks, terms
from directory.importing.parse import cells as parse_cells
from directory.importing.parse import names as parse_names
from directory.importing.parse.parsed_row import Said
from directory.importing.parse.regions import Places
from directory.importing.parse.roles import Roles
from directory.importing.parse.terms import Vocabulary
from directory.importing.readers import headings, limits
from directory.models import Alias, Kind
from directory.tabular import rearm

SAID = ("name", "name_en", "description", "description_en")
BETWEEN = re.compile("[;；\n]")
CODES = ("credit_code", "school_code")


class Reader:
    """Reads rows under one mapping, with a community and a role for those that name none."""

    def __init__(self, mapping: list[str], options: dict | None = None):
        self.columns = {name: at for at, name in enumerate(mapping) if name in headings.FIELDS}
        options = options or {}
        self.places = Places()
        self.vocabulary = Vocabulary()
        only = list(self.vocabulary.community)
        community = options.get("community") or (only[0] if len(only) == 1 else "")
        self.roles = Roles(self.vocabulary, options.get("role", ""), community)

    def read(self, number: int, row: list[str], valued: Collection[int] = ()) -> Said:
        said = Said(number, self.cells(row))
        if limits.HIDDEN in valued:
            said.doubt("hidden-row", "name")
        for column in [name for name, at in self.columns.items() if at in valued]:
            if cell := said.cells[column]:
                said.doubt("formula-value", column, cell=cell[:60])
        for column, cell in said.cells.items():
            if cell.startswith("=") and column in headings.FIELDS:
                code = "formula-name" if column == "name" else "formula"
                said.doubt(code, column, cell=cell[:60])
            elif cell.upper() in parse_cells.ERRORS:
                said.doubt("error-value", column, cell=cell)
                said.cells[column] = ""
        self.names(said)
        self.kind(said)
        self.region(said)
        self.codes(said)
        self.rest(said)
        self.roles.read(said)
        return said

    def cells(self, row: list[str]) -> dict[str, str]:
        found = {c: rearm(row[at]) if at < len(row) else "" for c, at in self.columns.items()}
        return {
            c: "" if blanks.is_blank(c, cell) else cell if c in SAID else cell.strip()
            for c, cell in found.items()
        }

    def names(self, said: Said) -> None:
        for column in ("name", "name_en"):
            said.values[column] = parse_cells.line(said.cells.get(column, ""))
        for column in ("description", "description_en"):
            said.values[column] = parse_cells.text(said.cells.get(column, ""))
        if said.name and not said.is_ours:
            self.undress(said)
        said.values["name"] = said.name or said.values["name_en"]
        said.values = {column: value for column, value in said.values.items() if value}
        for column, value in said.values.items():
            if reason := parse_cells.too_long(column, value):
                said.reasons.append(reason)
        if not is_name(said):
            said.doubt("no-name", "name")

    def undress(self, said: Said) -> None:
        cell = said.cells["name"]
        if len(cell) > parse_names.LONGEST or not parse_names.TELLTALE.search(cell):
            return
        for code in parse_names.doubts(cell):
            said.doubt(code, "name", cell=parse_cells.line(cell)[:60])
        found = parse_names.undressed(said.name, self.is_place, bool(said.values["name_en"]))
        said.values["name"] = found.name
        said.values["name_en"] = said.values["name_en"] or found.english
        said.aliases = [(name, sort, language_of(name)) for name, sort in found.aliases]

    def is_place(self, text: str) -> bool:
        return terms.plain(text) in self.places.named

    def kind(self, said: Said) -> None:
        cell, level = said.cells.get("kind", ""), said.cells.get("level", "")
        kind, remark = self.vocabulary.kind(cell, level, said.name)
        if kind:
            said.values["kind"] = kind
        if remark:
            column = "kind" if "kind" in self.columns or "level" not in self.columns else "level"
            said.doubt(remark, column, cell=(cell or level)[:60])

    def region(self, said: Said) -> None:
        at = "region" if said.cells.get("region") else "region_name"
        given = [said.cells.get(column, "") for column in ("province", at, "city", "county")]
        given = [parse_cells.line(cell) for cell in given if cell]
        if not given:
            return
        place, cell = self.places.find(*given), " ".join(given)[:80]
        if place.several:
            said.doubt("region-ambiguous", "region", cell=cell, paths=self.paths(place.several))
        elif place.against:
            paths = {"path": self.places.path(place.code), "other": self.paths(place.against)}
            said.doubt("region-conflict", "region", cell=cell, **paths)
        elif not place.code:
            said.doubt("region-unknown", "region", cell=cell)
        else:
            said.values["region"] = place.code
            if place.left:
                path = self.places.path(place.code)
                said.doubt("region-inferred", "region", cell=cell, path=path)

    def paths(self, codes: tuple[str, ...]) -> str:
        return "; ".join(f"{self.places.path(code)} {code}" for code in codes[:6])

    def codes(self, said: Said) -> None:
        given = {column: said.cells.get(column, "") for column in CODES}
        tidy = parse_cells.code(given["credit_code"])[0]
        if len(tidy) == 10 and tidy.isdigit():
            if not given["school_code"]:
                given["school_code"] = tidy
                said.doubt("moved-code", "credit_code", cell=tidy)
            given["credit_code"] = ""
        if given["credit_code"]:
            said.put("credit_code", parse_cells.credit_code(given["credit_code"]))
        if given["school_code"] and said.values.get("kind") == Kind.ENTERPRISE:
            said.doubt("school-code-enterprise", "school_code", cell=given["school_code"][:30])
        elif given["school_code"]:
            said.put("school_code", parse_cells.school_code(given["school_code"]))

    def rest(self, said: Said) -> None:
        if site := said.cells.get("website"):
            said.put("website", parse_cells.site(site))
            if reason := parse_cells.too_long("website", said.values.get("website", "")):
                said.reasons.append(reason)
        if verified := said.cells.get("verified_on"):
            said.put("verified_on", parse_cells.day(verified, "verified_on"))
        for part in self.vocabulary.sector_parts(said.cells.get("sectors", "")):
            code = self.vocabulary.sectors.get(terms.plain(part))
            if code is None:
                code = self.vocabulary.sectors.get(terms.plain(part.split()[0]))
            if code is None:
                said.doubt("sector-unknown", "sectors", cell=part[:60])
            elif code not in said.sectors:
                said.sectors.append(code)
        said.aliases += self.aliases(said)

    def aliases(self, said: Said) -> Iterator[tuple[str, str, str]]:
        known = {said.name, said.values.get("name_en", ""), *(each[0] for each in said.aliases)}
        for column, sort in (("short", "short"), ("former", "former"), ("aliases", "")):
            for part in parts_of(said.cells.get(column, ""), said.is_ours):
                name = parse_cells.line(part)
                if not name or name in known:
                    continue
                if len(name) > Alias._meta.get_field("name").max_length:
                    said.doubt("long", column, cell=name[:30], most=250)
                    continue
                known.add(name)
                yield name, sort or sort_of(name, said.name), language_of(name)


def is_name(said: Said) -> bool:
    """Whether anybody could be called so: by more than a number."""
    if any(map(str.isalpha, said.name)):
        return True
    return said.is_ours and bool(normalize.plain(said.name))


def parts_of(cell: str, is_ours: bool) -> Iterator[str]:
    """The names of a cell, of which each may be a list in itself."""
    for part in BETWEEN.split(cell) if cell else ():
        yield from [part] if is_ours else parse_names.listed(part)


def sort_of(name: str, registered: str) -> str:
    """What an alias most likely is, where the list does not say."""
    if language_of(name) == "en":
        return "short" if name.isupper() and len(name) <= 8 else "translation"
    return "short" if len(name) < len(registered) else "spelling"


def language_of(name: str) -> str:
    return "en" if name.isascii() else "zh-Hans"
