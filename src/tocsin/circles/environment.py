"""What a line stands on: disk, network, time and chance, all given, so that all of it can be simulated."""

from collections.abc import Callable
from dataclasses import dataclass

from tocsin.circles.events import Event
from tocsin.circles.wire.protocol import Wire
from tocsin.core.clock import Chance, Clock
from tocsin.log.committer import Committer
from tocsin.log.store import Store


@dataclass(frozen=True, slots=True)
class Environment:
    """One node's store, wire, clock and chance.

    `on_fault` is told of errors that are ours: the node stops.
    """

    store: Store
    committer: Committer
    wire: Wire
    clock: Clock
    chance: Chance
    on_event: Callable[[Event], None]
    on_fault: Callable[[BaseException], None]
