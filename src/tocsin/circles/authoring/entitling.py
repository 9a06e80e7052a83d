"""Which records a member may have: all but those from before it joined (docs/protocol.md, section 8.4)."""

from tocsin.circles.founding.circle import Circle
from tocsin.core.names import LogName
from tocsin.core.tlog.chunk import Chunk


def entitled(chunk: Chunk, circle: Circle, to: str, log: LogName) -> Chunk:
    """The chunk without records that this member may not have: those from before it joined."""
    low = circle.entitled_from(to, log)
    if low <= chunk.first:
        return chunk
    return chunk.without(frozenset(range(chunk.first, min(low, chunk.end))))
