"""`manage.py rebuild_search_index`: every name's search words, slug, pinyin and issues anew.

For after a release that reads names otherwise, or rows that were written past the one door.
"""

from django.core.management.base import BaseCommand

from directory.history import recorder
from directory.models import Organization
from directory.quality import issues as quality_issues
from directory.search import indexer


class Command(BaseCommand):
    help = "Derive every organization's search words, slug, pinyin and findings anew."

    def handle(self, **options) -> None:
        with recorder.change(who=None, via="command"):
            recorder.derive(Organization.objects.all())
            indexer.rebuild()
            quality_issues.rebuild()
        self.stdout.write(f"{Organization.objects.count()} organizations indexed anew.")
