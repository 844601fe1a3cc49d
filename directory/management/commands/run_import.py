"""`manage.py run_import NUMBER`: plan or apply an import; started by the admin in a process."""

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from directory import jobs
from directory.importing import service as import_service
from directory.importing.readers.limits import UnreadableFile
from directory.models import Import


class Command(BaseCommand):
    help = "Go on with an import that is being planned or applied; the desk starts this itself."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("number", type=int)

    def handle(self, number: int, **options) -> None:
        job = Import.objects.filter(pk=number).first()
        if job is None:
            raise CommandError(f"There is no import {number}.")
        jobs.freeze_gc()
        try:
            import_service.run_import(job)
        except jobs.BusyError as error:
            raise CommandError(f"Import {number} is under way already.") from error
        except (UnreadableFile, PermissionDenied, DatabaseError) as error:
            import_service.mark_failed(job, str(error))
            raise CommandError(str(error)) from error
