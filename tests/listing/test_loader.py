"""Records as they are fetched: whole, and as the models would read them."""

from datetime import date

import pytest

from directory.listing import loader
from directory.listing.index.reference_data import ReferenceData
from directory.listing.loader import load_records
from directory.models import Alias, Citation, Membership, Organization
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_source,
)

pytestmark = pytest.mark.django_db
DAY = date(2024, 6, 1)


@pytest.fixture
def record():
    row = make_organization(
        "示例学院", region=make_region(), verified_on=DAY, website="https://示例.cn"
    )
    alias, community = make_alias(row, "示例简称"), make_community()
    held = make_membership(row, make_role("lead", 10), community, since=date(2023, 11, 13))
    make_membership(row, make_role("chair", 20), community, until=date(2024, 1, 1))
    source = make_source("S1", dated=date(2023, 11, 13))
    for target in ({"organization": row, "field": "name"}, {"alias": alias}):
        make_citation(source, note="示例注", **target)
    make_citation(source, membership=held, field="role")
    [found] = load_records([row.pk], ReferenceData.load(), DAY)
    return found


def kept(row, names):
    return {name: getattr(row, name) for name in names if name != "in_force"}


@pytest.mark.parametrize(
    ("model", "names", "rows"),
    [
        (Organization, loader.ORGANIZATION_COLUMNS, lambda record: [record.organization]),
        (
            Membership,
            loader.MEMBERSHIP_COLUMNS,
            lambda record: [s.membership for s in record.all_memberships],
        ),
        (Alias, loader.ALIAS_COLUMNS, lambda record: record.aliases),
        (
            Citation,
            loader.CITATION_COLUMNS,
            lambda record: [c for cited in record.citations.values() for c in cited],
        ),
    ],
)
def test_a_record_holds_what_its_models_would_read(record, model, names, rows):
    found = rows(record)
    assert len(found) == model.objects.count()
    for row in found:
        assert kept(row, names) == kept(model.objects.get(pk=row.pk), names)


def test_what_a_record_left_out_is_read_when_it_is_asked_for(record, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert record.organization.first_published_at is not None


def test_a_seat_stands_where_its_days_put_it(record):
    assert [seat.role.code for seat in record.memberships] == ["lead"]
    assert [seat.role.code for seat in record.former_memberships] == ["chair"]


def test_the_same_question_is_worded_once_for_all_rows(record):
    before = loader._get_membership_query.cache_info().misses
    other = make_organization("示例公司")
    make_membership(other, record.memberships[0].role, record.memberships[0].community)
    [found] = load_records([other.pk], record.reference_data, DAY)
    assert found.organization == other
    assert loader._get_membership_query.cache_info().misses == before
