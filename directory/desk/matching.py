"""Who of very many is meant by a row: built once, asked for each row, in bounded memory.

Each organization is kept under hashes of its codes and of what its names share with every name
that they are like (`likeness.keys`); who shares a hash is then compared by `likeness` itself.
"""

from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.utils.functional import Promise

from directory.desk import likeness
from directory.desk.likeness import UNSURE, Body
from directory.desk.naming import Name, Places
from directory.models import Alias, Organization

BATCH = 2000
MOST_ALIKE = 200  # of one key: a key that more share tells nobody apart
NAME, ALIAS, CREDIT, SCHOOL = range(4)
ORDER = {"code": 0, "name": 1, "alias": 2, "likeness": 3}


class Match(NamedTuple):
    """An organization that may be meant; `how` is code, name, alias or likeness."""

    organization: int
    score: float
    how: str
    reasons: tuple[Promise, ...]


class Chains:
    """Who is kept under which key: numbers in flat arrays, 16 bytes for each."""

    def __init__(self):
        self.heads = array("I", bytes(4 * 1024))
        self.prints = array("I", [0])
        self.owners = array("I", [0])
        self.later = array("I", [0])

    def add(self, keys: Iterable[str], owner: int) -> None:
        heads, later, mask = self.heads, self.later, len(self.heads) - 1
        for key in keys:
            print_ = hash(key) & 0xFFFFFFFF
            head = print_ & mask
            later.append(heads[head])
            heads[head] = len(self.prints)
            self.prints.append(print_)
            self.owners.append(owner)
        if len(self.prints) > len(heads):
            self.widen()

    def widen(self) -> None:
        self.heads = heads = array("I", bytes(16 * len(self.heads)))
        later, mask = self.later, len(heads) - 1
        for at, print_ in enumerate(self.prints):
            if at:
                later[at] = heads[print_ & mask]
                heads[print_ & mask] = at

    def under(self, key: str) -> Iterator[int]:
        print_ = hash(key) & 0xFFFFFFFF
        at = self.heads[print_ & (len(self.heads) - 1)]
        while at:
            if self.prints[at] == print_:
                yield self.owners[at]
            at = self.later[at]


class Matcher:
    """Organizations and rows, asked which of them a row may mean."""

    def __init__(self, places: Places | None = None):
        self.places = places or Places.known()
        self.chains = Chains()
        self.keys = array("q")
        self.first = array("I", [0])
        self.sorts = array("b")
        self.ends = array("I", [0])
        self.texts = bytearray()

    @classmethod
    def known(cls) -> "Matcher":
        """With every organization of the directory."""
        matcher = cls()
        for row in everybody():
            matcher.add(*row)
        return matcher

    def __len__(self) -> int:
        return len(self.keys)

    def body(self, names, aliases=(), credit_code="", school_code="") -> Body:
        return likeness.body(self.places, names, aliases, credit_code, school_code)

    def add(self, key: int, names, aliases=(), credit_code="", school_code="") -> None:
        """Keep an organization, or a row of a file under a key of its own."""
        self.keep(key, self.body(names, aliases, credit_code, school_code))

    def keep(self, key: int, body: Body) -> None:
        owner = len(self.keys)
        slips = set().union(*map(likeness.slips, body.names + body.aliases))
        shared = {*certain_keys(body), *likely_keys(body), *telling_keys(body)}
        shared.update(f"-{slip}" for slip in slips)
        self.chains.add(shared, owner)
        self.keys.append(key)
        for sort, texts in enumerate(_texts(body)):
            for text in texts:
                self.texts += text.encode()
                self.ends.append(len(self.texts))
                self.sorts.append(sort)
        self.first.append(len(self.sorts))

    def kept(self, owner: int) -> Body:
        """The body that was kept, read again from its texts."""
        found: tuple[list, ...] = ([], [], [], [])
        for mark in range(self.first[owner], self.first[owner + 1]):
            text = self.texts[self.ends[mark] : self.ends[mark + 1]].decode()
            found[self.sorts[mark]].append(text)
        read = self.places.read_text
        names, aliases = (tuple(map(read, texts)) for texts in found[:2])
        return Body(names, aliases, "".join(found[CREDIT]), "".join(found[SCHOOL]))

    def match(self, names, credit_code="", school_code="", aliases=()) -> list[Match]:
        """Who may be meant, best first: who it certainly is, or else whoever is like it."""
        return self.meant(self.body(names, aliases, credit_code, school_code))

    def meant(self, body: Body) -> list[Match]:
        certain = [m for m in self.compared(body, certain_keys(body)) if m.score == 1]
        return certain or self.alike(body, narrow=True)

    def alike(self, body: Body, least: float = UNSURE, narrow: bool = False) -> list[Match]:
        """Everybody who is like it, the certain ones and the likely ones.

        The narrow way leaves out those whose Chinese names say that they are others.
        """
        likely = likely_keys(body)
        if (narrow or least > UNSURE) and is_chinese(body):
            wide = bones(body.names) - bones(body.aliases)
            likely = (f"#{key}" if key in wide else key for key in likely)
        every = (*certain_keys(body), *likely, *slip_keys(body))
        return [match for match in self.compared(body, every) if match.score >= least]

    def compared(self, body: Body, keys: Iterable[str]) -> list[Match]:
        found: set[int] = set()
        for key in keys:
            for number, owner in enumerate(self.chains.under(key)):
                if number == MOST_ALIKE:
                    break
                found.add(owner)
        matches = [
            Match(self.keys[owner], like.score, like.how, like.reasons)
            for owner in found
            if (like := likeness.likeness(body, self.kept(owner))).score
        ]
        return sorted(matches, key=lambda m: (-m.score, ORDER[m.how], m.organization))


