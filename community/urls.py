"""Which address leads where: watchers, the directory in two languages, the desk."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from community import errors, health
from directory.doors.urls import once

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    *once,
    *i18n_patterns(
        path("admin/", admin.site.urls),
        path("", include("directory.doors.urls")),
        prefix_default_language=False,
    ),
]

handler400 = errors.refuse
handler403 = errors.forbidden
handler404 = errors.missing
handler500 = errors.broken
