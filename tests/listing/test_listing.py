"""The list: what it finds, how it refuses, and that its file is the same list."""

import csv
import io
import re
from urllib.parse import quote

import pytest

from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
)

pytestmark = pytest.mark.django_db
DOORS = ("/members/", "/en/members/", "/institutions/", "/enterprises/", "/members.csv")


def text(response) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode()


def rows(response) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text(response).removeprefix("\ufeff"))))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "question",
    ["role=foo", "region=999999", "kind=school", "sector=C99", "evidence=sure", "community=none1",
     "on=yesterday", "on=2023-02-30", "on=0001-01-01", "sort=size", "page=0", "page=-1", "page=x",
     "page=99999999999999999999", "q=" + "x" * 201],
)  # fmt: skip
def test_a_bad_value_is_refused_with_a_sentence_and_lists_nobody(client, door, question):
    make_member("示例学院甲")
    response = client.get(f"{door}?{question}")
    shown = text(response)
    assert response.status_code == 400
    assert "示例学院甲" not in shown
    assert question.split("=")[0] in shown


def test_more_values_than_anybody_chooses_are_refused_not_dropped(client):
    many = "&".join(f"region={code}" for code in range(100000, 100501))
    response = client.get(f"/en/members/?{many}")
    assert response.status_code == 400
    assert "Choose fewer" in text(response)


@pytest.mark.parametrize("door", DOORS)
def test_every_wrong_value_is_named(client, door):
    shown = text(client.get(f"{door}?kind=foo&kind=bar&role=baz"))
    assert all(value in shown for value in ("foo", "bar", "baz"))


@pytest.mark.parametrize("door", DOORS)
def test_a_page_past_the_end_is_missing(client, door):
    make_member(kind="enterprise")
    make_member()
    assert client.get(f"{door}?page=2").status_code == 404


def test_a_page_past_the_end_shows_the_way_back(client):
    make_member()
    assert 'href="?"' in text(client.get("/members/?page=7"))


@pytest.mark.parametrize(
    "question", ["utm_source=x", "kind=&role=&q=&on=&page=&sort=", "x=%00y"[:3]]
)
def test_unknown_and_blank_parameters_are_ignored(client, question):
    make_member("示例学院甲")
    response = client.get(f"/members/?{question}")
    assert response.status_code == 200
    assert "示例学院甲" in text(response)


def test_values_of_one_question_widen_and_questions_narrow(client):
    make_region("650000", level="province")
    inside = make_region("652801")
    make_member("示例甲学院", kind="university", region=inside)
    make_member("示例乙公司", kind="enterprise", region=inside)
    make_member("示例丙公司", kind="enterprise")
    asked = "/members.csv?kind=university&kind=enterprise&region=650000"
    assert {row["name"] for row in rows(client.get(asked))} == {"示例甲学院", "示例乙公司"}


@pytest.mark.slow
def test_the_file_is_the_list_without_its_pages(client):
    made = [make_member().name for _ in range(60)]
    page = text(client.get("/members/?sort=pinyin&page=2"))
    names = [row["name"] for row in rows(client.get("/members.csv?sort=pinyin&page=2"))]
    assert sorted(names) == sorted(made)
    assert all(name in page for name in names[50:])
    assert not any(f">{name}<" in page for name in names[:50])


def test_the_file_begins_with_a_mark_and_the_number(client):
    row = make_member()
    content = text(client.get("/members.csv"))
    assert content.startswith("\ufeffnumber,name,")
    assert content.splitlines()[1].startswith(f"{row.pk},")


@pytest.mark.parametrize(
    "name", ["=示例()", "+示例", "-示例", "@示例", " =示例", "＝示例", "\t=示例"]
)
def test_a_formula_is_disarmed_in_the_file(client, name):
    make_member(name)
    assert rows(client.get("/members.csv"))[0]["name"] == f"'{name}"


def test_the_doors_for_kinds_show_their_kinds_only(client):
    make_member("示例甲学院", kind="university")
    make_member("示例乙公司", kind="enterprise")
    schools, firms = text(client.get("/institutions/")), text(client.get("/enterprises/"))
    assert "示例甲学院" in schools
    assert "示例乙公司" not in schools
    assert "示例乙公司" in firms
    assert "示例甲学院" not in firms
    assert client.get("/enterprises/?kind=university").status_code == 400


def test_own_names_come_before_the_names_of_places(client):
    city = make_region("652801", name="示例棉市")
    make_membership(make_organization("示例甲学院", region=city), make_role("chair", 10))
    make_membership(make_organization("示例棉学院"), make_role("member", 90))
    names = [row["name"] for row in rows(client.get("/members.csv?q=例棉"))]
    assert names == ["示例棉学院", "示例甲学院"]


def test_a_hit_says_which_name_matched(client):
    row = make_member()
    make_alias(row, "示例旧名学校", sort="former")
    shown = text(client.get("/en/members/?q=旧名"))
    assert "former name" in shown
    assert "示例旧名学校" in shown


def test_a_hit_of_several_names_says_one_of_them(client):
    row = make_member("示例棉纺学院", name_en="Example Cotton College")
    make_alias(row, "示例旧名学校", sort="former")
    shown = text(client.get("/en/members/?q=棉纺 旧名"))
    assert "matched: registered name" in " ".join(shown.split())


@pytest.mark.parametrize(
    "query", ["%", "_", "qqqq", "。", '"', "NEAR(", "*", "a OR b", ":*", "&", "\ufffd"]
)
def test_odd_queries_find_nobody_and_say_what_to_do(client, query):
    make_member("示例学院甲")
    response = client.get("/en/members/", {"q": query})
    assert response.status_code == 200
    assert "示例学院甲" not in text(response)
    assert "Nobody answers this question" in text(response)


