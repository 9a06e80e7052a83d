"""A network in memory: it delays, loses, repeats and reorders messages, and can be cut, each from a seed.

What it is not: a transport with bytes of its own. A Request and a Reply are handed over as they are.

- Each message takes a time of its own, so that a later one may overtake. A repeated request arrives twice.
- Whoever waits for a lost request or reply learns nothing until its timeout. A node that is down refuses.
- A cut is of one direction: a request may arrive although its reply cannot.
- Every pair and direction has its own stream of chance.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVarTuple

from tests.simulation.clock import SeededChance
from tests.simulation.loop import VirtualLoop

from tocsin.circles.errors import Unreachable
from tocsin.circles.wire.protocol import Endpoint, Reply, Request

Handler = Callable[[Request], Awaitable[Reply]]
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Weather:
    """What may happen to a message: seconds it takes, and how many of 100 are lost or arrive twice."""

    fastest_s: float = 0.001
    slowest_s: float = 0.02
    lost_percent: int = 0
    repeated_percent: int = 0


CALM = Weather()


def url_of(host: str) -> str:
    """Where a host listens."""
    return f"https://{host}.simulated.example:8443"


class Trace:
    """What happened, in order, as one hash; equal for equal seeds."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._hash = hashlib.sha256()
        self.events = 0

    def add(self, what: str, data: bytes = b"") -> None:
        """One event at this moment."""
        self.events += 1
        self._hash.update(f"{self._loop.time()!r} {what} {len(data)}\n".encode())
        self._hash.update(data)

    def hexdigest(self) -> str:
        """The hash of all events so far."""
        return self._hash.hexdigest()


class MemoryWire:
    """The network between outlets, each of which has a URL."""

    def __init__(self, loop: VirtualLoop, seed: int, trace: Trace) -> None:
        self.loop = loop
        self.trace = trace
        self.weather = CALM
        self._seed = seed
        self._listening: dict[str, Outlet] = {}
        self._names: dict[str, str] = {}
        self._chances: dict[tuple[str, str], SeededChance] = {}
        self._cut: set[tuple[str, str]] = set()

    def outlet(self, name: str, url: str) -> "Outlet":
        """A new connection to the network, for one process."""
        self._names[url] = name
        return Outlet(self, name, url)

    def cut(self, sender: str, receiver: str) -> None:
        """Nothing that `sender` sends arrives at `receiver`."""
        self._cut.add((sender, receiver))

    def heal(self) -> None:
        """Mend every cut."""
        self._cut.clear()

    def name_of(self, url: str) -> str:
        """Whose URL that is."""
        return self._names.get(url, url)

    def at(self, url: str) -> "Outlet | None":
        """Who listens there."""
        return self._listening.get(url)

    def listen(self, outlet: "Outlet") -> None:
        """From now on, this outlet gets what is sent to its URL."""
        self._listening[outlet.url] = outlet

    def carry(self, sender: str, receiver: str, arrive: Callable[[*Ts], None], *args: *Ts) -> None:
        """Bring a message to `arrive` after a while, or twice, or never."""
        chance = self._chances.get((sender, receiver))
        if chance is None:
            chance = self._chances[sender, receiver] = SeededChance(self._seed, f"{sender}>{receiver}")
        weather = self.weather
        if (sender, receiver) in self._cut or chance.uniform(0, 100) < weather.lost_percent:
            return
        times = 2 if chance.uniform(0, 100) < weather.repeated_percent else 1
        for _ in range(times):
            self.loop.call_later(chance.uniform(weather.fastest_s, weather.slowest_s), arrive, *args)


@dataclass(eq=False, slots=True)
class Outlet:
    """One process's Wire (tocsin.circles.wire.protocol). Unplugged, it says and hears nothing any more."""

    network: MemoryWire
    name: str
    url: str
    plugged: bool = field(default=True, init=False)
    handler: Handler | None = field(default=None, init=False)

    def listen(self, handler: Handler) -> None:
        """From now on, `handler` answers what is sent to this outlet, as a task that the outlet owns."""
        self.handler = handler
        self.network.listen(self)

    def unplug(self) -> None:
        """The process is gone."""
        self.plugged = False

    async def send(self, to: Sequence[Endpoint], request: Request, timeout_s: float) -> Reply:
        """See Wire."""
        if not self.plugged:
            raise Unreachable("This process is gone.")
        network, url = self.network, to[0].url
        answer: asyncio.Future[Reply] = network.loop.create_future()
        timer = network.loop.call_later(timeout_s, _fail, answer, f"No reply within {timeout_s} s.")
        network.trace.add(f"{self.name} asks {url}{request.path}", request.body)
        network.carry(self.name, network.name_of(url), self._arrive, url, request, answer)
        try:
            return await answer
        finally:
            timer.cancel()

    def _arrive(self, url: str, request: Request, answer: "asyncio.Future[Reply]") -> None:
        network = self.network
        receiver = network.at(url)
        if receiver is None or not receiver.plugged or receiver.handler is None:
            network.carry(network.name_of(url), self.name, _fail, answer, f"Nobody listens at {url}.")
            return
        network.loop.spawn(receiver, receiver.serve(receiver.handler, self.name, request, answer))

    async def serve(
        self, handler: Handler, sender: str, request: Request, answer: "asyncio.Future[Reply]"
    ) -> None:
        """Answer one request, unless the process ends before."""
        try:
            reply = await handler(request)
        except Exception:
            if self.plugged:
                raise
            return
        if self.plugged:
            self.network.trace.add(f"{self.name} answers {sender}: {reply.status}", reply.body)
            self.network.carry(self.name, sender, _deliver, answer, reply)


def _deliver(answer: "asyncio.Future[Reply]", reply: Reply) -> None:
    if not answer.done():
        answer.set_result(reply)


def _fail(answer: "asyncio.Future[Reply]", why: str) -> None:
    if not answer.done():
        answer.set_exception(Unreachable(why))
