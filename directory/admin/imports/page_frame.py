"""What every page of an import has in common: who may open it, its address and its frame."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from directory.models import Import
from directory.permissions import policy


def seen_by(user: object, rows: QuerySet[Import]) -> QuerySet[Import]:
    """An import tells of organizations anywhere: a limited account sees those that it brought."""
    return rows.filter(who=user) if policy.writer(user).limited else rows


def of_import(view):
    """A view of one import, for those who may import; posted where it changes something."""

    @wraps(view)
    def asked(self, request: HttpRequest, key: int, **more) -> HttpResponse:
        of = seen_by(request.user, Import.objects.defer("content")).filter(pk=key).first()
        if of is None:
            raise Http404
        if not self.has_change_permission(request, of):
            raise PermissionDenied
        return view(self, request, of, **more)

    return asked


def address(name: str, of: Import, *args: object) -> str:
    return reverse(f"admin:directory_import_{name}", args=[of.pk, *args])


def to(name: str, of: Import, *args: object) -> HttpResponse:
    return HttpResponseRedirect(address(name, of, *args))


def must_be_posted(request: HttpRequest) -> None:
    if request.method != "POST":
        raise Http404


class Pages:
    """The frame of a page, for an admin."""

    def page(self, request, name: str, context: dict, status: int = 200) -> HttpResponse:
        request.current_app = self.admin_site.name
        shared = self.admin_site.each_context(request) | {"opts": self.opts}
        template = f"admin/directory/import_{name}.html"
        return TemplateResponse(request, template, shared | context, status=status)
