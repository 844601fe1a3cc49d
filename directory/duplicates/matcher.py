"""Who of very many is meant by a row: built once, asked for each row, in bounded memory.

Each organization is kept under hashes of its codes and of what its names share with every name
that they are like (`likeness.keys`); who shares a hash is then compared by `likeness` itself.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from zlib import crc32

from django.utils.functional import Promise

from directory.duplicates import similarity
from directory.duplicates.normalize import Name, Places
from directory.duplicates.similarity import UNSURE, Body
from directory.models import Alias, Organization

BATCH = 2000
MOST_ALIKE = 200  # of one key: a key that more share tells nobody apart
CREDIT, SCHOOL = 2, 3
ORDER = {"code": 0, "name": 1, "alias": 2, "likeness": 3}


class Match(NamedTuple):
    """An organization that may be meant; `how` is code, name, alias or likeness."""

    organization: int
    score: float
    how: str
    reasons: tuple[Promise, ...]


class Chains:
    """Who is kept under which print of a key: numbers in flat arrays, 16 bytes for each."""

    def __init__(self):
        self.heads = array("I", bytes(4 * 1024))
        self.prints = array("I", [0])
        self.owners = array("I", [0])
        self.later = array("I", [0])

    def add(self, prints: bytes, owner: int) -> None:
        heads, later, mask = self.heads, self.later, len(self.heads) - 1
        for print_ in memoryview(prints).cast("I"):
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

    def sharing(self, wanted: bytes) -> set[int]:
        """Who is kept under any of these; a key under which too many are tells only of some."""
        heads, prints, owners, later = self.heads, self.prints, self.owners, self.later
        mask, found = len(heads) - 1, set()
        for print_ in memoryview(wanted).cast("I"):
            at, left = heads[print_ & mask], MOST_ALIKE
            while at and left:
                if prints[at] == print_:
                    found.add(owners[at])
                    left -= 1
                at = later[at]
        return found


class Keys(NamedTuple):
    """Under what a body is kept, and under what its likes are looked for."""

    certain: set[str]
    likely: set[str]
    # As `likely`, without those whose Chinese names say that they are others.
    narrow: set[str]
    # What only those with other Chinese names look for.
    telling: set[str]
    # One slip away: those who are kept, and those who are looked for.
    slips: set[str]
    slipped: set[str]


class Traits(NamedTuple):
    """What a matcher needs of a body: its texts by their sort, and the prints of its keys.

    All of it plain, so that another process can find it out.
    """

    texts: list[list[str]]
    certain: bytes
    others: bytes
    kept: bytes


def traits_of(body: Body) -> Traits:
    keys = keys_of(body)
    return Traits(
        list(_texts(body)),
        prints(keys.certain),
        prints((keys.narrow | keys.slipped) - keys.certain),
        prints(keys.certain | keys.likely | keys.telling | keys.slips),
    )


def prints(keys: Iterable[str]) -> bytes:
    """Of each key 32 bits, the same in every process."""
    return array("I", {crc32(key.encode()) for key in keys}).tobytes()


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
        return similarity.body(self.places, names, aliases, credit_code, school_code)

    def add(self, key: int, names, aliases=(), credit_code="", school_code="") -> None:
        """Keep an organization, or a row of a file under a key of its own."""
        self.keep(key, traits_of(self.body(names, aliases, credit_code, school_code)))

    def keep(self, key: int, traits: Traits) -> None:
        self.chains.add(traits.kept, len(self.keys))
        self.keys.append(key)
        for sort, texts in enumerate(traits.texts):
            for text in texts:
                self.texts += text.encode()
                self.ends.append(len(self.texts))
                self.sorts.append(sort)
        self.first.append(len(self.sorts))

    def kept(self, owner: int) -> Body:
        """The body that was kept, read again from its texts."""
        found: list[list[str]] = [[], [], [], []]
        for mark in range(self.first[owner], self.first[owner + 1]):
            text = self.texts[self.ends[mark] : self.ends[mark + 1]].decode()
            found[self.sorts[mark]].append(text)
        return self.read(found)

    def read(self, texts: list[list[str]]) -> Body:
        names, aliases = (tuple(map(self.places.read_text, each)) for each in texts[:2])
        return Body(names, aliases, "".join(texts[CREDIT]), "".join(texts[SCHOOL]))

    def match(self, names, credit_code="", school_code="", aliases=()) -> list[Match]:
        """Who may be meant, best first: who it certainly is, or else whoever is like it."""
        return self.meant(traits_of(self.body(names, aliases, credit_code, school_code)))

    def meant(self, traits: Traits) -> list[Match]:
        certain = self.chains.sharing(traits.certain)
        found = self.compared(traits, certain)
        if sure := [match for match in found if match.score == 1]:
            # A code may be one's and the name another's.
            return sure + [match for match in found if match.score < 1 and match.how == "name"]
        others = self.chains.sharing(traits.others) - certain
        return in_order(found + self.compared(traits, others))

    def alike(self, body: Body, least: float = UNSURE, narrow: bool = False) -> list[Match]:
        """Everybody who is like it, the certain ones and the likely ones.

        The narrow way leaves out those whose Chinese names say that they are others.
        """
        keys = keys_of(body)
        likely = keys.narrow if narrow or least > UNSURE else keys.likely
        sharing = self.chains.sharing(prints(keys.certain | likely | keys.slipped))
        return in_order(self.compared(traits_of(body), sharing), least)

    def compared(self, traits: Traits, owners: Collection[int]) -> list[Match]:
        """Those of them that are like it; it is read only where there is somebody."""
        body = self.read(traits.texts) if owners else None
        likes = ((owner, similarity.likeness(body, self.kept(owner))) for owner in owners)
        return [
            Match(self.keys[owner], like.score, like.how, like.reasons)
            for owner, like in likes
            if like.score
        ]


def in_order(matches: Iterable[Match], least: float = UNSURE) -> list[Match]:
    """Those that are alike enough, the likeliest first."""
    found = (match for match in matches if match.score >= least)
    return sorted(found, key=lambda m: (-m.score, ORDER[m.how], m.organization))


# Of one body they are asked for again at once: who is like it, and under what it is kept.
@lru_cache(maxsize=4)
def keys_of(body: Body) -> Keys:
    names = [(name, similarity.keys(name)) for name in body.names]
    aliases = [(name, similarity.keys(name)) for name in body.aliases]
    every, is_chinese = names + aliases, any(name.han for name in body.names)
    certain = {f"@{code}" for code in (body.credit_code, body.school_code) if code}
    certain.update(f"={name.core}" for name, _keys in every)
    # A space set otherwise can make of a word the form of a company.
    certain.update(f"={name.plain}" for name, _keys in every if not name.han)
    likely = {key for _name, keys in every for key in keys}
    # Very many share a skeleton, where each name is three syllables.
    own, other = bones(names), bones(aliases)
    wide = own - other if is_chinese else frozenset()
    slips, slipped = set(), set()
    for name, _keys in every:
        missing = similarity.slips(name)
        slips.update(f"-{slip}" for slip in missing)
        slipped.update(f"={slip}" for slip in missing)
        if missing:
            slipped.add(f"-{name.core}")
        if similarity.substitutable(name):
            slipped.update(f"-{slip}" for slip in missing)
    return Keys(
        certain,
        likely,
        {f"#{key}" if key in wide else key for key in likely},
        {f"#{key}" for key in (other if is_chinese else own | other)},
        slips,
        slipped,
    )


def bones(names: Iterable[tuple[Name, tuple[str, ...]]]) -> set[str]:
    """The keys of skeletons, which only Latin names have."""
    return {key for name, keys in names if not name.han for key in keys if key.startswith("#")}


def _texts(body: Body) -> Iterator[list[str]]:
    """Names, aliases, and the two codes."""
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
