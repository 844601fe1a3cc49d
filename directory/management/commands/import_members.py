"""`manage.py import_members FILE`: any office's list, planned and applied, with a progress bar."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils.translation import gettext as _

from directory import jobs
from directory.importing import service as import_service
from directory.importing.apply import citations
from directory.importing.apply import writer as import_writer
from directory.importing.parse.messages import sentence
from directory.importing.plan.planner import OUTCOMES, Planner
from directory.importing.readers import messages as reader_messages
from directory.importing.readers import reader
from directory.importing.readers.limits import Unreadable
from directory.models import Community, Import, ImportRow, Role, Source

WIDTH = 40
SHOWN = ("refused", "doubtful")
TOLD = ("number", "outcome", "name", "reasons", "organization", "before", "values", "applied")


class Command(BaseCommand):
    help = (
        "Import a list (CSV, XLSX or XLS). New and changed rows are applied, doubtful ones are "
        "not. Exit status: 0 if nothing was refused, 1 if rows were, 2 if the file was."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--sheet", default="", help="the name of the sheet that is read")
        parser.add_argument("--dry-run", action="store_true", help="tell what would change")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--publish", action="store_true", help="publish what is new at once")
        parser.add_argument("--community", help="code: the community of rows that name none")
        parser.add_argument("--role", help="code: the role of rows that name none")
        parser.add_argument("--source", help="cite each row: a source's code, or “file” for FILE")

    def handle(self, file: str, **options) -> None:
        given = self.options(options)
        jobs.sit_down()
        try:
            data = Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        try:
            found = reader.read(data, options["sheet"])
            if "name" not in found.mapping and "name_en" not in found.mapping:
                raise Unreadable("nameless")
        except Unreadable as refusal:
            self.refused(str(refusal), options["json"])
        if options["dry_run"]:
            plan = Planner(found.mapping, given).plan(found.rows())
            rows = map(told, self.bar(plan, found.count))
        else:
            of = import_service.take_in(Path(file).name, data, None, given, found)
            self.apply(of, found)
            rows = self.applied(of, whole=options["json"])
        if not self.answer(found, rows, options):
            sys.exit(1)

    def options(self, options: dict) -> dict:
        found = {"publish": True} if options["publish"] else {}
        for name, model in (("community", Community), ("role", Role), ("source", Source)):
            if code := options[name]:
                itself = (name, code) == ("source", citations.THE_FILE)
                if not (itself or model.objects.filter(code=code).exists()):
                    raise CommandError(f"There is no {name} “{code}”.")
                found[name] = code
        return found

    def refused(self, why: str, as_json: bool) -> None:
        if as_json:
            empty = {"encoding": None, "sheet": None, "left_out": [], "header_row": None}
            empty |= {"mapping": {}, "skipped": []}
            self.print(empty | by_outcome(()) | {"error": why})
        self.stderr.write(why)
        sys.exit(2)

    def apply(self, of: Import, found: reader.Reading) -> None:
        with jobs.held(of.pk, of.rows_found):
            import_service.begin(of, Import.State.PLANNING)
            import_service.plan(of, self.progress(of.rows_found), found)
            import_service.begin(of, Import.State.APPLYING)
            import_writer.apply(of, None, self.progress(of.rows_found))
        jobs.forget(of.pk)

    def applied(self, of: Import, whole: bool) -> Iterator[dict]:
        """What became of the rows; of those that are only counted how many they are."""
        rows = ImportRow.objects.filter(of=of).order_by("number")
        shown = rows if whole else rows.filter(outcome__in=SHOWN)
        counted = rows.none() if whole else rows.exclude(outcome__in=SHOWN)
        yield from counted.order_by().values("outcome", "applied").annotate(count=Count("pk"))
        yield from map(told, shown.values_list(*TOLD, named=True).iterator())

    # -- Telling -------------------------------------------------------------

    def answer(self, found: reader.Reading, rows: Iterable[dict], options: dict) -> bool:
        """Tell what becomes of the rows; whether each was accepted."""
        counts, shown, accepted = Counter(), [], True
        for row in rows:
            counts[row["outcome"]] += row.get("count", 1)
            accepted &= row["outcome"] != "refused" and row.get("applied") != "no"
            # A long list is not held in memory where only its doubts are shown.
            if options["json"] or row["outcome"] in SHOWN:
                shown.append(row)
        if options["json"]:
            self.print(self.read_so(found) | by_outcome(shown))
            return accepted
        if found.left_out:
            self.stdout.write(left_out(found))
        for outcome in OUTCOMES:
            self.stdout.write(f"{counts[outcome]:7} {ImportRow.Outcome(outcome).label}")
        for row in shown:
            self.stdout.write(f"{row['row']}: {row['name']}: {row['reason']}")
        for number, reason, text in found.skipped:
            if text:
                self.stdout.write(f"{number}: {reader_messages.passed_over(reason, text)}")
        return accepted

    def read_so(self, found: reader.Reading) -> dict:
        return {
            "encoding": found.encoding,
            "sheet": found.sheet,
            "left_out": found.left_out,
            "header_row": found.header_row,
            "mapping": found.named_mapping,
            "skipped": [
                {"row": number, "reason": reader_messages.passed_over(reason, text)}
                for number, reason, text in found.skipped
            ],
        }

    def print(self, answer: dict) -> None:
        self.stdout.write(json.dumps(answer, ensure_ascii=False))

    def progress(self, total: int):
        """A bar where somebody is looking."""
        if not self.stderr.isatty():
            return None

        def tell(done: int) -> None:
            filled = WIDTH * done // max(total, 1)
            bar = "█" * filled + "·" * (WIDTH - filled)
            self.stderr.write(f"\r{bar} {done}/{total}", ending="")

        return tell

    def bar(self, rows: Iterable, total: int) -> Iterable:
        return jobs.told(rows, self.progress(total))


def left_out(found: reader.Reading) -> str:
    """Which sheet was read, and which were not."""
    words = _("Only the sheet “%(sheet)s” was read, not: %(others)s.")
    return words % {"sheet": found.sheet, "others": _(", ").join(found.left_out)}


def by_outcome(rows: Iterable[dict]) -> dict[str, list[dict]]:
    found = {outcome: [] for outcome in OUTCOMES}
    for row in rows:
        found[row["outcome"]].append(row)
    return found


def told(row: ImportRow) -> dict:
    """A row for people and programs: its number in the file, and why."""
    found = {"row": row.number, "outcome": row.outcome, "name": row.name}
    found["reason"] = " ".join(map(sentence, row.reasons))
    if row.organization:
        found["organization"] = row.organization
    if row.before:
        found["changes"] = {c: [row.before[c], row.values[c]] for c in row.before}
    return found | ({"applied": row.applied} if row.applied else {})
