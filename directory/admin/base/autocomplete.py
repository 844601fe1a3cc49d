"""Type-to-find: how a relation is found by any of its names, and how a choice is worded."""

from collections.abc import Iterable
from operator import attrgetter

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.db.expressions import Among
from directory.models import Organization, Region
from directory.permissions import scope
from directory.search import index as search_index
from directory.text import tokens

MOST_FOUND = 5000


def answers(names: Iterable[str], query: str) -> bool:
    question = tokens.asked(query)
    if question is None:
        return False
    whole, last = question
    found = tokens.kept_words_of_all(tuple(names))
    return found.issuperset(whole) and (not last or any(w.startswith(last) for w in found))


def organizations(query: str, narrow: bool = False) -> list[int]:
    """Keys of those found; `narrow` asks the places only where no name answers."""
    return search_index.first(query, MOST_FOUND + 1, narrow)


def is_suggestion(request: HttpRequest) -> bool:
    """Whether a relation is being typed, rather than a list searched."""
    return request.resolver_match is not None and request.resolver_match.url_name == "autocomplete"


class FoundByNames(admin.ModelAdmin):
    """A short table whose rows are found by every name they have, in any script or pinyin."""

    search_fields = ("pk",)
    search_help_text = _("Any name, pinyin, initials or code.")

    def names_of(self, row) -> Iterable[str]:
        raise NotImplementedError

    def get_search_results(self, request, queryset: QuerySet, search_term: str):
        if not search_term.strip():
            return queryset, False
        found = [row.pk for row in queryset if answers(self.names_of(row), search_term)]
        return queryset.filter(pk__in=found), False


class FoundByOrganization(admin.ModelAdmin):
    """What belongs to an organization is found by its organization's names."""

    search_fields = ("pk",)
    search_help_text = _("Any name, pinyin, code or place of the organization.")
    belongs = ("organization",)
    own_text = ""

    def get_search_results(self, request, queryset: QuerySet, search_term: str):
        term = search_term.strip()
        if not term:
            return queryset, False
        keys = organizations(term)
        if self.belongs == ("organization",):
            asked = Q(Among("organization", keys))
            if self.own_text:
                asked |= Q(**{f"{self.own_text}__icontains": term})
            return queryset.filter(asked), False
        hers = scope.visible(request.user, Organization.objects.filter(Among("pk", keys)))
        keys = list(hers.order_by().values_list("pk", flat=True))
        # Each owner is asked for by itself: asked for together, every row would be looked at.
        found = [key for owner in self.belongs for key in self.owned(owner, keys)]
        return queryset.filter(Among("pk", found)), False

    def owned(self, owner: str, keys: list[int]) -> QuerySet:
        first, _between, rest = owner.partition("__")
        asked = Among(first, keys)
        if rest:
            between = self.model._meta.get_field(first).related_model
            theirs = between._default_manager.filter(Among(rest, keys)).order_by()
            asked = Q(**{f"{first}__in": theirs.values("pk")})
        # A sum, lest SQLite walk through all of the table for the sake of its order.
        rows = self.model._default_manager.filter(asked).order_by((F("pk") + 0).desc())
        return rows.values_list("pk", flat=True)[: MOST_FOUND + 1]


def paths(keys: Iterable[str | None], short: bool = False) -> dict[str, str]:
    """Each region's way down in words: 新疆维吾尔自治区 › 巴音郭楞蒙古自治州 › 库尔勒市 652801."""
    rungs = {key: codes.region_rungs(key) for key in keys if key}
    rows = Region.objects.real().in_bulk({rung for each in rungs.values() for rung in each})
    name = attrgetter("short_label" if short else "label")
    found = {
        key: " › ".join(name(rows[rung]) for rung in each if rung in rows)
        for key, each in rungs.items()
    }
    return found if short else {key: f"{words_} {key}" for key, words_ in found.items()}


class RegionField(forms.ModelChoiceField):
    """A choice of region that shows the whole way down to it."""

    def label_from_instance(self, region: Region) -> str:
        return paths([region.pk])[region.pk]
