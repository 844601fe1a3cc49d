"""Searching related rows by any of their names, and the labels of the rows offered."""

from collections.abc import Iterable
from operator import attrgetter

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.db.expressions import InKeys
from directory.models import Organization, Region
from directory.permissions import scope
from directory.search import index as search_index
from directory.text import tokens

MAX_RESULTS = 5000


def matches_query(names: Iterable[str], query: str) -> bool:
    """Whether the names together contain every word of the query, the last one as a prefix."""
    parsed = tokens.parse_query(query)
    if parsed is None:
        return False
    whole_words, prefix = parsed
    words = tokens.tokenize_all_cached(tuple(names))
    return words.issuperset(whole_words) and (
        not prefix or any(word.startswith(prefix) for word in words)
    )


def search_organizations(query: str, narrow: bool = False) -> list[int]:
    """The keys of matching organizations; `narrow` searches places only where no name matches."""
    return search_index.search_first(query, MAX_RESULTS + 1, narrow)


def is_autocomplete(request: HttpRequest) -> bool:
    """Whether the request comes from an autocomplete field rather than a change list."""
    return request.resolver_match is not None and request.resolver_match.url_name == "autocomplete"


class NameSearchMixin(admin.ModelAdmin):
    """Search of a short table by every name of its rows, in any script or pinyin."""

    search_fields = ("pk",)
    search_help_text = _("Any name, pinyin, initials or code.")

    def get_names(self, row) -> Iterable[str]:
        """The names and codes by which the row can be found."""
        raise NotImplementedError

    def get_search_results(self, request, queryset: QuerySet, search_term: str):
        if not search_term.strip():
            return queryset, False
        keys = [row.pk for row in queryset if matches_query(self.get_names(row), search_term)]
        return queryset.filter(pk__in=keys), False


class OrganizationSearchMixin(admin.ModelAdmin):
    """Search of rows that belong to an organization, by the organization's names.

    `organization_lookups` are the paths to the organization, `text_field` is a column of the
    rows themselves that is searched too.
    """

    search_fields = ("pk",)
    search_help_text = _("Any name, pinyin, code or place of the organization.")
    organization_lookups: tuple[str, ...] = ("organization",)
    text_field = ""

    def get_search_results(self, request, queryset: QuerySet, search_term: str):
        term = search_term.strip()
        if not term:
            return queryset, False
        keys = search_organizations(term)
        if self.organization_lookups == ("organization",):
            condition = Q(InKeys("organization", keys))
            if self.text_field:
                condition |= Q(**{f"{self.text_field}__icontains": term})
            return queryset.filter(condition), False
        organizations = Organization.objects.filter(InKeys("pk", keys))
        visible = scope.filter_visible(request.user, organizations)
        keys = list(visible.order_by().values_list("pk", flat=True))
        # A query for each lookup: one query for all of them would scan the whole table.
        lookups = self.organization_lookups
        row_keys = [key for lookup in lookups for key in self.get_owned_keys(lookup, keys)]
        return queryset.filter(InKeys("pk", row_keys)), False

    def get_owned_keys(self, lookup: str, keys: list[int]) -> QuerySet:
        """The newest rows that lead to these organizations by way of one lookup."""
        first, _separator, rest = lookup.partition("__")
        condition = Q(InKeys(first, keys))
        if rest:
            parents = self.model._meta.get_field(first).related_model
            owned = parents._default_manager.filter(InKeys(rest, keys)).order_by()
            condition = Q(**{f"{first}__in": owned.values("pk")})
        # Ordered by a sum, so that SQLite does not scan the whole table for the order's sake.
        rows = self.model._default_manager.filter(condition).order_by((F("pk") + 0).desc())
        return rows.values_list("pk", flat=True)[: MAX_RESULTS + 1]


def format_region_paths(keys: Iterable[str | None], short: bool = False) -> dict[str, str]:
    """The path of each region, by code: 新疆维吾尔自治区 › 巴音郭楞蒙古自治州 › 库尔勒市 652801"""
    paths = {key: codes.get_region_path(key) for key in keys if key}
    codes_on_paths = {code for path in paths.values() for code in path}
    regions = Region.objects.exclude_virtual().in_bulk(codes_on_paths)
    get_label = attrgetter("short_label" if short else "label")
    texts = {
        key: " › ".join(get_label(regions[code]) for code in path if code in regions)
        for key, path in paths.items()
    }
    return texts if short else {key: f"{text} {key}" for key, text in texts.items()}


class RegionField(forms.ModelChoiceField):
    """A choice of region, labelled with its whole path."""

    def label_from_instance(self, region: Region) -> str:
        return format_region_paths([region.pk])[region.pk]
