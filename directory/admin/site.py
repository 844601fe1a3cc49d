"""The desk's own admin site: its titles, its order, and how relations are typed."""

import re
from functools import wraps
from importlib import import_module

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

LONGEST_QUERY = 200
SEARCHES = ("q", "term", "_changelist_filters")
TOO_LARGE = re.compile(r"[0-9]{19}")
NOUNS = (
    "accounts",
    "organizations.admin",
    "memberships",
    "aliases",
    "contacts",
    "communities",
    "sources",
    "citations",
    "reference_data",
    "history",
    "duplicates",
    "imports.admin",
)
ORDER = (
    "Organization",
    "Institution",
    "Enterprise",
    "LikelyPair",
    "Membership",
    "Community",
    "Role",
    "Seat",
    "Source",
    "Citation",
    "Alias",
    "Contact",
    "Region",
    "Sector",
    "Import",
    "Reading",
    "Revision",
)


class Suggestions(AutocompleteJsonView):
    """Type-to-find: each choice is worded by the noun's own admin."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        worded = getattr(self.model_admin, "choice_labels", None)
        self.labels = worded(list(context["object_list"])) if worded else {}
        return context

    def serialize_result(self, obj, to_field_name):
        result = super().serialize_result(obj, to_field_name)
        return result | {"text": self.labels.get(obj.pk, result["text"])}


class DirectoryAdminSite(admin.AdminSite):
    site_title = _("Directory desk")
    index_title = _("What is to be done")

    @property
    def site_header(self) -> str:
        from directory.text.language import spoken  # this class is read before there are models

        return spoken(settings.SITE_NAME, settings.SITE_NAME_EN)

    def each_context(self, request: HttpRequest) -> dict:
        return super().each_context(request) | {"site_url": reverse("directory:home")}

    def index(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The worklist, for who may see organizations."""
        from directory.admin import dashboard  # this class is read before there are models

        context = dashboard.landing(request) | (extra_context or {})
        return super().index(request, context)

    def admin_view(self, view, cacheable=False):
        return super().admin_view(readable(view), cacheable)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return Suggestions.as_view(admin_site=self)(request)

    def get_urls(self) -> list:
        """Without the way by type and number, on which a draft would tell its name."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    def get_app_list(self, request, app_label=None):
        """The directory first, its nouns in the order of the work."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "directory":
                app["models"].sort(key=lambda model: ORDER.index(model["object_name"]))
        return sorted(apps, key=lambda app: app["app_label"] != "directory")


def readable(view):
    """Questions that the database can read: SQLite refuses 1,400 words and 19 digits."""

    @wraps(view)
    def asked(request, *args, **kwargs):
        for name in ("q", "term"):
            if len(request.GET.get(name, "")) > LONGEST_QUERY:
                request.GET = request.GET.copy()
                request.GET[name] = request.GET[name][:LONGEST_QUERY]
        for name, values in request.GET.lists():
            if name not in SEARCHES and any(map(TOO_LARGE.search, values)):
                raise SuspiciousOperation("a number that no column can hold")
        return view(request, *args, **kwargs)

    return asked


class DirectoryAdminConfig(AdminConfig):
    default_site = "directory.admin.site.DirectoryAdminSite"

    def ready(self) -> None:
        super().ready()
        # Django's own search finds `directory.admin` already imported: this file is in it.
        for noun in NOUNS:
            import_module(f"directory.admin.{noun}")
