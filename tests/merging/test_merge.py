"""Merging: everything moves to one, the old number leads on, and undo restores both."""

import contextlib
from datetime import date
from random import Random

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from directory import snapshots
from directory.history import recorder
from directory.history.undo import plan as undo_plan
from directory.history.undo import service as undo_service
from directory.merging.comparison import VERIFIED_FIELD
from directory.merging.merge import MergeRefusedError, StaleMergeError, merge_organizations
from directory.merging.preview import MergePreview
from directory.models import (
    Alias,
    Citation,
    Contact,
    LikelyPair,
    Membership,
    MergedNumber,
    NotSame,
    Organization,
    Revision,
)
from directory.search import index as search_index
from tests.admin_client import told
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    make_source,
    saved,
)

pytestmark = pytest.mark.django_db
CREDIT, OTHER_CREDIT = "91110000600037341L", "511000005000010931"


def joined(kept, gone, choices=None, **more) -> Revision:
    rows = Organization.objects.in_bulk([kept.pk, gone.pk])
    versions = [rows[kept.pk].version, rows[gone.pk].version]
    return merge_organizations((kept.pk, gone.pk), versions, None, choices, **more)


def now(row):
    return type(row).objects.get(pk=row.pk)


def make_contact(row, value="0996-1234567", **values):
    known = {"label": "示例办公室", "channel": "telephone", "hidden": False}
    return saved(Contact(organization=row, value=value, **known | values))


@pytest.fixture
def pair():
    return make_member("示例棉纺学院"), make_member("示例棉纺院", name_en="Example Cotton")


def test_names_move_and_become_aliases(pair):
    kept, gone = pair
    alias = make_alias(gone, "棉院")
    joined(kept, gone)
    names = set(kept.aliases.values_list("name", "sort"))
    assert names == {("示例棉纺院", "spelling"), ("棉院", "short")}
    assert now(kept).name_en == "Example Cotton"
    assert now(alias).organization == kept
    assert not Organization.objects.filter(pk=gone.pk).exists()


def test_the_sort_of_the_old_name_is_the_officer_s(pair):
    joined(*pair, sort="former")
    assert pair[0].aliases.get().sort == "former"


def test_a_chosen_name_stands_and_the_other_becomes_the_alias(pair):
    kept, gone = pair
    joined(kept, gone, {"name": "gone"})
    assert now(kept).name == "示例棉纺院"
    assert kept.aliases.get().name == "示例棉纺学院"


def test_what_only_the_other_records_is_filled_in_and_the_code_moves():
    region, sector = make_region(), make_sector()
    kept, gone = make_member(), make_member(region=region, credit_code=CREDIT)
    gone.sectors.set([sector])
    joined(kept, gone)
    assert (now(kept).region, now(kept).credit_code) == (region, CREDIT)
    assert list(kept.sectors.all()) == [sector]


@pytest.mark.parametrize(("day", "other"), [(None, 2021), (2020, 2021), (2021, None), (2021, 2020)])
def test_the_later_day_of_verification_stands_and_undo_brings_back_both(day, other):
    days = [year and date(year, 1, 1) for year in (day, other)]
    kept, gone = (make_member(verified_on=each) for each in days)
    assert VERIFIED_FIELD not in {fact.field for fact in MergePreview(kept, gone).disagreements}
    revision = joined(kept, gone)
    assert now(kept).verified_on == date(2021, 1, 1)
    undo_service.undo(revision, None)
    assert [now(row).verified_on for row in (kept, gone)] == days


def test_facts_that_disagree_are_chosen_one_by_one():
    kept = make_member(website="https://one.example", credit_code=CREDIT)
    gone = make_member(website="https://other.example", credit_code=OTHER_CREDIT)
    fields = {fact.field for fact in MergePreview(kept, gone).disagreements}
    assert fields == {"name", "website", "credit_code"}
    joined(kept, gone, {"credit_code": "gone"})
    assert (now(kept).website, now(kept).credit_code) == ("https://one.example", OTHER_CREDIT)


