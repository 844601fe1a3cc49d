"""The database itself refuses a bad row, whoever writes it."""

from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from directory.models import (
    Alias,
    Citation,
    Community,
    Contact,
    DataVersion,
    Finding,
    Import,
    ImportCorrection,
    ImportRow,
    LikelyPair,
    Membership,
    NotSame,
    Organization,
    PairSearch,
    Reading,
    Region,
    Revision,
    Role,
    RowChange,
    Seat,
    Sector,
    Source,
)

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 1, 1, tzinfo=UTC)
GOOD_CODE = "91110000600037341L"


@pytest.fixture
def rows() -> dict:
    """One sound row of each model, to hang a bad one on."""
    region = Region.objects.create(code="652801", name="示例市", level="county")
    school = Organization.objects.create(
        name="示例学院", kind="university", credit_code=GOOD_CODE, school_code="4165000001"
    )
    community = Community.objects.create(code="example", name="示例共同体")
    role = Role.objects.create(code="member", name="成员", name_en="Member", axis="council", rank=1)
    Seat.objects.create(community=community, role=role, count=1)
    Membership.objects.create(community=community, organization=school, role=role)
    Alias.objects.create(organization=school, name="示例", sort="short")
    source = Source.objects.create(code="S1", title="示例来源", medium="letter")
    DataVersion.objects.get_or_create(id=1)
    return {
        "region": region,
        "school": school,
        "community": community,
        "role": role,
        "source": source,
    }


def organization(**values):
    return Organization(**{"name": "示例甲", "kind": "university"} | values)


def an_import(**values):
    sound = {"name": "示例.csv", "header_row": 1, "last_row": 2, "rows_found": 1}
    return Import(**sound | values)


def stored(row):
    row.save()
    return row


def citation(rows, **values):
    sound = {"source": rows["source"], "passage": "示例", "evidence": "stated", "field": "name"}
    return Citation(**sound | values)


def contact(rows, **values):
    sound = {"organization": rows["school"], "label": "示例办公室", "channel": "email"}
    return Contact(**sound | {"value": "office@example.org"} | values)


def membership(rows, **values):
    sound = {"community": rows["community"], "organization": rows["school"], "role": rows["role"]}
    return Membership(**sound | values)


