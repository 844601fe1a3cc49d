"""The facts that citations can support, and the SQL expression of the value that each has now."""

from datetime import timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    ExpressionWrapper,
    F,
    Func,
    Model,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, Substr
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

from directory.models.community import Community
from directory.models.date_fields import get_partial_date_fields
from directory.models.membership import Membership
from directory.models.organization import Organization
from directory.partial_dates import ISO_LENGTHS, Precision

# Fields that a citation can support, by the model that it belongs to.
ORGANIZATION_FIELDS = (
    ("name", _("registered name")),
    ("name_en", _("English name")),
    ("kind", _("kind")),
    ("region", _("region")),
    ("credit_code", _("social credit code")),
    ("school_code", _("school code")),
    ("website", _("web site")),
    ("sectors", _("sectors")),
    ("description", _("Chinese description")),
    ("description_en", _("English description")),
)
COMMUNITY_FIELDS = (
    ("name", _("name")),
    ("name_en", _("English name")),
    ("region", _("region")),
    ("founded_on", _("founded on")),
    ("purpose", _("purpose")),
    ("stated_size", _("stated size")),
    ("statement", _("statement by an office")),
)
MEMBERSHIP_FIELDS = (("role", _("role")), ("since", _("since")), ("until", _("until")))
FIELDS = {
    "organization": ORGANIZATION_FIELDS,
    "community": COMMUNITY_FIELDS,
    "membership": MEMBERSHIP_FIELDS,
}


# The model fields of a community's fact, where it has several: all of them are its value.
COMMUNITY_VALUE_FIELDS: dict[str, tuple[str, ...]] = {
    "purpose": ("purpose", "purpose_en"),
    "stated_size": ("stated_size", "stated_size_en", "stated_at_least"),
    "statement": (),  # the passage itself is the fact
}
MODELS: dict[str, type[Model]] = {
    "organization": Organization,
    "community": Community,
    "membership": Membership,
}


def get_value_fields(relation: str, name: str) -> tuple[str, ...]:
    """The fields of the cited row that make the value of a fact; an alias has one fact only."""
    if relation == "alias":
        return ("name",)
    return COMMUNITY_VALUE_FIELDS.get(name, (name,)) if relation == "community" else (name,)


def get_field_names(fields: tuple) -> list[str]:
    """Names of (name, label) pairs."""
    return [name for name, _label in fields]


class SectorCodes(Func):
    """The codes of an organization's sectors in order, joined by spaces; NULL without any."""

    output_field = TextField()
    rows = "SELECT sector_id FROM directory_organization_sectors WHERE organization_id = "

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        ordered = f"{self.rows}%(expressions)s ORDER BY sector_id"
        template = f"(SELECT group_concat(sector_id, ' ') FROM ({ordered}))"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        rows = self.rows.replace("sector_id", "string_agg(sector_id, ' ' ORDER BY sector_id)", 1)
        return self.as_sql(compiler, connection, template=f"({rows}%(expressions)s)", **context)


def build_current_value(*relations: str) -> Case:
    """Build the expression of the value that the cited fact has now, as canonical text.

    Texts, codes and keys as they are stored, dates as 2023-11-13, 2023-11 or 2023, sectors as
    their sorted codes, nothing as "". `relations` limits it to citations of these:
    `organization`, `community`, `alias`, `membership`; the others then have the value "".
    """
    relations = relations or ("organization", "community", "alias", "membership")
    cases = [case for relation in relations for case in _build_cases(relation)]
    return Case(*cases, default=Value(""), output_field=TextField())


def _build_cases(relation: str) -> list[When]:
    is_cited = Q(**{f"{relation}__isnull": False})
    if relation == "alias":
        return [When(is_cited, then=_build_text("alias__name"))]
    names = get_field_names(FIELDS[relation])
    return [
        When(is_cited & Q(field=name), then=_build_field_value(relation, name)) for name in names
    ]


def _build_field_value(relation: str, name: str) -> Func | Case:
    if name == "sectors":
        return Coalesce(SectorCodes(F("organization_id")), Value(""), output_field=TextField())
    date_fields = {field.name: field for field in get_partial_date_fields(MODELS[relation])}
    if name in date_fields:
        return _build_partial_date(f"{relation}__{name}", date_fields[name].is_end)
    columns = [
        f"{field}_id" if field in ("region", "role") else field
        for field in get_value_fields(relation, name)
    ]
    texts = [_build_text(f"{relation}__{column}") for column in columns]
    lines = [part for text in texts for part in (text, Value("\n"))][:-1]
    if not lines:
        return Coalesce(Value(""), Value(""), output_field=TextField())
    return Concat(*lines, output_field=TextField()) if len(lines) > 1 else texts[0]


def _build_partial_date(path: str, is_end: bool) -> Case:
    """Build the text of a partial date: 2023-11-13, 2023-11 or 2023."""
    precision, days = f"{path}_precision", _build_text(path)
    # The day before an end lies in the month or year that ends.
    period: Any = (
        ExpressionWrapper(F(path) - timedelta(days=1), DateTimeField()) if is_end else path
    )
    parts = [
        When(**{precision: each.value}, then=Substr(_build_text(period), 1, ISO_LENGTHS[each]))
        for each in (Precision.MONTH, Precision.YEAR)
    ]
    return Case(*parts, default=days, output_field=TextField())


def _build_text(path: Any) -> Func:
    return Coalesce(Cast(path, CharField()), Value(""), output_field=TextField())
