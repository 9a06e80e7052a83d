"""Any evidence by its format: verified with the keys of its circle, and told apart by its type."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from tocsin.circles.errors import MalformedEvidence
from tocsin.circles.evidence.brokenlimit import BrokenLimit, verify_broken_limit
from tocsin.circles.evidence.contradictions import (
    TwoAmendments,
    TwoOpenings,
    verify_two_amendments,
    verify_two_openings,
)
from tocsin.circles.evidence.envelope import format_of
from tocsin.circles.evidence.forks import Fork, verify_fork
from tocsin.circles.evidence.voids import Void, verify_void
from tocsin.circles.founding.circle import Circle
from tocsin.core.errors import quoted

Found: TypeAlias = Fork | Void | BrokenLimit | TwoOpenings | TwoAmendments

FORMATS: Final[Mapping[str, Callable[[bytes, Circle], Found]]] = {
    "tocsin-fork/v1": verify_fork,
    "tocsin-void/v1": verify_void,
    "tocsin-broken-limit/v1": verify_broken_limit,
    "tocsin-two-openings/v1": verify_two_openings,
    "tocsin-two-amendments/v1": verify_two_amendments,
}
"""By the format that a file names."""


def find(data: bytes, circle: Circle) -> Found:
    """What a file of evidence shows. Raises MalformedEvidence, and what the module of its format raises."""
    found = format_of(data) or ""
    if found not in FORMATS:
        known = ", ".join(FORMATS)
        raise MalformedEvidence(f"Expected evidence of a format known here ({known}), found {quoted(found)}.")
    return FORMATS[found](data, circle)
