"""An account limited to a part learns nothing of hidden entries elsewhere, by whatever it asks."""

import pytest

from directory.importing import service as import_service
from directory.models import Citation, Import, Membership, Organization, Revision, RowChange, Source
from directory.permissions import disclosure
from tests import spreadsheets as files
from tests.accounts import limit, make_account
from tests.admin_client import Desk, entered, faults, told
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_member,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_source,
    saved,
)
from tests.permissions import askings, canaries

pytestmark = pytest.mark.django_db
CREDIT, SCHOOL = canaries.CREDIT, canaries.SCHOOL
NAME, OTHER_NAME = "示例秘密棉纺有限公司", "示例无关毛织厂"


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


# -- Canaries ----------------------------------------------------------------------


def test_every_text_column_has_a_canary_or_a_reason():
    columns = canaries.all_text_columns()
    planted = canaries.make_world().planted
    explained = {name for name in columns if {name, name.split(".")[0]} & {*canaries.WITHOUT}}
    assert {*columns} - planted - explained == set()
    assert planted & explained == set()
    assert {name.split(".")[0] for name in canaries.WITHOUT} <= {n.split(".")[0] for n in columns}
    assert {name for name in canaries.WITHOUT if "." in name} <= {*columns}


@pytest.mark.parametrize(
    "kind", ["region", *(pytest.param(k, marks=pytest.mark.slow) for k in ("community", "both"))]
)
@pytest.mark.parametrize("ask", askings.GROUPS, ids=lambda ask: ask.__name__)
def test_no_answer_has_a_canary(client, kind, ask):
    asker = askings.Asker(client, canaries.make_world(kind))
    ask(asker)
    assert asker.count >= askings.FEWEST[ask]
    assert not asker.leaks, "\n".join(asker.leaks)


def test_these_are_more_than_two_hundred_askings():
    assert sum(askings.FEWEST.values()) > 200


def test_the_same_askings_of_an_account_without_a_limit_find_the_canaries(client):
    world = canaries.make_world()
    world.user = make_account("chief", "publisher")
    asker = askings.Asker(client, world)
    askings.ask_autocompletes(asker)
    askings.ask_merges(asker)
    asker.get(asker.address("directory_organization_change", canaries.NUMBER))
    found = {word for word in world.words if any(word in leak for leak in asker.leaks)}
    assert {canaries.NAME, canaries.ALIAS, CREDIT, SCHOOL, canaries.REGION_NAME} <= found


# -- What is said instead ------------------------------------------------------------


@pytest.fixture
def limited():
    return limit(make_account("limited", "publisher"), "410000")


@pytest.fixture
def secret():
    """A draft elsewhere, such as an operator's import left it."""
    row = make_organization(
        NAME, "enterprise", "draft", region=make_region("653100"), credit_code=CREDIT
    )
    make_alias(row, "隐名")
    return row


def planned(user, *rows: dict[str, str]) -> Import:
    cells = [[*row.values()] for row in rows]
    data = files.csv([*rows[0]], *cells)
    job = import_service.create_import("示例.csv", data, user)
    import_service.plan_import(job)
    return job


def probe(user, **cells: str):
    row = {"name": OTHER_NAME, "kind": "企业", "region": "410000"} | cells
    return planned(user, row).rows.get()


def codes_of(row) -> list[str]:
    return [code for code, _column, _params in row.reasons]


@pytest.mark.parametrize(
    "name", [NAME, "示例秘密棉纺有限责任公司", "隐名", "示例秘密棉纺有限公司（待确认）"]
)
def test_a_row_that_may_be_a_draft_elsewhere_is_asked_about_and_may_be_another(
    limited, secret, name
):
    row = probe(limited, name=name)
    assert row.outcome == "doubtful"
    assert "elsewhere" in codes_of(row)
    assert not row.organization
    assert row.values == row.before == {}
    assert row.whole["name"]