def test_citations_move_to_what_they_speak_of(pair):
    kept, gone = pair
    name = make_citation(organization=gone, field="name")
    place = make_citation(organization=gone, field="region", evidence="inferred")
    held = make_citation(membership=gone.memberships.get(), field="role")
    joined(kept, gone)
    assert now(name).alias.name == "示例棉纺院"
    assert (now(place).organization, now(place).evidence) == (kept, "inferred")
    assert now(held).membership == kept.memberships.get()


def test_what_speaks_for_a_value_that_falls_says_that_sources_differ():
    kept = make_member(website="https://one.example")
    gone = make_member(website="https://other.example")
    mine = make_citation(organization=kept, field="website")
    theirs = make_citation(organization=gone, field="website")
    joined(kept, gone)
    assert (now(mine).evidence, now(theirs).evidence) == ("stated", "differs")


def test_an_alias_that_both_have_stays_once_with_both_its_citations(pair):
    kept, gone = pair
    mine, theirs = make_alias(kept, "棉院"), make_alias(gone, "棉院")
    cited = make_citation(alias=theirs)
    joined(kept, gone)
    assert now(cited).alias == mine
    assert Alias.objects.filter(name="棉院").count() == 1


def test_a_role_open_twice_is_kept_once_with_the_earlier_day():
    kept, gone = make_organization(), make_organization()
    one = make_membership(kept, since=date(2020, 1, 1))
    other = make_membership(gone, since=date(2018, 1, 1))
    cited = make_citation(membership=other, field="role")
    joined(kept, gone)
    row = kept.memberships.get()
    assert (row.pk, row.since, row.until) == (one.pk, date(2018, 1, 1), None)
    assert now(cited).membership == row


def test_periods_that_overlap_become_one_and_others_move():
    kept, gone = make_organization(), make_organization()
    make_membership(kept, since=date(2015, 1, 1), until=date(2018, 1, 1))
    make_membership(gone, since=date(2017, 1, 1), until=date(2019, 1, 1))
    make_membership(gone, since=date(2020, 1, 1))
    joined(kept, gone)
    spans = kept.memberships.order_by("since").values_list("since", "until")
    assert list(spans) == [
        (date(2015, 1, 1), date(2019, 1, 1)),
        (date(2020, 1, 1), None),
    ]


def test_a_period_that_bridges_two_joins_them_all():
    kept, gone = make_organization(), make_organization()
    make_membership(kept, since=date(2010, 1, 1), until=date(2012, 1, 1))
    make_membership(kept, since=date(2014, 1, 1))
    make_membership(gone, since=date(2011, 1, 1), until=date(2015, 1, 1))
    joined(kept, gone)
    row = kept.memberships.get()
    assert (row.since, row.until) == (date(2010, 1, 1), None)


@pytest.mark.parametrize("public", ["kept", "gone"])
def test_of_a_role_that_one_has_published_the_published_row_stays_as_it_is(public):
    kept, gone = make_organization(), make_organization()
    day = {"kept": date(2015, 1, 1), "gone": date(2015, 1, 1), public: date(2020, 1, 1)}
    state = {"kept": "draft", "gone": "draft", public: "published"}
    rows = {
        side: make_membership(row, since=day[side], state=state[side])
        for side, row in (("kept", kept), ("gone", gone))
    }
    joined(kept, gone)
    row = kept.memberships.get()
    assert (row, row.since, row.state) == (rows[public], date(2020, 1, 1), "published")


def test_a_draft_period_stands_beside_a_published_one_that_ended():
    kept, gone = make_organization(), make_organization()
    make_membership(kept, since=date(2017, 1, 1), state="draft")
    make_membership(gone, since=date(2015, 1, 1), until=date(2018, 1, 1))
    joined(kept, gone)
    assert set(kept.memberships.values_list("state", "until")) == {
        ("draft", None),
        ("published", date(2018, 1, 1)),
    }


