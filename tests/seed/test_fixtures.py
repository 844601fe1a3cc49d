"""What an empty directory opens with: three named members, their sources, and nobody else."""

import json
import re
from datetime import date
from hashlib import sha256
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import call_command

from directory.models import (
    Alias,
    Citation,
    Community,
    DataVersion,
    Membership,
    Organization,
    Region,
    Role,
    Sector,
    Source,
)
from directory.search import index as search_index
from directory.search import indexer
from directory.seed import fixtures as seed_fixtures

ROWS = {
    name: json.loads((seed_fixtures.FOLDER / name).read_text(encoding="utf-8"))
    for name in seed_fixtures.FILES
}
# Names of persons in the document, as digests: the project does not hold the names themselves.
PERSONS = {
    "1a6cb8e69de530cb79c964eaab5b556fb5f2148472b90a628ecba582c75325d5",
    "3592333ea1ae5b09ec2a4c2aabfdd580a6ab5a85b410a728bd2f7d50060a294f",
    "a77618dbbcd2e0586512ef0ce49ce2f92597cae909c2baf89252ff59d6be3d0b",
    "1fb0ec08907c9bb101d71c18238835350b05ca7f032d74d538eca270d5f50a97",
}


def load():
    said = StringIO()
    call_command("load_fixtures", stdout=said)
    return said.getvalue()


@pytest.fixture
def loaded(db):
    load()


def texts():
    """Every text of every fixture, with the row and column that hold it."""
    for rows in ROWS.values():
        for row in rows:
            for column, value in row["fields"].items():
                if isinstance(value, str):
                    yield row, column, value


def test_the_three_lead_units_are_the_only_members(loaded):
    assert {(o.pk, o.name) for o in Organization.objects.members(date(2026, 11, 24))} == {
        (1, "库尔勒中泰纺织科技有限公司"),
        (2, "中原工学院"),
        (3, "巴音郭楞职业技术学院"),
    }
    assert Organization.objects.count() == Membership.objects.count() == 3


def test_each_lead_unit_holds_the_seat_that_its_kind_may_hold(loaded):
    held = Membership.objects.select_related("role", "organization")
    assert {m.role_id: m.organization_id for m in held} == {
        "lead-enterprise": 1,
        "lead-higher-education-institution": 2,
        "lead-vocational-school": 3,
    }
    assert all(m.role.accepts_kind(m.organization.kind) for m in held)
    assert all(m.since == date(2023, 11, 13) and m.until is None for m in held)


@pytest.mark.parametrize(
    "word", ["heping", "和平", "peace", "prace", "society", "学会", "committee", "委"]
)
def test_nobody_else_became_a_member(loaded, word):
    names = [name for o in Organization.objects.all() for name in (o.name, o.name_en)]
    names += Alias.objects.values_list("name", flat=True)
    assert len(names) == 14
    assert not [name for name in names if word in name.casefold()]


def test_what_is_found_in_the_footer_and_the_speeches_finds_nobody(loaded):
    for query in ("Heping", "和平化纤", "Prace", "Education Society", "新疆大学", "丙纶"):
        assert search_index.search(query) == (set(), set()), query


def test_no_person_is_named():
    for row, column, text in texts():
        words = re.findall(r"[A-Za-z]+", text)
        for pair in pairwise(words):
            digest = sha256(" ".join(pair).casefold().encode()).hexdigest()
            assert digest not in PERSONS, (row["pk"], column)


def test_no_telephone_number_and_no_mailbox_is_recorded():
    school_codes = {row["fields"].get("school_code") for row in ROWS["organizations.json"]}
    for row, column, text in texts():
        if column == "sha256":
            continue
        for code in filter(None, school_codes):
            text = text.replace(code, "")
        text = re.sub(r"\d{4}-\d\d(-|/)\d\d", "", text)
        assert not re.search(r"\d(?:[ -]?\d){6,}", text), (row["pk"], column)
        assert "@" not in text


def test_every_recorded_fact_is_cited(loaded):
    columns = [name for name, _label in Citation.ORGANIZATION_FIELDS if name != "sectors"]
    for organization in Organization.objects.all():
        recorded = {name for name in columns if getattr(organization, name)}
        assert recorded == set(organization.citations.values_list("field", flat=True))
    assert not Alias.objects.filter(citations=None).exists()
    for membership in Membership.objects.all():
        assert set(membership.citations.values_list("field", flat=True)) == {"role", "since"}


def test_the_community_is_cited_fact_by_fact(loaded):
    community = Community.objects.get(code="national-textile-garment")
    cited = set(community.citations.values_list("field", flat=True))
    assert cited == {name for name, _label in Citation.COMMUNITY_FIELDS}
    assert community.region_id == "652800"
    assert (community.stated_size, community.stated_at_least) == ("60余所校企", 60)
    assert community.stated_size_en == "more than 60 schools and enterprises"


