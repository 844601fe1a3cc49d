#!/usr/bin/env python3
"""Django's command line; a wrong setting is one sentence instead of a traceback."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
    try:
        _ = settings.SECRET_KEY  # read first: Django's own command line hides a wrong setting
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