def test_another_role_moves(pair):
    kept, gone = pair
    make_membership(gone, make_role("chair", 10))
    joined(kept, gone)
    assert sorted(kept.memberships.values_list("role_id", flat=True)) == ["chair", "member"]


def test_a_contact_that_one_side_hides_stays_hidden(pair):
    kept, gone = pair
    shown = make_contact(kept, "0996-1234567")
    make_contact(gone, "0996 1234567", hidden=True)
    other = make_contact(gone, "0996-7654321")
    joined(kept, gone)
    assert now(shown).hidden
    assert set(kept.contacts.all()) == {shown, other}


def test_search_finds_the_kept_one_by_the_old_name(pair):
    kept, gone = pair
    joined(kept, gone)
    assert search_index.search("示例棉纺院")[0] == {kept.pk}


# -- The old number ------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("slug", ["", "-anything"])
@pytest.mark.parametrize("format_", ["", "vcard"])
def test_the_old_number_leads_on_in_each_language_and_format(client, pair, prefix, slug, format_):
    kept, gone = pair
    joined(kept, gone)
    answer = client.get(f"{prefix}/members/{gone.pk}{slug}/{format_}")
    assert answer.status_code == 301
    assert answer["Location"] == f"{prefix}/members/{kept.pk}-{now(kept).slug}/{format_}"
    assert client.get(answer["Location"]).status_code == 200


def test_a_number_merged_twice_leads_to_the_last_in_one_step(client):
    rows = [make_member() for _number in range(3)]
    joined(rows[1], rows[0])
    joined(rows[2], rows[1])
    for row in rows[:2]:
        answer = client.get(f"/members/{row.pk}/")
        assert answer["Location"] == now(rows[2]).get_absolute_url()


def test_a_draft_s_number_answers_nothing_before_and_after(client, pair):
    draft = make_member(state="draft")
    made_up = client.get("/members/987654/").content.replace(b"/members/987654/", b"")
    joined(pair[0], draft)
    address = f"/members/{draft.pk}/"
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.content.replace(address.encode(), b"") == made_up
    assert MergedNumber.objects.get(pk=draft.pk).public is False


def test_what_never_had_a_page_does_not_lead_on(client, pair):
    without_role = make_organization()
    joined(pair[0], without_role)
    assert client.get(f"/members/{without_role.pk}/").status_code == 404


def test_the_number_is_never_given_again(pair):
    kept, gone = pair
    joined(kept, gone)
    assert make_organization().pk > gone.pk


# -- What is refused -------------------------------------------------------------


def test_one_with_itself_is_refused(pair):
    with pytest.raises(MergeRefusedError, match="one organization"):
        joined(pair[0], pair[0])


def test_a_stale_preview_is_refused_and_writes_nothing(pair):
    kept, gone = pair
    versions = [now(kept).version, now(gone).version]
    make_alias(gone, "棉院")
    with pytest.raises(StaleMergeError):
        merge_organizations((kept.pk, gone.pk), versions, None)
    assert now(gone).aliases.count() == 1


def test_one_that_was_merged_itself_is_refused(pair):
    kept, gone = pair
    joined(kept, gone)
    with pytest.raises(MergeRefusedError, match=f"merged into number {kept.pk}"):
        merge_organizations((gone.pk, kept.pk), [1, 1], None)


def test_a_published_one_does_not_vanish_into_a_draft(pair):
    with pytest.raises(MergeRefusedError, match="keep the published one"):
        joined(make_member(state="draft"), pair[0])


def test_what_was_published_once_does_not_vanish_into_a_draft(client):
    draft, withdrawn = make_organization(state="draft"), make_member(state="withdrawn")
    with pytest.raises(MergeRefusedError, match="was published once"):
        joined(draft, withdrawn)
    assert client.get(now(withdrawn).get_absolute_url()).status_code == 410


def test_the_preview_warns_of_what_becomes_visible_again(pair):
    withdrawn = make_member(state="withdrawn")
    (warning,) = MergePreview(pair[0], withdrawn).find_warnings()
    assert "visible to visitors again" in warning


