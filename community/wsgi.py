"""The door through which gunicorn serves the site."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
application = get_wsgi_application()

# What the start has made stays: the collector need not look through it while pages are drawn.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
