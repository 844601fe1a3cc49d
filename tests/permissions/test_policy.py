"""Who may do what, tried at every address of the desk as every sort of person."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from directory.history import recorder
from directory.models import (
    Alias,
    Contact,
    Enterprise,
    Membership,
    Organization,
    Reading,
    Revision,
    Seat,
    State,
)
from directory.permissions import groups, policy
from tests.accounts import PEOPLE, limit, make_account, make_person, written
from tests.admin_client import Desk, entered, faults
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    make_source,
    saved,
)

pytestmark = pytest.mark.django_db
LETTERS = dict(zip(PEOPLE, "vnelpos", strict=True))
ENTERED = ("elps", "elps", "elps", "elps")
# Who sees a noun; who adds, changes and deletes what is a draft's and in the remit.
# n: staff without a group, e: editor, l: editor of one region, p: publisher, o: operator.
NOUNS = {
    "directory_organization": ENTERED,
    "directory_institution": ENTERED,
    "directory_enterprise": ENTERED,
    "directory_alias": ENTERED,
    "directory_contact": ENTERED,
    "directory_membership": ENTERED,
    "directory_citation": ENTERED,
    "directory_source": ("elps", "elps", "elps", "ps"),
    "directory_community": ("elpos", "ps", "pos", "ps"),
    "directory_seat": ("elps", "ps", "ps", "ps"),
    "directory_role": ("elpos", "pos", "pos", "pos"),
    "directory_region": ("elpos", "os", "pos", "s"),
    "directory_sector": ("elpos", "os", "os", "s"),
    "directory_reading": ("pos", "pos", "pos", "pos"),
    "directory_revision": ("elps", "", "", ""),
    "auth_user": ("os", "os", "os", "os"),
    "auth_group": ("os", "os", "os", "os"),
}


@pytest.fixture
def here():
    return make_region("652801", "示例这里")


@pytest.fixture
def there():
    return make_region("410100", "示例那里")


@pytest.fixture
def draft(here):
    """In the scope of everybody."""
    return make_organization("示例草稿学院", state="draft", region=here)


@pytest.fixture
def desk(client, request):
    """A desk for the person whom the test names."""
    return sit(client, getattr(request, "param", "editor"))


def sit(client, name: str) -> Desk:
    person = make_person(name)
    if person is None:
        desk = Desk.__new__(Desk)
        desk.client = client
        return desk
    return Desk(client, person)


def sample(noun: str, draft):
    """A row of the noun that belongs to a draft, or to nobody."""
    role = make_role("vice-chair", 60)
    makers = {
        "directory_organization": lambda: draft,
        "directory_institution": lambda: draft,
        "directory_enterprise": lambda: saved(
            Enterprise(name="示例厂", kind="enterprise", region=draft.region)
        ),
        "directory_alias": lambda: make_alias(draft, "示例别名"),
        "directory_contact": lambda: saved(
            Contact(organization=draft, label="示例", channel="email", value="a@example.org")
        ),
        "directory_membership": lambda: make_membership(draft, role, state="draft"),
        "directory_citation": lambda: make_citation(organization=draft, field="name"),
        "directory_source": lambda: make_source("S9"),
        "directory_community": lambda: make_community("other"),
        "directory_seat": lambda: Seat.objects.create(
            community=make_community("other"), role=role, count=1
        ),
        "directory_role": lambda: make_role("observer", 99),
        "directory_region": lambda: make_region("110000", "示例", "province"),
        "directory_sector": lambda: make_sector(),
        "directory_reading": lambda: Reading.objects.create(han="单县", pinyin="shan xian"),
        "directory_revision": lambda: recorder.get_row_changes([draft.pk]).first().revision,
        "auth_user": lambda: make_account("somebody"),
        "auth_group": lambda: Group.objects.create(name="示例组"),
    }
    return makers[noun]()


def page(noun: str, what: str, *keys) -> str:
    return reverse(f"admin:{noun}_{what}", args=keys)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("noun", NOUNS)
def test_each_page_opens_for_those_it_is_for(client, draft, noun, person):
    row, desk, letter = sample(noun, draft), sit(client, person), LETTERS[person]
    see, add, _change, delete = NOUNS[noun]
    asked = {"changelist": see, "change": see, "history": see, "add": add, "delete": delete}
    refused = 302 if person == "visitor" else 403
    answers = {}
    for what in asked:
        keys = () if what in ("changelist", "add") else (row.pk,)
        answers[what] = desk.client.get(page(noun, what, *keys)).status_code
    if noun == "directory_revision" and letter in see:
        answers["history"] = 200  # a revision is its own history
    assert answers == {what: 200 if letter in who else refused for what, who in asked.items()}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("noun", NOUNS)
def test_who_may_not_write_writes_nothing(client, draft, noun, person):
    row, desk, letter = sample(noun, draft), sit(client, person), LETTERS[person]
    _see, add, change, delete = NOUNS[noun]
    posts = {
        "add": (add, (), {}),
        "change": (change, (row.pk,), {"name": "示例他人", "first_name": "x"}),
        "delete": (delete, (row.pk,), {"post": "yes"}),
        "changelist": (delete, (), {"action": "delete_selected", "_selected_action": [row.pk]}),
    }
    before, refused = written(), 403
    for what, (who, keys, data) in posts.items():
        if letter in who:
            continue
        answer = desk.client.post(page(noun, what, *keys), data | {"post": "yes"})
        # The list, and a revision, may be seen: they are shown as if nothing had been sent.
        sees = letter in NOUNS[noun][0] and (what == "changelist" or "revision" in noun)
        shown = (200, 302) if sees and what != "delete" and what != "add" else (refused,)
        assert answer.status_code in shown, what
    assert written() == before


@pytest.mark.parametrize("person", ["editor", "limited", "publisher", "superuser"])
def test_who_enters_data_saves_a_draft(client, draft, person):
    desk = sit(client, person)
    desk.send(desk.open(draft), name="示例新名学院")
    draft.refresh_from_db()
    assert (draft.name, draft.state) == ("示例新名学院", "draft")


# -- What is public ---------------------------------------------------------------


@pytest.fixture
def public(here):
    row = make_organization("示例公开学院", region=here)
    make_membership(row)
    make_alias(row, "示例别名")
    make_citation(make_source("S2"), organization=row, field="name")
    saved(Contact(organization=row, label="示例", channel="email", value="a@example.org"))
    return row


def hers(row) -> list:
    found = [row.aliases.first(), row.memberships.first(), row.contacts.first()]
    return [row, *found, row.citations.first(), row.citations.first().source]


@pytest.mark.parametrize("desk", ["editor", "limited"], indirect=True)
def test_an_editor_reads_what_is_public_and_is_told_whom_to_ask(desk, public):
    make_account("zhang", "publisher", first_name="示例", last_name="张")
    for row in hers(public):
        answer = desk.open(row)
        assert answer.status_code == 200
        assert not answer.context["has_change_permission"]
        assert answer.context["denial_reason"] in answer.content.decode()
        assert "张示例" in answer.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("desk", ["editor", "limited"], indirect=True)
def test_an_editor_changes_nothing_that_is_public(desk, public):
    before = written()
    for row in hers(public):
        assert desk.client.post(desk.address(type(row), "change", row.pk), {}).status_code == 403
        assert desk.client.post(desk.address(type(row), "delete", row.pk)).status_code == 403
    for noun in (Organization, Alias, Membership):
        rows = list(noun.objects.all())
        desk.act(noun, "delete_selected", rows, post="yes")
    desk.act(Organization, "publish", [public])
    desk.act(Organization, "archive", [public], reason="示例原因")
    assert written() == before


@pytest.mark.slow
@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_an_editor_cannot_publish_even_with_a_form_of_its_own(desk, draft, state):
    before = written()
    answer = desk.send(desk.open(draft), state=state, withdrawn_reason="示例")
    desk.act(Organization, "publish", [draft])
    assert answer.context["adminform"].form.errors["state"]
    assert written() == before


def test_an_editor_hangs_nothing_new_on_what_is_public(desk, public):
    before = written()
    alias = desk.send(desk.add(Alias), organization=public.pk, name="示例", sort="short")
    role = {"community": make_community().pk, "role": make_role("vice-chair", 60).pk}
    before = written()
    member = desk.send(desk.add(Membership), organization=public.pk, **role)
    assert "organization" in alias.context["adminform"].form.errors
    assert "organization" in member.context["adminform"].form.errors
    assert written() == before


def test_an_editor_cites_nothing_for_a_community(desk, draft):
    citation = make_citation(organization=draft, field="name")
    values = {"organization": "", "community": make_community().pk, "field": "name"}
    before = written()
    answer = desk.send(desk.open(citation), **values)
    assert answer.context["adminform"].form.errors
    assert written() == before


@pytest.mark.slow
@pytest.mark.parametrize("desk", ["publisher"], indirect=True)
def test_a_publisher_publishes_withdraws_and_corrects(desk, draft):
    desk.act(Organization, "publish", [draft])
    desk.send(desk.open(draft), name="示例新名学院")
    desk.act(Organization, "archive", [draft], reason="示例原因")
    draft.refresh_from_db()
    assert (draft.name, draft.state) == ("示例新名学院", State.WITHDRAWN)


# -- Undo -------------------------------------------------------------------------


def ways_back(row) -> list[tuple[str, dict]]:
    revision = recorder.get_row_changes([row.pk]).last().revision_id
    return [
        (reverse("admin:directory_revision_undo", args=[revision]), {}),
        (reverse("admin:directory_revision_deleted"), {"change": 1}),
        (page("directory_organization", "history", row.pk), {"revision": revision}),
    ]


@pytest.mark.parametrize("person", ["visitor", "staff", "editor", "limited", "operator"])
def test_who_may_not_undo_is_refused_at_every_way_back(client, draft, person):
    desk, before = sit(client, person), written()
    answers = {desk.client.post(address, data).status_code for address, data in ways_back(draft)}
    assert answers == {403}
    assert written() == before


@pytest.mark.parametrize("desk", ["publisher"], indirect=True)
def test_a_publisher_undoes(desk, draft):
    address, data = ways_back(draft)[0]
    desk.client.post(address, data)
    assert not Organization.objects.filter(pk=draft.pk).exists()


# -- The remit --------------------------------------------------------------------


@pytest.fixture
def foreign(there):
    row = make_organization("示例他处学院", state="draft", region=there)
    make_alias(row, "示例他处")
    make_membership(row, state="draft")
    return row


@pytest.mark.parametrize("desk", ["limited"], indirect=True)
def test_what_lies_outside_the_remit_is_not_there(desk, draft, foreign):
    make_alias(draft, "示例这里")
    nowhere = make_organization("示例无处", state="draft")
    for noun in (Organization, Alias):
        shown = desk.client.get(desk.address(noun, "changelist")).context["cl"].result_list
        owners = {getattr(row, "organization_id", row.pk) for row in shown}
        assert owners == {draft.pk}
    before = written()
    for row in (foreign, nowhere, foreign.aliases.get(), foreign.memberships.get()):
        for what in ("change", "delete", "history"):
            address = desk.address(type(row), what, row.pk)
            assert desk.client.get(address).status_code == 302
            assert desk.client.post(address, {"post": "yes"}).status_code == 302
    desk.act(Organization, "delete_selected", [foreign, nowhere], post="yes")
    assert written() == before


@pytest.mark.parametrize("desk", ["limited"], indirect=True)
def test_only_what_is_in_the_remit_is_offered_while_typing(desk, draft, foreign):
    assert desk.suggestions(Alias, "organization", "示例") == [
        text for text in desk.suggestions(Alias, "organization", "") if str(draft.pk) in text
    ]
    assert not [t for t in desk.suggestions(Organization, "region", "") if "410100" in t]


@pytest.mark.parametrize("person", [p for p in PEOPLE if p not in ("visitor", "superuser")])
def test_type_to_find_is_for_those_who_may_see(client, draft, person):
    desk = sit(client, person)
    asked = {"app_label": "directory", "model_name": "alias", "field_name": "organization"}
    answer = desk.client.get(reverse("admin:autocomplete"), asked)
    assert answer.status_code == (200 if LETTERS[person] in "elp" else 403)


@pytest.mark.slow
@pytest.mark.parametrize("desk", ["limited"], indirect=True)
def test_the_region_chosen_must_lie_in_the_remit(desk, draft, there):
    before = written()
    for values in ({"region": there.pk}, {"region": ""}):
        assert desk.send(desk.open(draft), **values).context["adminform"].form.errors["region"]
        new = desk.send(desk.add(Organization), name="示例新", kind="university", **values)
        assert new.context["adminform"].form.errors["region"]
    assert written() == before
    desk.send(desk.add(Organization), name="示例新", kind="university", region=draft.region_id)
    assert Organization.objects.get(name="示例新").state == "draft"


@pytest.mark.parametrize("desk", ["limited"], indirect=True)
def test_a_name_is_not_moved_into_or_out_of_the_remit(desk, draft, foreign):
    alias = make_alias(draft, "示例这里")
    before = written()
    answer = desk.send(desk.open(alias), organization=foreign.pk)
    assert "organization" in answer.context["adminform"].form.errors
    assert written() == before


@pytest.fixture
def of_community(client, here):
    own = make_community("own", name="示例本共同体")
    return Desk(client, limit(make_account("wang", "publisher"), community=own))


def test_an_editor_of_one_community_gives_a_role_there(of_community, draft):
    desk, own = of_community, make_community("own")
    page = desk.send(desk.add(Organization), name="示例新", kind="university")
    assert own.name in faults(page)
    role = {"memberships": {"community": own.pk, "role": make_role().pk, "state": "draft"}}
    desk.send(desk.add(Organization), role, name="示例新", kind="university")
    assert Organization.objects.get(name="示例新").memberships.get().community == own


@pytest.mark.slow
def test_another_community_s_roles_are_left_alone(of_community, draft):
    desk, own = of_community, make_community("own")
    make_membership(draft, community=own)
    make_membership(draft, make_role("chair", 40), make_community("other"))
    page, before = desk.open(draft), written()
    forms = page.context["inline_admin_formsets"][0].formset.initial_forms
    other = next(f.prefix for f in forms if f.instance.community_id != own.pk)
    new = {"community": make_community("other").pk, "role": make_role().pk, "state": "draft"}
    for rows, values in (((), {f"{other}-since": "2024-01-01"}), ((), {f"{other}-DELETE": "on"}),
                         (({"memberships": new},), {})):  # fmt: skip
        assert desk.send(page, *rows, **values).status_code == 200
        assert written() == before


def test_a_limited_publisher_leaves_what_all_share(of_community, draft):
    make_membership(draft, community=make_community("own"))
    desk, shared = of_community, [make_role(), make_community("other"), draft.region]
    before = written()
    for row in shared:
        assert desk.client.post(desk.address(type(row), "change", row.pk), {}).status_code == 403
    assert written() == before
    desk.send(desk.open(make_community("own")), name="示例新名")
    assert make_community("own").name == "示例新名"


def test_a_limited_publisher_undoes_only_what_is_all_its_own(of_community, draft, foreign):
    desk = of_community
    make_membership(draft, community=make_community("own"))
    with recorder.record_changes(None, "import") as change:
        change.track([draft.pk, foreign.pk])
        Organization.objects.filter(pk__in=[draft.pk, foreign.pk]).update(name_en="Example")
        change.mark_changed(draft)
        change.mark_changed(foreign)
    before, revision = written(), Revision.objects.first().pk
    shown = desk.client.get(reverse("admin:directory_revision_change", args=[revision]))
    assert {entry.number for entry in shown.context["entries"]} == {draft.pk}
    assert not shown.context["may_undo"]
    undo = reverse("admin:directory_revision_undo", args=[revision])
    assert desk.client.post(undo).status_code == 403
    assert written() == before


def test_deleted_drafts_of_others_are_not_shown(of_community, draft, foreign):
    make_membership(draft, community=make_community("own"))
    for row in (draft, foreign):
        with recorder.record_changes(None, "admin") as change:
            change.mark_deleted(row)
            row.delete()
    page = of_community.client.get(reverse("admin:directory_revision_deleted"))
    assert "示例草稿学院" in page.content.decode()
    assert "示例他处学院" not in page.content.decode()


def test_a_limit_to_nothing_covers_nothing(client, draft):
    desk = Desk(client, limit(make_account("li", "editor")))
    assert desk.client.get(desk.address(Organization, "change", draft.pk)).status_code == 302


# -- The wall behind the doors ----------------------------------------------------


def rename(user, row):
    with recorder.record_changes(user, "import") as change:
        change.track_row(row)
        type(row).objects.filter(pk=row.pk).update(name="示例改名")
        change.mark_changed(row)


def test_the_one_door_refuses_what_the_desk_would(draft, public, foreign):
    editor, limited = make_person("editor"), make_person("limited")
    rename(editor, draft)
    rename(limited, draft)
    for user, row in ((editor, public), (limited, public), (limited, foreign)):
        before = written()
        with pytest.raises(PermissionDenied):
            rename(user, row)
        assert written() == before


def test_an_import_asks_before_it_writes(here, there):
    editor, limited = make_person("editor"), make_person("limited")
    shown = {"region_id": "652801", "first_published_at": "2024-01-01"}
    assert policy.may_write(editor, {"region_id": "410100"})
    assert not policy.may_write(editor, shown)
    assert policy.may_write(limited, {"region_id": "652801"})
    assert not policy.may_write(limited, {"region_id": "410100"})
    assert not policy.may_write(limited, {"region_id": None})
    assert policy.may_write(make_person("publisher"), shown)


# -- Groups and accounts ----------------------------------------------------------


def test_groups_are_made_once_and_keep_what_was_added():
    assert groups.sync_groups() == ["editor", "publisher", "operator"]
    editor = Group.objects.get(name="editor")
    editor.permissions.add(Permission.objects.get(codename="view_reading"))
    editor.permissions.remove(Permission.objects.get(codename="add_organization"))
    assert (groups.sync_groups(), groups.sync_groups()) == (["editor"], [])
    names = set(editor.permissions.values_list("codename", flat=True))
    assert {"view_reading", "add_organization"} <= names
    assert not names & {"publish_organization", "undo_revision", "merge_organization"}


def test_every_right_of_the_groups_is_known():
    known = set(Permission.objects.values_list("content_type__app_label", "codename"))
    named = {(app, n) for g in groups.GROUPS.values() for app, ns in g.items() for n in ns}
    assert named - known <= {("directory", "merge_organization")}


@pytest.mark.parametrize("desk", ["operator"], indirect=True)
def test_an_operator_gives_duties_and_limits(desk, here):
    somebody, editor = make_account("somebody"), Group.objects.get_or_create(name="editor")[0]
    sent = desk.client.get(page("auth_user", "change", somebody.pk))
    data = entered(sent) | {"groups": [editor.pk], "is_superuser": "on"}
    data |= {"remit-TOTAL_FORMS": 1, "remit-0-regions": [here.pk], "remit-0-community": ""}
    desk.client.post(page("auth_user", "change", somebody.pk), data)
    somebody = User.objects.get(pk=somebody.pk)
    assert [group.name for group in somebody.groups.all()] == ["editor"]
    assert [region.pk for region in somebody.remit.regions.all()] == [here.pk]
    assert not somebody.is_superuser


@pytest.mark.parametrize("desk", ["operator"], indirect=True)
def test_an_operator_makes_nobody_an_administrator_and_gives_itself_nothing(desk):
    chief = User.objects.create_superuser("chief", password="x")
    operator, before = User.objects.get(username="operator"), written()
    sent = {"is_superuser": "on", "post": "yes"}
    for row in (chief, operator, Group.objects.get(name="operator")):
        for what in ("change", "delete"):
            address = page(f"auth_{row._meta.model_name}", what, row.pk)
            assert desk.client.post(address, sent).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[chief.pk])
    assert desk.client.post(password, {"password1": "x", "password2": "x"}).status_code == 403
    assert written() == before


@pytest.mark.parametrize("person", PEOPLE)
def test_only_who_is_asked_decides_on_the_second_person(client, person):
    row, desk = make_community(), sit(client, person)
    if LETTERS[person] in "pos":
        desk.send(desk.open(row), second_person="on", name="示例新名")
    else:
        desk.client.post(page("directory_community", "change", row.pk), {"second_person": "on"})
    row.refresh_from_db()
    assert row.second_person == (person in ("operator", "superuser"))
    assert (row.name == "示例新名") == (person in ("publisher", "superuser"))


def test_the_second_person_is_not_undone_by_who_may_not_decide(client):
    row = make_community()
    row.second_person = True
    saved(row)
    desk, before = Desk(client, make_person("publisher")), written()
    undo = reverse("admin:directory_revision_undo", args=[Revision.objects.first().pk])
    assert desk.client.post(undo).status_code == 403
    assert written() == before
