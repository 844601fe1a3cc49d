"""Finds which of very many organizations a row may mean: an index in bounded memory.

Each organization is stored under hashes of its codes and of the keys that similar names share
(`similarity.build_name_keys`); those that share a hash are then compared by `similarity`.
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
from directory.duplicates.normalize import NameParts, PlaceNames
from directory.duplicates.similarity import UNSURE, Identity
from directory.models import Alias, Organization

BATCH = 2000
MAX_PER_KEY = 200  # organizations read of one key; a key that more share does not distinguish
CREDIT, SCHOOL = 2, 3
METHOD_ORDER = {"code": 0, "name": 1, "alias": 2, "likeness": 3}


class DuplicateMatch(NamedTuple):
    """An organization that may be meant; `method` is code, name, alias or likeness."""

    organization: int
    score: float
    method: str
    reasons: tuple[Promise, ...]


class HashIndex:
    """A multimap from 32-bit hashes to owners, chained in flat arrays: 16 bytes an entry."""

    def __init__(self):
        self.heads = array("I", bytes(4 * 1024))
        self.hashes = array("I", [0])
        self.owners = array("I", [0])
        self.next_entries = array("I", [0])

    def add(self, hashes: bytes, owner: int) -> None:
        heads, next_entries, mask = self.heads, self.next_entries, len(self.heads) - 1
        for hash_ in memoryview(hashes).cast("I"):
            head = hash_ & mask
            next_entries.append(heads[head])
            heads[head] = len(self.hashes)
            self.hashes.append(hash_)
            self.owners.append(owner)
        if len(self.hashes) > len(heads):
            self.grow()

    def grow(self) -> None:
        """Take four times as many chains."""
        self.heads = heads = array("I", bytes(16 * len(self.heads)))
        next_entries, mask = self.next_entries, len(heads) - 1
        for entry, hash_ in enumerate(self.hashes):
            if entry:
                next_entries[entry] = heads[hash_ & mask]
                heads[hash_ & mask] = entry

    def find(self, wanted: bytes) -> set[int]:
        """Return the owners of any of these hashes: at most `MAX_PER_KEY` entries of each."""
        heads, hashes, owners = self.heads, self.hashes, self.owners
        next_entries, mask = self.next_entries, len(heads) - 1
        matches: set[int] = set()
        for hash_ in memoryview(wanted).cast("I"):
            entry, remaining = heads[hash_ & mask], MAX_PER_KEY
            while entry and remaining:
                if hashes[entry] == hash_:
                    matches.add(owners[entry])
                    remaining -= 1
                entry = next_entries[entry]
        return matches


class MatchKeys(NamedTuple):
    """The keys under which an identity is stored, and those by which similar ones are found."""

    certain: set[str]
    likely: set[str]
    # As `likely`, without those whose Chinese names differ.
    narrow_likely: set[str]
    # Stored only for queries of identities with other Chinese names.
    narrow_skeletons: set[str]
    # Of names one typo apart: those that are stored, and those that are queried.
    stored_slips: set[str]
    queried_slips: set[str]


class MatchTraits(NamedTuple):
    """What a matcher needs of an identity: its texts by kind, and the hashes of its keys.

    All values are plain, so that another process can compute them.
    """

    texts: list[list[str]]
    certain: bytes
    similar: bytes
    stored: bytes


def build_traits(identity: Identity) -> MatchTraits:
    """Compute the traits of an identity."""
    keys = build_match_keys(identity)
    return MatchTraits(
        list(_iter_texts(identity)),
        hash_keys(keys.certain),
        hash_keys((keys.narrow_likely | keys.queried_slips) - keys.certain),
        hash_keys(keys.certain | keys.likely | keys.narrow_skeletons | keys.stored_slips),
    )


def hash_keys(keys: Iterable[str]) -> bytes:
    """Return 32 bits of each key as bytes, the same in every process."""
    return array("I", {crc32(key.encode()) for key in keys}).tobytes()


class Matcher:
    """An index of organizations and rows, to find those that a row may mean."""

    def __init__(self, places: PlaceNames | None = None):
        self.places = places or PlaceNames.load()
        self.index = HashIndex()
        self.keys = array("q")
        self.first_texts = array("I", [0])
        self.text_kinds = array("b")
        self.text_ends = array("I", [0])
        self.texts = bytearray()

    @classmethod
    def load(cls) -> "Matcher":
        """Build a matcher with all organizations of the directory."""
        matcher = cls()
        for row in iter_organizations():
            matcher.add(*row)
        return matcher

    def __len__(self) -> int:
        return len(self.keys)

    def build_identity(self, names, aliases=(), credit_code="", school_code="") -> Identity:
        return similarity.build_identity(self.places, names, aliases, credit_code, school_code)

    def add(self, key: int, names, aliases=(), credit_code="", school_code="") -> None:
        """Add an organization, or a row of a file under a key of its own."""
        self.add_traits(
            key, build_traits(self.build_identity(names, aliases, credit_code, school_code))
        )

    def add_traits(self, key: int, traits: MatchTraits) -> None:
        """Add what these traits were computed of."""
        self.index.add(traits.stored, len(self.keys))
        self.keys.append(key)
        for kind, texts in enumerate(traits.texts):
            for text in texts:
                self.texts += text.encode()
                self.text_ends.append(len(self.texts))
                self.text_kinds.append(kind)
        self.first_texts.append(len(self.text_kinds))

    def get_identity(self, owner: int) -> Identity:
        """Return the identity at this position, parsed again from its texts."""
        texts: list[list[str]] = [[], [], [], []]
        for at in range(self.first_texts[owner], self.first_texts[owner + 1]):
            text = self.texts[self.text_ends[at] : self.text_ends[at + 1]].decode()
            texts[self.text_kinds[at]].append(text)
        return self.parse_identity(texts)

    def parse_identity(self, texts: list[list[str]]) -> Identity:
        """Parse the texts of traits."""
        names, aliases = (tuple(map(self.places.parse_text, each)) for each in texts[:2])
        return Identity(names, aliases, "".join(texts[CREDIT]), "".join(texts[SCHOOL]))

    def match(self, names, credit_code="", school_code="", aliases=()) -> list[DuplicateMatch]:
        """Return who may be meant, best first: the certain ones, or else the similar ones."""
        return self.match_traits(
            build_traits(self.build_identity(names, aliases, credit_code, school_code))
        )

    def match_traits(self, traits: MatchTraits) -> list[DuplicateMatch]:
        """Return the same as `match`, of traits."""
        owners = self.index.find(traits.certain)
        matches = self.compare(traits, owners)
        if certain := [match for match in matches if match.score == 1]:
            # The code may be of one organization and the name of another.
            return certain + [m for m in matches if m.score < 1 and m.method == "name"]
        similar = self.index.find(traits.similar) - owners
        return sort_matches(matches + self.compare(traits, similar))

    def find_similar(
        self, identity: Identity, minimum: float = UNSURE, narrow: bool = False
    ) -> list[DuplicateMatch]:
        """Return all similar ones, the certain and the likely.

        With `narrow`, without those whose Chinese names differ.
        """
        keys = build_match_keys(identity)
        likely = keys.narrow_likely if narrow or minimum > UNSURE else keys.likely
        owners = self.index.find(hash_keys(keys.certain | likely | keys.queried_slips))
        return sort_matches(self.compare(build_traits(identity), owners), minimum)

    def compare(self, traits: MatchTraits, owners: Collection[int]) -> list[DuplicateMatch]:
        """Return the matches among these owners; the traits are parsed only if there are any."""
        if not owners:
            return []
        identity = self.parse_identity(traits.texts)
        results = (
            (owner, similarity.compare_identities(identity, self.get_identity(owner)))
            for owner in owners
        )
        return [
            DuplicateMatch(self.keys[owner], result.score, result.method, result.reasons)
            for owner, result in results
            if result.score
        ]


def sort_matches(
    matches: Iterable[DuplicateMatch], minimum: float = UNSURE
) -> list[DuplicateMatch]:
    """Return those of at least this score, the most similar first."""
    selected = (match for match in matches if match.score >= minimum)
    return sorted(selected, key=lambda m: (-m.score, METHOD_ORDER[m.method], m.organization))


# The keys of one identity are needed twice in a row: to find similar ones, and to store it.
@lru_cache(maxsize=4)
def build_match_keys(identity: Identity) -> MatchKeys:
    """Build all keys of an identity."""
    names = [(name, similarity.build_name_keys(name)) for name in identity.names]
    aliases = [(name, similarity.build_name_keys(name)) for name in identity.aliases]
    every, is_chinese = names + aliases, any(name.is_chinese for name in identity.names)
    certain = {f"@{code}" for code in (identity.credit_code, identity.school_code) if code}
    certain.update(f"={name.core}" for name, _keys in every)
    # With spaces elsewhere, a word can become a legal form.
    certain.update(f"={name.plain}" for name, _keys in every if not name.is_chinese)
    likely = {key for _name, keys in every for key in keys}
    # Very many names of three syllables share a skeleton.
    own, other = get_skeleton_keys(names), get_skeleton_keys(aliases)
    wide = own - other if is_chinese else frozenset()
    narrow = {f"#{key}" if key in wide else key for key in likely}
    skeletons = {f"#{key}" for key in (other if is_chinese else own | other)}
    stored, queried = build_slip_keys([*identity.names, *identity.aliases])
    return MatchKeys(certain, likely, narrow, skeletons, stored, queried)


def build_slip_keys(names: Iterable[NameParts]) -> tuple[set[str], set[str]]:
    """Build the keys of names one typo apart: those to store, and those to query."""
    stored: set[str] = set()
    queried: set[str] = set()
    for name in names:
        slips = similarity.build_slips(name)
        stored.update(f"-{slip}" for slip in slips)
        queried.update(f"={slip}" for slip in slips)
        if slips:
            queried.add(f"-{name.core}")
        if similarity.is_substitutable(name):
            queried.update(f"-{slip}" for slip in slips)
    return stored, queried


def get_skeleton_keys(names: Iterable[tuple[NameParts, tuple[str, ...]]]) -> set[str]:
    """Return the skeleton keys, which only Latin names have."""
    return {
        key for name, keys in names if not name.is_chinese for key in keys if key.startswith("#")
    }


def _iter_texts(identity: Identity) -> Iterator[list[str]]:
    """Yield the names, the aliases and each of the two codes as lists of texts."""
    yield [name.text for name in identity.names]
    yield [name.text for name in identity.aliases]
    yield [identity.credit_code] if identity.credit_code else []
    yield [identity.school_code] if identity.school_code else []


def iter_organizations() -> Iterator[tuple[int, list[str], list[str], str, str]]:
    """Yield each organization with its names, aliases and codes, from two parallel queries."""
    columns = ("pk", "name", "name_en", "credit_code", "school_code")
    rows = Organization.objects.order_by("pk").values_list(*columns)
    alias_rows = Alias.objects.order_by("organization_id", "pk").values_list(
        "organization_id", "name"
    )
    groups = groupby(alias_rows.iterator(chunk_size=BATCH), key=itemgetter(0))
    owner, group = next(groups, (None, ()))
    for key, name, name_en, credit, school in rows.iterator(chunk_size=BATCH):
        aliases = []
        while owner is not None and owner <= key:
            if owner == key:
                aliases = [alias for _key, alias in group]
            owner, group = next(groups, (None, ()))
        yield key, [n for n in (name, name_en) if n], aliases, credit, school
