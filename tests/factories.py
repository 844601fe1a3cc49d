"""Plainly fictional rows for the tests, written through the one door."""

from datetime import UTC, datetime
from itertools import count

from directory.history import recorder
from directory.models import (
    Alias,
    Citation,
    Community,
    Membership,
    Organization,
    Region,
    Role,
    Sector,
    Source,
)

numbers = count(1)
DAY = datetime(2024, 1, 1, tzinfo=UTC)


def saved(row):
    """The row, saved through the door."""
    with recorder.record_changes(who=None, via="test") as change:
        change.track_row(row)
        row.save()
        change.mark_changed(row)
    if isinstance(row, Organization):
        row.refresh_from_db()
    return row


def known(model, key: dict, **values):
    """The row of this key, saved with these values if there was none."""
    return model.objects.filter(**key).first() or saved(model(**key, **values))


def make_region(code="652801", name="示例市", level="county", **values) -> Region:
    values = {"name": name, "level": level, "pinyin": "shi li shi"} | values
    return known(Region, {"code": code}, **values)


def make_sector(code="C171", name="示例业") -> Sector:
    return known(Sector, {"code": code}, name=name, name_en="Example")


def make_community(code="example", **values) -> Community:
    return known(Community, {"code": code}, **{"name": "示例共同体"} | values)


def make_role(code="member", rank=90, axis="council", **values) -> Role:
    named = {"name": f"示例{code}", "name_en": f"Example {code}", "rank": rank, "axis": axis}
    return known(Role, {"code": code}, **named | values)


def make_organization(name=None, kind="university", state="published", **values) -> Organization:
    """A published organization; `state` and every other column can be told."""
    values = {"first_published_at": None if state == "draft" else DAY} | values
    if state == "withdrawn":
        values = {"withdrawn_reason": "示例原因"} | values
    name = name or f"示例学院{next(numbers)}"
    return saved(Organization(name=name, kind=kind, state=state, **values))


def make_membership(organization=None, role=None, community=None, **values) -> Membership:
    return saved(
        Membership(
            organization=organization or make_organization(),
            role=role or make_role(),
            community=community or make_community(),
            **values,
        )
    )


def make_member(name=None, role=None, **values) -> Organization:
    """A published organization that holds a role today."""
    organization = make_organization(name, **values)
    make_membership(organization, role)
    return organization


def make_alias(organization, name, sort="short", language="zh-Hans") -> Alias:
    return saved(Alias(organization=organization, name=name, sort=sort, language=language))


def make_source(code="S1", **values) -> Source:
    return known(Source, {"code": code}, **{"title": "示例来源", "medium": "letter"} | values)


def make_citation(source=None, passage="示例原文", evidence="stated", **target) -> Citation:
    source = source or make_source()
    return saved(Citation(source=source, passage=passage, evidence=evidence, **target))
