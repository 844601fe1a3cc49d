"""The groups that come with the project: what each may do, kept up to date at every start.

What an administrator adds to one of them stays. Who should have less gets a group of its own.
"""

from collections.abc import Iterator

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

ORGANIZATIONS = ("organization", "institution", "enterprise")
ENTERED = (*ORGANIZATIONS, "alias", "contact", "membership", "citation")
READ = ("region", "sector", "role", "seat", "community", "revision")
EDITOR = {
    "directory": [
        *(f"{verb}_{noun}" for noun in ENTERED for verb in ("view", "add", "change", "delete")),
        *(f"{verb}_source" for verb in ("view", "add", "change")),
        *(f"view_{noun}" for noun in READ),
        # What is brought in a file comes in as drafts, for whoever may not publish.
        *(f"{verb}_import" for verb in ("view", "add", "change")),
    ]
}
PUBLISHER = {
    "directory": [
        *EDITOR["directory"],
        "publish_organization",
        "merge_organization",
        "undo_revision",
        *(f"{verb}_community" for verb in ("add", "change", "delete")),
        *(f"{verb}_role" for verb in ("add", "change", "delete")),
        *(f"{verb}_seat" for verb in ("add", "change", "delete")),
        *(f"{verb}_reading" for verb in ("view", "add", "change", "delete")),
        "change_region",
        "delete_source",
    ]
}
OPERATOR = {
    "auth": [
        *(f"{verb}_{noun}" for noun in ("user", "group") for verb in ("view", "add", "change")),
        "delete_user",
        "delete_group",
    ],
    "directory": [
        *(f"{verb}_remit" for verb in ("view", "add", "change", "delete")),
        *(f"{verb}_{noun}" for noun in ("region", "sector") for verb in ("view", "add", "change")),
        *(f"{verb}_role" for verb in ("view", "add", "change", "delete")),
        *(f"{verb}_reading" for verb in ("view", "add", "change", "delete")),
        "view_community",
        "ask_second_person",
    ],
}
GROUPS = {"editor": EDITOR, "publisher": PUBLISHER, "operator": OPERATOR}
LABELS = {
    "editor": _("editor: enters and corrects drafts"),
    "publisher": _("publisher: publishes, withdraws, merges and undoes"),
    "operator": _("operator: keeps accounts and settings"),
}


def label(group: Group) -> str:
    return str(LABELS.get(group.name, group.name))


def prepare() -> list[str]:
    """Make what is missing; the names of the groups that were changed."""
    changed = []
    for name, rights in GROUPS.items():
        group, _made = Group.objects.get_or_create(name=name)
        held = set(group.permissions.values_list("pk", flat=True))
        missing = set(permissions(rights)) - held
        if missing:
            group.permissions.add(*missing)
            changed.append(name)
    return changed


def permissions(rights: dict[str, list[str]]) -> Iterator[int]:
    asked = Q()
    for app, names in rights.items():
        asked |= Q(content_type__app_label=app, codename__in=names)
    return Permission.objects.filter(asked).values_list("pk", flat=True)
