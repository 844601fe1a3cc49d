"""A name with what offices hang on it: the name itself, and what else it tells."""

import pytest

from directory.importing import roundtrip_export
from directory.importing import service as import_service
from directory.importing.parse import names as parse_names
from directory.models import ImportRow, Organization
from tests.factories import make_organization, make_region
from tests.importing.planning import codes
from tests.importing.planning import one as planned

pytestmark = pytest.mark.django_db
NAME = "中原工学院"
FORMER = "郑州纺织工学院"


def one(name: str, headings=(("类别", "其他"),)) -> ImportRow:
    return planned(f'"{name}"', headings)


@pytest.mark.parametrize(
    "cell",
    ["1.中原工学院", "2、 中原工学院", "（3）中原工学院", "12)中原工学院", "①中原工学院",
     "中原工学院②", "中原工学院（公章）", "中原工学院（盖章）", "中原工学院 (章)",
     "1 中原工学院", "一、中原工学院", "（二）中原工学院", "中原工学院；",
     "中原工学院（牵头）", "3．中原工学院（副理事长单位）（盖章）", "中原工学院（成员单位）③"],
)  # fmt: skip
def test_what_an_office_hangs_on_a_name_is_taken_off(cell):
    assert (one(cell).values["name"], one(cell).values.get("aliases")) == (NAME, None)


@pytest.mark.parametrize(
    "words",
    ["原郑州纺织工学院", "原名郑州纺织工学院", "曾用名：郑州纺织工学院", "前身郑州纺织工学院"],
)
def test_the_former_name_in_brackets_is_an_alias(words):
    values = one(f"{NAME}（{words}）（盖章）").values
    assert (values["name"], values["aliases"]) == (NAME, [[FORMER, "former", "zh-Hans"]])


def test_several_former_names_in_brackets_are_several():
    values = one("示例职业技术学院（原示例纺织学校、示例工业学校）").values
    assert [name for name, _sort, _language in values["aliases"]] == [
        "示例纺织学校",
        "示例工业学校",
    ]


def test_a_bracket_of_characters_of_the_name_is_a_short_name():
    values = one("巴音郭楞职业技术学院（巴音职院）").values
    assert values["name"] == "巴音郭楞职业技术学院"
    assert values["aliases"] == [["巴音职院", "short", "zh-Hans"]]


@pytest.mark.parametrize(
    "name",
    ["中国石油大学（华东）", "示例纺织（北京）有限公司", "示例集团有限公司（集团）",
     "360纺织有限公司", "上海示例服装有限公司（上海）", "3.15示例协会", "示例公司（原平市）",
     "示例学院 ABC", "Example (Group) Ltd", "MAXX Textile Company", "示例公司 3M",
     "示例纺织服装、服饰业协会", "示例服装\n行业协会"],
)  # fmt: skip
def test_what_belongs_to_a_name_stays(name):
    make_region("310000", "上海市", "province", short_name="上海")
    row = one(name)
    assert (row.outcome, row.values.get("aliases")) == ("new", None)
    assert row.values["name"] == name.replace("\n", "")


def test_a_name_with_its_translation_is_both():
    english = "Zhongyuan University of Technology"
    values = one(f"{NAME}（牵头） {english}").values
    assert (values["name"], values["name_en"]) == (NAME, english)
    assert one(f"示例公司\n{english}", [("英文名", "X"), ("类别", "其他")]).values["name_en"] == "X"


@pytest.mark.parametrize(
    "cell",
    [
        "示例学院、示例有限公司",
        "示例大学\n示例协会",
        "示例学校；示例研究院",
        "1.示例学院\n2.示例厂",
    ],
)
def test_several_names_in_one_cell_are_in_doubt(cell):
    assert codes(one(cell)) == ["several-names"]


@pytest.mark.parametrize("cell", ["XX学院", "××有限公司", "某某大学", "ｘｘ厂"])
def test_a_placeholder_is_in_doubt(cell):
    assert "placeholder" in codes(one(cell))


@pytest.mark.parametrize("name", ["1.示例学院（盖章）", "示例学院（原某某学院）", "XX、示例学院"])
def test_a_name_that_is_recorded_so_comes_back_so(name):
    make_organization(name, state="draft")
    of = import_service.create_import(
        "a.csv", roundtrip_export.build_csv(Organization.objects.all()), None
    )
    import_service.plan_import(of)
    assert (ImportRow.objects.get().outcome, ImportRow.objects.get().reasons) == ("unchanged", [])


def test_most_names_are_not_looked_at_closely():
    names = [
        "中原工学院",
        "库尔勒中泰纺织科技有限公司",
        "示例（中国）有限公司",
        "河南省服装行业协会",
    ]
    assert not any(map(parse_names.NEEDS_PARSING.search, names))


def test_a_place_before_latin_words_is_no_name(db):
    make_region("310000", "上海市", "province")
    assert one("上海 ABC Textile Trading").values["name"].startswith("上海 ABC")
