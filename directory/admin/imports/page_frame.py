"""What all admin pages of one import share: access, URLs, redirects and the page template."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from directory.models import Import
from directory.permissions import policy


def filter_visible(user: User | AnonymousUser, rows: QuerySet[Import]) -> QuerySet[Import]:
    """Filter the imports that an account may see: all, or its own if it is limited in scope.

    An import names organizations anywhere, so it cannot be limited by region.
    """
    return rows.filter(who=cast(User, user)) if policy.permission_for(user).is_limited else rows


def import_view(view: Callable) -> Callable:
    """Decorate an admin method: it gets the import of the URL instead of its key.

    Raises Http404 for an import that the account does not see, and PermissionDenied without the
    permission to change it.
    """

    @wraps(view)
    def wrapper(self, request: HttpRequest, key: int, **more) -> HttpResponse:
        imports = filter_visible(request.user, Import.objects.defer("content"))
        job = imports.filter(pk=key).first()
        if job is None:
            raise Http404
        if not self.has_change_permission(request, job):
            raise PermissionDenied
        return view(self, request, job, **more)

    return wrapper


def get_import_url(name: str, job: Import, *args: object) -> str:
    return reverse(f"admin:directory_import_{name}", args=[job.pk, *args])


def redirect_to_import(name: str, job: Import, *args: object) -> HttpResponse:
    return HttpResponseRedirect(get_import_url(name, job, *args))


def ensure_post(request: HttpRequest) -> None:
    """Raise Http404 for any other method than POST."""
    if request.method != "POST":
        raise Http404


class ImportPageMixin(admin.ModelAdmin):
    """Render the templates `import_<name>.html` within the admin."""

    def render_page(self, request, name: str, context: dict, status: int = 200) -> HttpResponse:
        request.current_app = self.admin_site.name
        shared = self.admin_site.each_context(request) | {"opts": self.opts}
        template = f"admin/directory/import_{name}.html"
        return TemplateResponse(request, template, shared | context, status=status)
