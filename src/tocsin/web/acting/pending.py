"""Ten seconds between what an officer confirmed and its writing, in which it can be taken back.

    one = await pending.confirm(draft, data, log)   # durable here as a wish; nothing is written
    await pending.take_back(person, one.id)         # never written
    pending.now(person, one.id)                     # written at once

- A draft is confirmed once, however often its form is sent: its id is the wish's. Who acknowledges the same
  twice has said it once, whichever buttons they pressed.
- What waits is kept in the database as well. A node that stops within the ten seconds writes nothing, then or
  later: at the next start its author is told, with what was typed.
- Signing out changes nothing: what was confirmed and signed is written. Whoever wants it back takes it back.
- The clock is the node's, and durations are by its monotonic one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import msgspec

from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal, TocsinError
from tocsin.core.records import Acknowledgement, Record, Ref, parse_record
from tocsin.log.committer import Committer
from tocsin.log.store import Store
from tocsin.node.api.types import Written
from tocsin.web.acting.drafts import LASTS_S, Draft
from tocsin.web.serving.person import Signed

SPACE: Final = "console/pending"
SECONDS: Final = 10.0
SHOWN_S: Final = 30.0
"""So long what was written stands on its author's pages, and who has received it."""
_KEPT_S: Final = LASTS_S

Stage: TypeAlias = Literal["waiting", "writing", "written", "refused", "stopped", "back"]
"""*refused*: the node did not write it. *stopped*: the node stopped before the ten seconds were over."""


class TooLate(Refusal):
    """It was written already, and cannot be taken back. Next: withdraw or correct it."""

    code = "too-late"


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a wish: whose it is, its signed record, what was typed, and how long our log was then.

    `why`: it was not written, for this reason; `code` is that of the error.
    """

    id: str
    person: str
    circle: str
    form: str
    data: bytes
    typed: Mapping[str, list[str]]
    urgent: bool
    log: str
    size: int
    at_ms: int
    why: str | None = None
    code: str = Refusal.code


@dataclass(slots=True)
class Wish:
    """Something that was confirmed, and what became of it. Seconds are by the node's monotonic clock.

    `seen`: its author has seen what became of it. `signed`: who confirmed it, in which session.
    """

    kept: Kept
    stage: Stage
    due_at_s: float
    written: Written | None = None
    over_at_s: float = 0.0
    seen: bool = False
    signed: Signed | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def id(self) -> str:
        """Its draft's."""
        return self.kept.id

    @property
    def record(self) -> Record:
        """What is to be written."""
        return parse_record(self.kept.data).record


Write: TypeAlias = Callable[[str, bytes, bool], Awaitable[Written]]


