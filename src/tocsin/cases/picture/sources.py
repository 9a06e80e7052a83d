"""Which citations mean one source (docs/protocol.md, section 19).

- Two are one if they have the same canonical locator, or the same hash; and so on from one to the next.
- A source is verifiable if others can look at it: at a URL, or by its hash. All others of one member are one
  with each other: so many words of one organisation are one word.
- What cites a record is no source of its own (`citing`).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from tocsin.cases.picture.view import SourceView
from tocsin.core.records import Ref, Source

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


class Cited(NamedTuple):
    """That a record of a member cites a source, in the `nth` place.

    Citations with one of their `names` in common mean the same.
    """

    ref: Ref
    nth: int
    member: str
    source: Source
    names: tuple[str, ...]


def cited(ref: Ref, sources: Sequence[Source]) -> tuple[Cited, ...]:
    """What a record cites that is no record."""
    member = ref.log_name.member
    return tuple(
        Cited(ref, nth, member, one, _names(member, one.locator or "", one.sha256))
        for nth, one in enumerate(sources)
        if one.record is None
    )


@lru_cache(maxsize=16_384)
def _names(member: str, locator: str, sha256: str | None) -> tuple[str, ...]:
    at = f"at {canonical_locator(locator)}"
    if sha256 is not None:
        return at, f"of {sha256}"
    return (at,) if _canonical_url(locator) else (at, f"by {member}")


@dataclass(slots=True, eq=False)
class OneSource:
    """All that was found to cite one source.

    `members` are those on whose word it rests, as bits. `shown` is how it was shown last, and where it came
    first, None as soon as that may be otherwise.
    """

    cited: list[Cited] = field(default_factory=list)
    members: int = 0
    shown: tuple[tuple[int, int], SourceView] | None = None


class Components:
    """Sources, while citations come and go, and more or less of them turn out to be one.

    `resting` says on how many sets of members how many sources rest, those left out on which no member's word
    does.
    """

    def __init__(self) -> None:
        self.resting: Counter[int] = Counter()
        self._known: dict[str, OneSource] = {}

    def __iter__(self) -> Iterator[OneSource]:
        return iter(set(self._known.values()))

    def find(self, cited: Cited) -> OneSource:
        """The source that is cited."""
        return self._known[cited.names[0]]

    def add(self, cited: Cited, members: int) -> None:
        """One more citation, on the word of these members."""
        known = self._known
        one = known.get(cited.names[0]) or OneSource()
        for name in cited.names[1:]:
            if (other := known.get(name, one)) is not one:
                one = self._merged(one, other)
        for name in cited.names:
            known[name] = one
        one.cited.append(cited)
        one.shown = None
        self.rest(one, members)

    def remove(self, cited: Cited) -> Sequence[Cited]:
        """One citation less, of the others that meant the same source, which are returned.

        What it alone held together falls apart, and rests on nobody's word until it is given again.
        """
        one = self.find(cited)
        one.cited.remove(cited)
        one.shown = None
        # One name alone holds nothing together, and what is left has it, unless nothing is.
        if not one.cited or (len(cited.names) > 1 and all(other.names != cited.names for other in one.cited)):
            self._part(one, cited.names)
        return one.cited

    def rest(self, one: OneSource, members: int) -> None:
        """That a source rests on the word of these members too."""
        self._weigh(one, one.members | members)

    def release(self, one: OneSource) -> None:
        """That a source rests on nobody's word, until it is given again."""
        self._weigh(one, 0)

    def _merged(self, one: OneSource, other: OneSource) -> OneSource:
        less, more = sorted((one, other), key=lambda one: len(one.cited))
        for cited in less.cited:
            self._known.update(dict.fromkeys(cited.names, more))
        more.cited += less.cited
        self.rest(more, less.members)
        self.release(less)
        return more

    def _part(self, one: OneSource, names: Iterable[str]) -> None:
        self.release(one)
        for name in {*names, *(name for cited in one.cited for name in cited.names)}:
            del self._known[name]
        for cited in one.cited:
            self.add(cited, 0)

    def _weigh(self, one: OneSource, members: int) -> None:
        if members != one.members:
            self._count(one.members, -1)
            self._count(members, +1)
            one.members = members
            one.shown = None

    def _count(self, members: int, by: int) -> None:
        if members:
            self.resting[members] += by
            if not self.resting[members]:
                del self.resting[members]
