"""What sources say together, by all who saw and read them: a logarithmic opinion pool over sources.

See docs/protocol.md, section 23.2. A source says what all its readers agree on at least: one more can only
take from that, whichever way it speaks. The sum over sources is divided by what their errors may have in
common.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from operator import add, sub
from typing import Final, NamedTuple

from tocsin.readings.arithmetic import WHOLE_PERMILLE, toward_zero
from tocsin.readings.weighing import Millinats, Voice

ERRORS_ALIKE: Final = Fraction(3, 8)
"""How far errors of any two readings are held to go together, though they rest on different sources: that is
the estimate of copying which nobody declares (docs/decisions/0037). What is declared counts once."""
_ONE: Final = 1_000


class Other(NamedTuple):
    """A pool in which one member says something else, or nothing: what that comes to in all.

    `values`: what those sources say then that it speaks of now or would then; none, if nobody else does.
    """

    together: Millinats
    values: Mapping[int, Millinats | None]


class _Others(NamedTuple):
    """What all but one member say: their sum, and of the sources by which it has a voice, theirs by each."""

    sum: Sequence[int]
    milli: int
    values: Mapping[int, Millinats | None]
    shares: Mapping[int, int]


class Pool:
    """So many alternatives, by these voices."""

    def __init__(self, voices: Iterable[Voice], width: int) -> None:
        heard: defaultdict[int, list[Voice]] = defaultdict(list)
        self._of_member: defaultdict[str, list[int]] = defaultdict(list)
        for one in voices:
            heard[one.source].append(one)
            self._of_member[one.member].append(one.source)
        self.heard: Mapping[int, Sequence[Voice]] = dict(sorted(heard.items()))
        self.values = {source: _said(some) for source, some in self.heard.items()}
        self._shares = {source: _share_milli(some) for source, some in self.heard.items()}
        self.members = sorted(self._of_member)
        self._nothing = (0,) * width
        self._sum = self._added(self.values.values())
        self._milli = sum(self._shares.values())
        self._others = cache(self._said_by_others)

    @property
    def together(self) -> Millinats:
        """What all say together."""
        return tempered(self._sum, self._milli)

    @property
    def independent_milli(self) -> int:
        """To how many independent readings that comes, in thousandths."""
        (count,) = tempered([self._milli], self._milli)
        return count

    def without(self, source: int) -> Millinats:
        """What all say together but that source."""
        return tempered(list(map(sub, self._sum, self.values[source])), self._milli - self._shares[source])

    def otherwise(self, member: str, voices: Sequence[Voice] = ()) -> Other:
        """If that member said this, weighing 1,000 permille, and nothing of what it says now."""
        others = self._others(member)
        values, milli, gone, come = dict(others.values), others.milli, [], []
        for one in voices:
            theirs = values.get(one.source, self.values.get(one.source))
            milli += max(0, one.share_milli - others.shares.get(one.source, self._shares.get(one.source, 0)))
            values[one.source] = says = _agreed([theirs, one.says]) if theirs else one.says
            gone.append(theirs or self._nothing)
            come.append(says)
        return Other(tempered(self._exchanged(others.sum, gone, come), milli), values)

    def _said_by_others(self, member: str) -> _Others:
        sources = self._of_member.get(member, ())
        heard = {source: [one for one in self.heard[source] if one.member != member] for source in sources}
        values = {source: _said(some) if some else None for source, some in heard.items()}
        shares = {source: _share_milli(some) for source, some in heard.items()}
        milli = self._milli + sum(shares.values()) - sum(self._shares[source] for source in heard)
        gone = [self.values[source] for source in heard]
        return _Others(self._exchanged(self._sum, gone, filter(None, values.values())), milli, values, shares)

    def _exchanged(
        self, whole: Sequence[int], gone: Iterable[Millinats], come: Iterable[Millinats]
    ) -> list[int]:
        return list(map(add, map(sub, whole, self._added(gone)), self._added(come)))

    def _added(self, values: Iterable[Millinats]) -> list[int]:
        return [sum(column) for column in zip(self._nothing, *values, strict=True)]


def tempered(millinats: Sequence[int], readings_milli: int) -> Millinats:
    """What so many readings say, less what their errors have in common.

    Of n readings whose errors correlate by r, the mean is worth n / (1 + (n - 1) r) independent ones
    (Kish 1965, section 8.2, the design effect; Jacobs 1995 of experts).
    """
    one = _ONE * ERRORS_ALIKE.denominator
    beyond_one = max(0, readings_milli - _ONE) * ERRORS_ALIKE.numerator
    return tuple(toward_zero(millinats, one, one + beyond_one))


def _said(voices: Sequence[Voice]) -> Millinats:
    """What a source says, which weighs as much as whoever weighs most of those who say it."""
    agreed = _agreed([one.says for one in voices]) if len(voices) > 1 else voices[0].says
    weight = max([one.weight for one in voices])
    return agreed if weight == WHOLE_PERMILLE else tuple(toward_zero(agreed, weight, WHOLE_PERMILLE))


def _agreed(said: Iterable[Millinats]) -> Millinats:
    """Of each coordinate what all say at least: the nearest to 0, or 0 if they are on different sides."""
    columns = zip(*said, strict=True)
    return tuple([low if (low := min(one)) > 0 else high if (high := max(one)) < 0 else 0 for one in columns])


def _share_milli(voices: Sequence[Voice]) -> int:
    return max([one.share_milli for one in voices], default=0)
