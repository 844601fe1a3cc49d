"""Random edits of all rows of one page: what is lawful in the end is saved, all else refused."""

from datetime import date
from itertools import combinations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.models import Alias, Membership, Organization, Revision, RowChange, Seat
from tests.admin_client import Desk, faults
from tests.factories import (
    make_alias,
    make_community,
    make_membership,
    make_organization,
    make_role,
    saved,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

NAMES = ["示例甲", "示例乙", "示例丙", "示例丁"]
ROLES = ["chair", "member"]
YEARS = [date(year, 1, 1) for year in (2020, 2021, 2022, 2023)]
TERMS = [(since, until) for since in YEARS[:3] for until in (*YEARS[1:], None) if since != until]
TERMS = [(since, until) for since, until in TERMS if until is None or since < until]
terms = st.tuples(st.sampled_from(ROLES), st.sampled_from(TERMS))
names = st.sampled_from(NAMES)


def is_lawful_names(rows) -> bool:
    return len(set(rows)) == len(rows)


def is_lawful_terms(rows) -> bool:
    """Whether no role is held twice on one day."""
    for (role, one), (other_role, two) in combinations(rows, 2):
        ends = [until or date.max for _since, until in (one, two)]
        if role == other_role and one[0] < ends[1] and two[0] < ends[0]:
            return False
    return True


def edits(values, is_lawful):
    """Lawful stored rows; what becomes of each (None: deleted); new rows."""
    stored = st.lists(values, max_size=4).filter(is_lawful)
    return stored.flatmap(
        lambda rows: st.tuples(
            st.just(rows),
            st.one_of(
                st.permutations(rows),  # rows exchange what they say
                st.lists(st.none() | values, min_size=len(rows), max_size=len(rows)),
            ),
            st.lists(values, max_size=2),
        )
    )


def get_alias_values(name) -> dict:
    return {"name": name, "sort": "short", "language": "zh-Hans"}


def get_term_values(term) -> dict:
    role, (since, until) = term
    row = {"community": make_community().pk, "role": role, "state": "published"}
    return row | {"since": since, "until": until or ""}


def get_seat_values(seat) -> dict:
    return dict(zip(("role", "count"), seat, strict=True))


def build_post(prefix, becomes, new, get_values) -> tuple[list, dict]:
    """New rows and changes, as `Desk.send` takes them."""
    changes = {}
    for number, value in enumerate(becomes):
        values = {"DELETE": "on"} if value is None else get_values(value)
        changes |= {f"{prefix}-{number}-{name}": each for name, each in values.items()}
    return [{prefix: get_values(value)} for value in new], changes


def get_remaining(becomes, new) -> list:
    return [value for value in becomes if value is not None] + new


def check_history(stored, becomes, new, noun) -> None:
    """One change for each row that says something else now, in the one revision of the page."""
    found = RowChange.objects.filter(revision=Revision.objects.latest("pk"), noun=noun)
    changed = [a for a, b in zip(stored, becomes, strict=True) if a != b]
    assert found.count() == len(changed) + len(new)


@pytest.fixture
def desk(client, admin_user):
    for number, code in enumerate(ROLES):
        make_role(code, rank=number + 1)
    return Desk(client, admin_user)


@many
@given(edits(names, is_lawful_names), edits(terms, is_lawful_terms))
def test_an_organization_is_saved_whole_where_its_rows_are_lawful_and_not_at_all_else(
    desk, aliases, memberships
):
    lawful = is_lawful_names(get_remaining(*aliases[1:]))
    lawful &= is_lawful_terms(get_remaining(*memberships[1:]))
    with transaction.atomic():
        row = make_organization("示例学院")
        for name in aliases[0]:
            make_alias(row, name)
        for role, (since, until) in memberships[0]:
            make_membership(row, make_role(role), since=since, until=until)
        new_aliases, alias_changes = build_post("aliases", *aliases[1:], get_alias_values)
        new_terms, term_changes = build_post("memberships", *memberships[1:], get_term_values)
        page = desk.send(
            desk.open(row),
            *new_aliases,
            *new_terms,
            **alias_changes,
            **term_changes,
            name="示例新名",
        )
        assert bool(page.redirect_chain) == lawful, faults(page) if not lawful else ""
        for (before, becomes, new), noun, read in (
            (aliases, "alias", read_aliases),
            (memberships, "membership", read_terms),
        ):
            assert read() == (get_remaining(becomes, new) if lawful else before)
            if lawful:
                check_history(before, becomes, new, noun)
        assert Organization.objects.filter(name="示例新名").exists() == lawful
        transaction.set_rollback(True)


def read_aliases() -> list:
    return list(Alias.objects.order_by("pk").values_list("name", flat=True))


def read_terms() -> list:
    rows = Membership.objects.order_by("pk")
    return [(row.role_id, (row.since, row.until)) for row in rows]


@many
@given(
    edits(
        st.tuples(st.sampled_from(ROLES), st.sampled_from([1, 2])),
        lambda rows: is_lawful_names([role for role, _count in rows]),
    )
)
def test_a_community_is_saved_whole_where_its_seats_are_lawful_and_not_at_all_else(desk, seats):
    before, becomes, new = seats
    lawful = is_lawful_names([role for role, _count in get_remaining(becomes, new)])
    with transaction.atomic():
        community = make_community()
        for role, count in before:
            saved(Seat(community=community, role_id=role, count=count))
        rows, changes = build_post("seat_set", becomes, new, get_seat_values)
        page = desk.send(desk.open(community), *rows, **changes, purpose="示例宗旨")
        assert bool(page.redirect_chain) == lawful
        stored = list(Seat.objects.order_by("pk").values_list("role", "count"))
        assert stored == (get_remaining(becomes, new) if lawful else before)
        community.refresh_from_db()
        assert community.purpose == ("示例宗旨" if lawful else "")
        transaction.set_rollback(True)
