"""Partial dates of rows: stored with their precision, typed and shown as one text."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission
from django.core import serializers

from directory.admin import start_days, worklist
from directory.history import recorder
from directory.history.describe import ChangeDescriber
from directory.history.undo import service as undo_service
from directory.merging.merge import merge_organizations
from directory.models import Citation, Membership, Organization, Revision, RowChange
from directory.models.date_fields import get_partial_date
from directory.quality import rules as quality_rules
from tests.admin_client import Desk, faults
from tests.factories import (
    make_citation,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_role,
    make_source,
    saved,
)

pytestmark = pytest.mark.django_db
NOVEMBER = {"since": date(2023, 11, 1), "since_precision": "month"}


def type_into(row, admin_user, client, **values):
    """Save the row on a page of its own with these texts; return the page and the row."""
    page = Desk(client, admin_user).open(row)
    answer = Desk(client, admin_user).send(page, **values)
    row.refresh_from_db()
    return answer, row


@pytest.mark.parametrize("typed", ["2023年11月", "2023-11", "November 2023"])
def test_a_month_typed_at_the_desk_is_stored_and_shown_as_one(typed, admin_user, client):
    row = make_membership(make_organization("示例学院"))
    _page, row = type_into(row, admin_user, client, since=typed, until="2024")
    assert (row.since, row.since_precision) == (date(2023, 11, 1), "month")
    assert (row.until, row.until_precision) == (date(2025, 1, 1), "year")
    page = Desk(client, admin_user).open(row)
    form = page.context["adminform"].form
    assert (str(form["since"].value()), form["until"].initial.isoformat()) == ("2023-11", "2024")
    assert not form.__class__(form.initial | {"since": typed}, instance=row)["since"]._has_changed()
    listed = client.get(Desk(client, admin_user).address(Membership, "changelist"))
    assert ">2023-11</td>" in listed.content.decode()


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("0023-11-13", "1900"), ("03/04/2023", "2023-03-04"), ("昨天", "2023-11-13"),
     ("2023-02-30", "2023-02-30")],
)  # fmt: skip
def test_an_unclear_date_is_refused_at_the_desk_with_what_to_do(typed, reason, admin_user, client):
    row = make_membership(make_organization("示例学院"), since=date(2024, 1, 1))
    answer, row = type_into(row, admin_user, client, since=typed)
    assert (row.since, reason in faults(answer)) == (date(2024, 1, 1), True)


def test_all_rows_with_dates_take_a_year_at_the_desk(admin_user, client):
    source, community = make_source("S1"), make_community()
    organization = make_member("示例学院")
    for row, name in ((source, "dated"), (community, "founded_on"), (organization, "verified_on")):
        _page, row = type_into(row, admin_user, client, **{name: "2023年"})
        assert str(get_partial_date(row, name)) == "2023"


def test_the_day_of_a_basis_is_an_exact_day(admin_user, client):
    row = make_member("示例学院").contacts.create(
        label="示例", channel="email", value="a@example.org"
    )
    page, row = type_into(row, admin_user, client, basis_on="2023年11月")
    assert (row.basis_on, "2023-11-13" in faults(page)) == (None, True)
    _page, row = type_into(row, admin_user, client, basis_on="二〇二三年十一月十三日")
    assert row.basis_on == date(2023, 11, 13)


def test_who_may_only_view_sees_no_invented_day(client, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_membership", "view_organization"])
    )
    row = make_membership(make_organization("示例学院"), **NOVEMBER)
    for page in (Desk(client, viewer).open(row), Desk(client, viewer).open(row.organization)):
        text = page.content.decode()
        assert (page.status_code, "2023-11" in text) == (200, True)
        assert "2023年11月1日" not in text
        assert "2023-11-01" not in text


def test_a_month_in_which_a_role_began_and_ended_is_lawful(admin_user, client):
    row = make_membership(make_organization("示例学院"))
    _page, row = type_into(row, admin_user, client, since="2023-11", until="2023-11")
    assert (row.since, row.until) == (date(2023, 11, 1), date(2023, 12, 1))


def change_since(row, **columns):
    with recorder.record_changes(None, "test") as change:
        change.track_row(row)
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
        change.mark_changed(row)


def test_history_tells_a_date_as_precisely_as_it_is_known():
    row = make_membership(make_organization("示例学院"), since=date(2023, 11, 1))
    saved(row)
    change_since(row, since_precision="month")
    change = RowChange.objects.latest("pk")
    assert (change.before, change.after) == ({"since": "2023-11-01"}, {"since": "2023-11"})
    [line] = ChangeDescriber([change]).describe(change)
    assert (line.before, line.after) == ("2023-11-01", "2023-11")


def test_undo_restores_day_and_precision_together(admin_user):
    row = saved(make_membership(make_organization("示例学院"), **NOVEMBER))
    change_since(row, since=date(2024, 5, 6), since_precision="day")
    undo_service.undo(Revision.objects.latest("pk"), admin_user)
    row.refresh_from_db()
    assert str(get_partial_date(row, "since")) == "2023-11"


def test_undo_leaves_a_date_that_was_edited_since_as_it_is(admin_user):
    row = saved(make_membership(make_organization("示例学院"), since=date(2023, 11, 1)))
    change_since(row, since=date(2023, 1, 1), since_precision="year")
    revision = Revision.objects.latest("pk")
    change_since(row, since_precision="month")
    result = undo_service.undo(revision, admin_user)
    row.refresh_from_db()
    assert str(get_partial_date(row, "since")) == "2023-01"
    assert [each.column for each in result.not_restored] == ["since"]


@pytest.mark.parametrize(("field", "columns"), [
    ("since", NOVEMBER), ("until", {"until": date(2024, 1, 1), "until_precision": "year"}),
])  # fmt: skip
def test_a_citation_speaks_for_the_date_with_its_precision(field, columns):
    row = make_membership(make_organization("示例学院"), **columns)
    citation = make_citation(membership=row, field=field)
    saved(row)
    citation.refresh_from_db()
    assert citation.value == str(get_partial_date(row, field))
    change_since(row, **{f"{field}_precision": "day"})
    assert not Citation.objects.speaking().filter(pk=citation.pk).exists()


def test_a_merge_keeps_the_precision_of_the_earlier_start(admin_user):
    role, community = make_role("member"), make_community()
    kept, gone = make_organization("示例学院"), make_organization("示例学院（新）")
    make_membership(kept, role, community, since=date(2024, 1, 1))
    make_membership(gone, role, community, **NOVEMBER)
    gone.verified_on, gone.verified_on_precision = date(2025, 1, 1), "year"
    for row in (kept, gone):
        saved(row)
    versions = [Organization.objects.get(pk=row.pk).version for row in (kept, gone)]
    merge_organizations((kept.pk, gone.pk), versions, admin_user)
    assert str(get_partial_date(Membership.objects.get(), "since")) == "2023-11"
    assert str(get_partial_date(Organization.objects.get(pk=kept.pk), "verified_on")) == "2025"


def test_dumped_rows_are_loaded_again_with_their_precision():
    row = make_membership(make_organization("示例学院"), **NOVEMBER)
    text = serializers.serialize("json", [row])
    Membership.objects.all().delete()
    for each in serializers.deserialize("json", text):
        each.save()
    assert str(get_partial_date(Membership.objects.get(), "since")) == "2023-11"


def test_pages_and_files_show_a_month_as_a_month(client):
    make_membership(make_organization("示例学院"), make_role("chair", rank=1), **NOVEMBER)
    for address in ("/en/members/", "/en/members/?view=table", "/en/roles/", "/members.csv"):
        answer = client.get(address)
        text = b"".join(answer).decode()
        assert "2023-11" in text
        assert "2023-11-01" not in text


def test_the_founding_is_told_as_precisely_as_it_is_known(client):
    make_community(founded_on=date(2023, 11, 1), founded_on_precision="month")
    make_member("示例学院")
    assert "Founded in November 2023" in client.get("/en/").content.decode()


@pytest.mark.parametrize("precision", ["month", "year"])
def test_a_page_dates_a_role_by_the_same_citations_as_the_database(precision):
    """A source of its end speaks of an undated role, however precisely the end is known."""
    row = make_membership(
        make_organization("示例学院"), until=date(2025, 1, 1), until_precision=precision
    )
    source = make_source("S1", dated=date(2022, 5, 1))
    saved(make_citation(source, membership=row, field="until"))
    form = SimpleNamespace(get_answer=lambda field: "", asked_citations={}, get_new_sources=list)
    citations = start_days.list_stored_citations(row.pk)
    found = start_days.get_start_day(row, form, citations)
    assert found == quality_rules.get_start_day(row) == date(2022, 5, 1)


def test_no_day_is_invented_for_a_verification_known_to_the_year(client, admin_user):
    row = make_member("示例学院")
    row.first_published_at = datetime(2020, 1, 1, tzinfo=UTC)
    row.verified_on, row.verified_on_precision = date(2021, 1, 1), "year"
    saved(row)
    sitemap = client.get("/sitemap-members-1.xml").content.decode()
    assert ("<lastmod>2020-01-01" in sitemap, "2021-01-01" in sitemap) == (True, False)
    [case] = worklist.build_unverified_task(admin_user).cases
    assert ("2021" in str(case), "2021-01-01" in str(case)) == (True, False)
