"""Citations at the desk: whatever an organization's page says is cited on the same page."""

import pytest

from directory.models import Citation
from tests.admin_client import Desk, faults
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_role,
    make_source,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


def cited(target, **values) -> dict:
    row = {"target": target, "source": make_source().pk, "evidence": "stated"}
    return {"citations": row | {"passage": "示例原文", "language": "zh-Hans"} | values}


def test_a_field_of_the_organization_is_cited(desk):
    row = make_organization()
    desk.send(desk.open(row), cited("organization::region"))
    assert row.citations.get().field == "region"


def test_an_alias_and_a_role_are_cited_on_the_same_page(desk):
    row = make_member()
    alias, membership = make_alias(row, "示例旧名"), row.memberships.get()
    targets = (f"alias:{alias.pk}", f"membership:{membership.pk}:since")
    desk.send(desk.open(row), *map(cited, targets))
    found = Citation.objects.order_by("pk").values_list("alias", "membership", "field")
    assert list(found) == [(alias.pk, None, ""), (None, membership.pk, "since")]
    assert not row.citations.exists()


def test_what_is_entered_on_the_page_is_cited_in_the_same_go(desk):
    role = {"community": make_community().pk, "role": make_role().pk, "state": "published"}
    desk.send(
        desk.open(make_organization()),
        {"memberships": role},
        {"aliases": {"name": "示例旧名", "sort": "former", "language": "zh-Hans"}},
        cited("membership:new:role"),
        cited("alias:new"),
    )
    about = [(c.membership, c.alias) for c in Citation.objects.order_by("pk")]
    assert [str(membership or alias) for membership, alias in about][1] == "示例旧名"
    assert about[0][0].role_id == "member"


def test_one_new_row_cannot_be_told_from_two(desk):
    alias = {"sort": "former", "language": "zh-Hans"}
    rows = [{"aliases": alias | {"name": name}} for name in ("示例甲", "示例乙")]
    page = desk.send(desk.open(make_organization()), *rows, cited("alias:new"))
    assert faults(page)
    assert not Citation.objects.exists()


def test_all_that_is_cited_of_an_organization_is_on_its_page(desk):
    row = make_member()
    make_citation(organization=row, field="name")
    make_citation(alias=make_alias(row, "示例旧名"))
    make_citation(membership=row.memberships.get(), field="role")
    make_citation(organization=make_organization(), field="name")
    formset = desk.open(row).context["inline_admin_formsets"][-1].formset
    kinds = [form["target"].value().split(":")[0] for form in formset.initial_forms]
    assert kinds == ["organization", "alias", "membership"]


def test_a_citation_is_moved_to_another_fact(desk):
    row = make_member()
    citation = make_citation(organization=row, field="name")
    target = f"membership:{row.memberships.get().pk}:role"
    desk.send(desk.open(row), **{"citations-0-target": target})
    citation.refresh_from_db()
    assert (citation.organization, citation.field) == (None, "role")


def test_nothing_of_another_organization_can_be_cited(desk):
    other = make_membership()
    page = desk.send(desk.open(make_organization()), cited(f"membership:{other.pk}:role"))
    assert faults(page)
    assert not Citation.objects.exists()


@pytest.mark.slow
def test_what_is_being_deleted_cannot_be_cited_anew(desk):
    row = make_member()
    alias = make_alias(row, "示例旧名")
    page = desk.open(row)
    page = desk.send(page, cited(f"alias:{alias.pk}"), **{"aliases-0-DELETE": "on"})
    assert faults(page)
    assert row.aliases.exists()


def test_an_alias_is_deleted_together_with_its_citations(desk):
    row = make_member()
    make_citation(alias=make_alias(row, "示例旧名"))
    desk.send(desk.open(row), **{"aliases-0-DELETE": "on", "citations-0-DELETE": "on"})
    assert not row.aliases.exists()
    assert not Citation.objects.exists()


def test_a_citation_without_words_is_refused(desk):
    page = desk.send(desk.open(make_organization()), cited("organization::name", passage="  "))
    assert faults(page)
    assert not Citation.objects.exists()


def test_a_community_has_its_seats_and_citations_on_its_page(desk):
    community, role = make_community(), make_role()
    row = cited("")["citations"] | {"field": "purpose"}
    desk.send(desk.open(community), {"seat_set": {"role": role.pk, "count": 1}}, {"citations": row})
    assert community.seat_set.get().count == 1
    assert community.citations.get().field == "purpose"


def test_a_citation_of_two_facts_is_refused_on_its_own_page(desk):
    row = make_member()
    citation = make_citation(organization=row, field="name")
    page = desk.send(desk.open(citation), membership=row.memberships.get().pk)
    assert faults(page)
    citation.refresh_from_db()
    assert citation.membership is None
