"""What a line stands on: disk, network, time and chance, all given, so that all of it can be simulated."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVarTuple

from tocsin.circles.attaching.contents import Contents, NoContents
from tocsin.circles.events import Event
from tocsin.circles.following.limits import BURST_S, Allowance
from tocsin.circles.following.turns import Turns
from tocsin.circles.founding.charter import Limits
from tocsin.circles.wire.protocol import Wire
from tocsin.core.clock import Chance, Clock
from tocsin.log.committer import Committer
from tocsin.log.store import Store

Ts = TypeVarTuple("Ts")
Allowances: TypeAlias = dict[tuple[str, Limits], Allowance]
"""By the name of a log, and its limit."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One node's store, wire, clock and chance.

    `on_fault` is told of errors that are ours: the node stops. `has_room` says whether there is room for what
    others wrote, besides what is kept free for our own log. `turns` are shared by all circles of a node.
    `allowances` is what each log may still bring; they outlive an exchange, since a member can end those.
    `contents` are the attachments of this circle that are here.
    """

    store: Store
    committer: Committer
    wire: Wire
    clock: Clock
    chance: Chance
    on_event: Callable[[Event], None]
    on_fault: Callable[[BaseException], None]
    has_room: Callable[[], bool] = field(default=lambda: True)
    turns: Turns = field(default_factory=Turns)
    allowances: Allowances = field(default_factory=dict)
    contents: Contents = field(default_factory=NoContents)

    def allowance(self, log: str, limits: Limits, burst_s: int = BURST_S) -> Allowance:
        """What that log may still bring, or at first all of it."""
        return self.allowances.setdefault((log, limits), Allowance(limits, self.clock, burst_s))

    def guarded(self, callback: Callable[[*Ts], None]) -> Callable[[*Ts], None]:
        """A callback for the event loop, which would only log its error: the node stops instead."""

        def run(*args: *Ts) -> None:
            try:
                callback(*args)
            except Exception as error:  # noqa: BLE001 - whatever it is
                self.on_fault(error)

        return run
