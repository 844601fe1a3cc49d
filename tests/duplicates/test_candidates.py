"""Doubles: told before saving, listed as likely pairs, and remembered as not the same."""

from datetime import timedelta
from random import Random

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from directory import jobs
from directory.duplicates import pairs
from directory.duplicates.candidates import find_duplicates
from directory.models import LikelyPair, NotSame, Organization, PairSearch
from tests.admin_client import Desk
from tests.factories import make_alias, make_organization, make_region

pytestmark = pytest.mark.django_db
CREDIT, OTHER_CREDIT = "91110000600037341L", "511000005000010931"


@pytest.fixture
def places():
    make_region("650000", "新疆维吾尔自治区", "province", short_name="新疆")
    make_region("652801", "库尔勒市")


@pytest.mark.parametrize(
    ("there", "entered"),
    [
        ("示例锦云纺织有限公司", "示例锦雲紡織有限责任公司"),
        ("示例锦云纺织有限公司", "示例锦云纺织"),
        ("示例锦云纺织厂", "示例金云纺织厂"),
        ("库尔勒市示例纺织科技有限公司", "示例纺织科技有限公司"),
        ("新疆示例纺织科技有限公司", "新疆库尔勒示例纺织科技有限公司"),
        ("示例锦云职业技术学院", "示例锦云职业技术大学"),
        ("示例锦云职业技术学院", "示例锦云职业技学院"),
        ("示例锦云职业技学院", "示例锦云职业技术学院"),
        ("示例恒瑞丰盛华锦纺织", "示例恒瑞丰盛泰锦纺织"),
        ("示例恒瑞丰盛华锦纺织", "示例恒瑞盛丰华锦纺织"),
    ],
)
def test_a_likely_double_is_found_before_saving(places, there, entered):
    row = make_organization(there)
    assert [found for found, _reason in find_duplicates([entered])] == [row]


def test_the_reason_says_who_and_why():
    row = make_organization("示例锦云纺织有限公司")
    ((_row, reason),) = find_duplicates(["示例锦云纺织"])
    assert f"Number {row.pk}" in reason
    assert "form of the company" in reason


def test_the_same_name_is_told_even_with_another_code():
    row = make_organization("示例锦云纺织厂", credit_code=CREDIT)
    ((found, reason),) = find_duplicates(["示例锦云纺织厂"], [OTHER_CREDIT])
    assert found == row
    assert "another social credit code" in reason


def test_the_surest_comes_first():
    make_organization("示例锦云纺织有限责任公司")
    other = make_organization("示例旧名纺织厂")
    make_alias(other, "示例锦云纺织有限公司", "former")
    assert find_duplicates(["示例锦云纺织有限公司"])[0][0] == other


# -- The list of likely pairs ----------------------------------------------------


def listed() -> set[tuple[int, int, int]]:
    return {(row.one_id, row.other_id, row.score) for row in pairs.list_pairs()}


@pytest.fixture
def pair():
    return make_organization("示例锦云纺织有限公司"), make_organization("示例锦云纺织有限责任公司")


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


def page_of(desk, name="changelist", **asked):
    return desk.client.get(reverse(f"admin:directory_likelypair_{name}"), asked)


def post(client, page: str, **values):
    address = reverse(f"admin:directory_likelypair_{page}")
    return client.post(address, values, follow=True)


def test_comparing_all_lists_each_pair_once(pair):
    make_organization("示例另一纺织厂")
    assert pairs.compare_all() == 1
    assert listed() == {(pair[0].pk, pair[1].pk, 90)}


@pytest.mark.slow
def test_a_few_saved_again_give_the_same_pairs_as_comparing_all(places):
    dice = Random(7)
    for _number in range(40):
        brand = "".join(dice.choice(["锦云", "金云", "恒瑞", "丰盛"]) for _part in range(2))
        place = dice.choice(["", "", "新疆", "库尔勒市"])
        form = dice.choice(["有限公司", "有限责任公司", "职业学院", "职业大学"])
        row = make_organization(f"{place}示例{brand}纺织{form}")
        if dice.random() < 0.3:
            make_alias(row, f"示例{brand}纺织有限公司", "former")
    pairs.compare_all()
    wanted = listed()
    assert wanted
    LikelyPair.objects.all().delete()
    pairs.compare_again(Organization.objects.values_list("pk", flat=True))
    assert listed() == wanted


