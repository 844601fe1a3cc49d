"""A page of the list as drawn: entries under their ranks, or a table; and the way to the others."""

from functools import cached_property
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from directory.listing.listing import PAGE_SIZE, Listing
from directory.public.html import list_items
from directory.public.html.list_items import Card
from directory.public.html.renderer import pen

MOST_KEPT = 1500
# Above so many an entry is a line and a half.
MANY = 20


class Rank(NamedTuple):
    """The members of a page who stand under one role, and how many of the whole list do."""

    label: str
    count: str
    start: int
    cards: SafeString


class Roll:
    def __init__(self, listing: Listing):
        self.listing = listing
        self.pen = pen()

    # The members

    @property
    def is_table(self) -> bool:
        return self.listing.view == "table"

    @property
    def is_dense(self) -> bool:
        return self.listing.total > MANY

    @property
    def is_grouped(self) -> bool:
        """Whether members stand under the headings of their ranks."""
        return self.listing.sort == "seniority" and not self.listing.q and not self.is_table

    @property
    def start(self) -> int:
        """The number of the first in the whole list."""
        return (self.listing.number - 1) * PAGE_SIZE + 1

    @cached_property
    def drawn(self) -> list[Card]:
        """The page's members as drawn; those drawn before for this day are not drawn again."""
        draw = (
            list_items.row
            if self.is_table
            else list_items.dense
            if self.is_dense
            else list_items.card
        )
        found = self.listing.index.drawn
        kept = found.setdefault((self.pen.language, draw.__name__, self.is_grouped), {})
        keys = self.listing.page_keys
        known = {key: card for key in keys if (card := kept.get(key))}
        todo = [key for key in keys if key not in known]
        new = self.listing.records(todo, brief=self.is_table or self.is_dense)
        fresh = {r.organization.pk: draw(self.pen, r, self.is_grouped) for r in new}
        if len(kept) > MOST_KEPT:
            kept.clear()
        kept.update(fresh)
        known.update(fresh)
        return [known[key] for key in keys if key in known]

    @property
    def cards(self) -> SafeString:
        return SafeString("\n".join(card.html(self.pen, self.listing.q) for card in self.drawn))

    @property
    def lines(self) -> SafeString:
        """The rows of the table, numbered as in the whole list."""
        cards = enumerate((card.html(self.pen, self.listing.q) for card in self.drawn), self.start)
        return SafeString(
            "\n".join(f'<tr><td class="num">{number}</td>{cells}</tr>' for number, cells in cards)
        )

    @property
    def ranks(self) -> list[Rank]:
        """The page's members under the most senior role of each."""
        groups: dict[str, list[str]] = {}
        for card in self.drawn:
            groups.setdefault(card.role, []).append(card.html(self.pen))
        found, start = [], self.start
        for role, cards in groups.items():
            label = self.listing.index.vocabulary.role[role].label
            told = self.told(len(cards), self.of_rank(role))
            found.append(Rank(label, told, start, SafeString("\n".join(cards))))
            start += len(cards)
        return found

    def of_rank(self, role: str) -> int:
        """How many of the whole list have this as their most senior role."""
        return len(self.listing.index.of_rank(role) & self.listing.found)

    def told(self, here: int, every: int) -> str:
        if here < every:
            return _("%(here)d of %(every)d") % {"here": here, "every": every}
        return ngettext("%(count)d member", "%(count)d members", here) % {"count": here}

    # The pager

    @property
    def pager(self) -> list[tuple[int | None, str]]:
        """The pages to link to, each with its address; None for a gap."""
        last, here = self.listing.pages, self.listing.number
        near = sorted({1, last, *range(max(1, here - 2), min(last, here + 2) + 1)})
        found: list[tuple[int | None, str]] = []
        for number in near:
            if found and found[-1][0] is not None and number - found[-1][0] > 1:
                found.append((None, ""))
            found.append((number, self.address(number)))
        return found

    def address(self, number: int) -> str:
        return self.listing.question(page=number if number > 1 else "") or "?"

    @property
    def previous(self) -> str:
        return self.address(self.listing.number - 1) if self.listing.number > 1 else ""

    @property
    def next(self) -> str:
        more = self.listing.number < self.listing.pages
        return self.address(self.listing.number + 1) if more else ""

    @property
    def last(self) -> str:
        return self.address(self.listing.pages)

    @property
    def is_last(self) -> bool:
        return self.listing.number == self.listing.pages

    # The two ways to see it

    @property
    def as_entries(self) -> str:
        return self.seen("")

    @property
    def as_table(self) -> str:
        return self.seen("table")

    def seen(self, view: str) -> str:
        page = self.listing.number
        return self.listing.question(view=view, page=page if page > 1 else "") or "?"
