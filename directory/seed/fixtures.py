"""Builds the fixtures from the extraction, and loads them into an empty directory."""

import csv
import json
from datetime import date
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model

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
from directory.models.date_fields import PartialDateField, get_partial_date_fields
from directory.partial_dates import Precision, UnclearDate, parse_partial_date
from directory.seed.extraction import iter_entries
from directory.text import tokens

FOLDER = settings.BASE_DIR / "fixtures"
# In the order of loading: rows that others refer to come first.
FILES: dict[str, list[type[Model]]] = {
    "regions.json": [Region],
    "vocabulary.json": [Sector, Role],
    "sources.json": [Source],
    "community.json": [Community, Seat],
    "organizations.json": [Organization, Alias, Membership],
    "citations.json": [Citation],
}
MODELS = [model for models in FILES.values() for model in models]
# Keys of an entry of the extraction that are no columns of its row.
EXTRA_KEYS = {"number", "citations", "aliases", "memberships", "seats", "copy", "reads"}


class ExtractionError(ValueError):
    """The extraction has a key that is no column of the model."""


# -- Building ----------------------------------------------------------------


def build_row(model: type[Model], pk: object, fields: dict) -> dict:
    """Build a row of a Django fixture; blank values are left to the model's default.

    Raises ExtractionError for a key that is no column.
    """
    columns = {field.name for field in model._meta.concrete_fields}
    if unknown := set(fields) - columns - EXTRA_KEYS:
        raise ExtractionError(f"{model._meta.label} {pk} has no {', '.join(sorted(unknown))}.")
    values = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields.items()
        if name in columns and value not in ("", None, False, [])
    }
    for field in get_partial_date_fields(model):
        if field.name in values:
            values |= _build_date(field, str(values[field.name]))
    return {"model": model._meta.label_lower, "pk": pk, "fields": values}


def _build_date(field: PartialDateField, text: str) -> dict[str, str]:
    """Return the columns of a date; its precision only where it is not known to the day."""
    try:
        parsed = parse_partial_date(text)
    except UnclearDate as error:
        raise ExtractionError(f"{field.model._meta.label}.{field.name}: {text!r}.") from error
    columns = field.get_columns(parsed)
    if parsed.precision == Precision.DAY:
        del columns[field.precision_name]
    return {name: str(value) for name, value in columns.items()}


def build_fixtures(extraction: dict, regions: list[dict]) -> dict[str, str]:
    """Build the text of every fixture, by name of the file."""
    rows = {
        "regions.json": regions,
        "vocabulary.json": build_vocabulary(extraction),
        "sources.json": [_build_coded_row(Source, source) for source in extraction["sources"]],
        "community.json": build_community(extraction),
        "organizations.json": build_organizations(extraction),
        "citations.json": build_citations(extraction),
    }
    return {name: serialize_rows(rows[name], name == "regions.json") for name in FILES}


def serialize_rows(rows: list[dict], dense: bool) -> str:
    """Return rows as JSON: one row to a line if `dense`, else one field to a line."""
    if dense:
        lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in rows)
        return f"[\n{lines}\n]\n"
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _build_coded_row(model: type[Model], fields: dict) -> dict:
    """Build a row whose primary key is its code."""
    return build_row(model, fields["code"], {k: v for k, v in fields.items() if k != "code"})


def build_vocabulary(extraction: dict) -> list[dict]:
    """Build the rows of sectors and roles."""
    sectors = [
        build_row(Sector, code, {"name": name, "name_en": name_en})
        for code, (name, name_en) in extraction["sectors"].items()
    ]
    ranked = enumerate(extraction["roles"], start=1)
    return sectors + [_build_coded_row(Role, role | {"rank": 10 * rank}) for rank, role in ranked]


def build_community(extraction: dict) -> list[dict]:
    """Build the rows of the community and its seats."""
    fields = extraction["community"]
    seats = enumerate(fields["seats"].items(), start=1)
    return [
        build_row(Community, 1, fields),
        *(
            build_row(Seat, pk, {"community": 1, "role": role, "count": count})
            for pk, (role, count) in seats
        ),
    ]


