"""Which address leads where: watchers, the directory in two languages, the desk."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from community import error_views, health
from directory.public.urls import once

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    *once,
    *i18n_patterns(
        path("admin/", admin.site.urls),
        path("", include("directory.public.urls")),
        prefix_default_language=False,
    ),
]

handler400 = error_views.refuse
handler403 = error_views.forbidden
handler404 = error_views.missing
handler500 = error_views.broken
