"""Finding where what is held of an ended log leaves the true one, by asking a member that has that one.

A single entry with its proof shows whether all held entries below it are those of the log that ended as its
organisation stated. So some twenty questions find the place in a log of a million. The member is not
believed: a proof that leads to the end cannot be made up, and one that does not shows nothing.
"""

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.following.followed import Followed
from tocsin.circles.wire.answers import Pushed
from tocsin.circles.wire.messages import Pull
from tocsin.circles.wire.protocol import Path
from tocsin.core.tlog.chunk import Chunk


async def common_with_end(followed: Followed, caller: Caller) -> int | None:
    """How many of the held entries are the ended log's own; None if this member cannot show it.

    Raises Unreachable and what an answer states.
    """
    end = followed.end
    if end is None:
        return None
    low, high = 0, min(followed.edge.size, end.size)
    if high < end.size and await _entry_after(followed, caller, high):
        return high
    if not high:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if await _entry_after(followed, caller, middle):
            low = middle
        else:
            high = middle
    other = await _entry_after(followed, caller, low)
    # With the same entry, those above would fit too: the member contradicts itself.
    return low if other is not None and other.entry(low) != followed.entry(low) else None


async def _entry_after(followed: Followed, caller: Caller, size: int) -> Chunk | None:
    """The entry at `size`, if what is held below it, and it, lead to the log's end."""
    answer = await caller.call(Path.PULL, Pull(followed.name, size, 1).encode())
    if not isinstance(answer, Pushed):
        return None
    chunk, proof = answer.push.chunk, answer.push.consistency
    return chunk if chunk.first == size and followed.leads_to_end(chunk, proof) else None