def build_organizations(extraction: dict) -> list[dict]:
    """Build the rows of organizations, aliases and memberships, all published."""
    published = {
        "state": State.PUBLISHED.value,
        "first_published_at": extraction["first_published_at"],
    }
    models: dict[str, type[Model]] = {
        "organization": Organization,
        "alias": Alias,
        "membership": Membership,
    }
    rows = []
    for entry in iter_entries(extraction):
        if entry.model_name in models:
            values = {
                "organization": published,
                "alias": {"organization": entry.owner},
                "membership": {
                    "community": 1,
                    "organization": entry.owner,
                    "state": State.PUBLISHED.value,
                },
            }[entry.model_name]
            rows.append(build_row(models[entry.model_name], entry.pk, entry.row | values))
    return sorted(rows, key=lambda each: _get_model_order(each["model"]))


def _get_model_order(label: str) -> int:
    return [model._meta.label_lower for model in MODELS].index(label)


def build_citations(extraction: dict) -> list[dict]:
    """Build the rows of citations, numbered in the order of the extraction."""
    sources = {source["code"]: source for source in extraction["sources"]}
    pairs = (
        (entry, citation) for entry in iter_entries(extraction) for citation in entry.citations
    )
    return [
        build_row(
            Citation,
            pk,
            _build_citation_fields(citation, sources[citation["source"]])
            | {entry.model_name: entry.pk},
        )
        for pk, (entry, citation) in enumerate(pairs, start=1)
    ]


def _build_citation_fields(citation: dict, source: dict) -> dict:
    # The lines of a file of excerpts are not those of the source itself.
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


def read_divisions(path: Path) -> list[dict]:
    """Read the divisions from the CSV file, or from the last fixture (JSON)."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".csv":
            return list(csv.DictReader(file))
        return [{"code": each["pk"], **each["fields"]} for each in json.load(file)]


def build_regions(divisions: list[dict], names: dict[str, dict]) -> list[dict]:
    """Build the rows of regions in the order of codes, with names that the file lacks."""
    return [
        build_row(Region, each["code"], _build_region_fields(each, names.get(each["code"], {})))
        for each in sorted(divisions, key=lambda each: each["code"])
    ]


def _build_region_fields(division: dict, names: dict) -> dict:
    return {
        "name": division["name"],
        "short_name": names.get("short", ""),
        "name_en": names.get("en", ""),
        "pinyin": correct_pinyin(division["name"], division["pinyin"]),
        "level": division["level"],
        "virtual": division.get("virtual") in ("1", True),
        "iso3166_2": division.get("iso3166_2", ""),
        "aliases": "\n".join(names.get("aliases", [])),
    }


def correct_pinyin(name: str, pinyin: str) -> str:
    """Return the pinyin of the file, but corrected for names with known misreadings."""
    return " ".join(tokens.get_syllables(name)) if tokens.has_custom_reading(name) else pinyin


# -- Loading -----------------------------------------------------------------


def is_directory_empty() -> bool:
    """Whether no model of the fixtures has a row."""
    return not any(model._default_manager.exists() for model in MODELS)


def load_fixtures(folder: Path = FOLDER) -> dict[type[Model], int]:
    """Load the fixtures into an empty directory; return the number of rows by model."""
    counts: dict[type[Model], int] = {}
    with recorder.record_changes(who=None, via="fixtures") as change:
        for name in FILES:
            text = (folder / name).read_text(encoding="utf-8")
            objects = (each.object for each in serializers.deserialize("json", text))
            for model, group in groupby(objects, key=lambda row: row.__class__):
                counts[model] = len(model._default_manager.bulk_create(list(group)))
        _reset_sequences()
        change.mark_all_changed()
    return counts


def _reset_sequences() -> None:
    """Set the sequences after rows with keys of their own, so that the next key is free."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), MODELS):
            cursor.execute(statement)
