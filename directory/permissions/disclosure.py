"""What an account that is limited to a part may be told of entries in other parts.

It may be told what visitors see. Of any other entry elsewhere (a draft, a withdrawn one, one
without a public page) it learns at most that there is one, and whom to ask. Whatever compares what
somebody typed with all organizations asks here before it names one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory import snapshots
from directory.models import MergedNumber, Organization
from directory.permissions import policy, scope
from directory.permissions.policy import Account

SIMILAR_ELSEWHERE = gettext_lazy(
    "There is already an entry in another part of the directory that may be the same. Ask the "
    "secretariat."
)
CODE_ELSEWHERE = gettext_lazy(
    "This code belongs to an entry in another part of the directory. Ask the secretariat, which "
    "decides whose it is."
)
NUMBER_ELSEWHERE = gettext_lazy(
    "Number %(number)s belongs to another part of the directory. Ask the secretariat."
)
ENTRY_ELSEWHERE = gettext_lazy("an entry in another part of the directory")


@dataclass(frozen=True)
class OtherParts:
    """The numbers of organizations outside of an account's scope; none without a limit.

    `hidden`: those of which it may be told no more than that there is one.
    """

    outside: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()


def find_other_parts(user: Account) -> OtherParts:
    """Find the organizations in other parts, for whoever compares many rows with all of them."""
    if not policy.permission_for(user).is_limited:
        return OtherParts()
    keys = Organization.objects.order_by().values_list("pk", flat=True)
    every = frozenset(keys)
    return OtherParts(
        every.difference(scope.filter_visible(user, keys)),
        every.difference(scope.filter_known(user, keys)),
    )


def find_hidden(user: Account, numbers: Collection[int]) -> set[int]:
    """Find those of these organizations of which the account may not be told, among the existing.

    A number that was merged is hidden if the organization that it leads to is.
    """
    if not numbers or not policy.permission_for(user).is_limited:
        return set()
    hidden: set[int] = set()
    for batch in snapshots.split_into_batches(sorted(numbers)):
        leads = dict(MergedNumber.objects.filter(pk__in=batch).values_list("pk", "organization_id"))
        own = Organization.objects.filter(pk__in={*batch, *leads.values()}).order_by()
        keys = own.values_list("pk", flat=True)
        unknown = {*keys} - {*scope.filter_known(user, keys)}
        hidden |= {number for number in batch if leads.get(number, number) in unknown}
    return hidden


def is_elsewhere(user: Account, model: type[models.Model], text: str) -> bool:
    """Return whether a row of this key exists and is outside of the account's scope.

    `text` is the key as in the address of a page of the admin.
    """
    if not policy.permission_for(user).is_limited:
        return False
    try:
        key: Any = model._meta.pk.to_python(unquote(text))
    except ValidationError:
        return False
    if isinstance(key, int) and key.bit_length() > 63:
        return False
    keys = [key]
    if issubclass(model, Organization):
        merged = MergedNumber.objects.filter(pk=key)
        keys += merged.values_list("organization_id", flat=True)
    rows = model._base_manager.filter(pk__in=keys)
    return rows.exists() and not scope.filter_visible(user, rows).exists()


def format_row_elsewhere(model: type[models.Model], text: str) -> str:
    """Return the sentence for a row that exists and is outside of the account's scope."""
    return _("%(name)s %(key)s belongs to another part of the directory. Ask the secretariat.") % {
        "name": model._meta.verbose_name,
        "key": unquote(text),
    }