@pytest.mark.parametrize("door", ["/members/", "/members.csv", "/members/suggest"])
@pytest.mark.parametrize(
    "query",
    ["x" * 10_000, "学" * 10_000, "\x00", "\x01\x1f\x7f", "，。！", '"', '"a', "a* b",
     "NEAR(a b, 5)", "a & b", "a:*", "!a | (b", "own:a", "a AND NOT", "'", "\\", "\ud800",
     "a\udfffb", "\U0010ffff", "-" * 200, "a " * 100, "\u202e示例"],
)  # fmt: skip
def test_whatever_is_searched_is_answered_or_refused(client, door, query):
    make_member("示例学院甲")
    asked = quote(query, errors="surrogatepass")
    response = client.get(f"{door}?q={asked}")
    assert response.status_code in (200, 400)
    text(response)


@pytest.mark.slow
@pytest.mark.parametrize(
    "question", ["", "q=shili&kind=university", "sort=name&page=2", "role=member"]
)
@pytest.mark.parametrize("size", [1, 60])
def test_a_listing_page_asks_at_most_five_questions_of_the_database(
    client, django_assert_max_num_queries, question, size
):
    for _ in range(size):
        make_alias(make_member(region=make_region()), "示例别名")
    client.get("/members/")
    with django_assert_max_num_queries(5):
        assert client.get(f"/members/?{question}").status_code in (200, 404)


def test_a_space_at_the_end_asks_the_same_list_at_every_door(client):
    make_member("示例学院", name_en="Example College")
    for query in ("Exampl", "Exampl ", " Exampl\u3000"):
        assert len(rows(client.get("/members.csv", {"q": query}))) == 1
        assert 'href="/members.csv?q=Exampl"' in text(client.get("/members/", {"q": query}))


def test_drafts_exist_nowhere(client):
    draft = make_organization("示例草稿学院", state="draft")
    make_membership(draft)
    hidden = make_organization("示例藏角色学院")
    make_membership(hidden, state="draft")
    for address in ("/", "/members/", "/members.csv", "/roles/", "/regions/", "/sources/"):
        shown = text(client.get(address))
        assert "草稿" not in shown
        assert "藏角色" not in shown
    made_up, asked = client.get("/members/999999/"), client.get(f"/members/{draft.pk}/")
    assert (asked.status_code, made_up.status_code) == (404, 404)
    assert asked.content == made_up.content.replace(b"999999", str(draft.pk).encode())


def test_what_stays_at_the_desk_is_named_by_no_source(client):
    desk = make_organization("示例书桌学院")
    make_citation(organization=desk, field="name", passage="示例书桌学院")
    draft = make_member("示例成员学院")
    make_membership(draft, make_role("chair", 10), state="draft")
    hidden = draft.memberships.get(state="draft")
    make_citation(membership=hidden, field="role", passage="示例藏起的原文")
    shown = text(client.get("/sources/"))
    assert "书桌" not in shown
    assert "藏起" not in shown + text(client.get(draft.get_absolute_url()))


def test_searching_for_a_draft_answers_as_for_a_made_up_word(client):
    make_organization("示例草稿学院", state="draft")
    found, made_up = (text(client.get("/members/", {"q": q})) for q in ("草稿", "糊涂"))
    assert (
        found.replace("草稿", "糊涂").replace("%E8%8D%89%E7%A8%BF", "%E7%B3%8A%E6%B6%82") == made_up
    )


def test_a_drafts_name_is_never_offered_for_a_mistyped_one(client):
    make_organization("示例学院", name_en="Secretive Example", state="draft")
    make_member("示例学院二", name_en="Sociable Example")
    assert "Secretive" not in text(client.get("/en/members/?q=Secretivee")).split("<main")[
        1
    ].replace("Secretivee", "")
    assert "sociable" in text(client.get("/en/members/?q=Sociablee"))


def test_what_is_withdrawn_answers_gone_with_the_reason(client):
    row = make_member(state="withdrawn", withdrawn_reason="示例原因甲")
    response = client.get(f"/members/{row.pk}/")
    assert response.status_code == 410
    assert "示例原因甲" in text(response)


def test_a_former_member_keeps_its_page_and_is_listed_nowhere(client):
    row = make_organization("示例旧员学院")
    make_membership(row, since="2020-01-01", until="2021-01-01")
    response = client.get(row.get_absolute_url())
    assert response.status_code == 200
    assert "A former member" in text(response)
    assert "示例旧员学院" not in text(client.get("/members/"))


def test_another_slug_leads_to_the_right_one(client):
    row = make_member(name_en="Example College")
    right = f"/members/{row.pk}-example-college/"
    for address in (f"/members/{row.pk}/", f"/members/{row.pk}-old-name/"):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (301, right)
    assert client.get(right).status_code == 200


def test_links_to_members_in_a_list_are_hits_and_nothing_else(client):
    make_member("示例甲学院", region=make_region())
    make_member("示例乙学院")
    shown = text(client.get("/members/?region=652801"))
    main = shown.split("<main")[1].split("</main>")[0]
    assert len(re.findall(r'href="/members/\d', main)) == 1


def test_two_communities_are_offered_as_a_question(client):
    make_membership(community=make_community("one"))
    make_membership(community=make_community("two"))
    shown = text(client.get("/members/?community=one"))
    assert 'name="community" value="two"' in shown
    assert len(rows(client.get("/members.csv?community=one"))) == 1
