"""`manage.py rebuild_search_index`: recompute search index, slugs, pinyin and quality issues.

For after a release that tokenizes names differently, or rows written without the recorder.
"""

from django.core.management.base import BaseCommand

from directory.history import recorder
from directory.models import Organization
from directory.quality import issues as quality_issues
from directory.search import indexer


class Command(BaseCommand):
    help = "Derive every organization's search words, slug, pinyin and findings anew."

    def handle(self, **options) -> None:
        with recorder.record_changes(who=None, via="command"):
            recorder.update_derived_columns(Organization.objects.all())
            indexer.rebuild()
            quality_issues.rebuild()
        self.stdout.write(f"{Organization.objects.count()} organizations indexed anew.")