def test_a_result_that_the_law_forbids_is_refused():
    kept = make_member(kind="enterprise")
    gone = make_member(school_code="4141010465")
    with pytest.raises(MergeRefusedError, match="school code"):
        joined(kept, gone)
    assert now(gone)


# -- At the desk -------------------------------------------------------------------


@pytest.fixture
def officer(client, admin_user):
    client.force_login(admin_user)
    return client


def address(row) -> str:
    return reverse("admin:directory_organization_merge", args=[row.pk])


def preview(client, kept, gone):
    return client.get(address(kept), {"with": gone.pk})


def entered(kept, gone, **values) -> dict:
    versions = {"version_kept": now(kept).version, "version_gone": now(gone).version}
    return {"with": gone.pk, **versions, **values}


def test_the_preview_shows_what_moves_and_writes_nothing(officer, pair):
    kept, gone = pair
    make_alias(gone, "棉院")
    before = everything()
    text = preview(officer, kept, gone).content.decode()
    assert all(words in text for words in ("棉院", "示例棉纺院", "Example Cotton", "held by both"))
    assert everything() == before


def test_merging_at_the_desk_tells_of_the_way_back(officer, pair):
    kept, gone = pair
    answer = officer.post(address(kept), entered(kept, gone, **{"fact-name": "gone"}), follow=True)
    assert answer.redirect_chain[0][0] == reverse(
        "admin:directory_revision_change", args=[Revision.objects.first().pk]
    )
    assert now(kept).name == "示例棉纺院"
    undo = reverse("admin:directory_revision_undo", args=[Revision.objects.first().pk])
    assert undo in answer.content.decode()
    officer.post(undo)
    assert now(gone).name == "示例棉纺院"


def test_what_was_changed_since_the_preview_is_shown_again(officer, pair):
    kept, gone = pair
    sent = entered(kept, gone)
    make_alias(gone, "棉院")
    answer = officer.post(address(kept), sent)
    assert answer.status_code == 409
    assert "棉院" in answer.content.decode()
    assert now(gone)


def test_a_refused_merging_says_why(officer, pair):
    kept, gone = make_member(state="draft"), pair[0]
    answer = officer.post(address(kept), entered(kept, gone))
    assert answer.status_code == 400
    assert "keep the published one" in answer.content.decode()


def test_the_other_one_is_found_by_any_name_or_offered(officer, pair):
    kept, gone = pair
    LikelyPair.objects.create(one=kept, other=gone, score=70)
    assert f"?with={gone.pk}" in officer.get(address(kept)).content.decode()
    found = officer.get(address(kept), {"with": "example cotton"}).content.decode()
    assert f"?with={gone.pk}" in found


@pytest.mark.parametrize("typed", ["999999", "x" * 300, "½", "-1", "%00"])
def test_nobody_to_merge_with_is_said(officer, pair, typed):
    answer = officer.get(address(pair[0]), {"with": typed})
    assert answer.status_code in (200, 400, 404)


def test_merging_needs_its_own_permission(client, pair, django_user_model):
    kept, gone = pair
    editor = django_user_model.objects.create_user("editor", is_staff=True)
    names = ["view_organization", "change_organization", "publish_organization"]
    editor.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(editor)
    change = reverse("admin:directory_organization_change", args=[kept.pk])
    assert address(kept) not in client.get(change).content.decode()
    assert preview(client, kept, gone).status_code == 403
    assert client.post(address(kept), entered(kept, gone)).status_code == 403
    editor.user_permissions.add(Permission.objects.get(codename="merge_organization"))
    assert address(kept) in client.get(change).content.decode()
    assert client.post(address(kept), entered(kept, gone)).status_code == 302


def test_a_merged_organization_is_not_among_the_deleted(officer, pair):
    joined(*pair)
    page = officer.get(reverse("admin:directory_revision_deleted")).content.decode()
    assert "示例棉纺院" not in page


# -- Undo ------------------------------------------------------------------------


