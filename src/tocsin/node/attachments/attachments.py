"""Attaching content to records, fetching it on demand, and letting go of it with the records that name it.

- Content comes here in two ways: somebody here attaches it, or orders it to be fetched. Nothing comes by
  itself.
- What any record here names as illegal is neither fetched nor given nor shown. It goes if all who name it
  name it so; else it is set apart, since nobody's word alone takes away what others keep.
- It stays as long as a record that names it can be read, or is kept by a hold of ours. What was attached to a
  record that was never written goes after a day.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeAlias

import msgspec

from tocsin.circles.attaching.fetching import Wanted, fetch
from tocsin.circles.attaching.naming import named
from tocsin.circles.authoring.calling import Caller
from tocsin.circles.errors import AttachmentTooLarge, IllegalContent
from tocsin.circles.events import Arrived, Event, Purged, Wrote
from tocsin.circles.founding.circle import Member
from tocsin.circles.line import Line
from tocsin.circles.reading import Readable, Reading
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal
from tocsin.core.records import Attachment, Correction, Record, Ref, Report, parse_record
from tocsin.core.records.errors import MalformedRecord
from tocsin.log.store import Store
from tocsin.node.attachments.kept import Aside, Kept, parts_of

ATTACHMENTS = "attachments"
"""The folder with a folder of each circle's."""

_UNNAMED_FOR_MS = 24 * 3_600_000
_EVERY_S = 3_600.0
_AGAIN_S = 2.0
_HAS_ATTACHMENTS = b'"attachments":'

Naming: TypeAlias = Callable[[str], Awaitable[Collection[Ref]]]
"""The readable records that name an attachment, by its SHA-256; a Refusal while that is not known."""


class Attachments:
    """The attachments of all circles of a node, in the folder ATTACHMENTS of its data folder."""

    def __init__(
        self,
        data: Path,
        store: Store,
        clock: Clock,
        has_room: Callable[[], bool],
        aside: Aside = asyncio.to_thread,
    ) -> None:
        self._data = data / ATTACHMENTS
        self._store = store
        self._clock = clock
        self._has_room = has_room
        self._aside = aside
        self._began_ms = clock.wall_ms()
        self._put_at_ms: dict[tuple[str, str], int] = {}
        self._naming: dict[str, Naming] = {}
        self._coming: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stale: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.of = cache(self._of)

    def _of(self, circle: str) -> Kept:
        """The files of one circle."""
        return Kept(self._data / circle, self._has_room, self._aside)

    async def attach(
        self, line: Line, data: bytes, *, media_type: str, name: str | None = None, illegal: bool = False
    ) -> Attachment:
        """What a report says of this content, which is kept for it, unless it is illegal.

        Raises MalformedRecord for a media type or a name that no record can have, AttachmentTooLarge,
        IllegalContent for what others name so, if it was here, StorageFull.
        """
        _check_size(line, len(data))
        described = await self._aside(_described, data, media_type, name, illegal=illegal)
        if not illegal:
            await self._keep(line, described.sha256, (data,))
        return described

    async def carry_over(self, circle: str, line: Line, attachment: Attachment) -> None:
        """Attach in another circle what this one has of an attachment, if anything. Raises as `attach`."""
        path = None if attachment.illegal else self.here(circle, attachment.sha256)
        if path is not None:
            # What the record says of it is another's word.
            _check_size(line, path.stat().st_size)
            await self._keep(line, attachment.sha256, parts_of(path))

    async def _keep(self, line: Line, sha256: str, parts: Iterable[bytes]) -> None:
        circle = line.circle.id
        async with self._coming[circle, sha256]:
            if self.of(circle).is_set_apart(sha256):
                raise IllegalContent(f"Expected what may be kept, found {sha256} named as illegal.")
            await self._aside(self.of(circle).put, sha256, parts)
            self._put_at_ms[circle, sha256] = self._clock.wall_ms()
        # What was said of it meanwhile, was said of nothing.
        self._stale[circle].set()

    def here(self, circle: str, sha256: str) -> Path | None:
        """The file with that content, if it is here, whole."""
        return self.of(circle).path(sha256)

    async def fetch(self, line: Line, ref: Ref, sha256: str) -> Path:
        """Get what the record `ref` names, from whoever has it; the file with it.

        Raises what `named` raises for what may not be fetched, IllegalContent too where another record names
        it so, NotFetched, StorageFull.
        """
        kept, circle = self.of(line.circle.id), line.circle.id
        async with self._coming[circle, sha256]:
            if kept.path(sha256) is not None:
                self._name(circle, sha256)
                return kept.named_path(sha256)
            attachment = await self._may_have(line, ref, sha256)
            wanted = Wanted(attachment, ref.log, ref.index)
            part = await self._aside(kept.partly, sha256)
            await fetch(wanted, _members(line, ref), part, self._clock)
            try:
                await self._may_have(line, ref, sha256)
            except Refusal:
                # Its record was erased while it came, or another names it as illegal now.
                kept.drop(sha256)
                raise
        return kept.named_path(sha256)

    async def _may_have(self, line: Line, ref: Ref, sha256: str) -> Attachment:
        """What the record says of it. Raises what `named` raises, and IllegalContent for what others say."""
        circle, mine = line.circle, line.standing.member.slug
        attachment = named(circle, self._store, mine, log=ref.log, index=ref.index, sha256=sha256)
        if naming := self._naming.get(circle.id):
            _, illegal = self._by_whom(sha256, await naming(sha256))
            if illegal:
                raise IllegalContent(f"Expected what may be fetched, found {sha256} named as illegal.")
        return attachment

    def heard(self, line: Line, event: Event) -> None:
        """Records came that may name what is here; or they went, and what they named may have to go."""
        circle, said = line.circle.id, list[tuple[str, bool]]()
        if isinstance(event, Purged):
            self._stale[circle].set()
        elif isinstance(event, Arrived):
            said = [one for reading in event.readings for one in _said(reading)]
        elif isinstance(event, Wrote) and self.of(circle).is_any:
            indices = range(event.first, event.size)
            said = [one for index in indices for one in self._says(line.own.name, index)]
        for sha256, illegal in said:
            if illegal:
                self.of(circle).set_apart(sha256)
                self._stale[circle].set()
            else:
                self._name(circle, sha256)

    def _says(self, log: str, index: int) -> list[tuple[str, bool]]:
        """What a record that is here names, and whether as illegal."""
        _, _, body = self._store.record(log, index)
        return names_in(body)

    def _name(self, circle: str, sha256: str) -> None:
        if self._put_at_ms.pop((circle, sha256), None) is not None or self.of(circle).is_unnamed(sha256):
            self.of(circle).named(sha256)
            self._stale[circle].set()

    async def run(self, line: Line, naming: Naming) -> None:
        """Let go of what nothing names, for ever: after each purge, and every hour."""
        circle = line.circle.id
        self._naming[circle] = naming
        stale = self._stale[circle]
        while True:
            stale.clear()
            try:
                await self.sweep(line, naming)
            except (Refusal, OSError):
                await self._clock.sleep(_AGAIN_S)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await stale.wait()

    async def sweep(self, line: Line, naming: Naming) -> list[str]:
        """Let go of what nothing names any more, or everybody who does as illegal; which that was.

        What is named as illegal by others alone is set apart. Raises what `naming` raises.
        """
        circle = line.circle.id
        kept, gone, held = self.of(circle), [], set(_held(line, self._store))
        for sha256 in list(kept.all()):
            refs = await naming(sha256)
            coming = self._coming.get((circle, sha256))
            if coming and coming.locked():
                # It is looked at once it is here.
                continue
            legal, illegal = self._by_whom(sha256, refs)
            wanted = legal or sha256 in held
            if (illegal and legal <= illegal) or not (wanted or self._waits(circle, sha256)):
                kept.drop(sha256)
                gone.append(sha256)
            elif illegal:
                kept.set_apart(sha256)
            elif wanted:
                kept.named(sha256)
        return gone

    def _by_whom(self, sha256: str, refs: Collection[Ref]) -> tuple[set[str], set[str]]:
        """The members that name it as any other content, and those that name it as illegal."""
        by: dict[bool, set[str]] = {False: set(), True: set()}
        for ref in refs:
            for one, illegal in self._says(ref.log, ref.index):
                if one == sha256:
                    by[illegal].add(ref.log_name.member)
        return by[False], by[True]

    def _waits(self, circle: str, sha256: str) -> bool:
        """Whether the record that it was attached to may still be written."""
        since_ms = self._put_at_ms.get((circle, sha256), self._began_ms)
        waited_ms = self._clock.wall_ms() - since_ms
        return self.of(circle).is_unnamed(sha256) and waited_ms < _UNNAMED_FOR_MS