def certain_keys(body: Body) -> Iterator[str]:
    yield from (f"@{code}" for code in (body.credit_code, body.school_code) if code)
    yield from (f"={name.core}" for name in body.names + body.aliases)


def likely_keys(body: Body) -> Iterator[str]:
    for name in body.names + body.aliases:
        yield from likeness.keys(name)


def telling_keys(body: Body) -> Iterator[str]:
    """Under what it is found by a body with a Chinese name that is another one than its own."""
    names = body.aliases if is_chinese(body) else body.names + body.aliases
    yield from (f"#{key}" for key in bones(names))


def bones(names: Iterable[Name]) -> set[str]:
    """The keys of skeletons: very many share one, where each name is three syllables."""
    latin = (name for name in names if not name.han)
    return {key for name in latin for key in likeness.keys(name) if key.startswith("#")}


def is_chinese(body: Body) -> bool:
    return any(name.han for name in body.names)


def slip_keys(body: Body) -> Iterator[str]:
    """Where those are kept that are one slip away: as a core, or without a character."""
    for name in body.names + body.aliases:
        slips = likeness.slips(name)
        if slips:
            yield f"-{name.core}"
        yield from (f"={slip}" for slip in slips)
        if likeness.substitutable(name):
            yield from (f"-{slip}" for slip in slips)


def _texts(body: Body) -> Iterator[list[str]]:
    yield [name.text for name in body.names]
    yield [name.text for name in body.aliases]
    yield [body.credit_code] if body.credit_code else []
    yield [body.school_code] if body.school_code else []


def everybody() -> Iterator[tuple[int, list[str], list[str], str, str]]:
    """Every organization with its names, aliases and codes, read side by side."""
    columns = ("pk", "name", "name_en", "credit_code", "school_code")
    rows = Organization.objects.order_by("pk").values_list(*columns)
    named = Alias.objects.order_by("organization_id", "pk").values_list("organization_id", "name")
    groups = groupby(named.iterator(chunk_size=BATCH), key=itemgetter(0))
    whose, group = next(groups, (None, ()))
    for key, name, name_en, credit, school in rows.iterator(chunk_size=BATCH):
        aliases = []
        while whose is not None and whose <= key:
            if whose == key:
                aliases = [alias for _key, alias in group]
            whose, group = next(groups, (None, ()))
        yield key, [n for n in (name, name_en) if n], aliases, credit, school
