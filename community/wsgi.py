"""WSGI application for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
application = get_wsgi_application()

# Objects made at the start stay: the garbage collector need not look through them again.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
