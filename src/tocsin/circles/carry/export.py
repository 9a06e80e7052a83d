"""What one member's line would send to others, as the items of a carry file (docs/protocol.md, section 17).

In this order, so that a file that had to end early is of use: what changed the circle, newest checkpoints
with receipts for them, the entries. A log starts where its reader is known to hold it: by what it
confirmed, or by what the operator says.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from tocsin.circles.carry.file import HEAD, MAX_CARRY_BYTES, Item, Kind
from tocsin.circles.errors import NonMember
from tocsin.circles.founding.circle import Member
from tocsin.circles.line import Line
from tocsin.circles.wire.answers import Later, Pushed, SizeHeld
from tocsin.circles.wire.messages import MAX_PUSH_ENTRIES, Pull, Push
from tocsin.core.clock import Clock
from tocsin.core.errors import quoted
from tocsin.log.store import Store

_ANYONE = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a file is: one member, or anyone of the circle. `since`: how much it holds, by member."""

    to: Member | None
    since: Mapping[str, int]

    @classmethod
    def of(cls, line: Line, to: str | None, since: Mapping[str, int]) -> "Reader":
        """A reader among the members. Raises NonMember."""
        members = line.circle.by_slug
        for slug in (to, *since):
            if slug is not None and slug not in members:
                raise NonMember(
                    f"Expected a member of this circle ({', '.join(members)}), found {quoted(slug)}."
                )
        if to == line.own.member.slug:
            raise NonMember(f"Expected another member than {to}, whose node this is.")
        return cls(members[to] if to else None, since)

    def least_entitled(self, line: Line, member: Member) -> str:
        """Of those whom the file is for, who may have the fewest records of this log: it has no others."""
        slugs = [self.to.slug] if self.to else list(line.circle.by_slug)
        return max(slugs, key=lambda slug: line.circle.entitled_from(slug, member.log))

    def start(self, line: Line, store: Store, member: Member) -> int:
        """From where on it needs this log."""
        log = str(member.log)
        if line.circle.by_slug.get(member.slug) is member and member.slug in self.since:
            return self.since[member.slug]
        if self.to is None:
            return 0
        by_key, slug = line.circle.by_key, self.to.slug
        confirmed = [
            latest.size
            for name, latest in store.newest_cosignatures(log).items()
            if name in line.circle.holder_keys and by_key[name].slug == slug
        ]
        return max([line.receipts.size(log, slug), *confirmed])


async def export(line: Line, store: Store, reader: Reader, clock: Clock) -> AsyncIterator[bytes]:
    """The file, item by item, up to 1 GiB: where there is more, the next file has it."""
    yield HEAD
    room_bytes = MAX_CARRY_BYTES - len(HEAD)
    async for item in _items(line, store, reader, clock):
        data = item.encode()
        if len(data) > room_bytes:
            return
        room_bytes -= len(data)
        yield data


async def _items(line: Line, store: Store, reader: Reader, clock: Clock) -> AsyncIterator[Item]:
    for event in line.events:
        yield Item(Kind.EVENT, event)
    for note in line.newest(reader.to.slug if reader.to else _ANYONE):
        yield Item(Kind.CHECKPOINT, note)
    for member in (*line.circle.past, *line.circle.members):
        if reader.to is None or member.slug != reader.to.slug:
            first, least = reader.start(line, store, member), reader.least_entitled(line, member)
            async for push in _pushes(line, str(member.log), first, least, clock):
                yield Item(Kind.PUSH, push.encode())


async def _pushes(line: Line, log: str, first: int, to: str, clock: Clock) -> AsyncIterator[Push]:
    while not isinstance(answer := line.pull(Pull(log, first, MAX_PUSH_ENTRIES), to), SizeHeld):
        if isinstance(answer, Pushed):
            yield answer.push
            first = answer.push.chunk.end
        elif isinstance(answer, Later):
            await clock.sleep(answer.after_ms / 1000)
