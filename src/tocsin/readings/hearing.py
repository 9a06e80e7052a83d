"""What one source says, by all who read it (docs/protocol.md, section 23.2).

Of what several readings say of it their distinct values count, not how many say it, and the median of those;
so a copy of a reading changes nothing, and nobody alone can move it far.
"""

from collections.abc import Collection, Sequence
from typing import Final

from tocsin.readings.weighing import Judgement, Millinats

OPEN_PERMILLE: Final = 500
"""A reading that leaves so much undetermined takes no word away from one that leaves less."""


class Heard:
    """A source as these read it, one at least. `value` is what it says, in milli-nats."""

    def __init__(self, readers: Sequence[Judgement]) -> None:
        self._readers = readers
        self._voices = _voices(readers)
        self._values = [one.each for one in self._voices]
        self._middles = _middles(set(self._values))
        self.value = _between(self._middles)

    @property
    def is_disputed(self) -> bool:
        """Whether they do not all hold the same to be likeliest by it."""
        return len({one.kind for one in self._voices}) > 1

    def without(self, reader: Judgement) -> Millinats | None:
        """What it says without one of them; None if nobody else reads it."""
        if len(self._readers) == 1:
            return None
        if reader not in self._voices or self._values.count(reader.each) > 1:
            return self.value
        if len(self._voices) == 1:
            return Heard([one for one in self._readers if one is not reader]).value
        return _between_others(self._middles, reader.each)

    def with_more(self, value: Millinats) -> Millinats:
        """What it says if one more, who leaves little open, says that of it."""
        if value in self._values:
            return self.value
        more = zip(self._middles, value, strict=True)
        return _between([sorted([*middle, one]) for middle, one in more])


def _voices(readers: Sequence[Judgement]) -> Sequence[Judgement]:
    """Those of who reads a source that count: who leaves much open speaks where nobody leaves less."""
    if len(readers) == 1:
        return readers
    least = min([one.undetermined for one in readers])
    return [one for one in readers if one.undetermined < OPEN_PERMILLE or one.undetermined == least]


def _middles(values: Collection[Millinats]) -> Sequence[Sequence[int]]:
    """Of each coordinate what is in the middle, ascending: all that one value can move its median to."""
    middle = slice(max(0, len(values) // 2 - 1), (len(values) + 1) // 2 + 1)
    return [sorted(column)[middle] for column in zip(*values, strict=True)]


def _between(middles: Sequence[Sequence[int]]) -> Millinats:
    """The median of each, all ascending; of two in the middle, the one that says less, or nothing."""
    count = len(middles[0])
    lower, upper = (count - 1) // 2, count // 2
    return tuple(
        [low if (low := one[lower]) > 0 else high if (high := one[upper]) < 0 else 0 for one in middles]
    )


def _between_others(middles: Sequence[Sequence[int]], value: Millinats) -> Millinats:
    """The same without what is that value's: what stands there or after it is one place further on."""
    count = len(middles[0]) - 1
    lower, upper = (count - 1) // 2, count // 2
    return tuple(
        [
            low
            if (low := middle[lower + (middle[lower] >= one)]) > 0
            else min(middle[upper + (middle[upper] >= one)], 0)
            for middle, one in zip(middles, value, strict=True)
        ]
    )
