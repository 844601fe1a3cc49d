"""What came in between a plan and its application is found, not entered a second time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection

from directory.importing.apply import writer as import_writer
from directory.models import Import, Organization
from directory.search import index as search_index
from tests import spreadsheets as files
from tests.factories import make_organization, saved
from tests.importing.planning import codes, planned

HEADINGS = ["单位名称", "类别", "网址"]
FILE = files.csv(HEADINGS, *([f"示例{n}纺织有限公司", "企业", ""] for n in "甲乙丙丁"))


def outcomes(of: Import) -> list[str]:
    return [row.outcome for row in of.rows.order_by("number")]


@pytest.mark.django_db
def test_a_list_that_was_planned_twice_is_entered_once():
    first, second = planned(FILE), planned(FILE)
    import_writer.apply_import(first, None)
    import_writer.apply_import(second, None)
    assert (Organization.objects.count(), outcomes(second)) == (4, ["unchanged"] * 4)
    counts = {"new": 0, "unchanged": 4, "applied": 0, "stale": 0}
    assert counts.items() <= second.counts.items()
    assert second.revision is None


@pytest.mark.django_db
def test_who_came_in_under_another_spelling_is_asked_about():
    of = planned(FILE)
    make_organization("示例甲纺织集团公司", kind="enterprise")
    import_writer.apply_import(of, None)
    row = of.rows.order_by("number").first()
    assert (row.outcome, row.applied, codes(row)[-2:]) == ("doubtful", "no", ["like", "meanwhile"])
    assert (Organization.objects.count(), of.counts["applied"], of.counts["stale"]) == (4, 3, 1)


@pytest.mark.django_db
def test_more_than_is_there_by_now_is_asked_about():
    of = planned(files.csv(HEADINGS, ["示例甲纺织有限公司", "企业", "https://example.org"]))
    known = make_organization("示例甲纺织有限公司", kind="enterprise")
    import_writer.apply_import(of, None)
    row = of.rows.get()
    assert (row.outcome, row.organization, codes(row)[-1]) == ("doubtful", known.pk, "meanwhile")
    assert not Organization.objects.get().website


@pytest.mark.django_db
def test_a_decision_for_another_one_holds_only_for_what_was_seen():
    make_organization("示例甲纺织集团公司", kind="enterprise")
    first, second = planned(FILE), planned(FILE)
    for of in (first, second):
        of.rows.filter(outcome="doubtful").update(decision="create")
        import_writer.apply_import(of, None)
    assert (Organization.objects.count(), outcomes(second)) == (5, ["unchanged"] * 4)


@pytest.mark.django_db
def test_a_decision_stands_where_something_else_changed():
    make_organization("示例甲纺织集团公司", kind="enterprise")
    of = planned(FILE)
    of.rows.filter(outcome="doubtful").update(decision="create")
    make_organization("东方大学")
    import_writer.apply_import(of, None)
    assert of.counts["applied"] == 4


@pytest.mark.django_db
def test_a_change_that_somebody_made_already_is_unchanged():
    known = make_organization("示例甲纺织有限公司", kind="enterprise")
    of = planned(files.csv(HEADINGS, ["示例甲纺织有限公司", "企业", "https://example.org"]))
    known.website = "https://example.org"
    saved(known)
    import_writer.apply_import(of, None)
    assert (outcomes(of), of.counts["stale"]) == (["unchanged"], 0)


@pytest.mark.django_db
def test_where_nothing_changed_the_file_is_not_read_again():
    of = planned(FILE)
    of.content = b"unreadable"
    assert import_writer.apply_import(of, None).counts["applied"] == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="its test database is one connection")
def test_of_two_who_accept_in_the_same_moment_the_second_waits():
    first, second = planned(FILE), planned(FILE)
    is_writing, may_end = Event(), Event()

    def wait(_done: int) -> None:
        is_writing.set()
        may_end.wait(10)

    def apply(of: Import, on_progress=None) -> None:
        try:
            import_writer.apply_import(of, None, on_progress)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(apply, first, wait)
        assert is_writing.wait(10)
        other = threads.submit(apply, second)
        with pytest.raises(TimeoutError):
            other.result(1)
        may_end.set()
        one.result(20), other.result(20)
    keys = list(Organization.objects.values_list("pk", flat=True))
    search_index.delete_documents(keys)
    assert (len(keys), outcomes(second)) == (4, ["unchanged"] * 4)
