"""`manage.py run_import NUMBER`: plan or apply an import that the desk has asked for."""

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from directory import jobs
from directory.importing import service as import_service
from directory.importing.readers.limits import Unreadable
from directory.models import Import


class Command(BaseCommand):
    help = "Go on with an import that is being planned or applied; the desk starts this itself."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("number", type=int)

    def handle(self, number: int, **options) -> None:
        found = Import.objects.filter(pk=number).first()
        if found is None:
            raise CommandError(f"There is no import {number}.")
        jobs.sit_down()
        try:
            import_service.run(found)
        except jobs.BusyError as error:
            raise CommandError(f"Import {number} is under way already.") from error
        except (Unreadable, PermissionDenied, DatabaseError) as error:
            import_service.fail(found, str(error))
            raise CommandError(str(error)) from error