def test_a_row_with_a_code_of_a_draft_elsewhere_cannot_be_added(limited, secret):
    row = probe(limited, credit_code=CREDIT)
    assert (row.outcome, codes_of(row), row.whole) == ("doubtful", ["code-elsewhere"], {})


def test_a_row_with_the_number_of_a_draft_elsewhere_is_told_so(limited, secret):
    row = probe(limited, number=str(secret.pk))
    assert (row.outcome, codes_of(row)) == ("doubtful", ["number-elsewhere"])
    assert codes_of(probe(limited, number="999")) == ["number-nobody"]


def test_two_rows_are_not_told_to_mean_the_same_draft_elsewhere(limited, secret):
    kind = {"kind": "企业"}
    job = planned(limited, {"name": NAME} | kind, {"name": "隐名"} | kind, {"name": NAME} | kind)
    assert list(map(codes_of, job.rows.order_by("number"))) == [
        ["elsewhere"],
        ["elsewhere"],
        ["elsewhere", "same-row"],
    ]


def test_an_own_entry_is_still_found_beside_one_elsewhere(limited, secret):
    own = make_organization(OTHER_NAME, "enterprise", "draft", region_id="410000")
    row = probe(limited, credit_code=CREDIT)
    assert (row.outcome, row.organization) == ("doubtful", own.pk)
    assert codes_of(row) == ["code-elsewhere"]


def test_a_public_entry_elsewhere_is_named_as_visitors_see_it(limited):
    row = make_member("示例公开学院", region=make_region("653100"))
    draft = make_membership(row, make_role("vice", rank=20), state="draft")
    found = probe(limited, name=row.name, kind="本科", region="653100", roles="vice")
    assert found.organization == row.pk
    assert draft.role_id not in str(found.before)


def test_an_account_without_a_limit_is_told_whom_a_row_may_mean(secret):
    row = probe(make_account("chief", "publisher"), name=NAME)
    assert (row.organization, "elsewhere" in codes_of(row)) == (secret.pk, False)


def test_who_is_asked_reads_on_the_plan_whom_the_row_may_mean(client, limited, secret):
    job = planned(limited, {"name": "隐名", "kind": "企业"})
    for user, is_told in ((limited, False), (make_account("chief", "publisher"), True)):
        desk = Desk(client, user)
        for page, keys in (("change", ()), ("row", (2,))):
            answer = client.get(desk.address(Import, page, job.pk, *keys, language="en"))
            text = askings.read(answer)
            assert "There is already an entry in another part" in text
            assert (f"number {secret.pk}, {NAME}" in text) is is_told


def test_what_came_in_elsewhere_since_the_plan_is_not_named(client, limited):
    job = planned(limited, {"name": OTHER_NAME, "kind": "企业", "region": "410000"})
    make_organization(OTHER_NAME, "enterprise", "draft", region=make_region("653100"))
    import_service.mark_started(job, Import.State.APPLYING, limited)
    import_service.run_import(job)
    row = job.rows.get()
    assert (row.applied, row.organization) == ("no", None)
    assert codes_of(row) == ["elsewhere", "meanwhile"]


@pytest.mark.parametrize("name", ["示例无关毛织有限公司", "示例无关毛织有限责任公司"])
def test_a_plan_tells_nothing_of_an_entry_that_moved_elsewhere_since(client, limited, name):
    own = make_organization("示例无关毛织有限公司", "enterprise", "draft", region_id="410000")
    job = planned(limited, {"name": name, "kind": "企业", "website": "https://a.example"})
    assert job.rows.get().organization == own.pk
    own.region, own.name = make_region("653100"), "示例改后之名"
    saved(own)
    desk = Desk(client, limited)
    for page, keys in (("change", ()), ("rows", ()), ("row", (2,))):
        answer = client.get(desk.address(Import, page, job.pk, *keys, language="en"))
        text = askings.read(answer)
        assert "There is already an entry in another part" in text
        assert "改后" not in text
        assert f"number {own.pk}" not in text


