"""A sensor: a plug-in that yields observations, for as long as the node runs.

A package offers one under the entry point group `tocsin.sensors`: a callable without arguments that returns
a Sensor. The entry point's name is the `feed` of all it yields, whatever it says itself; the node loads only
those that its configuration names. A sensor reads its own settings where its author says. What it yields is
as private as anything that the organisation has observed. One that fails is logged and begun again later;
it stops nothing.
"""

from collections.abc import AsyncIterator
from typing import Protocol

from tocsin.cases.matching.observation import Observation

GROUP = "tocsin.sensors"


class Sensor(Protocol):
    """What a plug-in offers."""

    def observations(self) -> AsyncIterator[Observation]:
        """Observations as they are made; one with an id that was there before takes its place.

        It ends when there will be no more, and is closed when the node stops.
        """
        ...
