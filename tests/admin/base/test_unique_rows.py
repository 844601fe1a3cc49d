"""Any lawful set of edits on one page is saved in one go, in whatever order its rows are."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import UniqueConstraint

from directory.admin.base.unique_rows import UniqueRowsFormSet
from directory.db import unique_keys
from directory.history.undo import service as undo_service
from directory.models import (
    Alias,
    Citation,
    Community,
    Membership,
    Organization,
    Remit,
    Revision,
    RowChange,
    Seat,
)
from tests.admin_client import Desk, faults
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_role,
    saved,
)

pytestmark = pytest.mark.django_db
EARLIER, TODAY = date(2020, 1, 1), date(2024, 1, 1)


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


def get_names(row: Organization) -> list[str]:
    return [alias.name for alias in row.aliases.order_by("pk")]


def get_changed_values() -> list[tuple]:
    """What the last revision says of each row before and after."""
    rows = RowChange.objects.filter(revision=Revision.objects.latest("pk")).order_by("pk")
    return [(row.noun, row.before, row.after) for row in rows]


# -- Which pages and keys there are ----------------------------------------------


def list_inlines() -> list:
    """Every inline of the site with its formset."""
    return [
        (model_admin.model, inline, inline.formset)
        for model_admin in admin.site._registry.values()
        for inline in model_admin.inlines
    ]


def test_every_page_with_rows_checks_and_saves_them_as_a_whole():
    assert {model for model, *_ in list_inlines()} >= {Organization, Community, User}
    for _model, inline, formset in list_inlines():
        assert issubclass(formset, UniqueRowsFormSet), inline
    # A list that is edited row by row would need the same.
    assert not any(each.list_editable for each in admin.site._registry.values())


def test_every_unique_key_of_such_rows_can_be_released_and_is_told_of_in_words():
    for model, inline, _formset in list_inlines():
        parent = next(f for f in inline.model._meta.fields if f.related_model in model.mro())
        for key in unique_keys.get_unique_keys(inline.model):
            assert parent in key.columns, key
            if key.columns != (parent,):  # then there is one row only
                assert any(unique_keys.can_hold_placeholder(c, parent) for c in key.columns), key
                assert key.message, key


def test_no_constraint_of_such_rows_is_left_out():
    for _model, inline, _formset in list_inlines():
        names = {key.name for key in unique_keys.get_unique_keys(inline.model)}
        unique = [c for c in inline.model._meta.constraints if isinstance(c, UniqueConstraint)]
        assert {c.name for c in unique} <= names
        assert not inline.model._meta.unique_together
        assert all(c.fields and not c.expressions for c in unique)


# -- Aliases ---------------------------------------------------------------------


def test_two_aliases_exchange_their_names(desk):
    row = make_organization()
    make_alias(row, "示例甲"), make_alias(row, "示例乙")
    page = desk.send(desk.open(row), **{"aliases-0-name": "示例乙", "aliases-1-name": "示例甲"})
    assert page.redirect_chain, faults(page)
    assert get_names(row) == ["示例乙", "示例甲"]
    assert get_changed_values() == [
        ("alias", {"name": "示例甲"}, {"name": "示例乙"}),
        ("alias", {"name": "示例乙"}, {"name": "示例甲"}),
    ]


def test_three_aliases_move_on_by_one(desk):
    row = make_organization()
    for name in "甲乙丙":
        make_alias(row, f"示例{name}")
    desk.send(desk.open(row), **{f"aliases-{n}-name": f"示例{v}" for n, v in enumerate("乙丙甲")})
    assert get_names(row) == ["示例乙", "示例丙", "示例甲"]


@pytest.mark.parametrize("renamed", [0, 1])
def test_an_alias_takes_the_name_that_another_gives_up(desk, renamed):
    row = make_organization()
    make_alias(row, "示例甲"), make_alias(row, "示例乙")
    taken = get_names(row)[renamed]
    changes = {f"aliases-{renamed}-name": "示例丙", f"aliases-{1 - renamed}-name": taken}
    desk.send(desk.open(row), **changes)
    assert sorted(get_names(row)) == sorted(["示例丙", taken])


def test_a_new_alias_takes_the_name_that_another_gives_up(desk):
    row = make_organization()
    make_alias(row, "示例甲")
    new = {"aliases": {"name": "示例甲", "sort": "former", "language": "zh-Hans"}}
    desk.send(desk.open(row), new, **{"aliases-0-name": "示例乙"})
    assert get_names(row) == ["示例乙", "示例甲"]


def test_an_alias_is_deleted_and_entered_anew(desk):
    row = make_organization()
    old = make_alias(row, "示例甲")
    new = {"aliases": {"name": "示例甲", "sort": "former", "language": "zh-Hans"}}
    desk.send(desk.open(row), new, **{"aliases-0-DELETE": "on"})
    assert get_names(row) == ["示例甲"]
    assert row.aliases.get().pk != old.pk or row.aliases.get().sort == "former"


def test_the_names_of_a_deleted_alias_and_of_another_are_exchanged_for_one(desk):
    row = make_organization()
    make_alias(row, "示例甲"), make_alias(row, "示例乙")
    desk.send(desk.open(row), **{"aliases-0-DELETE": "on", "aliases-1-name": "示例甲"})
    assert get_names(row) == ["示例甲"]


def test_a_name_that_stays_with_another_alias_is_refused_at_the_changed_row(desk):
    row = make_organization()
    make_alias(row, "示例甲"), make_alias(row, "示例乙")
    page = desk.send(desk.open(row), **{"aliases-0-name": "示例乙"})
    errors = page.context["inline_admin_formsets"][1].formset.errors
    assert [list(each) for each in errors] == [["name"], []]
    assert get_names(row) == ["示例甲", "示例乙"]


def test_a_name_twice_in_a_new_organization_is_refused_at_the_second_row(desk):
    alias = {"aliases": {"name": "示例甲", "sort": "former", "language": "zh-Hans"}}
    values = {"name": "示例学院", "kind": "university", "state": "draft"}
    page = desk.send(desk.add(Organization), alias, alias, **values)
    errors = page.context["inline_admin_formsets"][1].formset.errors
    assert [list(each) for each in errors] == [[], ["name"]]
    assert not Organization.objects.exists()


def test_exchanged_names_are_found_and_taken_back(desk, admin_user):
    row = make_organization("示例学院")
    first, second = make_alias(row, "示例甲"), make_alias(row, "示例乙")
    citation = make_citation(alias=first)
    changes = {"aliases-0-name": "示例乙", "aliases-1-name": "示例甲"}
    desk.send(desk.open(row), **changes, **{"aliases-0-citations_of_name": "none"})
    citation.refresh_from_db()
    assert citation.value == "示例甲"
    undo_service.undo(Revision.objects.latest("pk"), admin_user)
    assert get_names(row) == ["示例甲", "示例乙"]
    assert list(Alias.objects.order_by("pk")) == [first, second]


# -- Memberships -----------------------------------------------------------------


def get_roles(row: Organization) -> list[tuple]:
    rows = row.memberships.order_by("pk")
    return list(rows.values_list("role", "since", "until"))


@pytest.fixture
def roles():
    return [make_role("chair", rank=4), make_role("member", rank=90)]


def test_two_roles_are_exchanged(desk, roles):
    row, (chair, member) = make_organization(), roles
    make_membership(row, chair), make_membership(row, member)
    page = desk.send(
        desk.open(row), **{"memberships-0-role": "member", "memberships-1-role": "chair"}
    )
    assert page.redirect_chain, faults(page)
    assert [role for role, *_ in get_roles(row)] == ["member", "chair"]
    assert [after for _noun, _before, after in get_changed_values()] == [
        {"role_id": "member"},
        {"role_id": "chair"},
    ]


@pytest.mark.parametrize("first_is_open", [True, False])
def test_the_days_of_two_terms_are_exchanged(desk, first_is_open):
    row = make_organization()
    terms = [(EARLIER, date(2022, 1, 1)), (TODAY, None)]
    for since, until in reversed(terms) if first_is_open else terms:
        make_membership(row, since=since, until=until)
    before = [(since, until) for _role, since, until in get_roles(row)]
    changes = {
        f"memberships-{number}-{name}": value or ""
        for number, days in enumerate(reversed(before))
        for name, value in zip(("since", "until"), days, strict=True)
    }
    page = desk.send(desk.open(row), **changes)
    assert page.redirect_chain, faults(page)
    assert [(since, until) for _role, since, until in get_roles(row)] == before[::-1]


def test_a_term_ends_and_the_next_begins_in_a_new_row(desk):
    row = make_organization()
    make_membership(row, since=EARLIER)
    new = {"community": make_community().pk, "role": "member", "state": "published"}
    desk.send(
        desk.open(row),
        {"memberships": new | {"since": TODAY}},
        **{"memberships-0-until": TODAY},
    )
    assert [until for *_, until in get_roles(row)] == [TODAY, None]


def test_an_open_role_is_deleted_and_entered_anew(desk):
    row = make_organization()
    make_membership(row, since=EARLIER)
    new = {"community": make_community().pk, "role": "member", "state": "published"}
    desk.send(desk.open(row), {"memberships": new}, **{"memberships-0-DELETE": "on"})
    assert [since for _role, since, _until in get_roles(row)] == [None]


def test_a_role_open_twice_is_refused_at_the_changed_row_and_nothing_is_written(desk, roles):
    row, (chair, member) = make_organization(), roles
    make_membership(row, chair), make_membership(row, member)
    page = desk.send(desk.open(row), name="示例新名", **{"memberships-0-role": "member"})
    errors = page.context["inline_admin_formsets"][0].formset.errors
    assert [list(each) for each in errors] == [["since"], []]
    assert Organization.objects.filter(name="示例新名").count() == 0


# -- Seats, limits, citations ------------------------------------------------------


def test_the_seats_of_two_roles_are_exchanged(desk, roles):
    community = make_community()
    for role, count in zip(roles, (1, 9), strict=True):
        saved(Seat(community=community, role=role, count=count))
    changes = {"seat_set-0-role": "member", "seat_set-1-role": "chair"}
    page = desk.send(desk.open(community), **changes)
    assert page.redirect_chain, faults(page)
    seats = Seat.objects.order_by("pk").values_list("role", "count")
    assert list(seats) == [("member", 1), ("chair", 9)]


def test_the_seats_of_a_role_are_deleted_and_entered_anew(desk, roles):
    community = make_community()
    saved(Seat(community=community, role=roles[0], count=1))
    new = {"seat_set": {"role": "chair", "count": 2}}
    desk.send(desk.open(community), new, **{"seat_set-0-DELETE": "on"})
    assert Seat.objects.get().count == 2


def test_the_seats_of_a_role_entered_twice_are_refused_at_the_second_row(desk, roles):
    new = {"seat_set": {"role": "chair", "count": 2}}
    page = desk.send(desk.open(make_community()), new, new)
    errors = page.context["inline_admin_formsets"][0].formset.errors
    assert [list(each) for each in errors] == [[], ["role"]]
    assert not Seat.objects.exists()


def test_the_limit_of_an_account_is_deleted_and_entered_anew(desk, django_user_model):
    account = django_user_model.objects.create_user("editor", is_staff=True)
    first, second = make_community(), make_community("other")
    Remit.objects.create(user=account, community=first)
    page = desk.client.get(f"/admin/auth/user/{account.pk}/change/")
    page = desk.send(page, {"remit": {"community": second.pk}}, **{"remit-0-DELETE": "on"})
    assert page.redirect_chain, faults(page)
    assert Remit.objects.get().community == second


def test_a_limit_is_taken_away_on_the_page_of_the_account(desk, django_user_model):
    account = django_user_model.objects.create_user("editor", is_staff=True)
    Remit.objects.create(user=account, community=make_community())
    page = desk.client.get(f"/admin/auth/user/{account.pk}/change/")
    assert desk.send(page, **{"remit-0-DELETE": "on"}).redirect_chain
    assert not Remit.objects.exists()


@pytest.mark.parametrize("kind", ["alias", "membership"])
def test_a_citation_moves_from_what_is_deleted_on_the_same_page(desk, kind):
    row = make_organization()
    cited = {"alias": make_alias(row, "示例甲"), "membership": make_membership(row)}[kind]
    field = "role" if kind == "membership" else ""
    citation = make_citation(**{kind: cited}, field=field)
    prefix = {"alias": "aliases", "membership": "memberships"}[kind]
    changes = {f"{prefix}-0-DELETE": "on", "citations-0-target": "organization::name"}
    page = desk.send(desk.open(row), **changes)
    assert page.redirect_chain, faults(page)
    moved = Citation.objects.get()
    assert (moved.pk, moved.organization, moved.value) == (citation.pk, row, row.name)
    assert not type(cited).objects.exists()


def test_no_placeholder_is_left_behind(desk, roles):
    row, (chair, member) = make_organization(), roles
    make_membership(row, chair), make_membership(row, member)
    desk.send(desk.open(row), **{"memberships-0-role": "member", "memberships-1-role": "chair"})
    assert set(Membership.objects.values_list("role", flat=True)) == {"chair", "member"}
    assert not re.search(r"[0-9a-f]{32}", str(get_changed_values()))
