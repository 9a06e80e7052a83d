"""What the machine API needs of its node."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tocsin.circles.founding.circle import Circle
from tocsin.circles.line import Line
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal, quoted
from tocsin.log.store import Store
from tocsin.node.api import types
from tocsin.node.api.console.types import Console
from tocsin.node.api.records import News
from tocsin.node.casework.casework import Casework
from tocsin.node.deskwork import Deskwork
from tocsin.node.epochs import Epochs
from tocsin.node.folder import Folder, NodeKeys
from tocsin.node.watching.clocks import Clocks


class NoSuchCircle(Refusal):
    """This node is not in that circle."""

    code = "no-such-circle"


class Hosting(Protocol):
    """What the API needs of its node. See tocsin.node.node.Node."""

    clock: Clock
    news: News
    clocks: Clocks
    started_at_ms: int

    @property
    def lines(self) -> Mapping[str, Line]:
        """The lines by the ids of their circles."""
        ...

    @property
    def desk(self) -> Deskwork:
        """What is done with records besides exchanging them."""
        ...

    @property
    def keys(self) -> Mapping[str, NodeKeys]:
        """This node's keys by the ids of the circles."""
        ...

    @property
    def store(self) -> Store:
        """The store of all logs."""
        ...

    @property
    def folder(self) -> Folder:
        """The data folder."""
        ...

    @property
    def console(self) -> Console | None:
        """The console that stands beside this node."""
        ...

    def epochs(self, circle: str) -> Epochs:
        """The epochs of our log in that circle, and drafts of new ones."""
        ...

    async def join_later(self, founded: Circle, events: Sequence[bytes]) -> Line:
        """Join a circle that has changed since it was founded, durably, and start its line."""
        ...

    async def join(self, charter: str, join_files: Sequence[bytes]) -> Line:
        """Join a circle, durably, and start its line."""
        ...

    def health(self) -> types.Health:
        """What is not as it should be."""
        ...

    def metrics(self) -> bytes:
        """All metrics, as Prometheus reads them."""
        ...

    def latency_ms(self, circle: str, member: str) -> int | None:
        """From our last write to this member's confirmation of it."""
        ...


def line_of(node: Hosting, circle: str) -> Line:
    """The line of that circle. Raises NoSuchCircle."""
    try:
        return node.lines[circle]
    except KeyError:
        raise NoSuchCircle(f"Expected the id of a circle of this node, found {quoted(circle)}.") from None


def casework_of(node: Hosting, circle: str) -> Casework:
    """The cases of that circle. Raises NoSuchCircle."""
    return node.desk.casework[line_of(node, circle).circle.id]
