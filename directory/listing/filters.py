"""The filters of the member list: their only definition.

`build_form` validates the parameters; the `qs` of `MemberFilter` is the plain QuerySet that
answers, with which tests compare the index.
"""

from collections.abc import Collection
from functools import cache
from typing import Any, cast

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import fuzz, process

from directory import codes
from directory.listing.index.bitmaps import SORTS
from directory.listing.index.reference_data import NONE, ReferenceData
from directory.models import Citation, Evidence, Kind, Membership, Organization
from directory.models.date_fields import DayFormField
from directory.models.membership import today
from directory.search import index as search_index
from directory.text import tokens

EVIDENCE = (*Evidence.values, NONE)
VIEWS = ("entries", "table")
MAX_VALUES = 500
MAX_PAGE = 10**6
MAX_VALUE_LENGTH = 60
# A known code is offered for an unknown one if so much of both is the same, in percent.
MIN_SIMILARITY = 60
UNKNOWN_CODE = gettext_lazy("“%(value)s” is not one of the values that this question knows.")


class CodesField(forms.Field):
    """Any of the valid codes; blanks are ignored, and an error names each invalid one.

    `valid_codes` is tested for a code, and searched only to suggest what was meant.
    """

    widget = forms.MultipleHiddenInput

    def __init__(self, *, valid_codes: Collection[str] = (), **kwargs: Any):
        super().__init__(**kwargs)
        self.valid_codes = valid_codes

    def to_python(self, value: Any) -> list[str]:
        values = [text.strip() for text in value or ()]
        return list(dict.fromkeys(text for text in values if text))

    def validate(self, value: list[str]) -> None:
        if len(value) > MAX_VALUES:
            raise forms.ValidationError(
                _("Choose fewer: at most %(most)d values of one question."),
                code="too_many",
                params={"most": MAX_VALUES},
            )
        unknown = (text for text in value if text not in self.valid_codes)
        invalid = list(dict.fromkeys(text[:MAX_VALUE_LENGTH] for text in unknown))
        if invalid:
            raise forms.ValidationError(
                [
                    forms.ValidationError(UNKNOWN_CODE, code="unknown", params={"value": text})
                    for text in invalid
                ]
            )

    def find_nearest(self, text: str) -> str:
        """Return the valid code that is most similar to an unknown one, or ""."""
        near = process.extractOne(
            text.casefold(),
            sorted(self.valid_codes),
            scorer=fuzz.ratio,
            score_cutoff=MIN_SIMILARITY,
        )
        return near[0] if near else ""


class CodesFilter(django_filters.Filter):
    field_class = CodesField


class DayFilter(django_filters.Filter):
    field_class = DayFormField


class UndatedField(forms.ChoiceField):
    default_error_messages = {
        "invalid_choice": gettext_lazy(
            "“%(value)s”: write 1 to include members without a start date on earlier days."
        ),
    }


class UndatedFilter(django_filters.Filter):
    field_class = UndatedField


class PageField(forms.IntegerField):
    default_error_messages = {
        "invalid": gettext_lazy("A page is a whole number, such as 2."),
        "min_value": gettext_lazy("The first page is 1."),
        "max_value": gettext_lazy("There is no such page."),
    }

    def __init__(self, **kwargs: Any):
        super().__init__(min_value=1, max_value=MAX_PAGE, **kwargs)

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if text and not (text.isascii() and text.lstrip("-").isdigit() and len(text) < 12):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)


class PageFilter(django_filters.Filter):
    field_class = PageField


class QueryField(forms.CharField):
    default_error_messages = {
        "max_length": gettext_lazy("Search with fewer words: at most %(limit_value)d characters."),
    }

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=tokens.MAX_QUERY_LENGTH, **kwargs)


class QueryFilter(django_filters.Filter):
    field_class = QueryField


class SortField(forms.ChoiceField):
    default_error_messages = {
        "invalid_choice": gettext_lazy("“%(value)s” is not an order that the list can take."),
    }


class SortFilter(django_filters.Filter):
    field_class = SortField


class ViewField(forms.ChoiceField):
    default_error_messages = {
        "invalid_choice": gettext_lazy("“%(value)s” is not a way to see the list."),
    }


class ViewFilter(django_filters.Filter):
    field_class = ViewField


