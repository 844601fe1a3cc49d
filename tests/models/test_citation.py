"""A citation speaks only for the value of its fact that it was made for."""

from datetime import date

import pytest
from django.urls import reverse

from directory.history import recorder
from directory.history.undo import service as undo_service
from directory.listing.index import store as index_store
from directory.listing.loader import load_records
from directory.models import Citation, Revision
from tests.admin_client import Desk, faults
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    make_source,
    saved,
)

pytestmark = pytest.mark.django_db

FACTS = {
    "name": "示例新学院",
    "name_en": "Example New College",
    "kind": "vocational-college",
    "credit_code": "91110000600037341L",
    "school_code": "4141010466",
    "website": "https://new.example.org/",
    "description": "新的简介。",
    "description_en": "A new description.",
}


def is_speaking(citation: Citation) -> bool:
    return Citation.objects.speaking().filter(pk=citation.pk).exists()


@pytest.mark.parametrize("field", FACTS)
def test_a_citation_of_a_field_falls_silent_with_its_value_and_speaks_again_with_it(field):
    row = make_member("示例学院", name_en="Example", website="https://example.org/")
    citation, before = make_citation(organization=row, field=field), getattr(row, field)
    assert is_speaking(citation)
    setattr(row, field, FACTS[field])
    saved(row)
    assert not is_speaking(citation)
    assert list(Citation.objects.silent()) == [citation]
    setattr(row, field, before)
    saved(row)
    assert is_speaking(citation)


def test_a_region_is_one_value():
    row = make_member(region=make_region("652801"))
    citation = make_citation(organization=row, field="region")
    row.region = make_region("410100", name="示例外市")
    saved(row)
    assert not is_speaking(citation)


def test_sectors_are_one_value_in_whatever_order_they_were_chosen():
    row = make_member()
    first, second = make_sector("C171"), make_sector("C181")
    for sectors in ([second, first], [first, second]):
        with recorder.record_changes(None, "test") as change:
            change.track_row(row)
            row.sectors.set(sectors)
            change.mark_changed(row)
        if not Citation.objects.exists():
            citation = make_citation(organization=row, field="sectors")
        assert is_speaking(citation)
    assert Citation.objects.get().value == "C171 C181"
    with recorder.record_changes(None, "test") as change:
        change.track_row(row)
        row.sectors.remove(second)
        change.mark_changed(row)
    assert not is_speaking(citation)


@pytest.mark.parametrize("field", ["role", "since", "until"])
def test_a_citation_of_a_membership_speaks_for_its_role_and_days(field):
    values = {"role": make_role("chair", rank=4), "since": date(2024, 2, 1), "until": None}
    row = make_membership(since=date(2024, 1, 1), until=date(2025, 1, 1))
    citation = make_citation(membership=row, field=field)
    assert is_speaking(citation)
    setattr(row, field, values[field])
    saved(row)
    assert not is_speaking(citation)


def test_a_citation_of_an_alias_speaks_for_its_name():
    alias = make_alias(make_organization(), "示例")
    citation = make_citation(alias=alias)
    alias.name = "示例别名"
    saved(alias)
    assert not is_speaking(citation)


@pytest.mark.parametrize("column", ["purpose", "purpose_en", "stated_size", "founded_on"])
def test_a_citation_of_a_community_speaks_for_its_value_in_both_languages(column):
    community = make_community(purpose="示例宗旨", stated_size="60余所", founded_on="2023-11-13")
    field = column.removesuffix("_en")
    citation = make_citation(community=community, field=field)
    community.refresh_from_db()
    setattr(community, column, "2024-01-01" if column == "founded_on" else "Invented")
    saved(community)
    assert not is_speaking(citation)


def test_where_sources_differ_the_other_value_is_not_silenced():
    row = make_member("示例学院")
    citation = make_citation(organization=row, field="name", evidence="differs")
    row.name = "示例新学院"
    saved(row)
    assert is_speaking(citation)


def test_undo_makes_it_speak_again(admin_user):
    row = make_member("示例学院")
    citation = make_citation(organization=row, field="name")
    row.name = "示例新学院"
    saved(row)
    undo_service.undo(Revision.objects.latest("pk"), admin_user)
    assert is_speaking(citation)


def test_the_public_record_shows_only_what_speaks():
    row = make_member("示例学院", name_en="Example College")
    make_citation(organization=row, field="name_en")
    row.name_en = "An Invented Name"
    saved(row)
    [record] = load_records([row.pk], index_store.get_day_index().reference_data)
    assert record.get_citations("name_en") == []


def test_a_role_whose_citation_is_of_another_role_has_no_evidence(client):
    role = make_role("chair", rank=4)
    membership = make_membership(make_organization("示例学院"))
    make_citation(membership=membership, field="role")
    page = reverse("directory:members")
    assert "示例学院" in client.get(page, {"evidence": "stated"}).content.decode()
    membership.role = role
    saved(membership)
    assert client.get(page, {"evidence": "none"}).context["listing"].total == 1
    assert client.get(page, {"evidence": "stated"}).context["listing"].total == 0


def test_a_membership_is_not_dated_by_a_source_of_another_role():
    membership = make_membership()
    make_citation(make_source(dated="2023-11-15"), membership=membership, field="role")
    membership.role = make_role("chair", rank=4)
    saved(membership)
    assert type(membership).objects.current(date(2020, 1, 1), undated=True).exists()


# -- At the admin ------------------------------------------------------------


@pytest.fixture
def cited(client, admin_user):
    row = make_member("示例学院", name_en="Example College")
    make_citation(organization=row, field="name_en")
    return Desk(client, admin_user), row


def test_changing_a_cited_value_asks_what_of_its_citation(cited):
    desk, row = cited
    page = desk.send(desk.open(row), name_en="Example University")
    assert "citations_of_name_en" in page.context["adminform"].form.errors
    assert "Example College" in faults(page) or "citations_of_name_en" in page.content.decode()
    row.refresh_from_db()
    assert row.name_en == "Example College"


@pytest.mark.parametrize(("answer", "speaks"), [("keep", True), ("none", False)])
def test_the_answer_decides_whether_it_speaks_for_the_new_value(cited, answer, speaks):
    desk, row = cited
    answers = {"name_en": "Example University", "citations_of_name_en": answer}
    page = desk.send(desk.open(row), **answers)
    assert page.redirect_chain
    assert is_speaking(Citation.objects.get()) is speaks


def test_what_is_not_cited_is_changed_without_a_question(cited):
    desk, row = cited
    assert desk.send(desk.open(row), website="https://example.org/").redirect_chain


def test_a_citation_that_is_edited_is_made_for_the_present_value(cited):
    desk, row = cited
    row.name_en = "Example University"
    saved(row)
    citation = Citation.objects.get()
    desk.send(desk.open(citation), passage="Example University")
    assert is_speaking(citation)
