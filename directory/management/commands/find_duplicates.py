"""`manage.py find_duplicates`: compare all organizations and store the likely duplicates."""

from django.core.management.base import BaseCommand, CommandError

from directory.duplicates import pairs


class Command(BaseCommand):
    help = "Compare all organizations with each other, and renew the desk's list of likely doubles."

    def handle(self, *args, **options) -> None:
        count = pairs.compare_all(self.show_progress)
        if count is None:
            raise CommandError("Somebody else is comparing just now; try again in a few minutes.")
        self.stdout.write(f"{count:,} likely pairs.")

    def show_progress(self, done: int, total: int) -> None:
        """Print a line for every 5 per cent of the organizations."""
        if done == total or done * 20 // total > (done - pairs.BATCH) * 20 // total:
            self.stdout.write(f"  {done:,} of {total:,} organizations compared")
            self.stdout.flush()
