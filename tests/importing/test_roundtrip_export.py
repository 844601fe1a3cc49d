"""What is written out is read in again: unchanged, or changed where somebody edited it."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from directory.history.undo import service as undo_service
from directory.importing import roundtrip_export
from directory.models import Alias, Import, ImportRow, Membership, Organization, RowChange
from directory.tabular import escape_formula, unescape_formula
from tests.factories import (
    make_alias,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    saved,
)
from tests.importing.planning import edited, planned

pytestmark = pytest.mark.django_db
CODE = "91110000600037341L"


def applied(data: bytes, **options) -> Import:
    from directory.importing.apply import writer as import_writer

    return import_writer.apply_import(planned(data, **options), None)


def everything() -> tuple:
    """All that the directory says, without what is derived."""
    skip = {"version", "slug", "pinyin"}
    rows = [row for noun in (Organization, Alias, Membership) for row in noun.objects.values()]
    return tuple(sorted(str({k: v for k, v in row.items() if k not in skip}) for row in rows))


@pytest.fixture
def member() -> Organization:
    """One of whom everything is recorded."""
    region = make_region(code="652801", name="示例市")
    values = {"credit_code": CODE, "website": "https://example.org/", "verified_on": "2024-05-06"}
    row = make_organization("示例学院", region=region, name_en="Example College", **values)
    row.sectors.add(make_sector())
    row.description = "=1+1\n第二行, “引号”"
    saved(row)
    make_alias(row, "@示例")
    make_alias(row, "EX", language="en")
    make_membership(row, make_role("member"), since="2023-11-13")
    make_membership(row, make_role("chair", rank=10), since="2023-11-14", until="2024-01-01")
    in_2023 = {"since": "2023-11-01", "since_precision": "month"}
    in_2023 |= {"until": "2025-01-01", "until_precision": "year"}
    make_membership(row, make_role("vice-chair", rank=20), **in_2023)
    return row


def test_an_exported_list_comes_back_unchanged(member, client):
    data = b"".join(client.get("/members.csv").streaming_content)
    assert planned(data).counts == {
        "refused": 0, "doubtful": 0, "changed": 0, "new": 0, "unchanged": 1
    }  # fmt: skip


@pytest.mark.parametrize("write", [roundtrip_export.build_csv, roundtrip_export.build_xlsx])
def test_a_file_for_editing_comes_back_unchanged(member, write):
    make_organization("示例草稿", state="draft")
    assert planned(write(Organization.objects.all())).counts["unchanged"] == 2


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=TEXTS, english=TEXTS, about=TEXTS, alias=TEXTS)
@example(name="", english="", about="", alias="0;0 ")
def test_whatever_is_recorded_comes_back_unchanged(db, name, english, about, alias):
    row = make_organization(f"示{name}", name_en=english, description=about, state="draft")
    if alias.strip():
        make_alias(row, alias)
    of = planned(roundtrip_export.build_csv(Organization.objects.filter(pk=row.pk)))
    found = ImportRow.objects.get(of=of)
    row.delete()
    assert (found.outcome, found.values) == ("unchanged", {})


@given(st.text(max_size=20))
def test_a_disarmed_cell_loses_exactly_its_one_apostrophe(cell):
    assert unescape_formula(escape_formula(cell)) == cell


def test_an_edited_cell_is_the_only_change(member):
    data = edited(
        roundtrip_export.build_csv(Organization.objects.all()), name_en="Example University"
    )
    row = ImportRow.objects.get(of=planned(data))
    assert (row.outcome, row.values) == ("changed", {"name_en": "Example University"})


def test_an_emptied_cell_deletes_nothing(member):
    data = edited(
        roundtrip_export.build_csv(Organization.objects.all()), name_en="", aliases="", roles=""
    )
    assert planned(data).counts["unchanged"] == 1


def test_what_a_colleague_changed_meanwhile_is_shown_three_ways(member):
    data = edited(roundtrip_export.build_csv(Organization.objects.all()), name_en="Mine")
    member.name_en = "Theirs"
    member.save()
    row = ImportRow.objects.get(of=planned(data))
    code, column, said = row.reasons[0]
    assert (row.outcome, code, column) == ("doubtful", "changed-since", "name_en")
    assert (said["then"], said["file"], said["now"]) == ("Example College", "Mine", "Theirs")


def test_what_a_colleague_changed_elsewhere_stays(member):
    data = roundtrip_export.build_csv(Organization.objects.all())
    member.name_en = "Theirs"
    member.save()
    assert planned(data).counts["unchanged"] == 1


def test_a_fingerprint_that_is_not_ours_is_doubtful(member):
    data = edited(
        roundtrip_export.build_csv(Organization.objects.all()), fingerprint="x:y:z", kind="other"
    )
    assert planned(data).counts["doubtful"] == 1


def test_a_file_for_editing_may_rename(member):
    data = edited(roundtrip_export.build_csv(Organization.objects.all()), name="示例大学")
    assert ImportRow.objects.get(of=planned(data)).values == {"name": "示例大学"}


LIST = (
    "单位名称,类别,角色,加入时间,所在地,别名\n"
    "示例甲纺织有限公司,企业,member,2024-01-02,652801,示甲\n"
    "示例乙印染厂,企业,member,,,\n"
).encode()


@pytest.mark.slow
def test_twice_is_the_same_as_once():
    make_region(), make_role("member"), make_community()
    applied(LIST)
    once = everything()
    again = applied(LIST)
    assert (again.counts["unchanged"], everything()) == (2, once)
    assert again.revision is None


def test_the_result_is_what_the_preview_said():
    make_region(), make_role("member"), make_community()
    of = applied(LIST)
    for row in ImportRow.objects.filter(of=of):
        made, said = Organization.objects.get(pk=row.organization), row.full_values
        assert {"name": made.name, "kind": made.kind} == {c: said[c] for c in ("name", "kind")}
        assert made.region_id == said.get("region")
        assert [a.name for a in made.aliases.all()] == [a[0] for a in said.get("aliases", [])]
        held = [(str(m.since or ""), m.role_id) for m in made.memberships.all()]
        assert held == [(m["since"], m["role"]) for m in said["memberships"]]


def test_undone_it_is_as_before(member):
    make_role("vice-chair", rank=20)
    before = everything()
    data = (
        "number,name,name_en,roles,communities,since,aliases,sectors\n"
        f"{member.pk},示例学院,Other,vice-chair,example,2025-01-01,示例别名,C171\n"
        ",示例丙厂,,member,example,,,\n"
    ).encode()
    of = applied(data)
    assert everything() != before
    undo_service.undo(of.revision, None)
    assert everything() == before


def test_an_import_leaves_one_revision_with_every_row():
    make_region(), make_role("member"), make_community()
    of = applied(LIST)
    nouns = RowChange.objects.filter(revision=of.revision).values_list("noun", flat=True)
    assert sorted(nouns) == ["alias", "membership", "membership", "organization", "organization"]


def test_a_former_member_is_not_doubled(member):
    make_member("示例乙学院")
    assert planned(roundtrip_export.build_csv(Organization.objects.all())).counts["unchanged"] == 2
