"""`manage.py build_fixtures`: the fixtures anew, every passage compared with its source."""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from directory.seed import extraction
from directory.seed import fixtures as seed_fixtures

OPTIONS = {"document": "S1", "report": "S2", "ministry": "S3", "ror": "S4"}


def folder_of_documents() -> Path:
    """Where the sources are looked for: they are not part of the project."""
    named = os.environ.get("COMMUNITY_DOCUMENTS", "").strip()
    return Path(named) if named else settings.BASE_DIR.parent / "shared" / "data"


class Command(BaseCommand):
    help = (
        "Build fixtures/*.json from fixtures/extraction.toml and fixtures/regions.toml, "
        "comparing every passage with its source; what is not at hand is named, not compared."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--document", metavar="FILE", help="S1, the text of the news story")
        parser.add_argument("--report", metavar="FILE", help="S2, passages of the newspaper")
        parser.add_argument("--ministry", metavar="FILE", help="S3, the ministry's list as CSV")
        parser.add_argument("--ror", metavar="FILE", help="S4, the registry's record as CSV")
        parser.add_argument("--regions", metavar="FILE", help="the divisions of GB/T 2260 as CSV")
        parser.add_argument(
            "--folder", metavar="FOLDER", help="where to write, instead of fixtures/"
        )
        parser.add_argument("--check", action="store_true", help="write nothing; fail if different")

    def handle(self, *args, **options):
        facts, places = self.read("extraction.toml"), self.read("regions.toml")
        paths = self.paths(facts, places, options)
        self.compare(facts, paths)
        try:
            texts = seed_fixtures.build(facts, self.regions(places, paths["regions"]))
        except ValueError as error:
            raise CommandError(f"Nothing was written.\n{error}") from error
        folder = Path(options["folder"] or seed_fixtures.FOLDER)
        self.differ(folder, texts) if options["check"] else self.write(folder, texts)

    def read(self, name: str) -> dict:
        try:
            return extraction.read(seed_fixtures.FOLDER / name)
        except ValueError as error:
            raise CommandError(f"{name} cannot be read: {error}.") from error

    def paths(self, facts: dict, places: dict, options: dict) -> dict[str, Path]:
        """Each source's file: the one named, else the one beside the document."""
        named = options["document"]
        folder = Path(named).parent if named else folder_of_documents()
        sources = {source["code"]: source for source in facts["sources"]}
        found = {
            code: Path(options[option] or folder / sources[code]["copy"])
            for option, code in OPTIONS.items()
        }
        return found | {"regions": Path(options["regions"] or folder / places["copy"])}

    def compare(self, facts: dict, paths: dict[str, Path]) -> None:
        at_hand = extraction.copies(facts["sources"], paths)
        wrong = list(extraction.complaints(facts, at_hand))
        if wrong:
            raise CommandError("Nothing was written.\n" + "\n".join(wrong))
        cited = [c["source"] for e in extraction.entries(facts) for c in e.citations]
        for source in facts["sources"]:
            code, count = source["code"], cited.count(source["code"])
            if code in at_hand:
                self.stdout.write(f"{code}: {count} passages compared with {source['copy']}.")
            else:
                self.stdout.write(
                    f"{code}: {source['copy']} is not at hand; "
                    f"its {count} passages were not compared."
                )

    def regions(self, places: dict, path: Path) -> list[dict]:
        if path.is_file():
            copy = extraction.Copy(path, places | {"reads": "rows"})
            if not copy.is_the_one:
                raise CommandError(
                    f"Nothing was written.\n{path.name} is not the file that the regions were "
                    f"taken from: its SHA-256 is {copy.sha256}, recorded is {places['sha256']}."
                )
            self.stdout.write(f"Regions: taken from {path.name}.")
        else:
            self.stdout.write(f"Regions: {path.name} is not at hand; its rows were kept as built.")
            path = seed_fixtures.FOLDER / "regions.json"
        return seed_fixtures.regions(seed_fixtures.divisions(path), places["names"])

    def write(self, folder: Path, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        self.stdout.write(f"{len(texts)} files written to {folder.name}/.")

    def differ(self, folder: Path, texts: dict[str, str]) -> None:
        """Fail if a file is not what would be written."""
        other = [
            name
            for name, text in texts.items()
            if not (folder / name).is_file() or (folder / name).read_bytes() != text.encode()
        ]
        if other:
            raise CommandError(f"Not as built from the extraction: {', '.join(other)}.")
        self.stdout.write(f"{len(texts)} files are as built from the extraction.")
