"""The organizations that are chosen in the list, as a file to edit and to import again."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from directory.importing import roundtrip_export

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@admin.action(permissions=["change"], description=gettext_lazy("Export for editing (XLSX)"))
def export_xlsx(modeladmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
    return attached(roundtrip_export.as_xlsx(queryset), XLSX, "members-for-editing.xlsx")


@admin.action(permissions=["change"], description=gettext_lazy("Export for editing (CSV)"))
def export_csv(modeladmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
    return attached(
        roundtrip_export.as_csv(queryset), "text/csv; charset=utf-8", "members-for-editing.csv"
    )


def attached(body: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
