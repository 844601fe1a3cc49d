"""The desk: every noun has a page, relations are typed, and searching never breaks it."""

import pytest
from django.apps import apps

from directory.models import (
    Citation,
    Community,
    Enterprise,
    Institution,
    Membership,
    Organization,
    Region,
    Sector,
    Source,
)
from tests.admin_client import Desk, told
from tests.factories import (
    make_alias,
    make_citation,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    make_source,
)

pytestmark = pytest.mark.django_db
DERIVED = ("DataVersion", "Finding", "ImportRow", "LikelyPair", "MergedNumber", "PairSearch")
NOT_ENTERED = (*DERIVED, "ImportCorrection", "NotSame", "Remit", "Revision", "RowChange")
NOUNS = [
    noun
    for noun in apps.get_app_config("directory").get_models()
    if noun.__name__ not in NOT_ENTERED
]
HOSTILE = [
    "词 " * 1400,
    "x y " * 700,
    "%00",
    "'\"\\",
    "( ) : * - ^",
    "%",
    "_",
    "𠮷" * 300,
    "٣",
    " ",
]


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


@pytest.fixture
def korla():
    make_region("650000", "新疆维吾尔自治区", "province", pinyin="xin jiang")
    make_region("652800", "巴音郭楞蒙古自治州", "prefecture", aliases="巴州\nBazhou")
    return make_region("652801", "库尔勒市", name_en="Korla", pinyin="ku er le shi")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_has_its_list_and_its_form_in_both_languages(desk, noun, language):
    make_alias(make_member(), "示例别名")
    for page in ("changelist", "add"):
        assert desk.client.get(desk.address(noun, page, language=language)).status_code == 200


@pytest.mark.parametrize("noun", NOUNS)
def test_every_row_opens(desk, noun):
    member = make_member(region=make_region())
    member.sectors.add(make_sector())
    make_citation(alias=make_alias(member, "示例别名"))
    for row in noun.objects.all():
        assert desk.open(row, noun).status_code == 200
        assert desk.client.get(desk.address(noun, "delete", row.pk)).status_code in (200, 302)


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_break_a_search(desk, words):
    make_citation(membership=make_membership(), field="role")
    for noun in NOUNS:
        answer = desk.client.get(desk.address(noun, "changelist"), {"q": words})
        assert answer.status_code == 200


@pytest.mark.parametrize("noun", ["auth/user", "auth/group"])
def test_many_words_do_not_break_the_lists_that_are_not_ours(desk, noun):
    answer = desk.client.get(f"/admin/{noun}/", {"q": "x y " * 700})
    assert answer.status_code == 200


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, -1, "x", ""])
def test_no_number_breaks_a_page_or_an_action(desk, number):
    make_member()
    assert desk.client.get(f"/admin/directory/organization/{number}/change/").status_code < 500
    chosen = {"action": "publish", "_selected_action": [number]}
    address = desk.address(Organization, "changelist")
    assert desk.client.post(address, chosen, follow=True).status_code < 500
    assert desk.client.get(address, {"id__in": number}, follow=True).status_code < 500


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_break_a_relation(desk, words):
    make_membership()
    assert desk.suggestions(Membership, "organization", words) is not None
    assert desk.suggestions(Organization, "region", words) is not None


def test_unreadable_characters_are_refused_at_the_desk_too(desk):
    address = desk.address(Organization, "changelist")
    assert desk.client.get(f"{address}?kind__exact=%00").status_code == 400
    assert desk.client.get(f"{address}?q=%00").status_code == 400


@pytest.mark.parametrize(
    "question", ["role=nobody", "province=99", "state__exact=x", "p=-1", "o=9999", "all=", "e=1"]
)
def test_an_unknown_filter_never_breaks_the_list(desk, question):
    make_member()
    answer = desk.client.get(f"{desk.address(Organization, 'changelist')}?{question}", follow=True)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "typed", ["korla", "kuerle", "ku er le", "库尔勒", "庫爾勒", "652801", "６５２８０１", "kel"]
)
def test_a_region_is_found_by_any_of_its_names(desk, korla, typed):
    path = "新疆维吾尔自治区 › 巴音郭楞蒙古自治州 › 库尔勒市 652801"
    assert desk.suggestions(Organization, "region", typed) == [path]


@pytest.mark.parametrize("typed", ["巴州", "bazhou", "6528"])
def test_a_prefecture_is_found_by_its_short_name_and_digits(desk, korla, typed):
    assert "新疆维吾尔自治区 › 巴音郭楞蒙古自治州 652800" in desk.suggestions(
        Organization, "region", typed
    )


def test_a_region_is_offered_in_english_to_english_readers(desk, korla):
    found = desk.suggestions(Organization, "region", "korla", language="en")
    assert found[0].endswith("› Korla 652801")