def everything() -> dict:
    found = snapshots.snapshot_organizations(Organization.objects.values_list("pk", flat=True))
    others = [sorted(model.objects.values_list()) for model in (MergedNumber, LikelyPair, NotSame)]
    derived = Organization.objects.order_by("pk").values_list("pk", "slug", "pinyin")
    words = search_index.dump_index()
    return {
        "rows": {place: image.values for place, image in found.items()},
        "others": others,
        "derived": list(derived),
        "words": words,
    }


def test_undo_restores_both_and_the_addresses(client, pair):
    kept, gone = pair
    address, before = now(gone).get_absolute_url(), everything()
    undone = undo_service.undo(joined(kept, gone), None)
    assert (everything(), undone.not_restored) == (before, [])
    assert client.get(address).status_code == 200


def test_an_undone_merging_can_be_taken_up_again(client, pair):
    kept, gone = pair
    make_citation(alias=make_alias(gone, "棉院"))
    make_citation(organization=gone, field="name")
    revision = joined(kept, gone)
    merged = everything()
    undone = undo_service.undo(revision, None)
    again = undo_service.undo(undone.revision, None)
    assert (everything(), again.not_restored) == (merged, [])
    assert client.get(f"/members/{gone.pk}/").status_code == 301


def test_undo_keeps_what_was_edited_since(pair):
    kept, gone = pair
    alias = make_alias(gone, "棉院")
    revision = joined(kept, gone)
    alias = now(alias)
    alias.sort = "former"
    saved(alias)
    later = make_alias(kept, "示例新称")
    undone = undo_service.undo(revision, None)
    assert undone.not_restored == []
    assert (now(alias).organization_id, now(alias).sort) == (gone.pk, "former")
    assert now(later).organization == kept


def test_undo_tells_what_somebody_changed_since(pair):
    kept, gone = pair
    revision = joined(kept, gone)
    row = now(kept)
    row.name_en = "Example Later"
    saved(row)
    undone = undo_service.undo(revision, None)
    assert [(each.column, each.reason) for each in undone.not_restored] == [
        ("name_en", undo_plan.CHANGED_SINCE)
    ]
    assert now(kept).name_en == "Example Later"
    assert now(gone).name_en == "Example Cotton"


def test_undo_brings_both_back_though_the_code_was_taken_since():
    kept, gone = make_member(credit_code=OTHER_CREDIT), make_member(credit_code=CREDIT)
    alias = make_alias(gone, "棉院")
    revision = joined(kept, gone)
    make_organization(credit_code=CREDIT)
    undone = undo_service.undo(revision, None)
    assert (now(gone).credit_code, now(alias).organization_id) == ("", gone.pk)
    assert [(each.column, each.reason) for each in undone.not_restored] == [
        ("credit_code", undo_plan.CLASHES)
    ]


def test_going_back_to_before_a_merging_leaves_the_old_number_leading(client, pair):
    kept, gone = pair
    alias = make_alias(gone, "棉院")
    then, address = Revision.objects.first(), now(gone).get_absolute_url()
    joined(kept, gone)
    undone = undo_service.restore(kept.pk, then.pk, None)
    assert client.get(address).status_code == 301
    assert now(alias).organization == kept
    reasons = {each.model_name: each.reason for each in undone.not_restored}
    assert reasons["mergednumber"] == undo_plan.LEADS_ON


@pytest.mark.parametrize("way", ["undo", "restore"])
def test_a_likely_pair_is_listed_again_when_its_two_are_back(officer, way):
    kept, gone = make_member("示例棉纺学院"), make_member("示例棉纺学院")
    then = Revision.objects.first()
    if way == "undo":
        officer.post(address(kept), entered(kept, gone))
        assert not LikelyPair.objects.exists()
        officer.post(reverse("admin:directory_revision_undo", args=[Revision.objects.first().pk]))
    else:
        gone.name = "示例丝绸学院"
        saved(gone)
        page = reverse("admin:directory_organization_history", args=[gone.pk])
        officer.post(page, {"revision": then.pk})
    pair = LikelyPair.objects.get()
    assert (pair.one, pair.other) == (kept, gone)


