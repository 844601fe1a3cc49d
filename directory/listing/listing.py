"""One asked list: its members in order, a page of them, what else could be asked, refusals."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from itertools import chain, islice
from urllib.parse import urlencode

from django.http import QueryDict
from pyroaring import BitMap

from directory.db.readahead import ahead
from directory.listing import export_rows
from directory.listing.filters import EVIDENCE, question
from directory.listing.index import store as index_store
from directory.listing.index.bitmaps import Asked, Day
from directory.listing.index.reference_data import NONE
from directory.listing.loader import fetch
from directory.listing.records import Record
from directory.models import Kind
from directory.search import index as search_index

PAGE_SIZE = 50
BATCH = 5000
MOST_REGIONS = 60
MOST_QUERIES = 200
GROUPS = ("role", "kind", "region", "sector", "evidence", "community")


@dataclass(frozen=True)
class Refusal:
    """A value that no list can answer, and why; `without` is the question with it left out."""

    parameter: str
    value: str
    reason: str
    without: str


@dataclass(frozen=True)
class Option:
    """One choice of a question: how many it would leave were it its question's only choice."""

    code: str
    count: int
    chosen: bool


class Listing:
    """The members who answer a question; every door shows this and none changes it.

    `params` are the address's parameters; unknown ones are ignored. `among` limits the kinds.
    """

    def __init__(self, params: QueryDict, among: tuple[str, ...] = (), today: Day | None = None):
        self.params, self.among = params, among
        self.today = today = today or index_store.current()
        self.form = question(params, today.vocabulary, among)
        self.refusals = [] if self.form.is_valid() else list(self._refusals())
        self.asked: dict = {} if self.refusals else self.form.cleaned_data
        self.index = today.index.on(self.on) if self.on else today

    # What is asked

    @property
    def q(self) -> str:
        return self.asked.get("q", "")

    @property
    def on(self) -> date | None:
        return self.asked.get("on")

    @property
    def sort(self) -> str:
        return self.asked.get("sort") or "seniority"

    @property
    def view(self) -> str:
        """How a page shows it: as entries, or as a table."""
        return self.asked.get("view") or "entries"

    @cached_property
    def choices(self) -> Asked:
        """The codes chosen in each group; `among` stands in where no kind was chosen."""
        chosen = {name: list(self.asked.get(name) or []) for name in GROUPS}
        if self.among and not chosen["kind"]:
            chosen["kind"] = list(self.among)
        return chosen

    @cached_property
    def chosen(self) -> list[tuple[str, str]]:
        """What the visitor chose, as pairs that make the same question again."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, code) for name in GROUPS for code in self.asked.get(name) or []]
        return pairs + ([("on", self.on.isoformat())] if self.on else [])

    def question(self, without: tuple = (), kinds: bool = False, **more: object) -> str:
        """The query string of this question, with parts left out or added: `""` or `?…`."""
        pairs = [pair for pair in self.chosen if pair != without]
        if kinds and self.among and not self.asked.get("kind"):
            pairs += [("kind", kind) for kind in self.among]
        if self.asked.get("sort"):
            pairs.append(("sort", self.sort))
        if self.view != "entries":
            pairs.append(("view", self.view))
        pairs = [pair for pair in pairs if pair[0] not in more]
        pairs += [(name, str(value)) for name, value in more.items() if value]
        return "?" + urlencode(pairs) if pairs else ""

    # Who answers

    @cached_property
    def hits(self) -> tuple[BitMap, BitMap]:
        """Who the words find: by names of their own, and by any."""
        if not self.q:
            return self.index.everyone, self.index.everyone
        kept = self.index.index.hits
        hits = kept.get(self.q)
        if hits is None:
            own, found = search_index.keys(self.q)
            hits = BitMap(own), BitMap(found)
            if len(kept) >= MOST_QUERIES:
                kept.clear()
            kept[self.q] = hits
        return hits

    @cached_property
    def found(self) -> BitMap:
        if self.refusals:
            return BitMap()
        return self.index.answer(self.choices) & self.hits[1]

    @property
    def total(self) -> int:
        return len(self.found)

    @cached_property
    def everyone(self) -> int:
        """How many there are in all, whatever is asked."""
        return len(self.index.being("kind", list(self.among)))

    def keys(self, start: int = 0) -> Iterator[int]:
        """The organization ids of the whole list, in order, from the `start`-th on."""
        if not self.q or self.asked.get("sort"):
            return self.index.ordered(self.found, self.sort, start)
        own = self.found & self.hits[0]
        later = self.index.ordered(self.found - own, self.sort, max(0, start - len(own)))
        return chain(self.index.ordered(own, self.sort, start), later)

    # A page of it, and all of it

    @property
    def number(self) -> int:
        return self.asked.get("page") or 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def is_past_end(self) -> bool:
        return self.number > self.pages

    @property
    def status(self) -> int:
        """What every door answers: 400 for a bad value, 404 past the end, else 200."""
        return 400 if self.refusals else 404 if self.is_past_end else 200

    @cached_property
    def page_keys(self) -> list[int]:
        return list(islice(self.keys((self.number - 1) * PAGE_SIZE), PAGE_SIZE))

    @cached_property
    def page(self) -> list[Record]:
        return self.records(self.page_keys)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Every member of the list as a row of a file, in order, fetched by the batch."""
        keys = self.keys()
        batches = iter(lambda: list(islice(keys, BATCH)), [])
        for found in ahead(partial(export_rows.read, on=self.index.day), batches):
            yield from export_rows.told(found, self.index.vocabulary)

    def records(self, keys: Iterable[int], brief: bool = False) -> list[Record]:
        found = fetch(list(keys), self.index.vocabulary, self.index.day, brief)
        # Above the size where an index is renewed behind, a member may just have left.
        return [record for record in found if record.is_member]

    # What else could be asked

    def options(self, name: str, values) -> list[Option]:
        chosen = self.asked.get(name) or []
        counts = self.counts(name)
        return [Option(value, counts(value), value in chosen) for value in values]

    def counts(self, name: str) -> Callable[[str], int]:
        """How many each option would leave; counted once for all pages and orders of a list."""
        others = (pair for pair in self.choices.items() if pair[0] != name)
        asked = name, self.q, tuple((key, tuple(codes)) for key, codes in others)
        counts = partial(self.index.counts, name, self.choices, self.hits[1])
        return self.index.kept_counts(asked, counts)

    @cached_property
    def facets(self) -> Mapping[str, list[Option]]:
        """Each group's options with their counts; a region's only where somebody is."""
        if self.refusals:
            return {}
        vocabulary = self.index.vocabulary
        return {
            "role": self.options("role", vocabulary.role),
            "kind": self.options("kind", self.among or Kind.values),
            "region": self.options("region", [*self.regions, NONE]),
            "sector": self.options("sector", [*vocabulary.sector, NONE]),
            "evidence": self.options("evidence", EVIDENCE),
            "community": self.options("community", vocabulary.community),
        }

    @property
    def regions(self) -> list[str]:
        """The provinces, and below them what is used, or opened where there is much of it."""
        provinces = [row.code for row in self.index.vocabulary.provinces]
        asked = self.asked.get("region") or []
        chosen = [code for code in asked if code != NONE]
        used = self.index.used_regions
        if sum(map(len, used.values())) > MOST_REGIONS:
            used = {code: used.get(code, []) for code in {choice[:2] for choice in chosen}}
            codes = [code for below in used.values() for code in below if self._opens(code, chosen)]
        else:
            codes = [code for below in used.values() for code in below]
        return sorted({*provinces, *codes, *chosen})

    def _opens(self, code: str, chosen: list[str]) -> bool:
        """Whether what was chosen lies in the region that holds this one, or is it."""
        prefix = self.index.vocabulary.holder[code]
        return bool(prefix) and any(choice.startswith(prefix) for choice in chosen)

    # What cannot be asked

    def _refusals(self) -> Iterator[Refusal]:
        for name, errors in self.form.errors.as_data().items():
            for error in chain.from_iterable(e.error_list for e in errors):
                value = str((error.params or {}).get("value") or self.params.get(name, ""))[:60]
                reason = "".join(error.messages)
                yield Refusal(name, value, reason, self._without(name, value))

    def _without(self, name: str, value: str) -> str:
        known = self.form.fields
        pairs = [
            (key, text)
            for key, texts in self.params.lists()
            if key in known
            for text in texts
            if not (key == name and (text.strip()[:60] == value or key not in GROUPS))
        ]
        return "?" + urlencode(pairs, errors="replace") if pairs else "?"
