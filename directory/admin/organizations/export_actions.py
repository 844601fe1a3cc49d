"""Admin actions that export the selected organizations as a file to edit and import again."""

from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from directory.importing import roundtrip_export
from directory.models.organization import OrganizationQuerySet

XLSX_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@admin.action(permissions=["change"], description=gettext_lazy("Export for editing (XLSX)"))
def export_xlsx(modeladmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
    body = roundtrip_export.build_xlsx(cast(OrganizationQuerySet, queryset))
    return build_attachment(body, XLSX_CONTENT_TYPE, "members-for-editing.xlsx")


@admin.action(permissions=["change"], description=gettext_lazy("Export for editing (CSV)"))
def export_csv(modeladmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
    body = roundtrip_export.build_csv(cast(OrganizationQuerySet, queryset))
    return build_attachment(body, "text/csv; charset=utf-8", "members-for-editing.csv")


def build_attachment(body: bytes, content_type: str, name: str) -> HttpResponse:
    """A response that the browser saves as a file of this name."""
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
