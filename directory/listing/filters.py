"""The questions that a list answers: the only definition of them.

Its form, `question`, says what is asked and what cannot be; the `qs` of `MemberFilter` is the plain
QuerySet that answers, against which the tests hold the index.
"""

from collections.abc import Collection
from datetime import date
from difflib import get_close_matches
from functools import cache

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import codes
from directory.listing.index.bitmaps import SORTS
from directory.listing.index.reference_data import NONE, Vocabulary
from directory.models import Evidence, Kind, Membership, Organization
from directory.models.membership import today
from directory.search import index as search_index
from directory.text import tokens

EVIDENCE = (*Evidence.values, NONE)
VIEWS = ("entries", "table")
MOST_VALUES = 500
LAST_PAGE = 10**6


class CodesField(forms.Field):
    """Any of the known codes; blanks are ignored, each unknown one is named.

    `known` is asked whether it holds a code, and listed only to say what was meant.
    """

    widget = forms.MultipleHiddenInput

    def __init__(self, *, known: Collection[str] = (), **kwargs):
        super().__init__(**kwargs)
        self.known = known

    def to_python(self, value) -> list[str]:
        values = [text.strip() for text in value or ()]
        return list(dict.fromkeys(text for text in values if text))

    def validate(self, value: list[str]) -> None:
        if len(value) > MOST_VALUES:
            raise forms.ValidationError(
                _("Choose fewer: at most %(most)d values of one question."),
                params={"most": MOST_VALUES},
            )
        wrong = [text for text in value if text not in self.known]
        if wrong:
            raise forms.ValidationError([_unknown(text, list(self.known)) for text in wrong])


def _unknown(text: str, known: list[str]) -> forms.ValidationError:
    near = get_close_matches(text[:60].casefold(), known, n=1)
    reason = _("“%(value)s” is not one of the values that this question knows.")
    params = {"value": text[:60]}
    if near:
        reason = _("“%(value)s” is not known here; did you mean “%(near)s”?")
        params["near"] = near[0]
    return forms.ValidationError(reason, code="unknown", params=params)


class CodesFilter(django_filters.Filter):
    field_class = CodesField


class DayField(forms.DateField):
    """A day as 2023-11-13, of a year that the directory can speak of."""

    default_error_messages = {
        "invalid": gettext_lazy("This is not a day; write it as 2023-11-13."),
    }

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)

    def clean(self, value) -> date | None:
        day = super().clean(value)
        if day and not 1900 <= day.year <= 2100:
            raise forms.ValidationError(_("The day must lie between 1900 and 2100."))
        return day


class DayFilter(django_filters.Filter):
    field_class = DayField


class PageField(forms.IntegerField):
    default_error_messages = {
        "invalid": gettext_lazy("A page is a whole number, such as 2."),
        "min_value": gettext_lazy("The first page is 1."),
        "max_value": gettext_lazy("There is no such page."),
    }

    def __init__(self, **kwargs):
        super().__init__(min_value=1, max_value=LAST_PAGE, **kwargs)

    def to_python(self, value):
        text = str(value or "").strip()
        if text and not (text.isascii() and text.lstrip("-").isdigit() and len(text) < 12):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)


class PageFilter(django_filters.Filter):
    field_class = PageField


class WordsField(forms.CharField):
    default_error_messages = {
        "max_length": gettext_lazy("Search with fewer words: at most %(limit_value)d characters."),
    }

    def __init__(self, **kwargs):
        super().__init__(max_length=tokens.LONGEST_QUERY, **kwargs)


class WordsFilter(django_filters.Filter):
    field_class = WordsField


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
    """The questions of a list of members; `vocabulary` says which codes there are."""

    q = WordsFilter(method="with_words")
    role = CodesFilter(method="nothing")
    region = CodesFilter(method="in_regions")
    kind = CodesFilter(method="of_kinds", known=Kind.values)
    sector = CodesFilter(method="in_sectors")
    evidence = CodesFilter(method="nothing", known=EVIDENCE)
    community = CodesFilter(method="nothing")
    on = DayFilter(method="nothing")
    sort = SortFilter(method="nothing", choices=[(code, code) for code in SORTS])
    view = ViewFilter(method="nothing", choices=[(name, name) for name in VIEWS])
    page = PageFilter(method="nothing")

    class Meta:
        model = Organization
        fields: list[str] = []

    def __init__(self, data, vocabulary: Vocabulary, among: tuple[str, ...] = ()):
        self.among = among
        super().__init__(data, queryset=Organization.objects.all())
        self._form = question(data, vocabulary, among)

    @property
    def qs(self):
        """The members that answer, in no order: the plain rule, without the index."""
        answering = super().qs  # validates the form
        asked = self.form.cleaned_data
        return (
            answering.members(asked["on"])
            .filter(Exists(self.seats(asked).filter(organization=OuterRef("pk"))))
            .filter(Q(kind__in=self.among) if self.among else Q())
        )

    def seats(self, asked: dict):
        """The memberships of which role, community and evidence are asked together."""
        held = Membership.objects.current(asked["on"] or today())
        if asked["role"]:
            held = held.filter(role__in=asked["role"])
        if asked["community"]:
            held = held.filter(community__code__in=asked["community"])
        if asked["evidence"]:
            cited = Q(citations__field="role", citations__evidence__in=asked["evidence"])
            if NONE in asked["evidence"]:
                cited |= ~Q(citations__field="role")
            held = held.filter(pk__in=Membership.objects.filter(cited).values("pk"))
        return held

    def nothing(self, queryset, name, value):
        return queryset

    def of_kinds(self, queryset, name, value):
        return queryset.filter(kind__in=value)

    def in_regions(self, queryset, name, value):
        wanted = Q(region=None) if NONE in value else Q()
        for code in value:
            if code != NONE:
                wanted |= Q(region__code__range=codes.region_span(code))
        return queryset.filter(wanted)

    def in_sectors(self, queryset, name, value):
        wanted = Q(sectors=None) if NONE in value else Q()
        for code in value:
            if code != NONE:
                wanted |= Q(sectors__code__startswith=code)
        return queryset.filter(pk__in=Organization.objects.filter(wanted).values("pk"))

    def with_words(self, queryset, name, value):
        _own, found = search_index.find(value)
        return queryset.filter(pk__in=found)


@cache
def _form_class() -> type[forms.Form]:
    """The form of these questions is the same for every visitor: it is made once."""
    fields = {name: each.field for name, each in MemberFilter.base_filters.items()}
    return type("QuestionForm", (forms.Form,), fields)


def question(data, vocabulary: Vocabulary, among: tuple[str, ...] = ()) -> forms.Form:
    """What is asked, and what of it cannot be."""
    form = _form_class()(data)
    known = {
        "role": vocabulary.role,
        "region": vocabulary.region_or_none,
        "sector": vocabulary.sector_or_none,
        "community": vocabulary.community,
        "kind": among or Kind.values,
    }
    for name, codes_ in known.items():
        form.fields[name].known = codes_
    return form
