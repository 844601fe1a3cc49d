"""The people of the tests of rights: one account of each sort, and what the desk holds for them."""

from django.contrib.auth.models import Group, User

from directory import snapshots
from directory.models import Remit
from directory.permissions import groups
from tests.factories import make_region

GROUPS = {"editor": "editor", "limited": "editor", "publisher": "publisher", "operator": "operator"}
PEOPLE = ("visitor", "staff", "editor", "limited", "publisher", "operator", "superuser")


def make_account(name: str, group: str = "", **values) -> User:
    user = User.objects.create_user(name, password="x", is_staff=True, **values)
    if group:
        groups.sync_groups()
        user.groups.add(Group.objects.get(name=group))
    return user


def limit(user: User, *codes: str, community=None) -> User:
    remit = Remit.objects.create(user=user, community=community)
    remit.regions.set([make_region(code, f"示例{code}", level_of(code)) for code in codes])
    return user


def level_of(code: str) -> str:
    return "province" if code.endswith("0000") else "county"


def make_person(name: str) -> User | None:
    """One of PEOPLE; the limited editor keeps Xinjiang."""
    if name == "visitor":
        return None
    user = make_account(name, GROUPS.get(name, ""), is_superuser=name == "superuser")
    return limit(user, "650000") if name == "limited" else user


def written() -> dict:
    """All rows that anybody can write at the desk, to see that nothing was."""
    models = (*snapshots.MODELS, Group, Remit)
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    people = User.objects.order_by("pk").values("pk", "username", "is_active", "is_superuser")
    return rows | {"User": list(people)}