class MemberFilter(django_filters.FilterSet):
    """The filters of the member list; the valid codes are those of `reference_data`.

    What has the method `keep_all` is applied by `qs`, or by who shows the list.
    """

    q = QueryFilter(method="filter_query")
    role = CodesFilter(method="keep_all")
    region = CodesFilter(method="filter_regions")
    kind = CodesFilter(method="filter_kinds", valid_codes=Kind.values)
    sector = CodesFilter(method="filter_sectors")
    evidence = CodesFilter(method="keep_all", valid_codes=EVIDENCE)
    community = CodesFilter(method="keep_all")
    on = DayFilter(method="keep_all")
    # Includes, on days before today, members of whom no first day is known.
    undated = UndatedFilter(method="keep_all", choices=[("1", "1")])
    sort = SortFilter(method="keep_all", choices=[(code, code) for code in SORTS])
    view = ViewFilter(method="keep_all", choices=[(name, name) for name in VIEWS])
    page = PageFilter(method="keep_all")

    class Meta:
        model = Organization
        fields: list[str] = []

    def __init__(
        self, data: QueryDict, reference_data: ReferenceData, only_kinds: tuple[str, ...] = ()
    ):
        self.only_kinds = only_kinds
        super().__init__(data, queryset=Organization.objects.all())
        self._form = build_form(data, reference_data, only_kinds)

    @property
    def qs(self) -> QuerySet[Organization]:
        """The members that match, in no order, computed without the index."""
        organizations = super().qs  # validates the form
        cleaned = self.form.cleaned_data
        memberships = self.filter_memberships(cleaned)
        return (
            organizations.members(cleaned["on"], bool(cleaned["undated"]))
            .filter(Exists(memberships.filter(organization=OuterRef("pk"))))
            .filter(Q(kind__in=self.only_kinds) if self.only_kinds else Q())
        )

    def filter_memberships(self, cleaned: dict[str, Any]) -> QuerySet[Membership]:
        """Return the memberships that match role, community and evidence together."""
        undated = bool(cleaned["undated"])
        memberships = Membership.objects.current(cleaned["on"] or today(), undated)
        if cleaned["role"]:
            memberships = memberships.filter(role__in=cleaned["role"])
        if cleaned["community"]:
            memberships = memberships.filter(community__code__in=cleaned["community"])
        if cleaned["evidence"]:
            of_role = Citation.objects.speaking("membership").filter(
                membership=OuterRef("pk"), field="role"
            )
            cited = Q(Exists(of_role.filter(evidence__in=cleaned["evidence"])))
            if NONE in cleaned["evidence"]:
                cited |= Q(~Exists(of_role))
            memberships = memberships.filter(cited)
        return memberships

    def keep_all(self, queryset: QuerySet, name: str, value: object) -> QuerySet:
        return queryset

    def filter_kinds(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.filter(kind__in=value)

    def filter_regions(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        condition = Q(region=None) if NONE in value else Q()
        for code in value:
            if code != NONE:
                condition |= Q(region__code__range=codes.get_region_range(code))
        return queryset.filter(condition)

    def filter_sectors(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        condition = Q(sectors=None) if NONE in value else Q()
        for code in value:
            if code != NONE:
                condition |= Q(sectors__code__startswith=code)
        return queryset.filter(pk__in=Organization.objects.filter(condition).values("pk"))

    def filter_query(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        _own, keys = search_index.search(value)
        return queryset.filter(pk__in=keys)


@cache
def _build_form_class() -> type[forms.Form]:
    """Build the form class of the filters once: it is the same for every visitor."""
    fields = {name: each.field for name, each in MemberFilter.base_filters.items()}
    return type("MemberFilterForm", (forms.Form,), fields)


def build_form(
    data: QueryDict, reference_data: ReferenceData, only_kinds: tuple[str, ...] = ()
) -> forms.Form:
    """Return the form bound to the parameters, with the codes that are valid today."""
    form = _build_form_class()(data)
    valid_codes: dict[str, Collection[str]] = {
        "role": reference_data.role,
        "region": reference_data.region_or_none,
        "sector": reference_data.sector_or_none,
        "community": reference_data.community,
        "kind": only_kinds or Kind.values,
    }
    for name, codes_ in valid_codes.items():
        cast(CodesField, form.fields[name]).valid_codes = codes_
    return form
