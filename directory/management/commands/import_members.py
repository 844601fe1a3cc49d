"""`manage.py import_members FILE`: plan and apply a list of members, with a progress bar."""

import hashlib
import json
import sys
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils.translation import gettext as _

from directory import jobs
from directory.importing import columns
from directory.importing import service as import_service
from directory.importing.apply import writer as import_writer
from directory.importing.apply.list_source import (
    FACTS_OPTION,
    FILE_SOURCE,
    ListSource,
    suggest_title,
)
from directory.importing.parse.messages import format_reason
from directory.importing.plan.planner import OUTCOMES, plan_file
from directory.importing.readers import messages as reader_messages
from directory.importing.readers import reader
from directory.importing.readers.limits import UnreadableFile
from directory.models import Community, Import, ImportRow, Role, Source
from directory.models.date_fields import get_date_refusal
from directory.partial_dates import PartialDate, UnclearDate, parse_partial_date
from directory.text.language import list_separator

BAR_WIDTH = 40
LIST_FACTS = [fact.name for fact in fields(ListSource)]  # each is an option, with hyphens
LISTED_OUTCOMES = ("refused", "doubtful")
ROW_FIELDS = ("number", "outcome", "name", "reasons", "organization", "before", "values", "applied")


class Command(BaseCommand):
    help = (
        "Import a list (CSV, XLSX or XLS). New and changed rows are applied, doubtful ones are "
        "not. Without --source nothing is cited. Exit status: 0 if nothing was refused, 1 if rows "
        "were, 2 if the file or an option was."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--sheet", default="", help="the name of the sheet that is read")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="HEADING=FIELD",
            help="what a column means, such as “Code=credit_code”; may be given several times",
        )
        parser.add_argument("--dry-run", action="store_true", help="tell what would change")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--publish", action="store_true", help="publish what is new at once")
        parser.add_argument("--community", help="code: the community of rows that name none")
        parser.add_argument("--role", help="code: the role of rows that name none")
        parser.add_argument(
            "--source",
            help="cite each row: a source's code, or “file” to make FILE itself a source that is "
            "shown in public, which needs --publisher",
        )
        parser.add_argument("--publisher", help="with --source file: who issued FILE")
        parser.add_argument("--publisher-en", help="the publisher in English")
        parser.add_argument("--title", help="the title of FILE as a source, its name by default")
        parser.add_argument("--title-en", help="the title in English")
        parser.add_argument("--medium", choices=Source.Medium.values, help="what FILE is")
        parser.add_argument(
            "--dated", type=parse_date, metavar="YYYY-MM-DD", help="when FILE was issued"
        )
        parser.add_argument(
            "--cites-export",
            action="store_true",
            help="make FILE a source although it was exported from this directory",
        )

    def handle(self, file: str, **options) -> None:
        settings = self.build_options(options)
        jobs.freeze_gc()
        try:
            data = Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        try:
            reading = reader.read_table(data, options["sheet"])
            columns.set_column_fields(reading, options["column"])
            if settings.get("source") == FILE_SOURCE:
                settings[FACTS_OPTION] = self.build_list_source(file, data, reading, options)
            if "name" not in reading.mapping and "name_en" not in reading.mapping:
                raise UnreadableFile("nameless")
        except UnreadableFile as error:
            self.exit_unreadable(str(error), options["json"])
        except columns.UnknownColumnError as error:
            raise CommandError(str(error), returncode=2) from error
        rows: Iterable[dict]
        if options["dry_run"]:
            plan = plan_file(reading.mapping, settings, reading.rows)
            rows = map(row_to_dict, self.show_progress(plan, reading.row_count))
        else:
            job = import_service.create_import(Path(file).name, data, None, settings, reading)
            self.apply(job, reading)
            rows = self.iter_applied_rows(job, whole=options["json"])
        if not self.print_outcome(reading, rows, options):
            sys.exit(1)

    def build_options(self, options: dict) -> dict:
        """Options of the import; CommandError for an unknown community, role or source."""
        import_options: dict = {"publish": True} if options["publish"] else {}
        for name, model in (("community", Community), ("role", Role), ("source", Source)):
            if code := options[name]:
                is_file = (name, code) == ("source", FILE_SOURCE)
                if not (is_file or model.objects.filter(code=code).exists()):
                    raise CommandError(f"There is no {name} “{code}”.", returncode=2)
                import_options[name] = code
        if import_options.get("source") != FILE_SOURCE:
            for name in filter(options.get, LIST_FACTS):
                option = name.replace("_", "-")
                problem = f"--{option} says what FILE is as a source: give --source file with it."
                raise CommandError(problem, returncode=2)
        return import_options

    def build_list_source(
        self, file: str, data: bytes, reading: reader.TableReading, options: dict
    ) -> dict:
        """Build what is said of FILE as a source; CommandError with the reasons if it is none."""
        facts = {name: options[name] for name in LIST_FACTS if options[name]}
        found = ListSource(**{"title": suggest_title(Path(file).name)} | facts)
        digest = hashlib.sha256(data).hexdigest()
        reasons = [reason for _name, reason in found.find_refusals(reading.headings, digest)]
        if reasons:
            raise CommandError(" ".join(reasons), returncode=2)
        return found.serialize()

    def exit_unreadable(self, problem: str, as_json: bool) -> NoReturn:
        """Print why the file cannot be read and exit with status 2."""
        if as_json:
            empty: dict = {"encoding": None, "sheet": None, "left_out": [], "header_row": None}
            empty |= {"mapping": {}, "unread": [], "adjacent": None, "skipped": []}
            self.print(empty | group_by_outcome(()) | {"error": problem})
        self.stderr.write(problem)
        sys.exit(2)

    def apply(self, job: Import, reading: reader.TableReading) -> None:
        """Plan the import and apply its new and changed rows."""
        with jobs.lock_job(job.pk, job.rows_found):
            import_service.mark_started(job, Import.State.PLANNING)
            import_service.plan_import(job, self.progress(job.rows_found), reading)
            import_service.mark_started(job, Import.State.APPLYING)
            import_writer.apply_import(job, None, self.progress(job.rows_found))
        jobs.delete_job_files(job.pk)

    def iter_applied_rows(self, job: Import, whole: bool) -> Iterator[dict]:
        """Yield the rows with their result; of outcomes that are not listed only their number."""
        rows = ImportRow.objects.filter(of=job).order_by("number")
        listed = rows if whole else rows.filter(outcome__in=LISTED_OUTCOMES)
        counted = rows.none() if whole else rows.exclude(outcome__in=LISTED_OUTCOMES)
        counts = counted.order_by().values("outcome", "applied").annotate(count=Count("pk"))
        yield from map(dict, counts)
        yield from map(row_to_dict, listed.values_list(*ROW_FIELDS, named=True).iterator())

    # -- Output --------------------------------------------------------------

    def print_outcome(
        self, reading: reader.TableReading, rows: Iterable[dict], options: dict
    ) -> bool:
        """Print what becomes of the rows; return whether all were accepted."""
        counts: Counter[str] = Counter()
        listed, accepted = [], True
        for row in rows:
            counts[row["outcome"]] += row.get("count", 1)
            accepted &= row["outcome"] != "refused" and row.get("applied") != "no"
            # Rows that are only counted are not kept in memory.
            if options["json"] or row["outcome"] in LISTED_OUTCOMES:
                listed.append(row)
        if options["json"]:
            self.print(self.describe_reading(reading) | group_by_outcome(listed))
            return accepted
        if reading.other_sheets:
            self.stdout.write(describe_sheets(reading))
        if adjacent := columns.find_adjacent_list(reading, reading.mapping):
            self.stdout.write(str(adjacent))
        for column in columns.list_unread_columns(reading, reading.mapping):
            self.stdout.write(str(column))
        for outcome in OUTCOMES:
            self.stdout.write(f"{counts[outcome]:7} {ImportRow.Outcome(outcome).label}")
        for row in listed:
            self.stdout.write(f"{row['row']}: {row['name']}: {row['reason']}")
        for number, reason, text in reading.skipped_rows:
            if text:
                self.stdout.write(f"{number}: {reader_messages.format_skip_reason(reason, text)}")
        return accepted

    def describe_reading(self, reading: reader.TableReading) -> dict:
        """How the file was read, as JSON data."""
        adjacent = columns.find_adjacent_list(reading, reading.mapping)
        return {
            "encoding": reading.encoding,
            "sheet": reading.sheet,
            "left_out": reading.other_sheets,
            "header_row": reading.header_row,
            "mapping": reading.fields_by_heading,
            "unread": [
                {
                    "column": each.label,
                    "reason": each.reason,
                    "cells": each.count,
                    "first": each.shown_values,
                }
                for each in columns.list_unread_columns(reading, reading.mapping)
            ],
            "adjacent": str(adjacent) if adjacent else None,
            "skipped": [
                {"row": number, "reason": reader_messages.format_skip_reason(reason, text)}
                for number, reason, text in reading.skipped_rows
            ],
        }

    def print(self, result: dict) -> None:
        """Print a JSON object."""
        self.stdout.write(json.dumps(result, ensure_ascii=False))

    def progress(self, total: int) -> Callable[[int], None] | None:
        """Callback that draws a progress bar; None where stderr is not a terminal."""
        if not self.stderr.isatty():
            return None

        def draw(done: int) -> None:
            filled = BAR_WIDTH * done // max(total, 1)
            bar = "█" * filled + "·" * (BAR_WIDTH - filled)
            self.stderr.write(f"\r{bar} {done}/{total}", ending="")

        return draw

    def show_progress(self, rows: Iterable, total: int) -> Iterable:
        """Yield the rows and draw the bar."""
        return jobs.report_progress(rows, self.progress(total))