class Pending:
    """All that waits at one node. `write` writes; `told` hears of each wish that changed."""

    def __init__(
        self, store: Store, committer: Committer, clock: Clock, write: Write, told: Callable[[Wish], None]
    ) -> None:
        self._store = store
        self._committer = committer
        self._clock = clock
        self._write = write
        self._told = told
        self._wishes: dict[str, Wish] = {}
        self._stopping = False

    async def start(self) -> None:
        """Find what was not written because the node stopped."""
        now_s = self._clock.monotonic_s()
        for data in self._store.documents(SPACE).values():
            kept = msgspec.json.decode(data, type=Kept)
            stage: Stage = "refused" if kept.why else "stopped"
            wish = Wish(kept, stage, now_s, over_at_s=now_s)
            if stage == "stopped" and (written := self._found(kept)):
                wish.stage, wish.written = "written", written
                await self._drop(wish)
            self._wishes[kept.id] = wish

    async def stop(self) -> None:
        """Write nothing any more; what is being written is written."""
        self._stopping = True
        tasks = [(one, one.task) for one in self._wishes.values() if one.task]
        for one, task in tasks:
            if one.stage != "writing":
                task.cancel()
        await asyncio.gather(*(task for _, task in tasks), return_exceptions=True)

    async def confirm(self, draft: Draft, data: bytes, log: str, *, by: Signed) -> Wish:
        """Write `data` in our log in ten seconds. What was confirmed before is that, and nothing anew."""
        if found := self._wishes.get(draft.id) or self._saying(draft):
            return found
        self._forget()
        head = self._store.head(log)
        at_ms = self._clock.wall_ms()
        kept = Kept(
            id=draft.id,
            person=draft.person,
            circle=draft.circle,
            form=draft.form,
            data=data,
            typed=draft.typed,
            urgent=draft.urgent,
            log=log,
            size=head.size if head else 0,
            at_ms=at_ms,
        )
        wish = Wish(kept, "waiting", self._clock.monotonic_s() + SECONDS, signed=by)
        self._wishes[draft.id] = wish
        try:
            await self._keep(kept)
        except BaseException:
            del self._wishes[draft.id]
            raise
        if wish.stage == "waiting" and not self._stopping:
            wish.task = asyncio.get_running_loop().create_task(self._wait(wish))
        self._told(wish)
        return wish

    def of(self, person: str) -> list[Wish]:
        """What a person should see of theirs, the oldest first: what waits, was not written, or just was.

        Of what was written, that is the newest.
        """
        own = [one for one in self._wishes.values() if one.kept.person == person and not one.seen]
        since_s = self._clock.monotonic_s() - SHOWN_S
        written = [one for one in own if one.stage == "written" and one.over_at_s > since_s]
        return [one for one in own if one.stage not in ("back", "written")] + written[-1:]

    def get(self, person: str, number: str) -> Wish | None:
        """A wish of that person."""
        wish = self._wishes.get(number)
        return wish if wish and wish.kept.person == person else None

    def waiting(self, circle: str) -> Iterator[Wish]:
        """What anybody is about to say in that circle."""
        for one in self._wishes.values():
            if one.kept.circle == circle and one.stage in ("waiting", "writing"):
                yield one

    def written(self, circle: str) -> Iterator[Wish]:
        """What was written in that circle, as far as it is still shown to somebody."""
        since_s = self._clock.monotonic_s() - _KEPT_S
        for one in self._wishes.values():
            if one.kept.circle == circle and one.stage == "written" and one.over_at_s > since_s:
                yield one

    def acknowledged(self, person: str, circle: str) -> frozenset[Ref]:
        """Of which records that person is about to say that they are aware, or has just said so."""
        return frozenset(ref for _, record in self._acknowledging(person, circle) for ref in record.of)

    async def take_back(self, person: str, number: str) -> Wish | None:
        """Never write it. Raises TooLate."""
        wish = self.get(person, number)
        if wish is None or wish.stage == "back":
            return None
        if wish.stage != "waiting":
            raise TooLate
        wish.stage, wish.over_at_s = "back", self._clock.monotonic_s()
        if wish.task:
            wish.task.cancel()
        await self._drop(wish)
        self._told(wish)
        return wish

    def now(self, person: str, number: str) -> None:
        """Write it at once, if it still waits."""
        wish = self.get(person, number)
        if wish and wish.stage == "waiting" and wish.task:
            wish.task.cancel()
            wish.due_at_s = self._clock.monotonic_s()
            wish.task = asyncio.get_running_loop().create_task(self._wait(wish))

    async def dismiss(self, person: str, number: str) -> None:
        """Its author knows that it was written, or that it was not."""
        wish = self.get(person, number)
        if wish and wish.stage not in ("waiting", "writing"):
            wish.seen = True
            await self._drop(wish)
            self._told(wish)

    def _acknowledging(self, person: str, circle: str) -> Iterator[tuple[Wish, Acknowledgement]]:
        since_s = self._clock.monotonic_s() - SHOWN_S
        for one in self._wishes.values():
            own = (one.kept.person, one.kept.circle) == (person, circle)
            said = one.stage in ("waiting", "writing") or (one.stage == "written" and one.over_at_s > since_s)
            if own and said and isinstance(record := one.record, Acknowledgement):
                yield one, record

    def _saying(self, draft: Draft) -> Wish | None:
        """What says already all that this draft would: a button was pressed on a page that is behind."""
        record = draft.record
        if not isinstance(record, Acknowledgement) or record.text:
            return None
        said = self._acknowledging(draft.person, draft.circle)
        return next((wish for wish, before in said if set(record.of) <= set(before.of)), None)

    async def _wait(self, wish: Wish) -> None:
        while (left_s := wish.due_at_s - self._clock.monotonic_s()) > 0:
            await self._clock.sleep(left_s)
        # From here on it is too late, and nothing may come between.
        wish.stage = "writing"
        self._told(wish)
        await self._write_now(wish)
        self._told(wish)
        if not self._stopping:
            await self._clock.sleep(SHOWN_S)
            self._told(wish)

    async def _write_now(self, wish: Wish) -> None:
        kept = wish.kept
        try:
            wish.written = await self._write(kept.circle, kept.data, kept.urgent)
        except TocsinError as error:
            wish.kept = msgspec.structs.replace(kept, why=str(error), code=error.code)
            wish.stage, wish.over_at_s = "refused", self._clock.monotonic_s()
            with suppress(TocsinError):
                await self._keep(wish.kept)
        else:
            wish.stage, wish.over_at_s = "written", self._clock.monotonic_s()
            with suppress(TocsinError):
                await self._drop(wish)

    def _found(self, kept: Kept) -> Written | None:
        """Whether it stands in our log after all: the node stopped between writing it and noting that."""
        head = self._store.head(kept.log)
        for index in range(kept.size, head.size if head else 0):
            _, _, body = self._store.record(kept.log, index)
            if body == kept.data:
                return Written(log=kept.log, index=index, checkpoint="")
        return None

    async def _keep(self, kept: Kept) -> None:
        data = msgspec.json.encode(kept)
        await self._committer.submit(lambda: self._store.put_document(SPACE, kept.id, data))

    async def _drop(self, wish: Wish) -> None:
        await self._committer.submit(lambda: self._store.drop_document(SPACE, wish.id))

    def _forget(self) -> None:
        """As long as its draft is there, a wish stays, so that nothing is confirmed twice."""
        before_s = self._clock.monotonic_s() - _KEPT_S
        for number, one in list(self._wishes.items()):
            over = one.stage in ("written", "back") or one.seen
            if over and one.over_at_s < before_s:
                del self._wishes[number]
