"""`manage.py rebuild_words`: every name's search words, slug and pinyin anew.

For after a change of how names are read, such as a reading added to `words.READINGS`.
"""

from django.core.management.base import BaseCommand

from directory import history, search
from directory.models import Organization


class Command(BaseCommand):
    help = "Derive every organization's search words, slug and pinyin anew."

    def handle(self, **options) -> None:
        with history.change(who=None, via="rebuild_words"):
            history.derive(Organization.objects.all())
            search.rebuild()
        self.stdout.write(f"{Organization.objects.count()} organizations indexed anew.")
