"""A page of a list's members as HTML: entries, by rank or not, or a table; and its pager."""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from directory.listing.listing import PAGE_SIZE, Listing
from directory.listing.records import Record
from directory.public.html import list_items
from directory.public.html.list_items import ListItem
from directory.public.html.pager import PageLink, render_pager
from directory.public.html.renderer import HtmlRenderer, get_renderer

MAX_CACHED_ITEMS = 1500
# In a longer list an entry takes a line and a half.
DENSE_ABOVE = 20
# How many pages before and after this one the pager links to.
PAGER_REACH = 2

ItemBuilder = Callable[[HtmlRenderer, Record, bool], ListItem]


class RankGroup(NamedTuple):
    """The members of a page under their most senior role; `start` numbers the first of them."""

    label: str
    count_label: str
    start: int
    entries: SafeString


class ResultList:
    """The members of a listing's page and the links to its other pages and views."""

    def __init__(self, listing: Listing):
        self.listing = listing
        self.renderer = get_renderer()

    # The members

    @property
    def is_table(self) -> bool:
        return self.listing.view == "table"

    @property
    def is_dense(self) -> bool:
        return self.listing.total > DENSE_ABOVE

    @property
    def is_grouped(self) -> bool:
        """Whether members stand under the headings of their ranks."""
        return self.listing.sort == "seniority" and not self.listing.q and not self.is_table

    @property
    def start(self) -> int:
        """The number of the first in the whole list."""
        return (self.listing.page_number - 1) * PAGE_SIZE + 1

    @property
    def item_builder(self) -> ItemBuilder:
        if self.is_table:
            return list_items.build_table_row
        return list_items.build_dense_entry if self.is_dense else list_items.build_entry

    @cached_property
    def items(self) -> list[ListItem]:
        """The page's members; what was built for the same day before is not built again."""
        build = self.item_builder
        caches = self.listing.day_index.list_item_cache
        key = self.renderer.language, build.__name__, self.is_grouped
        cache: dict[int, ListItem] = caches.setdefault(key, {})
        page_keys = self.listing.page_keys
        items = {key: item for key in page_keys if (item := cache.get(key))}
        missing = [key for key in page_keys if key not in items]
        records = self.listing.get_records(missing, brief=self.is_table or self.is_dense)
        built = {r.organization.pk: build(self.renderer, r, self.is_grouped) for r in records}
        if len(cache) > MAX_CACHED_ITEMS:
            cache.clear()
        cache.update(built)
        items.update(built)
        return [items[key] for key in page_keys if key in items]

    @cached_property
    def _rendered_items(self) -> list[SafeString]:
        return [item.render(self.renderer, self.listing.q) for item in self.items]

    @property
    def entries(self) -> SafeString:
        return list_items.join_entries(self._rendered_items)

    @property
    def table_rows(self) -> SafeString:
        """The rows of the table, numbered as in the whole list."""
        return list_items.join_table_rows(self._rendered_items, self.start)

    @property
    def rank_groups(self) -> list[RankGroup]:
        """The page's members under the most senior role of each."""
        by_role: dict[str, list[SafeString]] = {}
        for item in self.items:
            by_role.setdefault(item.role, []).append(item.render(self.renderer))
        groups, start = [], self.start
        for role, entries in by_role.items():
            label = self.listing.day_index.reference_data.role[role].label
            count_label = self._format_count(len(entries), self._count_rank(role))
            groups.append(RankGroup(label, count_label, start, list_items.join_entries(entries)))
            start += len(entries)
        return groups

    def _count_rank(self, role: str) -> int:
        """How many of the whole list have this as their most senior role."""
        members = self.listing.day_index.get_members_of_rank(role)
        return len(members & self.listing.matching)

    def _format_count(self, here: int, every: int) -> str:
        if here < every:
            return _("%(here)d of %(every)d") % {"here": here, "every": every}
        return ngettext("%(count)d member", "%(count)d members", here) % {"count": here}

    # The pager

    @property
    def page_links(self) -> list[PageLink]:
        """The first page, those around this one, and the last."""
        last, here = self.listing.page_count, self.listing.page_number
        around = range(max(1, here - PAGER_REACH), min(last, here + PAGER_REACH) + 1)
        links: list[PageLink] = []
        previous = 0
        for number in sorted({1, last, *around}):
            if number - previous > 1:
                links.append(PageLink(None))
            links.append(PageLink(number, self._get_page_url(number)))
            previous = number
        return links

    @property
    def pager_links(self) -> SafeString:
        number = self.listing.page_number
        urls = self.previous_url, self.next_url
        return render_pager(self.renderer, self.page_links, number, *urls)

    def _get_page_url(self, number: int) -> str:
        return self.listing.get_query_string(page=number if number > 1 else "") or "?"

    @property
    def previous_url(self) -> str:
        """Empty on the first page."""
        number = self.listing.page_number
        return self._get_page_url(number - 1) if number > 1 else ""

    @property
    def next_url(self) -> str:
        """Empty on the last page."""
        number = self.listing.page_number
        return self._get_page_url(number + 1) if number < self.listing.page_count else ""

    @property
    def last_url(self) -> str:
        return self._get_page_url(self.listing.page_count)

    @property
    def is_last_page(self) -> bool:
        return self.listing.page_number == self.listing.page_count

    # The two views

    @property
    def entries_url(self) -> str:
        return self._get_view_url("")

    @property
    def table_url(self) -> str:
        return self._get_view_url("table")

    def _get_view_url(self, view: str) -> str:
        page = self.listing.page_number
        return self.listing.get_query_string(view=view, page=page if page > 1 else "") or "?"
