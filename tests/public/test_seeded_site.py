"""The directory as it opens: what visitors type finds whom it must, and the pages are true."""

import csv
import io
import re

import pytest

from directory.models import Organization

pytestmark = [pytest.mark.usefixtures("seeded"), pytest.mark.django_db]
ENTERPRISE, UNIVERSITY, COLLEGE = 1, 2, 3
ADDRESSES = ("/", "/members/", "/institutions/", "/enterprises/", "/roles/", "/regions/",
             "/regions/650000/", "/regions/652801/", "/regions/110100/", "/sources/", "/about/",
             "/members/1/", "/members/2/", "/members/3/")  # fmt: skip


def found(client, query) -> list[int]:
    content = b"".join(client.get("/members.csv", {"q": query})).decode()
    return [int(row["\ufeffnumber"]) for row in csv.DictReader(io.StringIO(content))]


def page(client, address) -> str:
    return client.get(address, follow=True).content.decode()


@pytest.mark.parametrize(
    ("query", "first"),
    [
        *((query, COLLEGE) for query in ("巴音学院", "巴音", "byxy", "bayin xueyuan", "Bayingol",
                                         "Bayingolin", "Bayingoleng", "Bayinggoleng Mongolian")),
        *((query, ENTERPRISE) for query in ("中泰", "korla zhongtai", "kuerle", "ku er le",
                                            "庫爾勒中泰", "ｋｏｒｌａ")),
        *((query, UNIVERSITY) for query in ("中原工学院", "zygxy", "zhongyuan gongxueyuan", "ZUT",
                                            "Zhengzhou Textile Institute", "郑州纺织工学院",
                                            "4141010465", "zut.edu.cn")),
    ],
)  # fmt: skip
def test_the_named_member_comes_first(client, query, first):
    assert found(client, query)[:1] == [first]


@pytest.mark.parametrize("query", ["Bazhou", "巴州", "652800"])
def test_a_place_finds_everything_in_it(client, query):
    assert set(found(client, query)) == {ENTERPRISE, COLLEGE}


@pytest.mark.parametrize(
    "query", ["Heping", "和平化纤", "新疆大学", "%", "_", "qqqq", "王", "187 5178 8889"]
)
def test_nobody_is_found_who_is_no_member(client, query):
    assert found(client, query) == []


def test_the_name_of_the_prefecture_finds_the_college_before_the_enterprise(client):
    assert found(client, "Bayingolin") == [COLLEGE, ENTERPRISE]


@pytest.mark.parametrize(
    ("typed", "meant", "whom"),
    [
        ("Zhongyuan Institut of Tecnology", "zhongyuan institute of technology", UNIVERSITY),
        ("zhongyaun", "zhongyuan", UNIVERSITY),
        ("gongxeuyuan", "gongxueyuan", UNIVERSITY),
        ("巴因学院", "巴音学院", COLLEGE),
        ("korlla", "korla", ENTERPRISE),
    ],
)
def test_a_mistyped_name_is_offered_as_a_question(client, typed, meant, whom):
    shown = client.get("/en/members/", {"q": typed}).content.decode()
    assert found(client, typed) == []
    assert re.search(rf'Did you mean .*<a href="[^"]+">{meant}</a>', shown)
    assert whom in found(client, meant)


def test_a_former_name_is_told_as_what_it_is(client):
    shown = page(client, "/en/members/?q=郑州纺织工学院")
    assert re.search(r"matched: former name <mark[^>]*>郑州纺织工学院</mark>", shown)


def test_three_are_named_of_more_than_sixty_stated(client):
    assert "3 named of “more than 60 schools and enterprises” stated" in page(
        client, "/en/members/"
    )
    assert "具名 3 家；来源另称“60余所校企”" in page(client, "/members/")


def test_nothing_is_added_to_or_taken_from_the_stated_number(client):
    shown = "".join(page(client, f"/en{address}") for address in ADDRESSES)
    assert not re.search(r"\b(57|63) (more|members|others)", shown)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_blank_facts_read_not_recorded_in_both_languages(client, number):
    assert "not recorded" in page(client, f"/en/members/{number}/")
    assert "未记录" in page(client, f"/members/{number}/")


@pytest.mark.parametrize(("number", "code"), [(2, "4141010465"), (3, "4165013094")])
def test_a_school_shows_its_code_with_its_row(client, number, code):
    shown = page(client, f"/members/{number}/")
    assert code in shown
    assert "S3 第" in shown


def test_an_enterprise_is_not_asked_for_a_school_code(client):
    assert "does not apply" in page(client, "/en/members/1/")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_heading_holds_the_registered_name_in_both_languages(client, number):
    name = Organization.objects.get(pk=number).name
    for prefix in ("", "/en"):
        heading = re.search(r"<h1>(.*?)</h1>", page(client, f"{prefix}/members/{number}/"), re.S)
        assert name in heading[1]


@pytest.fixture(scope="module")
def answered():
    """The addresses that answered before: many pages lead to the same."""
    return set()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_opens_with_one_heading_and_every_link_in_it_answers(
    client, answered, prefix, address
):
    shown = page(client, prefix + address)
    assert shown.count("<h1") == 1
    links = set(re.findall(r'href="(/(?!static/(?:site/|icon))[^"#]*)', shown))
    for link in links - answered:
        assert client.get(link.replace("&amp;", "&")).status_code in (200, 301), link
    answered.update(links)


def test_the_language_switch_keeps_page_and_question(client):
    assert 'href="/en/members/?role=lead-enterprise"' in page(
        client, "/members/?role=lead-enterprise"
    )
    assert 'href="/members/?q=a&amp;x=1"' in page(client, "/en/members/?q=a&x=1")


def test_a_virtual_rung_may_be_asked_for_and_is_never_offered(client):
    assert client.get("/members/?region=110100").status_code == 200
    assert 'value="110100"' not in page(client, "/members/")


def test_the_yarn_maker_is_named_as_publisher_only(client):
    shown = {address: page(client, f"/en{address}") for address in ADDRESSES}
    naming = {address for address, text in shown.items() if "Heping" in text}
    assert "/sources/" in naming
    assert not [
        a for a in naming if re.search(r'href="/en/members/\d[^"]*"[^>]*>[^<]*Heping', shown[a])
    ]


def test_a_region_rolls_up_what_lies_below_it(client):
    for code, total in (("650000", 2), ("652800", 2), ("652801", 1), ("410000", 1), ("110000", 0)):
        assert f"<b>{total}</b>" in page(client, f"/en/regions/{code}/")
