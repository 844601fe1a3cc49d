"""`manage.py rebuild_words`: every name's search words, slug and pinyin anew, and the findings.

For after a release that reads names otherwise, or rows that were written past the one door.
"""

from django.core.management.base import BaseCommand

from directory import findings, history, scribe
from directory.models import Organization


class Command(BaseCommand):
    help = "Derive every organization's search words, slug, pinyin and findings anew."

    def handle(self, **options) -> None:
        with history.change(who=None, via="command"):
            history.derive(Organization.objects.all())
            scribe.rebuild()
            findings.rebuild()
        self.stdout.write(f"{Organization.objects.count()} organizations indexed anew.")
