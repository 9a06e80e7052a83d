"""What sources say together, by all who saw and read them: a logarithmic opinion pool over sources.

See docs/protocol.md, section 23.2. A source says what all its readers agree on at least: one more can only
take from that. The sum over sources is divided by what their errors may have in common, so that whoever says
anything more of a source makes nothing surer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from operator import add, sub
from typing import Final, NamedTuple

from tocsin.readings.arithmetic import toward_zero
from tocsin.readings.weighing import Millinats, Voice

ERRORS_ALIKE: Final = Fraction(3, 8)
"""How far errors of any two readings are held to go together, though they rest on different sources: that is
the estimate of copying which nobody declares. What is declared counts once. Of eighths it is the least with
which hardly ever something false is held likelier than 90 % where five of seven copy and none says so
(`validation.simulating`)."""
_ONE: Final = 1_000


class Other(NamedTuple):
    """A pool in which one member says something else, or nothing: what that comes to in all.

    `values`: what those sources say then that it speaks of now or would then; none, if nobody else does.
    """

    together: Millinats
    values: Mapping[int, Millinats | None]
    heard: Mapping[int, Sequence[Voice]]


class Pool:
    """So many alternatives, by these voices."""

    def __init__(self, voices: Iterable[Voice], width: int) -> None:
        heard: defaultdict[int, list[Voice]] = defaultdict(list)
        self._of_member: defaultdict[str, list[int]] = defaultdict(list)
        for one in voices:
            heard[one.source].append(one)
            self._of_member[one.member].append(one.source)
        self.heard: Mapping[int, Sequence[Voice]] = dict(sorted(heard.items()))
        self.values = {source: _agreed(some) for source, some in self.heard.items()}
        self._shares = {source: _share_milli(some) for source, some in self.heard.items()}
        self._nothing = (0,) * width
        self._sum = self._added(self.values.values())
        self._milli = sum(self._shares.values())

    @property
    def together(self) -> Millinats:
        """What all say together."""
        return tempered(self._sum, self._milli)

    @property
    def independent_milli(self) -> int:
        """To how many independent readings that comes, in thousandths."""
        (count,) = tempered([self._milli], self._milli)
        return count

    @property
    def members(self) -> Sequence[str]:
        """Who has a voice."""
        return sorted(self._of_member)

    def without(self, source: int) -> Millinats:
        """What all say together but that source."""
        return tempered(list(map(sub, self._sum, self.values[source])), self._milli - self._shares[source])

    def otherwise(self, member: str, voices: Sequence[Voice] = ()) -> Other:
        """If that member said this, and nothing of what it says now."""
        new = {one.source: one for one in voices}
        heard: dict[int, Sequence[Voice]] = {}
        for source in {*self._of_member.get(member, ()), *new}:
            others = [one for one in self.heard.get(source, ()) if one.member != member]
            heard[source] = [*others, new[source]] if source in new else others
        values = {source: _agreed(some) if some else None for source, some in heard.items()}
        gone = self._added(self.values[source] for source in heard if source in self.values)
        come = self._added(filter(None, values.values()))
        milli = self._milli
        for source, some in heard.items():
            milli += _share_milli(some) - self._shares.get(source, 0)
        return Other(tempered(list(map(add, map(sub, self._sum, gone), come)), milli), values, heard)

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


def _agreed(voices: Sequence[Voice]) -> Millinats:
    """Of each coordinate what all say at least: the nearest to 0, or 0 if they are on different sides."""
    if len(voices) == 1:
        return voices[0].says
    columns = zip(*[one.says for one in voices], strict=True)
    return tuple([low if (low := min(one)) > 0 else high if (high := max(one)) < 0 else 0 for one in columns])


def _share_milli(voices: Sequence[Voice]) -> int:
    return max([one.share_milli for one in voices], default=0)