def test_an_earlier_merging_is_not_undone_before_the_later_one(officer):
    first, second, third = (make_member() for _number in range(3))
    earlier, later = joined(second, first), joined(third, second)
    before = everything()
    undo = reverse("admin:directory_revision_undo", args=[earlier.pk])
    page = officer.post(undo, follow=True, headers={"accept-language": "en"})
    assert f"undo that merging (revision {later.pk}) first" in told(page)
    assert everything() == before
    for revision in (later, earlier):
        assert undo_service.undo(revision, None).not_restored == []
    assert Organization.objects.count() == 3


@pytest.mark.parametrize("edited", ["kept", "gone"])
def test_an_undone_merging_is_not_taken_up_again_by_half(pair, edited):
    undone = undo_service.undo(joined(*pair), None)
    row = now(pair[edited == "gone"])
    row.description = "示例"
    saved(row)
    before = everything()
    with pytest.raises(undo_plan.UndoRefused, match="merge the two again"):
        undo_service.undo(undone.revision, None)
    assert everything() == before


def test_an_undone_merging_is_taken_up_again_only_if_all_of_it_can_be(pair):
    kept, gone = pair
    sector = make_sector()
    gone.sectors.set([sector])
    undone = undo_service.undo(joined(kept, gone), None)
    sector.delete()
    before = everything()
    with pytest.raises(undo_plan.UndoRefused, match="merge the two again"):
        undo_service.undo(undone.revision, None)
    assert everything() == before


@pytest.mark.parametrize("way", ["entered", "edited"])
def test_what_was_merged_since_is_told_where_its_entry_is_undone(pair, way):
    kept, gone = pair
    entry = Revision.objects.filter(changes__key=gone.pk, changes__noun="organization").first()
    if way == "edited":
        gone.name_en = "Example"
        saved(gone)
        entry = Revision.objects.first()
    joined(kept, gone)
    (told_,) = undo_service.undo(entry, None).not_restored
    assert told_.reason == f"number {gone.pk} was merged into number {kept.pk} since"


def random_organization(dice: Random) -> Organization:
    sectors = [make_sector(), make_sector("C172", "示例二业")]
    day = [None, date(2015, 1, 1), date(2017, 1, 1), date(2019, 1, 1), date(2021, 1, 1)]
    row = make_organization(
        name_en=dice.choice(["", "Example One", "Example Two"]),
        region=dice.choice([None, make_region(), make_region("410100", "示例二市", "prefecture")]),
        state=dice.choice(["draft", "published", "published", "withdrawn"]),
        website=dice.choice(["", "https://one.example", "https://other.example"]),
    )
    row.sectors.set(dice.sample(sectors, dice.randrange(3)))
    for name in dice.sample(["甲", "乙", "丙", "丁", "Example One"], dice.randrange(5)):
        alias = make_alias(row, name, dice.choice(["short", "former"]))
        if dice.random() < 0.5:
            make_citation(alias=alias, evidence=dice.choice(["stated", "inferred"]))
    for _number in range(dice.randrange(4)):
        since, until = dice.choice(day), dice.choice([*day[1:], None])
        role = dice.choice([make_role(), make_role("chair", 10)])
        held = row.memberships.filter(role=role, until=None)
        if (since and until and since >= until) or (until is None and held.exists()):
            continue
        state = dice.choice(["draft", "published", "published", "withdrawn"])
        days = {"since": since, "until": until, "state": state}
        seat = make_membership(row, role, make_community(), **days)
        if dice.random() < 0.6:
            make_citation(make_source("S2", dated=date(2016, 1, 1)), membership=seat, field="role")
    for name in dice.sample(["name", "name_en", "region", "website"], dice.randrange(4)):
        make_citation(organization=row, field=name)
    for value in dice.sample(["0996-1", "0996-2", "0996-3"], dice.randrange(3)):
        make_contact(row, value, hidden=dice.random() < 0.5)
    return row


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_merge_then_undo_is_the_identity_on_all_tables(seed):
    dice = Random(seed)
    rows = [random_organization(dice) for _number in range(3)]
    kept, gone = dice.sample(rows, 2)
    if list(MergePreview(kept, gone).find_refusals()):
        kept, gone = gone, kept
    LikelyPair.objects.create(one=rows[0], other=rows[1], score=70)
    NotSame.objects.create(one=rows[1], other=rows[2])
    choices = {
        fact.field: dice.choice(["kept", "gone"]) for fact in MergePreview(kept, gone).disagreements
    }
    items = [item.key for item in MergePreview(kept, gone).draft_items]
    ticked = {key for key in items if dice.random() < 0.8}
    if list(MergePreview(kept, gone, choices, ticked=ticked).find_choice_refusals()):
        ticked = {*items}
    before = everything()
    counted = Citation.objects.count()
    left = {*items} - ticked - {name for name in choices if choices[name] == "gone"}
    revision = joined(kept, gone, choices, ticked=ticked)
    assert Citation.objects.count() == counted - sum(key.startswith("citation-") for key in left)
    assert not Membership.objects.exclude(organization__in=Organization.objects.all()).exists()
    undone = undo_service.undo(revision, None)
    assert undone.not_restored == []
    assert everything() == before


