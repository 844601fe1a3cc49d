"""The one door for writing: a transaction that leaves everything derived in step.

    with history.change(who=user, via="admin") as change:
        organization.save()
        change.touch(organization)

What was touched gets its slug, its place in the order of pinyin, its search words and a new
version; the data version grows by one, once, whatever happened inside.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from directory import search, words
from directory.models import (
    Alias,
    Citation,
    Contact,
    DataVersion,
    Membership,
    Organization,
    Region,
    State,
)


@dataclass
class Change:
    """What one change has touched so far."""

    who: object
    via: str
    organizations: set[int] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)

    def touch(self, row: models.Model) -> None:
        """Note a row that was saved or deleted; call it after, or for a deletion before."""
        if isinstance(row, Organization):
            self.organizations.add(row.pk)
        elif isinstance(row, Alias | Contact | Membership):
            self.organizations.add(row.organization_id)
        elif isinstance(row, Citation):
            self.organizations |= {key for key in _cited(row) if key}
        elif isinstance(row, Region):
            self.regions.add(row.code)

    def forget(self, organization: Organization) -> None:
        """Note an organization that is being deleted."""
        self.gone.add(organization.pk)

    def everything(self) -> None:
        """For a bulk write: all organizations are looked at again."""
        self.organizations.update(Organization.objects.values_list("pk", flat=True))


def _cited(citation: Citation) -> tuple[int | None, ...]:
    return (
        citation.organization_id,
        citation.alias_id and citation.alias.organization_id,
        citation.membership_id and citation.membership.organization_id,
    )


@contextmanager
def change(who: object, via: str) -> Iterator[Change]:
    """A transaction through which every write goes; `via` says from where (admin, fixtures)."""
    with transaction.atomic():
        noted = Change(who=who, via=via)
        yield noted
        settle(noted)


def settle(noted: Change) -> None:
    search.forget(noted.gone)
    keys = noted.organizations - noted.gone
    for code in noted.regions:
        keys.update(Organization.objects.within(code).values_list("pk", flat=True))
    changed = (
        Organization.objects.filter(pk__in=keys)
        if len(keys) < 500
        else (Organization.objects.all())
    )
    derive(changed)
    search.write(changed.order_by("pk").iterator(chunk_size=search.BATCH))
    Organization.objects.filter(pk__in=noted.organizations).update(version=F("version") + 1)
    DataVersion.grow()


def derive(organizations: models.QuerySet) -> None:
    """Slug and order of pinyin, written only where they have changed."""
    stale = []
    for row in organizations.only("pk", "name", "name_en", "slug", "pinyin").iterator(1000):
        fresh = words.slug_of(row.name, row.name_en), words.sort_key(row.name)
        if fresh != (row.slug, row.pinyin):
            row.slug, row.pinyin = fresh
            stale.append(row)
    Organization.objects.bulk_update(stale, ["slug", "pinyin"], batch_size=500)


def publish(organization: Organization) -> None:
    """Show a draft, or what was withdrawn, to the public; the first day stays the first."""
    organization.state = State.PUBLISHED
    organization.withdrawn_reason = ""
    organization.first_published_at = organization.first_published_at or timezone.now()


def withdraw(organization: Organization, reason: str) -> None:
    """Take it from the public; its address then answers "gone", with this reason."""
    organization.state = State.WITHDRAWN
    organization.withdrawn_reason = reason.strip()