def add(desk, language="en", **values):
    address = desk.address(Organization, "add", language=language)
    sent = entered(desk.client.get(address)) | {"name": OTHER_NAME, "kind": "enterprise"}
    return desk.client.post(address, sent | {"region": "410000"} | values, follow=True)


def test_the_form_tells_that_a_similar_one_is_elsewhere_and_may_add_another(
    client, limited, secret
):
    desk = Desk(client, limited)
    page = add(desk, name=NAME)
    assert faults(page).count("There is already an entry in another part") == 1
    assert str(secret.pk) not in faults(page)
    add(desk, name=NAME, another="on")
    assert Organization.objects.filter(name=NAME).count() == 2


def test_the_form_tells_that_a_code_is_taken_elsewhere(client, limited, secret):
    page = add(Desk(client, limited), credit_code=CREDIT, another="on")
    assert "Ask the secretariat, which decides" in faults(page)
    assert NAME not in faults(page)
    page = add(Desk(client, make_account("chief", "publisher")), credit_code=CREDIT, another="on")
    assert NAME in faults(page)


def test_a_code_of_a_public_entry_elsewhere_leads_to_its_public_page(client, limited):
    row = make_member("示例公开学院", region=make_region("653100"), credit_code=CREDIT)
    page = add(Desk(client, limited), credit_code=CREDIT, another="on")
    assert row.name in faults(page)
    assert f'href="/en/members/{row.pk}' in faults(page)


@pytest.mark.parametrize("state", ["draft", "published", "withdrawn"])
def test_an_entry_elsewhere_is_said_to_be_elsewhere(client, limited, state):
    row = make_organization(state=state, region=make_region("653100"))
    rows = [row, make_alias(row, "隐名"), make_membership(row)]
    rows.append(make_citation(make_source("S7"), organization=row, field="name"))
    desk = Desk(client, limited)
    for each in rows:
        for page in ("change", "delete", "history"):
            address = desk.address(type(each), page, each.pk, language="en")
            assert "belongs to another part of the directory" in told(
                client.get(address, follow=True)
            )
            gone = desk.address(type(each), page, 10**15, language="en")
            assert "Perhaps it was deleted?" in told(client.get(gone, follow=True))


def test_a_source_that_only_drafts_elsewhere_cite_is_elsewhere_too(client, limited, secret):
    make_citation(make_source("S7", title="示例密函"), organization=secret, field="name")
    make_source("S8", title="示例无人引用")
    desk = Desk(client, limited)
    answer = client.get(desk.address(Source, "change", "S7", language="en"), follow=True)
    assert "belongs to another part" in told(answer)
    text = client.get(desk.address(Source, "changelist")).content.decode()
    assert ("示例密函" in text, "示例无人引用" in text) == (False, True)
    assert desk.suggestions(Citation, "source", "示例") == [str(Source.objects.get(pk="S8"))]


def test_an_own_entry_of_the_other_kind_is_not_said_to_be_elsewhere(client, limited):
    row = make_organization(kind="enterprise", state="draft", region_id="410000")
    with_institution = f"/en/admin/directory/institution/{row.pk}/change/"
    assert "Perhaps it was deleted?" in told(
        client_of(client, limited).get(with_institution, follow=True)
    )


def client_of(client, user):
    client.force_login(user)
    return client


def test_merging_with_an_entry_elsewhere_is_refused_with_the_sentence(client, limited, secret):
    own = make_organization(OTHER_NAME, "enterprise", "draft", region_id="410000")
    address = Desk(client, limited).address(Organization, "merge", own.pk, language="en")
    for number, sentence in (
        (secret.pk, f"Number {secret.pk} belongs to another part"),
        (10**8, "There is no organization with the number"),
    ):
        for answer in (
            client.get(address, {"with": number}),
            client.post(address, {"with": number}),
        ):
            assert sentence in told(answer)
            assert NAME not in answer.content.decode()


