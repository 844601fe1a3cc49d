"""Compare all organizations with each other, and renew the desk's list of likely doubles."""

from django.core.management.base import BaseCommand, CommandError

from directory.duplicates import pairs


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options) -> None:
        found = pairs.compare_all(self.show)
        if found is None:
            raise CommandError("Somebody else is comparing just now; try again in a few minutes.")
        self.stdout.write(f"{found:,} likely pairs.")

    def show(self, done: int, total: int) -> None:
        if done == total or done * 20 // total > (done - pairs.BATCH) * 20 // total:
            self.stdout.write(f"  {done:,} of {total:,} organizations compared")
            self.stdout.flush()
