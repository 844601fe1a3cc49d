"""Every way of writing at the desk leaves words and derived columns as a full rebuild would."""

import pytest

from directory.history import recorder
from directory.models import Alias, DataVersion, Enterprise, Membership, Organization
from directory.search import index as search_index
from directory.search import indexer
from tests.admin_client import Desk
from tests.factories import (
    make_alias,
    make_community,
    make_member,
    make_organization,
    make_region,
    make_role,
    make_sector,
    make_source,
)

pytestmark = pytest.mark.django_db
ALIAS = {"name": "示例旧名", "sort": "former", "language": "zh-Hans"}


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


@pytest.fixture
def row():
    make_organization("示例另一学院")
    return make_member("示例棉纺学院", region=make_region(), website="https://cotton.example.cn")


def add(desk, row):
    desk.send(desk.add(Organization), {"aliases": ALIAS}, name="示例新学院", kind="university")


def add_enterprise(desk, row):
    desk.send(desk.add(Enterprise), name="示例新厂", kind="enterprise")


def rename(desk, row):
    desk.send(desk.open(row), name="示例丝绸学院", name_en="Silk College")


def move(desk, row):
    desk.send(desk.open(row), region=make_region("410100", "示例豫市").pk)


def enter_alias(desk, row):
    desk.send(desk.open(row), {"aliases": ALIAS})


def delete_alias_inline(desk, row):
    make_alias(row, "示例旧名")
    desk.send(desk.open(row), **{"aliases-0-DELETE": "on"})


def add_alias(desk, row):
    desk.send(desk.add(Alias), organization=row.pk, **ALIAS)


def move_alias(desk, row):
    other = Organization.objects.exclude(pk=row.pk).first()
    desk.send(desk.open(make_alias(row, "示例旧名")), organization=other.pk)


def delete_alias(desk, row):
    desk.delete(make_alias(row, "示例旧名"))


def delete_aliases(desk, row):
    rows = [make_alias(row, name) for name in ("示例甲", "示例乙")]
    desk.act(Alias, "delete_selected", rows, post="yes")


def rename_region(desk, row):
    desk.send(desk.open(row.region), name="示例改名市")


def delete_region(desk, row):
    move(desk, row)
    desk.delete(row.region)


def delete_draft(desk, row):
    desk.delete(make_organization("示例草稿", state="draft"))


def delete_drafts(desk, row):
    rows = [make_organization(state="draft") for _number in range(3)]
    desk.act(Organization, "delete_selected", rows, post="yes")


def publish(desk, row):
    desk.act(Organization, "publish", [make_organization(state="draft")])


def archive(desk, row):
    desk.act(Organization, "archive", [row], reason="示例原因")


def end_role(desk, row):
    desk.send(desk.open(row.memberships.get()), until="2030-01-01")


def delete_role_of(desk, row):
    desk.delete(row.memberships.get())


def add_membership(desk, row):
    other = make_role("chair", 5)
    values = {"organization": row.pk, "community": make_community().pk, "role": other.pk}
    desk.send(desk.add(Membership), **values)


def delete_sector(desk, row):
    row.sectors.add(make_sector())
    desk.delete(make_sector())


def rename_source(desk, row):
    desk.send(desk.open(make_source()), title="示例新题")


def rename_role(desk, row):
    desk.send(desk.open(make_role()), name="示例新名")


def rename_community(desk, row):
    desk.send(desk.open(make_community()), name="示例新名")


DOORS = (
    *(add, add_enterprise, rename, move, enter_alias, delete_alias_inline, add_alias, move_alias),
    *(delete_alias, delete_aliases, rename_region, delete_region, delete_draft, delete_drafts),
    *(publish, archive, end_role, delete_role_of, add_membership, delete_sector),
    *(rename_source, rename_role, rename_community),
)


def derived() -> tuple:
    columns = Organization.objects.order_by("pk").values_list("pk", "slug", "pinyin")
    return search_index.dump_index(), list(columns)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_door_leaves_all_that_is_derived_in_step(desk, row, door):
    before = DataVersion.get_current()
    door(desk, row)
    assert DataVersion.get_current() > before
    left = derived()
    indexer.rebuild()
    recorder.update_derived_columns(Organization.objects.all())
    assert left == derived()


@pytest.mark.parametrize("door", [rename, enter_alias, archive, end_role, delete_role_of])
def test_a_change_of_what_belongs_to_an_organization_is_a_new_version_of_it(desk, row, door):
    before = Organization.objects.get(pk=row.pk).version
    door(desk, row)
    assert Organization.objects.get(pk=row.pk).version == before + 1


def test_a_change_is_written_under_the_officers_name(desk, row, admin_user, monkeypatch):
    seen = []
    settle = recorder.finalize
    monkeypatch.setattr(recorder, "finalize", lambda noted: (seen.append(noted), settle(noted)))
    rename(desk, row)
    archive(desk, row)
    assert [(noted.who, noted.via) for noted in seen] == [(admin_user, "admin")] * 2
