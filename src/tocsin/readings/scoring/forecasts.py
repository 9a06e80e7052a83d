"""What a reading, or the common view, said of the five kinds of the closed list, and which it was.

Scored is at the level of the closed list: a hypothesis counts for the kind that it is one of.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from tocsin.core.records import Hypothesis, Reading
from tocsin.core.records.cases.vocabulary import What
from tocsin.core.views import Said
from tocsin.readings.arithmetic import WHOLE_PERMILLE, permille_of
from tocsin.readings.hypotheses import KINDS
from tocsin.readings.scoring.errors import Unscorable
from tocsin.readings.scoring.rules import FLOOR
from tocsin.readings.scoring.temperature import tempered
from tocsin.readings.scoring.verified import Verified
from tocsin.readings.view import CommonView

_PARTS: Final = 1 << 53


@dataclass(frozen=True, slots=True)
class Forecast:
    """Permille of categories that exclude each other, 1,000 in all, and the place of the one that came true.

    Raises `Unscorable` where it is anything else.
    """

    permille: tuple[int, ...]
    came_true: int

    def __post_init__(self) -> None:
        if not all(0 <= one <= WHOLE_PERMILLE for one in self.permille):
            raise Unscorable("Expected from 0 to 1000 permille, found another number.")
        if (whole := sum(self.permille)) != WHOLE_PERMILLE:
            raise Unscorable(f"Expected 1000 permille together, found {whole}.")
        if self.came_true not in range(len(self.permille)):
            raise Unscorable(
                f"Expected one of {len(self.permille)} categories to have come true, found number "
                f"{self.came_true}."
            )

    @classmethod
    def of_reading(
        cls, reading: Reading, hypotheses: Iterable[Said[Hypothesis]], came_true: What
    ) -> "Forecast":
        """What a reading says for each kind. `hypotheses`: those of its case that count.

        What it leaves undetermined, and what it gives to a hypothesis that is not among them, is spread over
        the five kinds alike; what cannot be split goes to the first, a permille each (largest remainder).
        """
        under = {said.ref: said.record.under for said in hypotheses}
        kinds = dict.fromkeys(KINDS, 0)
        undetermined = 0
        for one in reading.probabilities:
            what = one.what if one.hypothesis is None else under.get(one.hypothesis)
            if what is None or what == "undetermined":
                undetermined += one.permille
            else:
                kinds[what] += one.permille
        parts = [undetermined + len(KINDS) * own for own in kinds.values()]
        return cls(permille_of(parts), KINDS.index(came_true))

    @classmethod
    def of_view(cls, view: CommonView, came_true: What) -> "Forecast":
        """What all readings of a case together say for each kind."""
        return cls(tuple(kind.permille for kind in view.kinds), KINDS.index(came_true))

    @property
    def verified(self) -> Verified:
        """The same in floating point."""
        return Verified(tuple(one / WHOLE_PERMILLE for one in self.permille), self.came_true)


def recalibrated(forecast: Forecast, temperature: float) -> Forecast:
    """The forecast, tempered, in permille again by largest remainder; a temperature of 1 leaves it as it is.

    At any other one 0 permille is taken for half a permille: otherwise it would be 0 at every temperature.

    Raises `Unscorable` where the temperature is not a number above 0.
    """
    if temperature == 1:
        return forecast
    weights = [max(one, FLOOR * WHOLE_PERMILLE) for one in forecast.permille]
    parts = [int(_PARTS * one) for one in tempered(weights, temperature)]
    return replace(forecast, permille=permille_of(parts))