def test_an_action_on_an_entry_elsewhere_leaves_it_with_the_sentence(client, limited, secret):
    desk = Desk(client, limited)
    shown = {"action": "confirm", "shown_rows": f'[["{secret.pk}", "1"]]', "_selected_action": "1"}
    answer = client.post(
        desk.address(Organization, "changelist", language="en"), shown, follow=True
    )
    assert f"{secret.pk}: belongs to another part of the directory, ask" in told(answer)
    pair = {"one": secret.pk, "other": make_organization(region_id="410000").pk}
    answer = client.post(desk.address(canaries.LikelyPair, "tell_apart"), pair, follow=True)
    assert told(answer)
    assert not canaries.NotSame.objects.exists()


def test_another_holder_of_a_seat_is_not_named_if_hidden(client, limited, secret):
    ours, chair = make_community("ours"), make_role("chair", rank=10, axis="lead")
    canaries.Seat.objects.create(community=ours, role=chair, count=1)
    make_membership(secret, chair, ours)
    own = make_organization(OTHER_NAME, "enterprise", "draft", region_id="410000")
    desk = Desk(client, limited)
    address = desk.address(Membership, "add", language="en")
    sent = entered(client.get(address)) | {"organization": own.pk, "community": ours.pk}
    answer = client.post(address, sent | {"role": "chair", "state": "published"}, follow=True)
    assert "also held by: an entry in another part of the directory" in told(answer)


def test_the_history_tells_of_a_move_elsewhere_that_it_was_one(client, limited, secret):
    own = make_organization(OTHER_NAME, "enterprise", "draft", region_id="410000")
    alias = make_alias(own, "示例迁出之名")
    alias.organization, alias.name = secret, "示例迁后之名"
    saved(alias)
    page = client_of(client, limited).get(f"/en/admin/directory/organization/{own.pk}/history/")
    text = page.content.decode()
    assert "an entry in another part of the directory" in text
    assert "迁后" not in text


def test_the_history_tells_the_comment_of_every_revision(client, limited):
    job = planned(
        limited, {"name": OTHER_NAME, "kind": "企业", "region": "410000", "short": "毛织"}
    )
    import_service.mark_started(job, Import.State.APPLYING, limited)
    import_service.run_import(job)
    own, revision = Organization.objects.get(), Revision.objects.get(via="import")
    assert revision.count > 1
    client.force_login(limited)
    for page in (f"organization/{own.pk}/history", f"revision/{revision.pk}/change", "revision"):
        assert "示例.csv" in client.get(f"/en/admin/directory/{page}/").content.decode()


def test_filters_offer_only_what_the_own_part_has(client, limited, secret):
    make_membership(secret, make_role("vice", rank=20, name_en="Example vice"))
    page = client_of(client, limited).get("/en/admin/directory/organization/")
    assert "role=vice" not in page.content.decode()
    assert "province=65" not in page.content.decode()
    own = make_organization(OTHER_NAME, "enterprise", "draft", region_id="410000")
    make_membership(own, make_role("vice", rank=20))
    page = client.get("/en/admin/directory/organization/").content.decode()
    assert "role=vice" in page
    assert "province=410000" in page


def test_what_is_hidden_is_hidden_by_its_merged_number_too(limited, secret):
    own = make_organization(OTHER_NAME, "enterprise", "draft", region_id="410000")
    canaries.MergedNumber.objects.create(number=10**6, organization=secret)
    canaries.MergedNumber.objects.create(number=10**6 + 1, organization=own)
    numbers = [secret.pk, own.pk, 10**6, 10**6 + 1, 10**7]
    assert disclosure.find_hidden(limited, numbers) == {secret.pk, 10**6}
    assert disclosure.find_hidden(make_account("chief", "publisher"), numbers) == set()
    assert RowChange.objects.exists()