def test_inferences_and_differences_are_marked_and_explained(loaded):
    marked = Citation.objects.exclude(evidence="stated")
    assert set(marked.values_list("evidence", flat=True)) == {"inferred", "differs"}
    assert not marked.filter(note="").exists()
    assert not marked.filter(note_en="").exists()
    inferred = Citation.objects.filter(field="region", evidence="inferred")
    assert [citation.organization_id for citation in inferred] == [1]


def test_a_statement_names_its_office_and_is_no_fact(loaded):
    statements = Citation.objects.filter(field="statement")
    assert {citation.place for citation in statements} == {"9", "11"}
    assert all("not a fact of this directory" in citation.note_en for citation in statements)


def test_the_sources_are_named_and_their_copies_fingerprinted(loaded):
    document = Source.objects.get(code="S1")
    assert (document.dated, document.lines) == (date(2023, 11, 17), 21)
    assert document.address == document.author == ""
    assert document.publisher_en.startswith("Xuzhou Heping Chemical Fiber Co., Ltd.")
    assert "not a member" in document.remarks_en
    assert not Source.objects.filter(sha256="").exists()


def test_all_regions_are_there_and_twelve_are_only_rungs(loaded):
    assert Region.objects.count() == 3225
    assert Region.objects.filter(virtual=True).count() == 12
    assert not Organization.objects.filter(region__virtual=True).exists()


def test_the_34_provinces_have_short_and_english_names(loaded):
    provinces = Region.objects.filter(level="province")
    assert provinces.count() == 34
    assert not provinces.filter(short_name="").exists()
    assert not provinces.filter(name_en="").exists()
    names = dict(provinces.values_list("code", "name_en"))
    assert (names["650000"], names["810000"], names["820000"]) == ("Xinjiang", "Hong Kong", "Macao")


def test_the_regions_in_use_have_an_english_name(loaded):
    used = Region.objects.filter(organization__isnull=False) | Region.objects.filter(
        community__isnull=False
    )
    assert set(used.values_list("name_en", flat=True)) == {"Bayingolin", "Korla", "Zhengzhou"}


@pytest.mark.parametrize("query", ["Bazhou", "巴州", "巴音郭楞"])
def test_any_name_of_the_prefecture_finds_everything_in_it(loaded, query):
    assert search_index.search(query)[1] == {1, 3}


def test_roles_stand_in_order_of_seniority(loaded):
    ranked = list(Role.objects.values_list("code", "rank"))
    assert ranked[0] == ("lead-enterprise", 10)
    assert ranked[-1] == ("member", 90)
    assert Role.objects.filter(axis="council").count() == 6


def test_every_group_of_a_sector_has_its_division(loaded):
    codes = set(Sector.objects.values_list("code", flat=True))
    assert len(codes) == 17
    assert {code[:3] for code in codes} == {"C17", "C18", "C28"} < codes


def test_every_row_keeps_the_rules_of_its_form(loaded):
    for model in seed_fixtures.MODELS:
        if model is not Region:
            for row in model.objects.all():
                row.full_clean()


def test_a_second_load_changes_nothing(loaded):
    before = DataVersion.get_current(), search_index.dump_index()
    assert load() == "The directory is not empty: no fixture was loaded.\n"
    assert (DataVersion.get_current(), search_index.dump_index()) == before


def test_an_officers_work_survives_a_second_load(loaded):
    Organization.objects.filter(pk=1).update(name_en="Zhongtai")
    Alias.objects.all().delete()
    load()
    assert Organization.objects.get(pk=1).name_en == "Zhongtai"
    assert not Alias.objects.exists()


def test_a_directory_with_one_row_of_its_own_is_left_alone(db):
    Source.objects.create(code="S9", title="Ours", medium="letter")
    load()
    assert not Region.objects.exists()


def test_the_next_row_gets_a_number_that_is_free(loaded):
    new = Organization.objects.create(name="某单位", kind="other")
    assert new.pk == 4
    assert Alias.objects.create(organization=new, name="某", sort="short").pk == 9


def test_loading_leaves_words_and_slugs_as_a_rebuild_would(loaded):
    before = search_index.dump_index()
    indexer.rebuild()
    assert search_index.dump_index() == before
    assert Organization.objects.get(pk=2).slug == "zhongyuan-university-of-technology"


def test_a_date_is_built_as_precisely_as_it_is_written():
    month = seed_fixtures.build_row(Membership, 1, {"since": "2023年11月", "until": "2024"})
    assert month["fields"] == {
        "since": "2023-11-01", "since_precision": "month",
        "until": "2025-01-01", "until_precision": "year",
    }  # fmt: skip
    day = seed_fixtures.build_row(Membership, 1, {"since": date(2023, 11, 13)})
    assert day["fields"] == {"since": "2023-11-13"}
    with pytest.raises(seed_fixtures.ExtractionError, match="03/04/2023"):
        seed_fixtures.build_row(Source, "S1", {"dated": "03/04/2023"})
