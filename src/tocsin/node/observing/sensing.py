"""The sensors that the configuration names: plug-ins, run until the node stops.

A sensor that fails is begun again after a while, ever longer up to an hour; it stops nothing else. What it
yields has its name as `feed`, whatever it says.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from importlib.metadata import entry_points

import msgspec
from structlog.typing import FilteringBoundLogger

from tocsin.cases.matching import Observation, Sensor
from tocsin.cases.matching.sensor import GROUP
from tocsin.core.clock import Clock
from tocsin.node.errors import SensorMissing

FIRST_AGAIN_S = 5.0
LONGEST_AGAIN_S = 3_600.0


def load_sensors(names: Sequence[str]) -> dict[str, Sensor]:
    """The sensors of these names, each made once. Raises SensorMissing."""
    offered = {entry.name: entry for entry in entry_points(group=GROUP)}
    sensors: dict[str, Sensor] = {}
    for name in names:
        if name not in offered:
            there = ", ".join(sorted(offered)) or "none"
            raise SensorMissing(
                f"Expected a sensor {name!r}, found {there}. Next: install the package that offers it, or "
                "take it out of observing.sensors."
            )
        sensors[name] = offered[name].load()()
    return sensors


async def sense(
    name: str,
    sensor: Sensor,
    add: Callable[[Sequence[Observation]], Awaitable[None]],
    *,
    clock: Clock,
    log: FilteringBoundLogger,
) -> None:
    """Keep what a sensor yields, until it ends or this is cancelled."""
    again_s = FIRST_AGAIN_S
    while True:
        try:
            async with aclosing(sensor.observations()) as observations:  # type: ignore[type-var]
                async for observation in observations:
                    await add([msgspec.structs.replace(observation, feed=name)])
                    again_s = FIRST_AGAIN_S
        except Exception as error:  # noqa: BLE001 - a plug-in is not ours, and may fail in any way
            log.warning("sensor-failed", sensor=name, why=type(error).__name__, again_s=again_s)
        else:
            return
        await clock.sleep(again_s)
        again_s = min(2 * again_s, LONGEST_AGAIN_S)