BAD = {
    "region_code_form": lambda r: Region(code="65280", name="示例", level="county"),
    "region_has_name": lambda r: Region(code="652802", name="", level="county"),
    "region_level_known": lambda r: Region(code="652802", name="示例", level="town"),
    "sector_code_form": lambda r: Sector(code="17", name="示例", name_en="Example"),
    "sector_has_name": lambda r: Sector(code="C17", name="", name_en="Example"),
    "dataversion_one_row": lambda r: DataVersion(id=2),
    "organization_has_name": lambda r: organization(name=" "),
    "organization_kind_known": lambda r: organization(kind="both"),
    "organization_enterprise_no_school_code": lambda r: organization(
        kind="enterprise", school_code="4165000002"
    ),
    "organization_credit_code_form": lambda r: organization(credit_code="9111000060003734I"),
    "organization_school_code_form": lambda r: organization(school_code="41650000"),
    "organization_credit_code_once": lambda r: organization(credit_code=GOOD_CODE),
    "organization_school_code_once": lambda r: organization(school_code="4165000001"),
    "organization_state_fits": lambda r: organization(state="published"),
    "alias_has_name": lambda r: Alias(organization=r["school"], name=" ", sort="short"),
    "alias_sort_known": lambda r: Alias(organization=r["school"], name="示", sort="nick"),
    "alias_language_known": lambda r: Alias(
        organization=r["school"], name="示", sort="short", language="xx"
    ),
    "alias_once": lambda r: Alias(organization=r["school"], name="示例", sort="former"),
    "community_code_form": lambda r: Community(code="Example 1", name="示例"),
    "community_has_name": lambda r: Community(code="example-2", name=" "),
    "role_code_form": lambda r: Role(code="A b", name="示", name_en="E", axis="lead", rank=9),
    "role_axis_known": lambda r: Role(code="b", name="示", name_en="E", axis="third", rank=9),
    "role_has_name": lambda r: Role(code="b", name=" ", name_en="E", axis="lead", rank=9),
    "seat_once": lambda r: Seat(community=r["community"], role=r["role"], count=2),
    "seat_count_positive": lambda r: Seat(
        community=r["community"],
        role=Role.objects.create(code="b", name="示", name_en="E", axis="lead", rank=9),
        count=0,
    ),
    "membership_open_once": membership,
    "membership_ends_after_start": lambda r: membership(
        r, since=date(2024, 1, 1), until=date(2024, 1, 1)
    ),
    "membership_since_precise": lambda r: membership(
        r, since=date(2024, 1, 2), since_precision="month"
    ),
    "membership_until_precise": lambda r: membership(
        r, until=date(2024, 2, 1), until_precision="year"
    ),
    "community_founded_on_precise": lambda r: Community(
        code="b", name="示例", founded_on=date(2024, 2, 1), founded_on_precision="year"
    ),
    "organization_verified_on_precise": lambda r: Organization(
        name="示例", kind="other", verified_on=None, verified_on_precision="month"
    ),
    "source_dated_precise": lambda r: Source(
        code="S2", title="示", medium="letter", dated=date(2024, 1, 1), dated_precision="week"
    ),
    "membership_state_known": lambda r: membership(r, until=date(2020, 1, 1), state="secret"),
    "contact_person_needs_basis": lambda r: contact(r, about="person", hidden=False),
    "contact_words_known": lambda r: contact(r, channel="pigeon"),
    "contact_has_value": lambda r: contact(r, value=" "),
    "source_code_form": lambda r: Source(code="1", title="示例", medium="letter"),
    "source_has_title": lambda r: Source(code="S2", title=" ", medium="letter"),
    "source_digest_form": lambda r: Source(code="S2", title="示", medium="letter", sha256="xyz"),
    "citation_one_fact": lambda r: citation(r, organization=r["school"], community=r["community"]),
    "citation_field_fits": lambda r: citation(r, organization=r["school"], field="purpose"),
    "citation_has_passage": lambda r: citation(r, organization=r["school"], passage=" "),
    "reading_has_characters": lambda r: Reading(han=" ", pinyin="shi"),
    "reading_form": lambda r: Reading(han="示", pinyin="Shì"),
    "finding_once": lambda r: Finding(
        organization=Finding.objects.create(
            organization=r["school"], rule="draft", since=DAY
        ).organization,
        rule="draft",
        since=DAY,
    ),
    "import_state_known": lambda r: an_import(state="lost"),
    "importcorrection_once": lambda r: ImportCorrection(
        of=ImportCorrection.objects.create(of=stored(an_import()), number=2, column="name").of,
        number=2,
        column="name",
    ),
    "importrow_once": lambda r: ImportRow(
        of=ImportRow.objects.create(of=stored(an_import()), number=2, outcome="new").of,
        number=2,
        outcome="new",
    ),
    "importrow_outcome_known": lambda r: ImportRow(of=stored(an_import()), number=2, outcome="odd"),
    "revision_says_from_where": lambda r: Revision(via=""),
    "rowchange_says_something": lambda r: RowChange(
        revision=Revision.objects.create(via="admin"), noun="alias", key="1"
    ),
    "likelypair_once": lambda r: LikelyPair(
        one_id=1,
        other_id=LikelyPair.objects.create(one_id=1, other_id=2, score=90).other_id,
        score=80,
    ),
    "likelypair_in_order": lambda r: LikelyPair(one_id=2, other_id=1, score=90),
    "notsame_once": lambda r: NotSame(
        one_id=1, other_id=NotSame.objects.create(one_id=1, other_id=2).other_id
    ),
    "notsame_in_order": lambda r: NotSame(one_id=2, other_id=1),
    "pairsearch_one_row": lambda r: PairSearch(id=2),
    "citation_evidence_known": lambda r: citation(r, organization=r["school"], evidence="maybe"),
}


@pytest.mark.parametrize("law", BAD)
def test_the_database_refuses_a_row_that_breaks(law, rows):
    row = BAD[law](rows)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row.save(force_insert=True)
    told = str(refused.value)
    # SQLite names the columns of a unique index, not the index.
    assert law in told or ("UNIQUE constraint failed" in told and is_unique(law))


def is_unique(law: str) -> bool:
    return any(c.name == law and hasattr(c, "fields") for c in constraints())


def constraints() -> list:
    models = apps.get_app_config("directory").get_models()
    return [c for model in models if not model._meta.proxy for c in model._meta.constraints]


def test_every_constraint_has_its_test():
    assert {c.name for c in constraints()} == set(BAD)


def test_every_constraint_says_in_words_what_was_wrong():
    plain = [c for c in constraints() if not c.name.endswith("_one_row")]
    assert not [c.name for c in plain if "Constraint “" in str(c.violation_error_message)]


def test_a_cited_source_cannot_be_deleted(rows):
    citation(rows, organization=rows["school"]).save()
    with pytest.raises(IntegrityError):
        rows["source"].delete()


def test_a_published_and_a_withdrawn_row_can_be_stored(rows):
    organization(name="示例乙", state="published", first_published_at=DAY).save()
    organization(
        name="示例丙", state="withdrawn", first_published_at=DAY, withdrawn_reason="示例"
    ).save()
    assert Organization.objects.count() == 3


def test_a_number_is_never_given_twice():
    first = organization()
    first.save()
    number = first.pk
    first.delete()
    second = organization()
    second.save()
    assert second.pk > number
