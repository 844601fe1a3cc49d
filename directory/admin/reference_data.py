"""The admin of the national lists of regions and sectors, and of pinyin corrections."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.base import autocomplete
from directory.admin.base.autocomplete import NameSearchMixin
from directory.admin.base.model_admin import DirectoryModelAdmin
from directory.models import Reading, Region, Remit, Sector
from directory.permissions import policy
from directory.text import tokens


@admin.register(Region)
class RegionAdmin(NameSearchMixin, DirectoryModelAdmin):
    list_display = ("code", "name", "name_en", "short_name", "level", "virtual")
    list_display_links = ("code", "name")
    list_filter = ("level", "virtual")
    search_help_text = gettext_lazy("Any name, pinyin, or the first digits of the code.")

    def get_names(self, row: Region) -> tuple[str, ...]:
        return row.code, *row.all_names

    def get_search_results(self, request: HttpRequest, queryset, search_term: str):
        if autocomplete.is_autocomplete(request):
            queryset = self.filter_in_scope(request, queryset.exclude_virtual())
        text = tokens.fold(search_term).strip()
        if text.isdigit():
            return queryset.filter(code__startswith=text[:7]), False
        return super().get_search_results(request, queryset, search_term)

    def filter_in_scope(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """The regions in the account's scope."""
        ranges = policy.permission_for(request.user).region_ranges
        return rows.filter(Q(*[("code__range", each) for each in ranges], _connector=Q.OR))

    def get_choice_labels(self, rows: list[Region]) -> dict[str, str]:
        return autocomplete.format_region_paths([row.pk for row in rows])

    def get_deletion_refusal(self, row: Region) -> str:
        if Remit.objects.filter(regions=row.pk).exists():
            return _("An account is limited to “%(name)s”.") % {"name": row.label}
        below = Region.objects.within(row.code).exclude(code=row.code)
        if not below.exists():
            return ""
        return _("“%(name)s” holds other regions: delete those first.") % {"name": row.label}


@admin.register(Sector)
class SectorAdmin(NameSearchMixin, DirectoryModelAdmin):
    list_display = ("code", "name", "name_en")
    list_display_links = ("code", "name")

    def get_names(self, row: Sector) -> tuple[str, ...]:
        return row.code, row.name, row.name_en

    def track_deletion(self, change, row: Sector) -> None:
        """Record the deletion for every organization of the sector too."""
        super().track_deletion(change, row)
        for organization in row.organizations.all():
            change.track_row(organization)
            change.mark_changed(organization)


@admin.register(Reading)
class ReadingAdmin(NameSearchMixin, DirectoryModelAdmin):
    list_display = ("han", "pinyin")

    def get_names(self, row: Reading) -> tuple[str, ...]:
        return row.han, row.pinyin
