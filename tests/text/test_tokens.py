"""A name is found under any spelling, script, pinyin or initials, and under nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search import index as search_index
from directory.search.documents import DocumentBatch, SearchDocument
from directory.text import tokens

COLLEGE = "巴音学院"
MILL = "库尔勒中泰纺织科技有限公司"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("巴音", COLLEGE),
        ("byxy", COLLEGE),
        ("bayin xueyuan", COLLEGE),
        ("BaYin", COLLEGE),
        ("kuerle", MILL),
        ("ku er le", MILL),
        ("庫爾勒中泰", MILL),
        ("ｋｕｅｒｌｅ", MILL),
        ("ztfz", MILL),
        ("泰", MILL),
        ("zygxy", "中原工学院"),
        ("zhongyuan gongxueyuan", "中原工学院"),
        ("Ürümqi", "Urumqi Example College"),
        ("example coll", "Example College"),
    ],
)
def test_the_query_finds_the_name(query, name):
    assert tokens.matches(query, name)


@pytest.mark.parametrize(
    "query", ["新疆大学", "和平化纤", "heping", "qqqq", "泰中", "xueyuan bayin zz"]
)
def test_the_query_finds_no_such_name(query):
    assert not tokens.matches(query, MILL)
    assert not tokens.matches(query, COLLEGE)


@pytest.mark.parametrize("query", ["", "%", "_", "。，！", "\u3000", '"*&:|()', "— …"])
def test_a_query_without_letter_digit_or_han_asks_nothing(query):
    assert tokens.parse_query(query) is None


def test_only_the_last_latin_word_may_be_a_beginning():
    assert tokens.parse_query("exam coll") == (("exam",), "coll")
    assert tokens.parse_query("exam coll ") == (("exam", "coll"), "")
    assert not tokens.matches("exam college", "Example College")


@pytest.mark.parametrize(
    ("name", "reading"),
    [("库尔勒市", "ku er le shi"), ("单县", "shan xian"), ("巴音郭楞", "ba yin guo leng")],
)
def test_known_misreadings_are_corrected(name, reading):
    assert tokens.sort_key(name) == reading


@given(st.text(max_size=300))
def test_no_text_breaks_the_words(text):
    question = tokens.parse_query(text)
    tokens.tokenize(text)
    tokens.build_slug(text, text)
    asked = [*question[0], question[1]] if question else []
    assert not any(set(word) & set(" '\"*&|:!()\\") for word in asked)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40))
def test_every_name_is_found_by_itself(name):
    if tokens.parse_query(name):
        assert tokens.matches(name, name)


def test_every_word_of_a_long_query_counts():
    name = "示例" + "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥" * 2
    assert tokens.matches(name, name)
    assert not tokens.matches(name[:-1] + "外", name)


def test_a_long_query_is_cut_to_a_bounded_number_of_words():
    whole, _last = tokens.parse_query("学院" * 5000)
    assert len(whole) <= tokens.MAX_QUERY_WORDS


@pytest.mark.parametrize(
    ("name", "name_en", "slug"),
    [
        ("示例学院", "Example College, Ltd.", "example-college-ltd"),
        ("示例学院", "", "shi-li-xue-yuan"),
        ("示例", "x" * 200, "x" * 80),
    ],
)
def test_a_slug_is_readable_and_short(name, name_en, slug):
    assert tokens.build_slug(name, name_en) == slug


def test_a_web_site_is_found_by_the_parts_of_its_host():
    assert tokens.tokenize_website("https://www.zut.edu.cn/") == {"zut", "edu", "cn"}


@pytest.mark.django_db
def test_words_are_put_in_place_of_what_stood_there():
    """Also of what nobody deleted: a row that is left over stands in nobody's way."""
    for own in ("alt", "neu"):
        search_index.write_documents(DocumentBatch([SearchDocument(7, own, "")], []))
    assert [key for query in ("alt", "neu") for key in search_index.search(query)[0]] == [7]
    assert search_index.search("neu")[0] == {7}


@given(
    st.text("示例学院纺织职业大", min_size=1, max_size=6),
    st.lists(st.text("示例学院纺织职业大 ab1", max_size=12), max_size=3),
)
def test_han_words_are_found_in_a_name_without_its_words_being_made(query, names):
    question = tokens.parse_query(query)
    assert tokens.matches(query, *names) == tokens.has_all_words(
        question, tokens.tokenize_all(names)
    )