def parse_date(text: str) -> PartialDate:
    """Parse a day, month or year; a refusal of the option otherwise."""
    try:
        return parse_partial_date(text)
    except UnclearDate as error:
        raise ArgumentTypeError(get_date_refusal(error, text)) from error


def describe_sheets(reading: reader.TableReading) -> str:
    """Say which sheet was read, and which were not."""
    text = _("Only the sheet “%(sheet)s” was read, not: %(others)s.")
    return text % {"sheet": reading.sheet, "others": list_separator().join(reading.other_sheets)}


def group_by_outcome(rows: Iterable[dict]) -> dict[str, list[dict]]:
    """Lists of rows by outcome, with an empty list for an outcome without rows."""
    groups: dict[str, list[dict]] = {outcome: [] for outcome in OUTCOMES}
    for row in rows:
        groups[row["outcome"]].append(row)
    return groups


def row_to_dict(row: ImportRow) -> dict:
    """A row for output: its number in the file, outcome, reasons and changes."""
    result = {"row": row.number, "outcome": row.outcome, "name": row.name}
    result["reason"] = " ".join(map(format_reason, row.reasons))
    if row.organization:
        result["organization"] = row.organization
    if row.before:
        result["changes"] = {c: [row.before[c], row.values[c]] for c in row.before}
    return result | ({"applied": row.applied} if row.applied else {})
