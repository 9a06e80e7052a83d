"""What this node makes of it by what it learned of others: beside the common view, and nobody else's."""

from dataclasses import dataclass

from tocsin.cases.telling.readings import percent
from tocsin.core.views import Evidence
from tocsin.readings.overlay import PrivateView
from tocsin.web.assessing.verdict import Likely, verdict


@dataclass(frozen=True, slots=True)
class Private:
    """What it was by this node's own weights, and the members whose readings count less here.

    `likeliest`: all kinds that are as likely as the `best`, none where all are. `weights`: of each, how much
    its readings count, in percent.
    """

    what: str
    best: Likely
    likeliest: tuple[str, ...]
    weights: tuple[tuple[str, str], ...]


def private(found: PrivateView, evidence: Evidence) -> Private:
    """What is shown of it."""
    result = verdict(found.view, evidence)
    return Private(
        what=result.what,
        best=result.best,
        likeliest=result.likeliest,
        weights=tuple(
            (member, percent(weight)) for member, weight in found.overlay.weights.items() if weight < 1_000
        ),
    )
