"""What a list refuses: the values that cannot be filtered by, each with the reason.

Whatever is asked, only the first refusals are worded and only few near values are looked for, so
that a refusal costs no more than an answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from directory.listing.filters import MAX_VALUE_LENGTH, CodesField

MAX_LISTED = 10
MAX_NEAREST = 2


@dataclass(frozen=True)
class InvalidParameter:
    """A value that cannot be filtered by, and why; `query_without` is the query without it.

    `query_without` is empty where it would be refused too, for what is not listed.
    """

    parameter: str
    value: str
    reason: str
    query_without: str


@dataclass(frozen=True)
class Refusals:
    """The first invalid parameters, how many more there are, and the query without them all."""

    listed: list[InvalidParameter] = field(default_factory=list)
    more: int = 0
    query_without_all: str = ""


def find_refusals(form: forms.Form, params: QueryDict) -> Refusals:
    """Return what the form refuses of these parameters."""
    if form.is_valid():
        return Refusals()
    refused = [
        (name, error)
        for name, errors in form.errors.as_data().items()
        for error in chain.from_iterable(each.error_list for each in errors)
    ]
    more = max(0, len(refused) - MAX_LISTED)
    reasons = _word_reasons(form, refused[:MAX_LISTED])
    listed = []
    for (name, error), reason in zip(refused, reasons, strict=False):
        value = _get_value(name, error, params)
        drops_all = error.code == "too_many" or not isinstance(form.fields[name], CodesField)
        dropped = {name: None if drops_all else {value}}
        link = "" if more else _build_query_without(form, params, dropped)
        listed.append(InvalidParameter(name, value, reason, link))
    return Refusals(listed, more, _build_query_without_all(form, params, refused))


def _get_value(name: str, error: ValidationError, params: QueryDict) -> str:
    return str((error.params or {}).get("value") or params.get(name, ""))[:MAX_VALUE_LENGTH]


def _word_reasons(form: forms.Form, refused: list[tuple[str, ValidationError]]) -> Iterator[str]:
    """Yield the reason for each refusal; the first unknown codes with the nearest known one."""
    unknown = (error for _name, error in refused if error.code == "unknown")
    looked_up = set(map(id, islice(unknown, MAX_NEAREST)))
    for name, error in refused:
        near = ""
        if id(error) in looked_up:
            field_ = form.fields[name]
            near = field_.find_nearest(error.params["value"])  # type: ignore[attr-defined, index]  # only a CodesField has unknown codes
        if near:
            reason = _("“%(value)s” is not known here; did you mean “%(near)s”?")
            yield reason % {**(error.params or {}), "near": near}
        else:
            yield "".join(error.messages)


def _build_query_without_all(
    form: forms.Form, params: QueryDict, refused: list[tuple[str, ValidationError]]
) -> str:
    """Return the query string without anything that was refused."""
    dropped: dict[str, set[str] | None] = {}
    for name, error in refused:
        if error.code == "too_many" or not isinstance(form.fields[name], CodesField):
            dropped[name] = None
        elif (values := dropped.setdefault(name, set())) is not None:
            values.add(_get_value(name, error, params))
    return _build_query_without(form, params, dropped)


def _build_query_without(
    form: forms.Form, params: QueryDict, dropped: dict[str, set[str] | None]
) -> str:
    """Return the query string without these values; None stands for all of a parameter."""
    pairs = [
        (name, text)
        for name, texts in params.lists()
        if name in form.fields and dropped.get(name, ()) is not None
        for text in texts
        if text.strip()[:MAX_VALUE_LENGTH] not in (dropped.get(name) or ())
    ]
    return "?" + urlencode(pairs, errors="replace") if pairs else "?"