@pytest.mark.parametrize("noun", [Organization, Community])
def test_what_is_only_a_rung_is_never_offered(desk, noun):
    make_region("110000", "示例京市", "province")
    make_region("110100", "示例京市", "prefecture", virtual=True)
    assert desk.suggestions(noun, "region", "示例京") == ["示例京市 110000"]
    assert desk.suggestions(noun, "region", "1101") == []


def test_an_organization_is_found_as_a_relation_by_pinyin_and_alias(desk, korla):
    row = make_member("示例棉纺学院", region=korla)
    make_alias(row, "Cotton House", "translation", "en")
    for typed in ("shilimianfang", "slmf", "棉纺", "cotton", "巴州"):
        assert [
            f"· {row.pk}" in text for text in desk.suggestions(Membership, "organization", typed)
        ]
        assert desk.suggestions(Membership, "organization", typed)


def test_a_name_of_its_own_comes_before_a_place(desk, korla):
    make_member("示例甲学院", region=korla)
    make_member("库尔勒示例学院")
    found = desk.suggestions(Membership, "organization", "库尔勒")
    assert len(found) == 1
    assert found[0].startswith("库尔勒示例学院")


def test_small_tables_are_found_by_pinyin_and_code(desk):
    make_role("lead-enterprise", 1, "lead", name="示例牵头企业")
    make_sector("C171", "示例棉纺")
    make_source("S12", title="示例日报")
    assert desk.suggestions(Membership, "role", "qiantou") == ["示例牵头企业"]
    assert desk.suggestions(Organization, "sectors", "c17") == ["示例棉纺 C171"]
    assert desk.suggestions(Citation, "source", "ribao") == ["S12 示例日报"]


def test_the_list_is_searched_by_the_directorys_own_words(desk):
    make_member("示例棉纺学院")
    make_member("示例丝绸学院")
    answer = desk.client.get(desk.address(Organization, "changelist"), {"q": "sichou"})
    assert [row.name for row in answer.context["cl"].result_list] == ["示例丝绸学院"]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("kind__exact=enterprise", ["示例乙厂"]),
        ("role=chair", ["示例乙厂"]),
        ("role=none", ["示例丙学院"]),
        ("province=650000", ["示例甲学院"]),
        ("province=none", ["示例丙学院", "示例乙厂"]),
        ("state__exact=draft", ["示例丙学院"]),
    ],
)
def test_the_list_is_narrowed_by_kind_role_region_and_state(desk, korla, question, names):
    make_member("示例甲学院", region=korla)
    make_member("示例乙厂", make_role("chair", 5), kind="enterprise")
    make_organization("示例丙学院", state="draft")
    answer = desk.client.get(f"{desk.address(Organization, 'changelist')}?{question}")
    assert {row.name for row in answer.context["cl"].result_list} == set(names)


@pytest.mark.slow
def test_the_list_asks_no_more_for_more_rows(desk, korla, django_assert_max_num_queries):
    for _number in range(12):
        make_member(region=korla)
    with django_assert_max_num_queries(16):
        page = desk.client.get(desk.address(Organization, "changelist")).content.decode()
    assert "巴音郭楞蒙古自治州 › 库尔勒市" in page


def test_the_two_kinds_of_list_hold_their_own(desk):
    make_organization("示例甲学院")
    make_organization("示例乙厂", kind="enterprise")
    lists = {
        noun: desk.client.get(desk.address(noun, "changelist")).context["cl"].result_list
        for noun in (Institution, Enterprise)
    }
    assert [row.name for row in lists[Institution]] == ["示例甲学院"]
    assert [row.name for row in lists[Enterprise]] == ["示例乙厂"]


def test_pages_of_the_desk_hold_no_script_or_style_of_their_own(desk):
    row = make_member()
    for address in ("/admin/", desk.address(Organization, "change", row.pk)):
        page = desk.client.get(address).content.decode()
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_a_cited_source_stays_and_says_what_needs_it(desk):
    citation = make_citation(membership=make_membership(), field="role", passage="示例一句")
    page = desk.delete(citation.source)
    assert "示例一句" in page.content.decode()
    assert Source.objects.filter(pk=citation.source_id).exists()


def test_a_region_that_holds_others_stays(desk, korla):
    desk.delete(Region.objects.get(pk="652800"))
    assert Region.objects.filter(pk="652800").exists()
    assert told(desk.delete(korla))
    assert not Region.objects.filter(pk="652801").exists()


def test_a_code_that_is_the_key_is_given_once(desk):
    sector = make_sector()
    desk.send(desk.open(sector), code="C999", name="示例新名")
    assert list(Sector.objects.values_list("code", "name")) == [("C171", "示例新名")]


def test_the_kinds_of_a_role_are_ticked(desk):
    role = make_role()
    desk.send(desk.open(role), kinds=["university", "enterprise"])
    role.refresh_from_db()
    assert set(role.kinds) == {"university", "enterprise"}