# -- Merging, parting and editing in any order -------------------------------------


def edit(dice: Random) -> None:
    row = dice.choice(Organization.objects.order_by("pk"))
    with recorder.record_changes(None, "test") as change:
        change.track_row(row)
        row.description = f"示例{dice.random()}"
        row.save()
        Alias.objects.create(organization=row, name=f"示例{dice.random()}", sort="short")
        change.mark_changed(row)


def merge_two(dice: Random) -> None:
    rows = list(Organization.objects.order_by("pk"))
    if len(rows) > 2:
        with contextlib.suppress(MergeRefusedError):
            joined(*dice.sample(rows, 2))


def undo_any(dice: Random) -> None:
    steps = Revision.objects.filter(via__in=["merge", "undo", "restore"]).order_by("-pk")[:5]
    if steps:
        with contextlib.suppress(undo_plan.UndoRefused):
            undo_service.undo(dice.choice(steps), None)


def go_back(dice: Random) -> None:
    """Back to a revision since it was shown: before that it had no page."""
    row = dice.choice(Organization.objects.order_by("pk"))
    shown = (
        recorder.get_row_changes([row.pk])
        .filter(noun="membership", after__role_id="speaker")
        .first()
    )
    later = recorder.get_row_changes([row.pk]).filter(revision__gte=shown.revision_id)
    undo_service.restore(row.pk, dice.choice(later.order_by("pk")).revision_id, None)


def no_number_is_both_or_neither(client, known: dict[int, str]) -> None:
    merged = set(MergedNumber.objects.values_list("number", flat=True))
    assert merged.isdisjoint(Organization.objects.values_list("pk", flat=True))
    for row in Organization.objects.with_public_page():
        known[row.pk] = row.get_absolute_url()
    answers = {number: client.get(address).status_code for number, address in known.items()}
    assert set(answers.values()) <= {200, 301, 410}, answers


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_no_number_is_lost_whatever_is_merged_parted_and_edited(client, seed):
    dice, known = Random(seed), {}
    for _number in range(5):
        row = random_organization(dice)
        make_membership(row, make_role("speaker", 20))
    for _step in range(8):
        before, newest = everything(), Revision.objects.first()
        dice.choice([edit, merge_two, merge_two, undo_any, undo_any, go_back])(dice)
        no_number_is_both_or_neither(client, known)
        if Revision.objects.first() == newest:
            continue
        after = everything()
        undone = undo_service.undo(Revision.objects.first(), None)
        assert (everything(), undone.not_restored) == (before, [])
        if undone.revision and dice.random() < 0.7:
            undo_service.undo(undone.revision, None)
            assert everything() == after
