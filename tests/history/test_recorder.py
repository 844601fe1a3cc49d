"""Every recorded change keeps all derived data up to date."""

import contextlib
from io import StringIO

import pytest
from django.core.management import call_command

from directory.history import recorder
from directory.history.undo import service as undo_service
from directory.models import DataVersion, Finding, Organization, Reading, Revision
from directory.quality import issues as quality_issues
from directory.search import index as search_index
from directory.search import indexer
from directory.text import tokens
from tests.factories import (
    make_alias,
    make_citation,
    make_member,
    make_organization,
    make_region,
    saved,
)

pytestmark = pytest.mark.django_db


def in_step() -> bool:
    """Whether the words and derived columns equal those of a full rebuild."""
    words, columns = (
        search_index.dump_index(),
        list(Organization.objects.values("pk", "slug", "pinyin")),
    )
    found = set(Finding.objects.values_list("organization", "rule", "since"))
    indexer.rebuild()
    Finding.objects.all().delete()
    quality_issues.rebuild()
    if found != set(Finding.objects.values_list("organization", "rule", "since")):
        return False
    recorder.update_derived_columns(Organization.objects.all())
    return words == search_index.dump_index() and columns == list(
        Organization.objects.values("pk", "slug", "pinyin")
    )


def test_a_new_organization_is_found_at_once():
    row = make_organization("示例棉纺学院", name_en="Example Cotton College")
    assert search_index.search("cotton coll")[0] == {row.pk}
    assert row.slug == "example-cotton-college"
    assert in_step()


def test_a_changed_name_leaves_no_word_behind():
    row = make_organization("示例棉纺学院")
    row.name = "示例丝绸学院"
    saved(row)
    assert search_index.search("棉纺") == (set(), set())
    assert search_index.search("丝绸")[0] == {row.pk}
    assert in_step()


def test_an_alias_is_a_name_of_its_own():
    row = make_organization()
    make_alias(row, "示例旧名学校")
    assert search_index.search("旧名")[0] == {row.pk}
    assert in_step()


def test_a_renamed_region_changes_the_words_of_all_in_it():
    region = make_region("652801", name="示例甲市")
    row = make_organization(region=region)
    region.name = "示例乙市"
    saved(region)
    assert search_index.search("示例乙市") == (set(), {row.pk})
    assert search_index.search("示例甲市") == (set(), set())
    assert in_step()


def test_a_corrected_reading_is_found_at_once_and_its_undo_too():
    row = make_organization("示例单于学院", region=make_region("652801", name="长丰示例市"))
    assert search_index.search("shanyu") == (set(), set())
    saved(Reading(han="单于", pinyin="shan yu"))
    saved(Reading(han="长丰", pinyin="chang feng"))
    row.refresh_from_db()
    assert search_index.search("shanyu")[0] == search_index.search("changfeng")[1] == {row.pk}
    assert row.pinyin == "shi li shan yu xue yuan"
    assert in_step()
    for revision in Revision.objects.order_by("-pk")[:2]:
        undo_service.undo(revision, None)
    assert search_index.search("shanyu") == search_index.search("changfeng") == (set(), set())
    assert in_step()


def test_a_deleted_organization_leaves_no_words():
    row = make_organization("示例棉纺学院")
    with recorder.record_changes(who=None, via="test") as change:
        change.mark_deleted(row)
        row.delete()
    assert search_index.dump_index() == []


def test_what_fails_leaves_nothing_half_written():
    before = DataVersion.get_current()
    with contextlib.suppress(RuntimeError), recorder.record_changes(who=None, via="test") as change:
        change.mark_changed(Organization.objects.create(name="示例", kind="university"))
        raise RuntimeError
    assert not Organization.objects.exists()
    assert search_index.dump_index() == []
    assert DataVersion.get_current() == before


def test_every_change_makes_the_data_version_grow_by_one():
    before = DataVersion.get_current()
    with recorder.record_changes(who=None, via="test") as change:
        for name in ("示例甲", "示例乙"):
            change.mark_changed(Organization.objects.create(name=name, kind="university"))
    assert DataVersion.get_current() == before + 1


def test_a_citation_touches_the_organization_it_speaks_of():
    row = make_member()
    version = Organization.objects.get(pk=row.pk).version
    make_citation(membership=row.memberships.get(), field="role")
    assert Organization.objects.get(pk=row.pk).version == version + 1


def test_a_corrected_reading_reaches_every_name_by_one_command(monkeypatch):
    row = make_organization("示例乐学院")
    monkeypatch.setattr(tokens, "DEFAULT_READINGS", {"乐": ("yue",)})
    assert search_index.search("yuexueyuan") == (set(), set())
    call_command("rebuild_words", stdout=StringIO())
    assert search_index.search("yuexueyuan")[0] == {row.pk}
    assert in_step()
