"""On how few words all sources can rest (docs/protocol.md, section 19, and decision 23).

A member that repeats what others cite may only ever lower these numbers. What counts is therefore not how
many members speak, but how few would do: a smallest set of members of whom one, at least, stands for each
source. Finding it takes time that grows out of hand with the members, which others could bring about; so

- exact: if the smallest set has no more members than are searched for; else as many as it has at least;
- searched for are sets of k members, while of n members there are no more than 5,000 sets of less than k: all
  sets of up to 12 members, sets of 6 of 15, of 4 of 30, of 3 of 64;
- if more sources than that rest on one member alone each, another for each source, that many.

The last two only fall when there are more members or when a source rests on more members, as they do by
repetition: and so does the least of them and the exact number.
"""

from collections.abc import Collection, Iterator, Mapping
from math import comb
from typing import NamedTuple

from tocsin.cases.picture.citing import Citations
from tocsin.core.views import Terms

_MOST_SETS = 5_000


class Figures(NamedTuple):
    """On how much a case rests, and whether that is what the charter calls corroborated."""

    independent_sources: int
    organisations: int
    economies: int
    corroborated: bool


class Missing(NamedTuple):
    """What a case lacks of what the charter calls corroborated: 0 where it has enough."""

    sources: int
    organisations: int
    economies: int


def missing(sources: int, organisations: int, economies: int, terms: Terms) -> Missing:
    """What is missing where a case rests on so much."""
    return Missing(
        max(0, terms.independent_sources - sources),
        max(0, terms.organisations - organisations),
        max(0, terms.economies - economies),
    )


def figures(citations: Citations, terms: Terms) -> Figures:
    """What the charter of `terms` makes of these citations."""
    resting = citations.components.resting
    sources, organisations = resting.total(), fewest(resting)
    economies = fewest(set(_in_economies(resting, citations, terms)))
    is_enough = not any(missing(sources, organisations, economies, terms))
    return Figures(sources, organisations, economies, is_enough)


def _in_economies(resting: Collection[int], citations: Citations, terms: Terms) -> Iterator[int]:
    """The same sets with a bit for each economy; members of whom the charter knows nothing are of one."""
    names = [party.economy for party in map(terms.parties.get, citations.members) if party]
    known = {economy: 2 << number for number, economy in enumerate(sorted(set(names)))}
    economy_of = [
        known[party.economy] if (party := terms.parties.get(member)) else 1 for member in citations.members
    ]
    for members in resting:
        yield _union([economy_of[bit.bit_length() - 1] for bit in _bits(members)])


def fewest(resting: Collection[int]) -> int:
    """How many members all sources can rest on, at least; each source is given as the bits of its members.

    The work is bounded whatever is given. Each call of `_suffice` has chosen another set of less than k
    members, and does at most n steps on one number of as many bits as there are different sources: at most
    5,000 n steps for each k.
    """
    alone = {members for members in resting if members & (members - 1) == 0}
    chosen = _union(alone)
    rest = sorted((members for members in set(resting) if not members & chosen), key=_size)
    if not rest:
        return len(alone)
    most = max(len(alone), _searched(_union(resting).bit_count()) + 1)
    stands_for = {bit: _places(rest, bit) for bit in _bits(_union(rest))}
    for size in range(1, most - len(alone)):
        if _suffice(size, (1 << len(rest)) - 1, 0, rest, stands_for):
            return len(alone) + size
    return most


def _suffice(size: int, left: int, without: int, rest: list[int], stands_for: Mapping[int, int]) -> bool:
    """Whether `size` members, none of them one of `without`, stand for all that is `left` of `rest`.

    One of those on whom the first one left rests is chosen; those tried before it are left out from then on:
    so no set is come to twice.
    """
    first = rest[(left & -left).bit_length() - 1]
    for bit in _bits(first & ~without):
        still = left & ~stands_for[bit]
        if not still or (size > 1 and _suffice(size - 1, still, without, rest, stands_for)):
            return True
        without |= bit
    return False


def _searched(members: int) -> int:
    """The most members that sets which are searched for have, of so many members."""
    size = sets = 0
    while size < members and (sets := sets + comb(members, size)) <= _MOST_SETS:
        size += 1
    return size


def _size(members: int) -> tuple[int, int]:
    return members.bit_count(), members


def _places(rest: list[int], bit: int) -> int:
    return int("".join("1" if members & bit else "0" for members in reversed(rest)), 2)


def _union(sets: Collection[int]) -> int:
    union = 0
    for members in sets:
        union |= members
    return union


def _bits(members: int) -> Iterator[int]:
    while members:
        bit = members & -members
        yield bit
        members ^= bit
