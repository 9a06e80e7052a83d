"""What two members compare aloud (docs/protocol.md, section 8.5).

The code comes from the circle's id and from the newest openings of both, that is, from all keys of both. Who
has the same words has the same keys.
"""

from tocsin.circles.founding.circle import Circle
from tocsin.core.spelling import code_of


def code_between(circle: Circle, one: str, other: str) -> str:
    """The same for both: over the circle's id, and both newest openings, sorted by slug."""
    openings = [circle.by_slug[slug].opening for slug in sorted((one, other))]
    return code_of(circle.id.encode(), *openings)
