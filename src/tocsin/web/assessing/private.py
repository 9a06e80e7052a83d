"""What this node makes of it by what it learned of others: beside the common view, and nobody else's."""

from dataclasses import dataclass

from tocsin.cases.telling.readings import percent
from tocsin.readings.overlay import PrivateView
from tocsin.web.assessing.verdict import Likely, likely


@dataclass(frozen=True, slots=True)
class Private:
    """The likeliest kind by this node's own weights, and the members whose readings count less here.

    `weights`: of each, how much its readings count, in percent.
    """

    what: str
    best: Likely
    weights: tuple[tuple[str, str], ...]


def private(found: PrivateView) -> Private:
    """What is shown of it."""
    return Private(
        what=found.view.what,
        best=likely(max(found.view.kinds, key=lambda one: one.permille)),
        weights=tuple(
            (member, percent(weight)) for member, weight in found.overlay.weights.items() if weight < 1_000
        ),
    )
