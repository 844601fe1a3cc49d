"""The desk of regions and sectors, the national code lists, and of readings of characters."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.base import autocomplete
from directory.admin.base.autocomplete import FoundByNames
from directory.admin.base.model_admin import DeskAdmin
from directory.models import Reading, Region, Remit, Sector
from directory.permissions import policy
from directory.text import tokens


@admin.register(Region)
class RegionAdmin(FoundByNames, DeskAdmin):
    list_display = ("code", "name", "name_en", "short_name", "level", "virtual")
    list_display_links = ("code", "name")
    list_filter = ("level", "virtual")
    search_help_text = gettext_lazy("Any name, pinyin, or the first digits of the code.")

    def names_of(self, row: Region) -> tuple[str, ...]:
        return row.code, *row.every_name

    def get_search_results(self, request: HttpRequest, queryset, search_term: str):
        if autocomplete.is_suggestion(request):
            queryset = self.in_remit(request, queryset.real())
        start = tokens.fold(search_term).strip()
        if start.isdigit():
            return queryset.filter(code__startswith=start[:7]), False
        return super().get_search_results(request, queryset, search_term)

    def in_remit(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Only what the account could choose."""
        spans = policy.writer(request.user).spans
        return rows.filter(Q(*[("code__range", s) for s in spans], _connector=Q.OR))

    def choice_labels(self, rows: list[Region]) -> dict[str, str]:
        return autocomplete.paths([row.pk for row in rows])

    def keeps(self, row: Region) -> str:
        if Remit.objects.filter(regions=row.pk).exists():
            return _("An account is limited to “%(name)s”.") % {"name": row.label}
        below = Region.objects.within(row.code).exclude(code=row.code)
        if not below.exists():
            return ""
        return _("“%(name)s” holds other regions: delete those first.") % {"name": row.label}


@admin.register(Sector)
class SectorAdmin(FoundByNames, DeskAdmin):
    list_display = ("code", "name", "name_en")
    list_display_links = ("code", "name")

    def names_of(self, row: Sector) -> tuple[str, ...]:
        return row.code, row.name, row.name_en

    def let_go(self, change, row: Sector) -> None:
        super().let_go(change, row)
        for organization in row.organizations.all():
            change.open_row(organization)
            change.touch(organization)


@admin.register(Reading)
class ReadingAdmin(FoundByNames, DeskAdmin):
    list_display = ("han", "pinyin")

    def names_of(self, row: Reading) -> tuple[str, ...]:
        return row.han, row.pinyin
