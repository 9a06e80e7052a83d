"""Which citations mean one source (docs/protocol.md, section 19).

- Two are one if they have the same canonical locator, or the same hash; and so on from one to the next.
- A source is verifiable if others can look at it: at a URL, or by its hash. All others of one member are one
  with each other: so many words of one organisation are one word.
- What cites a record is no source of its own (`citing`).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from tocsin.core.records import Source

_TRACKING = re.compile(r"(?:utm_[^=]*|fbclid|gclid)(?:=|\Z)", re.IGNORECASE)
_PORT = re.compile("[0-9]{0,5}")
_USUAL_PORTS = ("", "80", "443")


@lru_cache(maxsize=16_384)
def canonical_locator(text: str) -> str:
    """The one form of a locator, whatever kind of source it is given for.

    A URL of http or https, with no white space in it: as https; the host in lower case, without a name before
    it, leading `www.`, dots at its end and the ports 80 and 443; `/` for no path; no fragment; none of the
    parameters utm_*, fbclid and gclid, the others as they are. Any other text: NFKC, case folded, words
    parted by one space.
    """
    return _canonical_url(text) or " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=16_384)
def _canonical_url(text: str) -> str | None:
    url = text.strip()
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in ("http", "https") or url.split() != [url]:
        return None
    rest, _, query = rest.partition("#")[0].partition("?")
    authority, _, path = rest.partition("/")
    place = _place(authority.rpartition("@")[2].lower())
    kept = "&".join(field for field in query.split("&") if not _TRACKING.match(field))
    return place and f"https://{place}/{path}{kept and '?'}{kept}"


def _place(authority: str) -> str | None:
    """Host, and port if it is not the usual one; None for what is no host."""
    name, colon, port = authority.rpartition(":")
    if not colon or not _PORT.fullmatch(port):
        name, port = authority, ""
    name = name.rstrip(".").removeprefix("www.")
    if not name or (":" in name and not (name[0] == "[" and name[-1] == "]")):
        return None
    return name if port in _USUAL_PORTS else f"{name}:{port}"


def is_verifiable(source: Source) -> bool:
    """Whether others can look at it: it has a URL, or a hash."""
    return source.sha256 is not None or _canonical_url(source.locator or "") is not None


class Components:
    """Sources, and on whose word each rests, while more and more of them turn out to be one.

    A source is known by any number that stood for it once; members are bits. `resting` says on how many sets
    of members how many sources rest, those left out on which no member's word does.
    """

    def __init__(self) -> None:
        self.resting: Counter[int] = Counter()
        self._ids: dict[str, int] = {}
        self._parents: list[int] = []
        self._members: list[int] = []

    def cite(self, member: str, source: Source) -> int:
        """The source that a member cites. It is no record; nobody's word is given for it yet."""
        one = self._id(f"at {canonical_locator(source.locator or '')}")
        if source.sha256 is not None:
            one = self._join(one, self._id(f"of {source.sha256}"))
        if not is_verifiable(source):
            one = self._join(one, self._id(f"by {member}"))
        return one

    def rest(self, one: int, members: int) -> None:
        """That a source rests on the word of these members too."""
        one = self.find(one)
        before = self._members[one]
        if (after := before | members) != before:
            self._count(before, -1)
            self._count(after, +1)
            self._members[one] = after

    def find(self, one: int) -> int:
        """The number that now stands for a source."""
        parents = self._parents
        while (parent := parents[one]) != one:
            parents[one] = one = parents[parent]
        return one

    def members(self, one: int) -> int:
        """On whose word a source rests."""
        return self._members[self.find(one)]

    def _id(self, key: str) -> int:
        one = self._ids.setdefault(key, len(self._parents))
        if one == len(self._parents):
            self._parents.append(one)
            self._members.append(0)
        return one

    def _join(self, one: int, other: int) -> int:
        one, other = self.find(one), self.find(other)
        if one != other:
            self._parents[other] = one
            self._count(self._members[other], -1)
            self.rest(one, self._members[other])
        return one

    def _count(self, members: int, by: int) -> None:
        if members:
            self.resting[members] += by
            if not self.resting[members]:
                del self.resting[members]


def group(cited: Iterable[tuple[str, Source]]) -> tuple[tuple[int, ...], ...]:
    """Which of these citations, each by a member, mean one source: their places in the order given.

    Citations of records are in no group.
    """
    components = Components()
    ids = [
        (place, components.cite(member, source))
        for place, (member, source) in enumerate(cited)
        if source.record is None
    ]
    groups: dict[int, list[int]] = {}
    for place, one in ids:
        groups.setdefault(components.find(one), []).append(place)
    return tuple(map(tuple, groups.values()))
