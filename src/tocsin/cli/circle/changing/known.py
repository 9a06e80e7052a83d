"""The circle as the running node knows it, checked again here from what everybody signed."""

from dataclasses import dataclass

from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.founding.circle import Circle
from tocsin.cli.reaching import chosen
from tocsin.core.tlog.checkpoint import Checkpoint
from tocsin.node.api.types import CircleState
from tocsin.node.client import Client


@dataclass(frozen=True, slots=True)
class Known:
    """One circle: its state at the node, and all of it that is signed."""

    state: CircleState
    bundle: Bundle
    circle: Circle

    @classmethod
    def of(cls, client: Client, circle: str | None) -> "Known":
        """The circle that is meant. Raises NoAnswer, NotSetUp or WhichCircle."""
        state = chosen(client.status(), circle)
        bundle = Bundle.parse(client.bundle(state.id))
        return cls(state, bundle, bundle.circle)

    def held(self) -> list[Checkpoint]:
        """The newest checkpoint of each log."""
        found = map(self.bundle.newest, self.circle.by_log)
        return [signed.checkpoint for signed in found if signed]
