"""The fixtures as files: built from the extraction, read again, loaded into an empty directory."""

import csv
import json
from datetime import date
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection

from directory.history import recorder
from directory.models import (
    Alias,
    Citation,
    Community,
    Membership,
    Organization,
    Region,
    Role,
    Seat,
    Sector,
    Source,
    State,
)
from directory.seed.extraction import entries
from directory.text import tokens

FOLDER = settings.BASE_DIR / "fixtures"
# In the order in which they can be loaded: what is pointed at comes first.
FILES = {
    "regions.json": [Region],
    "vocabulary.json": [Sector, Role],
    "sources.json": [Source],
    "community.json": [Community, Seat],
    "organizations.json": [Organization, Alias, Membership],
    "citations.json": [Citation],
}
MODELS = [model for models in FILES.values() for model in models]
# What stands in an entry of the extraction beside the columns of its row.
BESIDE = {"number", "citations", "aliases", "memberships", "seats", "copy", "reads"}


# -- Building ----------------------------------------------------------------


def row(model: type, pk: object, fields: dict) -> dict:
    """A row of a Django fixture; what is blank is left to the model's default."""
    columns = {field.name for field in model._meta.concrete_fields}
    if strange := set(fields) - columns - BESIDE:
        raise ValueError(f"{model._meta.label} {pk} has no {', '.join(sorted(strange))}.")
    kept = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields.items()
        if name in columns and value not in ("", None, False, [])
    }
    return {"model": model._meta.label_lower, "pk": pk, "fields": kept}


def build(extraction: dict, regions: list[dict]) -> dict[str, str]:
    """The text of every fixture, by its file's name."""
    rows = {
        "regions.json": regions,
        "vocabulary.json": vocabulary(extraction),
        "sources.json": [_coded(Source, source) for source in extraction["sources"]],
        "community.json": community(extraction),
        "organizations.json": organizations(extraction),
        "citations.json": citations(extraction),
    }
    return {name: text_of(rows[name], name == "regions.json") for name in FILES}


def text_of(rows: list[dict], dense: bool) -> str:
    """One row to a line where there are thousands, one field to a line elsewhere."""
    if dense:
        lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in rows)
        return f"[\n{lines}\n]\n"
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _coded(model: type, fields: dict) -> dict:
    """A row whose primary key is its code."""
    return row(model, fields["code"], {k: v for k, v in fields.items() if k != "code"})


def vocabulary(extraction: dict) -> list[dict]:
    sectors = [
        row(Sector, code, {"name": name, "name_en": name_en})
        for code, (name, name_en) in extraction["sectors"].items()
    ]
    ranked = enumerate(extraction["roles"], start=1)
    return sectors + [_coded(Role, role | {"rank": 10 * place}) for place, role in ranked]


def community(extraction: dict) -> list[dict]:
    fields = extraction["community"]
    seats = enumerate(fields["seats"].items(), start=1)
    return [
        row(Community, 1, fields),
        *(
            row(Seat, pk, {"community": 1, "role": role, "count": count})
            for pk, (role, count) in seats
        ),
    ]


def organizations(extraction: dict) -> list[dict]:
    published = {
        "state": State.PUBLISHED.value,
        "first_published_at": extraction["first_published_at"],
    }
    added = {
        "organization": (Organization, lambda entry: published),
        "alias": (Alias, lambda entry: {"organization": entry.owner}),
        "membership": (
            Membership,
            lambda entry: {
                "community": 1,
                "organization": entry.owner,
                "state": State.PUBLISHED.value,
            },
        ),
    }
    found = []
    for entry in entries(extraction):
        if entry.noun in added:
            model, more = added[entry.noun]
            found.append(row(model, entry.pk, entry.row | more(entry)))
    return sorted(found, key=lambda each: _order(each["model"]))


def _order(label: str) -> int:
    return [model._meta.label_lower for model in MODELS].index(label)


def citations(extraction: dict) -> list[dict]:
    sources = {source["code"]: source for source in extraction["sources"]}
    pairs = ((entry, citation) for entry in entries(extraction) for citation in entry.citations)
    return [
        row(Citation, pk, _citation(citation, sources[citation["source"]]) | {entry.noun: entry.pk})
        for pk, (entry, citation) in enumerate(pairs, start=1)
    ]


def _citation(citation: dict, source: dict) -> dict:
    # Lines of a file of excerpts are no places of the source itself.
    place = "" if source["reads"] == "excerpt" else citation.get("line") or citation.get("row", "")
    return {
        "source": source["code"],
        "evidence": citation["evidence"],
        "passage": citation["passage"],
        "place": str(place),
        "language": source["language"],
        "note": citation.get("note", ""),
        "note_en": citation.get("note_en", ""),
        "field": citation.get("fact", ""),
    }


# -- Regions -----------------------------------------------------------------


def divisions(path: Path) -> list[dict]:
    """The rows of the file of divisions, or, where it is not at hand, of the last fixture."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".csv":
            return list(csv.DictReader(file))
        return [{"code": each["pk"], **each["fields"]} for each in json.load(file)]


def regions(found: list[dict], names: dict[str, dict]) -> list[dict]:
    """All divisions in the order of their codes, with the names that their file lacks."""
    return [
        row(Region, each["code"], _region(each, names.get(each["code"], {})))
        for each in sorted(found, key=lambda each: each["code"])
    ]


def _region(division: dict, names: dict) -> dict:
    return {
        "name": division["name"],
        "short_name": names.get("short", ""),
        "name_en": names.get("en", ""),
        "pinyin": pinyin(division["name"], division["pinyin"]),
        "level": division["level"],
        "virtual": division.get("virtual") in ("1", True),
        "iso3166_2": division.get("iso3166_2", ""),
        "aliases": "\n".join(names.get("aliases", [])),
    }


def pinyin(name: str, written: str) -> str:
    """As the file has it, but for the names that are known to be misread."""
    return " ".join(tokens.syllables(name)) if tokens.is_corrected(name) else written


# -- Loading -----------------------------------------------------------------


def is_empty() -> bool:
    return not any(model.objects.exists() for model in MODELS)


def load(folder: Path = FOLDER) -> dict[type, int]:
    """Put the fixtures into an empty directory: how many rows of each model."""
    counts: dict[type, int] = {}
    with recorder.change(who=None, via="fixtures") as change:
        for name in FILES:
            text = (folder / name).read_text(encoding="utf-8")
            objects = (each.object for each in serializers.deserialize("json", text))
            for model, group in groupby(objects, key=type):
                counts[model] = len(model.objects.bulk_create(list(group)))
        _reset_sequences()
        change.everything()
    return counts


def _reset_sequences() -> None:
    """The rows bring their own keys; the next row must not be given one of them."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), MODELS):
            cursor.execute(statement)
