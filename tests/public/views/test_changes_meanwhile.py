"""A page reads in several queries: whatever is merged, deleted or withdrawn between two of them."""

import pytest
from django.db import connection, transaction

from directory.history import recorder
from directory.listing.index import store as index_store
from directory.merging.merge import merge_organizations
from directory.models import Organization
from directory.public.views import page_cache
from tests.factories import (
    make_alias,
    make_citation,
    make_member,
    make_membership,
    make_role,
    saved,
)

pytestmark = pytest.mark.django_db


def merge(kept, gone):
    rows = Organization.objects.in_bulk([kept.pk, gone.pk])
    versions = [rows[kept.pk].version, rows[gone.pk].version]
    merge_organizations((kept.pk, gone.pk), versions, None)


def delete(_kept, gone):
    with recorder.record_changes(None, "test") as change:
        change.mark_deleted(gone)
        Organization.objects.get(pk=gone.pk).delete()


def withdraw(_kept, gone):
    row = Organization.objects.get(pk=gone.pk)
    recorder.withdraw(row, "示例原因")
    saved(row)


class Interruption:
    """Calls a function once, before the query of this number."""

    def __init__(self, function, number: int):
        self.function, self.number, self.is_over = function, number, False

    def __call__(self, execute, *arguments):
        if self.number == 0 and not self.is_over:
            self.is_over = True
            self.function()
        self.number -= 1
        return execute(*arguments)


def get_statuses(client, url: str, change) -> list[int]:
    """The answers of a page during which `change` happens: before each of its queries in turn."""
    statuses, is_over = [], True
    while is_over:
        index_store.clear(), page_cache.clear()
        client.get("/en/about/")  # the index is of the time before
        interruption = Interruption(change, len(statuses))
        with transaction.atomic(), connection.execute_wrapper(interruption):
            answer = client.get(url)
            statuses.append(answer.status_code)
            transaction.set_rollback(True)
        is_over = interruption.is_over
    return statuses


@pytest.fixture
def pair() -> tuple[Organization, Organization]:
    kept, gone = make_member("示例一学院"), make_member("示例二学院")
    make_alias(gone, "示例别名")
    make_citation(membership=make_membership(gone, make_role("chair", 5)), field="role")
    gone.website = "https://example.org"
    return kept, saved(gone)


MEMBER = "members/{0.pk}-{0.slug}/"


@pytest.mark.parametrize(
    ("address", "change"),
    [("changes/", merge), ("changes/", delete), (MEMBER, merge), (MEMBER, withdraw),
     (f"{MEMBER}vcard", delete), ("roles/", merge), ("members/", withdraw)],
)  # fmt: skip
def test_what_goes_while_a_page_is_read_breaks_no_page(client, pair, address, change):
    url = "/en/" + address.format(pair[1])
    statuses = get_statuses(client, url, lambda: change(*pair))
    assert set(statuses) <= {200, 301, 404, 410}
    assert len(statuses) > 2


def test_a_member_that_is_merged_while_it_is_read_leads_to_the_one_that_was_kept(client, pair):
    kept, gone = pair
    url = gone.get_absolute_url()
    with connection.execute_wrapper(Interruption(lambda: merge(kept, gone), 2)):
        answer = client.get(url)
    kept.refresh_from_db()
    assert (answer.status_code, answer.headers["Location"]) == (301, kept.get_absolute_url())
