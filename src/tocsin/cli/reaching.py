"""From what a person types to the node and the circle that are meant.

A node is named by its configuration, a circle by its id, by the first digits of it, or not at all where there
is one.
"""

from pathlib import Path

from tocsin.circles.errors import NonMember
from tocsin.cli.failing import NotSetUp
from tocsin.core.errors import Refusal, quoted
from tocsin.core.names import LogName
from tocsin.node.api.types import CircleState, Status
from tocsin.node.client import Client
from tocsin.node.config import load_config


class WhichCircle(Refusal):
    """It is not clear which circle is meant."""

    code = "which-circle"


def reach(config_path: Path) -> Client:
    """The running node of that configuration. Raises MalformedConfig; each call raises NoAnswer."""
    return Client(load_config(config_path).api_socket)


def chosen(status: Status, circle: str | None) -> CircleState:
    """The circle that is meant. Raises NotSetUp where there is none, WhichCircle where it is not clear."""
    if not status.circles:
        raise NotSetUp(
            "Expected this node to be in a circle, found that it is in none. Next: `tocsin circle --help`."
        )
    found = [state for state in status.circles if circle is None or state.id.startswith(circle)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{state.id[:8]}… ({state.title})" for state in status.circles)
    given = "none named" if circle is None else quoted(circle)
    raise WhichCircle(
        f"Expected one circle of {known}, found {given}. Next: name it with --circle and its first digits."
    )


def log_of(state: CircleState, member: str | None, epoch: int | None = None) -> str:
    """The log of a member, or our own: the newest, or that of an epoch. Raises NonMember.

    With an epoch, also that of a member which is none any more.
    """
    logs = {state.member: state.log} | {other.slug: other.log for other in state.members}
    slug = state.member if member is None else member
    if epoch is not None:
        return str(LogName(state.domain, state.id, slug, epoch))
    if slug not in logs:
        raise NonMember(f"Expected a member of this circle ({', '.join(logs)}), found {quoted(slug)}.")
    return logs[slug]
