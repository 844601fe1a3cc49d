"""URLs of the project: health checks, the directory in two languages, the admin."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from community import error_views, health
from directory.public.urls import unlocalized_urlpatterns

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    *unlocalized_urlpatterns,
    *i18n_patterns(
        path("admin/", admin.site.urls),
        path("", include("directory.public.urls")),
        prefix_default_language=False,
    ),
]

handler400 = error_views.bad_request
handler403 = error_views.forbidden
handler404 = error_views.not_found
handler500 = error_views.server_error
