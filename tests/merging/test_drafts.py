"""Merging a draft that was never published: only what an officer ticks becomes public."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from directory.history.undo import service as undo_service
from directory.importing import roundtrip_export
from directory.importing.apply import writer as import_writer
from directory.merging.merge import MergeRefusedError
from directory.merging.preview import MergePreview
from directory.models import (
    Alias,
    Citation,
    Contact,
    Membership,
    MergedNumber,
    Organization,
    Revision,
)
from tests.admin_client import told
from tests.factories import (
    make_alias,
    make_citation,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    saved,
)
from tests.importing.planning import codes, planned
from tests.merging.test_merge import address, entered, everything, joined, make_contact, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Organization:
    return make_member("示例棉纺学院")


@pytest.fixture
def draft() -> Organization:
    """A draft of which everything is recorded and cited."""
    row = make_organization(
        "示例密棉院",
        state="draft",
        name_en="Secret Cotton",
        region=make_region(),
        website="https://secret.example",
        verified_on=date(2024, 1, 1),
    )
    row.sectors.set([make_sector()])
    make_alias(row, "密棉")
    make_membership(row, make_role("chair", 10), since=date(2020, 1, 1))
    make_contact(row, "0996-7654321")
    make_citation(organization=row, field="name", passage="密文：示例密棉院")
    make_citation(organization=row, field="kind", passage="密文：大学")
    make_citation(alias=row.aliases.get(), passage="密文：密棉")
    make_citation(membership=row.memberships.get(), field="role", passage="密文：主席")
    return row


def listed(kept, draft) -> list[str]:
    return [item.key.split("-")[0] for item in MergePreview(kept, draft).draft_items]


def key_of(kept, draft, text: str) -> str:
    items = MergePreview(kept, draft).draft_items
    return next(item.key for item in items if text in item.text)


def test_all_that_would_become_public_is_listed_and_nothing_ticked(kept, draft):
    assert listed(kept, draft) == [
        "name", "name_en", "alias", "region", "website", "verified_on", "sector", "membership",
        "contact", "citation", "citation", "citation", "citation",
    ]  # fmt: skip
    assert len(MergePreview(kept, draft).left_items) == 13


def test_without_ticks_nothing_of_the_draft_moves(kept, draft):
    before = everything()["rows"]
    joined(kept, draft)
    own = {place: row for place, row in everything()["rows"].items() if place[0] != "mergednumber"}
    assert own == {place: before[place] for place in own}
    assert not any(noun.objects.exists() for noun in (Alias, Citation, Contact))
    assert MergedNumber.objects.get().public is False


def test_what_is_left_comes_back_with_the_undo(kept, draft):
    before = everything()
    undone = undo_service.undo(joined(kept, draft, ticked=["name"]), None)
    assert (everything(), undone.not_restored) == (before, [])


def test_an_undone_merge_is_taken_up_again_without_what_was_left(kept, draft):
    undone = undo_service.undo(joined(kept, draft, ticked=["name"]), None)
    undo_service.undo(undone.revision, None)
    assert [row.name for row in kept.aliases.all()] == ["示例密棉院"]
    assert now(kept).name_en == ""


def test_each_tick_moves_its_own_thing(kept, draft):
    everything_listed = [item.key for item in MergePreview(kept, draft).draft_items]
    joined(kept, draft, ticked=everything_listed)
    row = now(kept)
    assert (row.name, row.name_en, row.website) == (
        "示例棉纺学院", "Secret Cotton", "https://secret.example"
    )  # fmt: skip
    assert (row.region_id, row.verified_on) == ("652801", date(2024, 1, 1))
    assert {alias.name for alias in row.aliases.all()} == {"示例密棉院", "密棉"}
    assert row.sectors.count() == row.contacts.count() == 1
    assert row.memberships.count() == 2
    assert Citation.objects.speaking().count() == 4


@pytest.mark.parametrize("ticked", ["name", "name_en", "website", "region", "verified_on"])
def test_one_tick_moves_nothing_else(kept, draft, ticked):
    joined(kept, draft, ticked=[ticked])
    row = now(kept)
    values = {name: getattr(row, name) for name in ("name_en", "website", "region", "verified_on")}
    assert [name for name, value in values.items() if value] == [
        name for name in values if name == ticked
    ]
    assert row.aliases.count() == (ticked == "name")
    assert not row.sectors.exists()
    assert not row.contacts.exists()
    assert row.memberships.count() == 1


def test_an_english_name_beside_another_becomes_an_alias_only_if_ticked(draft):
    kept = make_member("示例棉纺学院", name_en="Public Cotton")
    revision = joined(kept, draft)
    assert not kept.aliases.exists()
    undo_service.undo(revision, None)
    joined(kept, draft, ticked=["name_en"])
    assert [(row.name, row.language) for row in kept.aliases.all()] == [("Secret Cotton", "en")]
    assert now(kept).name_en == "Public Cotton"


def test_a_value_that_is_chosen_needs_no_tick_besides(kept, draft):
    joined(kept, draft, {"name": "gone"})
    assert now(kept).name == "示例密棉院"
    assert [row.name for row in kept.aliases.all()] == ["示例棉纺学院"]


def test_an_alias_that_the_kept_one_has_as_a_name_is_not_asked_about(kept, draft):
    alias = make_alias(draft, kept.name)
    assert key_of(kept, draft, "密棉") != f"alias-{alias.pk}"
    assert f"alias-{alias.pk}" not in {item.key for item in MergePreview(kept, draft).draft_items}
    joined(kept, draft)
    assert not kept.aliases.exists()


# -- Roles, contacts, passages ----------------------------------------------------


def test_days_of_a_role_that_both_hold_are_asked_about(kept):
    draft = make_organization(state="draft")
    make_membership(draft, since=date(2018, 1, 1))
    assert listed(kept, draft) == ["name", "membership"]
    joined(kept, draft)
    assert kept.memberships.get().since is None


def test_a_role_that_adds_no_day_is_not_asked_about():
    kept, draft = make_organization(), make_organization(state="draft")
    held = make_membership(kept, since=date(2018, 1, 1))
    same = make_membership(draft, since=date(2019, 1, 1))
    passage = make_citation(membership=same, field="role")
    assert listed(kept, draft) == ["name", "citation"]
    joined(kept, draft, ticked=[f"citation-{passage.pk}"])
    assert (kept.memberships.get(), now(passage).membership) == (held, held)
    assert now(held).since == date(2018, 1, 1)


def test_passages_of_a_draft_role_that_falls_into_a_published_one_are_asked_about(kept):
    draft = make_organization(state="draft")
    role = make_membership(draft, state="draft")
    make_citation(membership=role, field="role")
    assert listed(kept, draft) == ["name", "citation"]
    joined(kept, draft)
    assert not Citation.objects.exists()


def test_what_stays_hidden_moves_without_a_tick(kept):
    draft = make_organization(state="draft")
    contact = make_contact(draft, hidden=True)
    role = make_membership(draft, make_role("chair", 10), state="draft")
    passage = make_citation(membership=role, field="role")
    assert listed(kept, draft) == ["name"]
    joined(kept, draft)
    assert (now(contact).organization, now(contact).hidden) == (kept, True)
    assert (now(role).organization, now(role).state) == (kept, "draft")
    assert now(passage).membership == role


def test_a_passage_whose_name_is_not_ticked_is_refused_with_a_sentence(kept, draft):
    before = everything()
    key = key_of(kept, draft, "密文：密棉")
    with pytest.raises(MergeRefusedError, match=r"密文：密棉.*tick that too"):
        joined(kept, draft, ticked=[key])
    assert everything() == before
    joined(kept, draft, ticked=[key, f"alias-{draft.aliases.get().pk}"])
    assert Citation.objects.get().alias.organization == kept


def test_a_passage_for_a_fact_that_both_say_is_asked_about(kept, draft):
    joined(kept, draft, ticked=[key_of(kept, draft, "密文：大学")])
    assert [row.passage for row in Citation.objects.speaking()] == ["密文：大学"]


@pytest.mark.parametrize("key", ["alias-0", "kind", "x" * 300])
def test_a_tick_under_nothing_is_refused(kept, draft, key):
    with pytest.raises(MergeRefusedError, match="nothing of number"):
        joined(kept, draft, ticked=[key])
    assert now(draft)


# -- Who must be ticked ------------------------------------------------------------


@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_nothing_is_asked_of_one_that_was_published(kept, state):
    assert listed(kept, make_member(state=state, name_en="Known Cotton")) == []


def test_a_publication_that_was_undone_still_counts(kept):
    row = make_organization(state="draft")
    make_membership(row)
    row = now(row)
    row.state, row.first_published_at = "published", "2024-01-01T00:00Z"
    saved(row)
    undo_service.undo(Revision.objects.first(), None)
    assert now(row).first_published_at is not None
    assert listed(kept, now(row)) == []


def test_a_draft_is_asked_about_for_one_that_is_withdrawn(draft):
    kept = make_member(state="withdrawn")
    assert "name_en" in listed(kept, draft)
    joined(kept, draft)
    assert now(kept).name_en == ""


def test_two_drafts_are_merged_whole_and_the_page_says_when_it_becomes_public(draft):
    other = make_organization("示例二院", state="draft")
    preview = MergePreview(other, draft)
    assert preview.draft_items == []
    assert "becomes public when number" in next(preview.find_warnings())
    joined(other, draft)
    assert now(other).name_en == "Secret Cotton"


def test_what_two_drafts_became_is_asked_about_when_it_is_merged_on(kept, draft):
    other = make_organization("示例二院", state="draft")
    joined(other, draft)
    assert {"name", "name_en", "alias", "contact"} <= {*listed(kept, now(other))}
    joined(kept, now(other))
    assert now(kept).name_en == ""
    assert not kept.aliases.exists()
    assert set(MergedNumber.objects.values_list("organization", "public")) == {(kept.pk, False)}


def test_a_file_for_editing_still_finds_the_draft_and_tells_nothing_that_was_left(kept, draft):
    data = roundtrip_export.build_csv(Organization.objects.filter(pk=draft.pk))
    joined(kept, draft)
    of = planned(data)
    row = of.rows.get()
    assert (row.organization, codes(row)[0]) == (kept.pk, "merged-number")
    import_writer.apply_import(of, None)
    assert now(kept).name_en == ""


# -- At the desk ---------------------------------------------------------------------


@pytest.fixture
def officer(client, admin_user):
    client.force_login(admin_user)
    return client


def test_the_page_has_a_box_for_each_and_none_is_ticked(officer, kept, draft):
    page = officer.get(address(kept), {"with": draft.pk})
    text = page.content.decode()
    assert text.count('name="public"') == 13
    assert " checked" not in text.split('<form method="post"', 1)[1].split("密文", 1)[1]
    assert all(words in text for words in ("Secret Cotton", "密文：主席", "0996-7654321"))


def test_ticks_of_the_page_are_kept_to_and_the_rest_is_told(officer, kept, draft):
    answer = officer.post(address(kept), entered(kept, draft, public=["name_en"]), follow=True)
    assert (now(kept).name_en, kept.aliases.count()) == ("Secret Cotton", 0)
    assert "12 things of it were not ticked" in told(answer)
    page = answer.content.decode()
    assert "密棉" in page  # the revision tells what was removed


def test_the_page_says_where_the_number_of_a_draft_leads(officer, kept, draft):
    text = officer.get(address(kept), {"with": draft.pk}).content.decode()
    assert "at the desk and in imports, not for visitors" in text
    joined(kept, draft)
    page = officer.get(reverse("admin:directory_organization_change", args=[draft.pk]), follow=True)
    assert page.redirect_chain[-1][0].endswith(f"/organization/{kept.pk}/change/")


def test_the_note_of_a_passage_is_shown_with_it_in_both_languages(officer, kept, draft):
    make_citation(organization=draft, field="region", note="密注", note_en="A secret note")
    text = officer.get(address(kept), {"with": draft.pk}).content.decode()
    assert "密注 A secret note" in text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Number 2 was never published"), ("zh-hans", "第 2 号从未发布")],
)
def test_the_page_warns_in_both_languages(officer, language, sentence):
    kept, draft = make_member(), make_organization(state="draft")
    with translation.override(language):
        page = officer.get(address(kept), {"with": draft.pk})
    number = f"{draft.pk}"
    assert sentence.replace("2", number) in page.content.decode()


def test_a_forged_or_repeated_tick_moves_nothing_else(officer, kept, draft):
    answer = officer.post(address(kept), entered(kept, draft, public=["alias-999", "name_en"]))
    assert answer.status_code == 400
    assert "“alias-999” is ticked" in answer.content.decode()
    assert now(draft).name_en == "Secret Cotton"
    officer.post(address(kept), entered(kept, draft, public=["name_en", "name_en"]))
    assert now(kept).name_en == "Secret Cotton"
    assert not kept.aliases.exists()


def test_an_enterprise_whose_draft_has_a_school_code_can_still_be_merged(officer):
    kept = make_member(kind="enterprise")
    draft = make_organization(state="draft", school_code="4141010465")
    page = officer.post(address(kept), entered(kept, draft, public=["school_code"]))
    assert page.status_code == 400
    assert 'name="version_gone"' in page.content.decode()
    assert officer.post(address(kept), entered(kept, draft)).status_code == 302


def test_a_refused_tick_keeps_the_page_and_the_other_ticks(officer, kept, draft):
    sent = entered(kept, draft, public=["name_en", key_of(kept, draft, "密文：密棉")])
    answer = officer.post(address(kept), sent)
    assert answer.status_code == 400
    (names, *_more) = answer.context["tick_groups"]
    assert [row.item.key for row in names.rows if row.is_ticked] == ["name_en"]
    assert 'name="version_gone"' in answer.content.decode()


def test_ticks_for_a_draft_that_was_changed_since_are_emptied(officer, kept, draft):
    sent = entered(kept, draft, public=["name_en"])
    draft.name_en = "More Secret Cotton"
    saved(draft)
    answer = officer.post(address(kept), sent)
    assert answer.status_code == 409
    assert not any(row.is_ticked for group in answer.context["tick_groups"] for row in group.rows)
    assert now(kept).name_en == ""


def test_a_draft_that_was_published_since_the_page_is_shown_again(officer, kept, draft):
    sent = entered(kept, draft)
    draft.state, draft.first_published_at = "published", "2024-01-01T00:00Z"
    saved(draft)
    assert officer.post(address(kept), sent).status_code == 409
    assert Membership.objects.filter(organization=draft.pk).exists()