def _check_size(line: Line, size_bytes: int) -> None:
    if size_bytes > (most := line.circle.charter.limits.most_attachment_bytes):
        raise AttachmentTooLarge(
            f"Expected an attachment of at most {most:,} bytes, as the charter says; found {size_bytes:,}."
        )


def _described(data: bytes, media_type: str, name: str | None, *, illegal: bool) -> Attachment:
    said = {
        "media_type": media_type,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
        "name": name,
        "illegal": illegal,
    }
    try:
        return msgspec.convert(said, Attachment)
    except msgspec.ValidationError as error:
        raise MalformedRecord(f"Expected what a record can say of an attachment, found: {error}.") from None


def _members(line: Line, ref: Ref) -> list[tuple[Member, Caller]]:
    """Whom to ask: the record's author, then the others that we speak with."""
    author = ref.log_name.member
    senders = sorted(line.senders.values(), key=lambda sender: sender.member.slug != author)
    return [(sender.member, sender.caller) for sender in senders]


def _held(line: Line, store: Store) -> Iterator[str]:
    """What the records name that a hold of ours keeps apart."""
    for place in line.erasures.held:
        if store.head(place.log) and (apart := store.set_apart(place.log, place.index)):
            yield from (sha256 for sha256, _ in names_in(apart[1]))


def names_in(body: bytes | None) -> list[tuple[str, bool]]:
    """What a record names, and whether as illegal, if it can be read at all."""
    # Few records have attachments, and every one of our own that is written passes here.
    if body is None or _HAS_ATTACHMENTS not in body:
        return []
    try:
        return _of_record(parse_record(body).record)
    except Refusal:
        return []


def _said(reading: Reading) -> list[tuple[str, bool]]:
    return _of_record(reading.record) if isinstance(reading, Readable) else []


def _of_record(record: Record) -> list[tuple[str, bool]]:
    attachments = (record.attachments or ()) if isinstance(record, Report | Correction) else ()
    return [(attachment.sha256, attachment.illegal) for attachment in attachments]
