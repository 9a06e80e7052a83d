"""Carry files through the machine API: one process writes a node's logs, whoever brings them (docs/api.md).

A file is given out as a stream. It is taken in parts, each a carry file of its own with at least one item, so
that no call is long, whatever its size, and whoever brings it knows how far it is.
"""

from io import BytesIO

from starlette.responses import StreamingResponse

from tocsin.circles.carry.export import Reader, export
from tocsin.circles.carry.file import read_items
from tocsin.circles.carry.taking import take
from tocsin.circles.line import Line
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal, quoted
from tocsin.log.store import Store
from tocsin.node.api.types import Carried, CarryQuery, Grown, RefusedItems


class MalformedSince(Refusal):
    """This does not say how much of whose logs is held."""

    code = "malformed-since"


class CarryFile(StreamingResponse):
    """A carry file (docs/protocol.md, section 17)."""

    media_type = "application/octet-stream"


def given_out(line: Line, store: Store, query: CarryQuery, clock: Clock) -> CarryFile:
    """The file for a member, or for any. Raises NonMember or MalformedSince."""
    reader = Reader.of(line, query.to, parse_since(query.since))
    return CarryFile(export(line, store, reader, clock), headers={"cache-control": "no-store"})


async def taken_in(line: Line, part: bytes) -> Carried:
    """What was new in a part of a file. Raises MalformedCarryFile, with nothing taken, and StorageFull."""
    taken = await take(line, list(read_items(BytesIO(part))))
    by_log = line.circle.by_log
    return Carried(
        items=taken.items,
        later_ms=taken.later_ms,
        logs=tuple(
            Grown(log=log, member=by_log[log].slug, before=before, size=size)
            for log, (before, size) in taken.sizes.items()
        ),
        gaps=taken.gaps,
        confirmed=taken.confirmed,
        receipts=taken.receipts,
        events=taken.events,
        refused=tuple(
            RefusedItems(code=code, count=count, explanation=explanation)
            for code, (count, explanation) in taken.refused.items()
        ),
    )


def parse_since(text: str) -> dict[str, int]:
    """From `birch=120,cedar=7` to sizes by member. Raises MalformedSince."""
    since = {}
    for part in filter(None, text.split(",")):
        slug, _, size = part.partition("=")
        if not (slug and size.isascii() and size.isdecimal() and int(size) < 2**53):
            raise MalformedSince(f"Expected MEMBER=SIZE, such as birch=120, found {quoted(part)}.")
        since[slug] = int(size)
    return since
