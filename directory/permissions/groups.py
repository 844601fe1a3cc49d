"""The user groups that come with the project, with their permissions updated at every start.

Permissions that an administrator adds to a group stay. An account that should have fewer gets a
group of its own.
"""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

ORGANIZATIONS = ("organization", "institution", "enterprise")
ENTRY_MODELS = (*ORGANIZATIONS, "alias", "contact", "membership", "citation")
READ_ONLY_MODELS = ("region", "sector", "role", "seat", "community", "revision")
EDITOR = {
    "directory": [
        *(
            f"{verb}_{name}"
            for name in ENTRY_MODELS
            for verb in ("view", "add", "change", "delete")
        ),
        *(f"{verb}_source" for verb in ("view", "add", "change")),
        *(f"view_{name}" for name in READ_ONLY_MODELS),
        # Imports of an account that may not publish create drafts.
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
        *(f"{verb}_{name}" for name in ("user", "group") for verb in ("view", "add", "change")),
        "delete_user",
        "delete_group",
    ],
    "directory": [
        *(f"{verb}_remit" for verb in ("view", "add", "change", "delete")),
        *(f"{verb}_{name}" for name in ("region", "sector") for verb in ("view", "add", "change")),
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


def get_group_label(group: Group) -> str:
    """Return the translated label of a group of the project; the name of any other."""
    return str(LABELS.get(group.name, group.name))


def sync_groups() -> list[str]:
    """Create missing groups and add missing permissions; return the names of changed groups."""
    changed = []
    for name, permissions in GROUPS.items():
        group, _created = Group.objects.get_or_create(name=name)
        existing = set(group.permissions.values_list("pk", flat=True))
        missing = set(get_permission_keys(permissions)) - existing
        if missing:
            group.permissions.add(*missing)
            changed.append(name)
    return changed


def get_permission_keys(permissions: dict[str, list[str]]) -> QuerySet[Permission, int]:
    """Return the primary keys of permissions given as code names by app label."""
    condition = Q()
    for app_label, code_names in permissions.items():
        condition |= Q(content_type__app_label=app_label, codename__in=code_names)
    return Permission.objects.filter(condition).values_list("pk", flat=True)