def test_only_one_compares_at_a_time(pair):
    pairs.compare_all()
    PairSearch.objects.update(ended_at=None)
    assert pairs.compare_all() is None
    PairSearch.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    assert pairs.compare_all() == 1


def test_the_command_compares_all(pair, capsys):
    call_command("find_doubles")
    assert "1 likely pairs." in capsys.readouterr().out
    assert len(listed()) == 1


def test_many_are_compared_by_a_process_that_outlives_the_request(desk, pair, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start_command", started.append)
    monkeypatch.setattr("directory.admin.duplicates.MAX_COMPARED_IN_REQUEST", 1)
    desk.client.post(reverse("admin:directory_likelypair_compare"))
    assert started == ["find_duplicates"]
    assert not LikelyPair.objects.exists()


def test_what_is_saved_at_the_desk_is_compared_at_once(desk, pair):
    page = desk.send(desk.add(Organization), name="示例锦云纺织", kind="enterprise", another="on")
    assert page.redirect_chain
    assert {(one, other) for one, other, _score in listed()} == {
        (row.pk, Organization.objects.last().pk) for row in pair
    }


def test_the_list_shows_score_and_reasons(desk, pair):
    pairs.compare_all()
    text = page_of(desk).content.decode()
    assert "90%" in text
    assert all(row.name in text for row in pair)
    with translation.override("en"):
        assert "form of the company" in page_of(desk).content.decode()


def test_a_pair_told_apart_leaves_the_list_for_good_until_it_is_taken_back(desk, pair):
    pairs.compare_all()
    post(desk.client, "tell_apart", one=pair[1].pk, other=pair[0].pk)
    known = NotSame.objects.get()
    assert (known.one, known.other, known.who_name) == (*pair, "admin")
    pairs.compare_all()
    assert not listed()
    assert pair[0].name in page_of(desk, "apart").content.decode()
    post(desk.client, "take_back", pair=known.pk)
    assert len(listed()) == 1


def test_a_pair_that_is_not_alike_any_more_says_so(desk, pair):
    pairs.compare_all()
    Organization.objects.filter(pk=pair[0].pk).update(name="示例别的什么")
    with translation.override("en"):
        assert "No longer alike" in page_of(desk).content.decode()


def test_the_button_compares_all(desk, pair):
    post(desk.client, "compare")
    assert len(listed()) == 1


@pytest.mark.parametrize("asked", ["0", "-1", "x", "99999999999", "²"])
def test_a_page_that_there_is_not_shows_the_nearest(desk, pair, asked):
    pairs.compare_all()
    assert page_of(desk, page=asked).status_code == 200


@pytest.mark.parametrize("values", [{}, {"one": "1", "other": "x"}, {"one": "9" * 18, "other": 1}])
def test_nobody_is_told_apart_from_nobody(desk, values):
    assert post(desk.client, "tell_apart", **values).status_code == 404


def test_a_reader_sees_the_list_and_judges_nothing(client, pair, django_user_model):
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_organization"))
    client.force_login(reader)
    pairs.compare_all()
    text = client.get(reverse("admin:directory_likelypair_changelist")).content.decode()
    assert pair[0].name in text
    assert "<form method" not in text.split('id="content"')[1]
    for page in ("tell_apart", "take_back", "compare"):
        assert post(client, page, one=pair[0].pk, other=pair[1].pk).status_code == 403
    reader.user_permissions.clear()
    assert client.get(reverse("admin:directory_likelypair_changelist")).status_code == 403


def test_judging_is_not_done_by_a_link(desk, pair):
    for page in ("tell_apart", "take_back", "compare"):
        assert page_of(desk, page, one=pair[0].pk, other=pair[1].pk).status_code == 405


def test_the_list_asks_the_same_number_of_questions_at_any_length(
    desk, django_assert_max_num_queries
):
    for number in range(12):
        make_organization(f"示例锦云{number}号纺织有限公司")
        make_organization(f"示例锦云{number}号纺织")
    pairs.compare_all()
    with django_assert_max_num_queries(12):
        page_of(desk)
