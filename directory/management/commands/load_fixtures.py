"""`manage.py load_fixtures`: load fixtures/ into an empty directory."""

from django.core.management.base import BaseCommand

from directory.models import Citation, Organization, Region, Source
from directory.seed import fixtures as seed_fixtures

COUNTED_MODELS = {
    Region: "regions",
    Organization: "organizations",
    Source: "sources",
    Citation: "citations",
}


class Command(BaseCommand):
    help = "Load the fixtures into an empty directory; change nothing in any other."
    requires_system_checks = []

    def handle(self, *args, **options):
        if not seed_fixtures.is_directory_empty():
            self.stdout.write("The directory is not empty: no fixture was loaded.")
            return
        counts = seed_fixtures.load_fixtures()
        rows = ", ".join(f"{counts[model]} {label}" for model, label in COUNTED_MODELS.items())
        self.stdout.write(f"Fixtures loaded: {rows}.")
