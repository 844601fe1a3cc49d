"""`manage.py build_fixtures`: build fixtures/ and compare every cited passage with its source."""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from directory.seed import extraction
from directory.seed import fixtures as seed_fixtures

OPTIONS = {"document": "S1", "report": "S2", "ministry": "S3", "ror": "S4"}


def get_documents_folder() -> Path:
    """Folder of the source documents, which are not part of the project."""
    folder = os.environ.get("COMMUNITY_DOCUMENTS", "").strip()
    return Path(folder) if folder else settings.BASE_DIR.parent / "shared" / "data"


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
        facts, places = self.load_toml("extraction.toml"), self.load_toml("regions.toml")
        paths = self.find_paths(facts, places, options)
        self.check_passages(facts, paths)
        try:
            texts = seed_fixtures.build_fixtures(
                facts, self.build_regions(places, paths["regions"])
            )
        except ValueError as error:
            raise CommandError(f"Nothing was written.\n{error}") from error
        folder = Path(options["folder"] or seed_fixtures.FOLDER)
        self.check_files(folder, texts) if options["check"] else self.write_files(folder, texts)

    def load_toml(self, name: str) -> dict:
        """Parse a file of fixtures/; CommandError if it is not valid."""
        try:
            return extraction.load_toml(seed_fixtures.FOLDER / name)
        except ValueError as error:
            raise CommandError(f"{name} cannot be read: {error}.") from error

    def find_paths(self, facts: dict, places: dict, options: dict) -> dict[str, Path]:
        """Path of each source: the one given, else the one in the folder of the document."""
        document = options["document"]
        folder = Path(document).parent if document else get_documents_folder()
        sources = {source["code"]: source for source in facts["sources"]}
        source_paths = {
            code: Path(options[option] or folder / sources[code]["copy"])
            for option, code in OPTIONS.items()
        }
        return source_paths | {"regions": Path(options["regions"] or folder / places["copy"])}

    def check_passages(self, facts: dict, paths: dict[str, Path]) -> None:
        """Raise CommandError if a passage is not in its source; print what was compared."""
        at_hand = extraction.load_copies(facts["sources"], paths)
        problems = list(extraction.find_problems(facts, at_hand))
        if problems:
            raise CommandError("Nothing was written.\n" + "\n".join(problems))
        cited = [c["source"] for e in extraction.iter_entries(facts) for c in e.citations]
        for source in facts["sources"]:
            code, count = source["code"], cited.count(source["code"])
            if code in at_hand:
                self.stdout.write(f"{code}: {count} passages compared with {source['copy']}.")
            else:
                self.stdout.write(
                    f"{code}: {source['copy']} is not at hand; "
                    f"its {count} passages were not compared."
                )

    def build_regions(self, places: dict, path: Path) -> list[dict]:
        """Rows of regions from the CSV file, or from the present fixture without it."""
        if path.is_file():
            copy = extraction.SourceCopy(path, places | {"reads": "rows"})
            if not copy.is_unchanged:
                raise CommandError(
                    f"Nothing was written.\n{path.name} is not the file that the regions were "
                    f"taken from: its SHA-256 is {copy.sha256}, recorded is {places['sha256']}."
                )
            self.stdout.write(f"Regions: taken from {path.name}.")
        else:
            self.stdout.write(f"Regions: {path.name} is not at hand; its rows were kept as built.")
            path = seed_fixtures.FOLDER / "regions.json"
        return seed_fixtures.build_regions(seed_fixtures.read_divisions(path), places["names"])

    def write_files(self, folder: Path, texts: dict[str, str]) -> None:
        """Write the fixtures, file name → text."""
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        self.stdout.write(f"{len(texts)} files written to {folder.name}/.")

    def check_files(self, folder: Path, texts: dict[str, str]) -> None:
        """Raise CommandError if a file differs from what would be written."""
        different = [
            name
            for name, text in texts.items()
            if not (folder / name).is_file() or (folder / name).read_bytes() != text.encode()
        ]
        if different:
            raise CommandError(f"Not as built from the extraction: {', '.join(different)}.")
        self.stdout.write(f"{len(texts)} files are as built from the extraction.")
