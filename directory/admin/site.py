"""The admin site: titles, order of the models, autocomplete, and limits on queries."""

import re
from functools import wraps
from importlib import import_module
from typing import cast

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

MAX_QUERY_LENGTH = 200
SEARCH_PARAMETERS = ("q", "term", "_changelist_filters")
OVERLONG_NUMBER = re.compile(r"[0-9]{19}")
ADMIN_MODULES = (
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
MODEL_ORDER = (
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


class LabelledAutocompleteView(AutocompleteJsonView):
    """Autocomplete whose choices are labelled by the model's own admin."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        get_labels = getattr(self.model_admin, "get_choice_labels", None)
        self.labels = get_labels(list(context["object_list"])) if get_labels else {}
        return context

    def serialize_result(self, obj, to_field_name):
        result = super().serialize_result(obj, to_field_name)
        return result | {"text": self.labels.get(obj.pk, result["text"])}


class DirectoryAdminSite(admin.AdminSite):
    """The admin site of the directory; its index is the worklist."""

    site_title = _("Directory desk")
    index_title = _("What is to be done")

    @property
    def site_header(self) -> str:  # type: ignore[override]  # in the page's language
        from directory.text.language import localize  # this class is read before there are models

        return localize(settings.SITE_NAME, settings.SITE_NAME_EN)

    def each_context(self, request: HttpRequest) -> dict:
        return super().each_context(request) | {"site_url": reverse("directory:home")}

    def index(self, request, extra_context=None) -> TemplateResponse:
        """The worklist, for those who may see organizations."""
        from directory.admin import dashboard  # this class is read before there are models

        context = dashboard.build_dashboard(request) | (extra_context or {})
        return super().index(request, context)

    def admin_view(self, view, cacheable=False):
        from directory.admin.base import unsaved_views  # this class is read before there are models

        protected = super().admin_view(limit_parameters(view), cacheable)
        return unsaved_views.keep_unsaved_forms(protected)

    def login(self, request, extra_context=None) -> HttpResponse:
        """The sign-in page; a form that could not be saved is carried until after signing in."""
        from directory.admin.base import unsaved_forms, unsaved_pages  # see above

        form = unsaved_forms.read_form(request)
        if form is None:
            return super().login(request, extra_context)
        context = unsaved_pages.build_sign_in_context(form, unsaved_pages.NOT_YET)
        response = super().login(request, context | (extra_context or {}))
        if isinstance(response, HttpResponseRedirect):
            return unsaved_pages.render_signed_in(request, form)
        return response

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        view = LabelledAutocompleteView.as_view(admin_site=self)
        return cast(HttpResponse, view(request))

    def get_urls(self) -> list:
        """Without `view_on_site`, whose redirect would reveal the name of a draft."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    def get_app_list(self, request, app_label=None):
        """The directory first, its models in the order of `MODEL_ORDER`."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "directory":
                app["models"].sort(key=lambda model: MODEL_ORDER.index(model["object_name"]))
        return sorted(apps, key=lambda app: app["app_label"] != "directory")


def limit_parameters(view):
    """Decorate a view: shorten long queries, and refuse numbers that no column can hold.

    SQLite refuses 1,400 words and 19 digits.
    """

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        for name in ("q", "term"):
            if len(request.GET.get(name, "")) > MAX_QUERY_LENGTH:
                request.GET = request.GET.copy()
                request.GET[name] = request.GET[name][:MAX_QUERY_LENGTH]
        for name, values in request.GET.lists():
            if name not in SEARCH_PARAMETERS and any(map(OVERLONG_NUMBER.search, values)):
                raise SuspiciousOperation("a number that no column can hold")
        return view(request, *args, **kwargs)

    return wrapper


class DirectoryAdminConfig(AdminConfig):
    """The app configuration of the admin, with the site above as the default one."""

    default_site = "directory.admin.site.DirectoryAdminSite"

    def ready(self) -> None:
        super().ready()
        # Autodiscovery finds `directory.admin` imported already, as it contains this module.
        for name in ADMIN_MODULES:
            import_module(f"directory.admin.{name}")
