"""`manage.py load_fixtures`: what an empty directory opens with, and only an empty one."""

from django.core.management.base import BaseCommand

from directory.models import Citation, Organization, Region, Source
from directory.seed import fixtures as seed_fixtures

TOLD = {Region: "regions", Organization: "organizations", Source: "sources", Citation: "citations"}


class Command(BaseCommand):
    help = "Load the fixtures into an empty directory; change nothing in any other."
    requires_system_checks = []

    def handle(self, *args, **options):
        if not seed_fixtures.is_empty():
            self.stdout.write("The directory is not empty: no fixture was loaded.")
            return
        counts = seed_fixtures.load()
        rows = ", ".join(f"{counts[model]} {words}" for model, words in TOLD.items())
        self.stdout.write(f"Fixtures loaded: {rows}.")
