"""A scope has the same rows whether it is queried by a list of keys or by a condition."""

from datetime import date

import pytest

from directory.admin.base import pagination
from directory.models import (
    Alias,
    Citation,
    Finding,
    LikelyPair,
    Membership,
    Organization,
    Revision,
    RowChange,
)
from directory.permissions import scope
from tests.accounts import limit, make_account
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_region,
    make_role,
)

pytestmark = pytest.mark.django_db
NOUNS = (Organization, Alias, Membership, Finding, Citation, LikelyPair, Revision, RowChange)


@pytest.fixture
def here() -> set[int]:
    """Three in the region, of which two hold roles in the community, one of them two."""
    region, other = make_region("652801"), make_region("410100", name="示例外市")
    rows = [make_organization(region=region) for _once in range(3)]
    rows += [make_organization(region=other), make_organization()]
    community = make_community("ours")
    for row in (rows[0], rows[1], rows[3]):
        make_membership(row, community=community)
    make_membership(rows[0], make_role("chair", rank=10), community)
    for row in rows:
        make_citation(organization=row, field="name")
        make_citation(alias=make_alias(row, f"示例别名{row.pk}"))
    keys = [row.pk for row in rows]
    LikelyPair.objects.create(one_id=keys[0], other_id=keys[1], score=90)
    LikelyPair.objects.create(one_id=keys[0], other_id=keys[3], score=90)
    return set(keys[:2])


def seen(user) -> dict[str, set]:
    found = {}
    for noun in NOUNS:
        rows = scope.filter_visible(user, noun.objects.all())
        found[noun.__name__] = {row.pk for row in rows}
    return found


@pytest.mark.parametrize("few", [0, 1, 2, 3, 1000])
def test_a_remit_shows_the_same_whatever_its_size(here, few, monkeypatch):
    monkeypatch.setattr(scope, "MAX_LISTED_KEYS", few)
    region = limit(make_account("region"), "652801")
    both = limit(make_account("both"), "652801", community=make_community("ours"))
    community = limit(make_account("community"), community=make_community("ours"))
    assert seen(both)["Organization"] == here
    assert len(seen(region)["Organization"]) == len(seen(community)["Organization"]) == 3
    assert len(seen(region)["LikelyPair"]) == 1
    assert len(seen(community)["LikelyPair"]) == 2
    assert len(seen(both)["Citation"]) == 4
    theirs = set(Alias.objects.filter(organization__in=here).values_list("pk", flat=True))
    assert seen(both)["Alias"] == theirs
    told = RowChange.objects.filter(organization__in=here)
    assert seen(both)["Revision"] == set(told.values_list("revision", flat=True))


def test_a_remit_of_nothing_shows_nothing(here):
    found = seen(limit(make_account("nobody")))
    assert not any(rows for noun, rows in found.items() if noun != "Citation")


def test_a_limited_account_finds_the_citations_of_its_part(here, client):
    """The names of their organizations, whatever they belong to."""
    user = limit(make_account("both", "editor"), "652801", community=make_community("ours"))
    client.force_login(user)
    found = client.get("/admin/directory/citation/?q=示例").context["cl"].result_list
    hers = scope.filter_visible(user, Citation.objects.filter(community=None))
    assert {row.pk for row in found} == set(hers.values_list("pk", flat=True))
    assert len(found) == 4


@pytest.mark.parametrize("most", [0, 5000])
def test_in_a_community_those_without_a_role_are_those_who_had_one(here, client, most, monkeypatch):
    monkeypatch.setattr(pagination, "MAX_ROWS", most)
    community, day = make_community("ours"), date(2024, 1, 1)
    former, came_back = make_organization("示例旧员"), make_organization("示例复员")
    for row in (former, came_back):
        make_membership(row, community=community, until=day)
    make_membership(came_back, community=community, since=day)
    client.force_login(limit(make_account("community", "editor"), community=community))
    assert found(client, "role=none") == {"示例旧员"}
    assert len(found(client, "role=member")) == 4


def found(client, question: str) -> set[str]:
    answer = client.get(f"/admin/directory/organization/?{question}")
    return {row.name for row in answer.context["cl"].result_list}
