"""Urgent records that go to a member before what it lacks (docs/protocol.md, section 9.5).

They stand in the log like all others, and come to the member in their turn; this is how it has them sooner.
One goes ahead if the next push would not bring it: because of a backlog, a slow line, or a member that asked
to be left alone for a while. A member that is away gets those that were written meanwhile before anything
else when it is back.

- Only those written since this node's start; and of them the newest 64, as many as a member takes.
- A record that was refused is not sent ahead again: it comes in its turn.
- Where no answer comes, a push is tried before it is sent again: the line may carry what is smaller.
"""

from collections.abc import Callable

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.authoring.own import OwnLog
from tocsin.circles.environment import Environment
from tocsin.circles.errors import UnexpectedAnswer, Unreachable
from tocsin.circles.events import ConfirmedAhead, RefusedThere
from tocsin.circles.founding.circle import Member
from tocsin.circles.wire.answers import Later, ReceivedAhead, Refused, SizeHeld
from tocsin.circles.wire.messages import Ahead
from tocsin.circles.wire.protocol import Path
from tocsin.circles.wire.received import open_received
from tocsin.core.errors import Fault, Refusal
from tocsin.core.tlog.tree import consistency_proof, inclusion_proof

MAX_URGENT = 64
_TRIES = 3


class Urgent:
    """The urgent records that one member does not have yet.

    `start` is how much of our log it is believed to hold, `end` where the next push to it ends at most. `low`
    is the first entry whose record it may have. `may_leave`: whether records of our log may leave now.
    """

    def __init__(
        self,
        member: Member,
        caller: Caller,
        own: OwnLog,
        environment: Environment,
        *,
        low: int,
        may_leave: Callable[[str], bool],
        start: Callable[[], int],
        end: Callable[[], int],
    ) -> None:
        self._member = member
        self._caller = caller
        self._own = own
        self._store = environment.store
        self._on_event = environment.on_event
        self._low = low
        self._may_leave = may_leave
        self._start = start
        self._end = end
        self._indices: list[int] = []
        self._sending = False
        self._rests = False

    def add(self, index: int) -> None:
        """The record at `index` is urgent."""
        if index >= self._low:
            self._indices = [*self._indices, index][-MAX_URGENT:]

    def go_first(self) -> None:
        """The member was away, and was sent nothing meanwhile: nothing is to be tried before."""
        self._rests = False

    async def send(self) -> None:
        """Send what does not come with the next push. Raises Unreachable."""
        if self._sending or self._rests:
            self._rests = False
            return
        self._sending = True
        try:
            while (index := self._next()) is not None:
                if not await self._is_done(index):
                    return
                self._indices = [other for other in self._indices if other != index]
        except Unreachable:
            self._rests = True
            raise
        finally:
            self._sending = False

    def _next(self) -> int | None:
        start, end = self._start(), self._end()
        self._indices = [index for index in self._indices if index >= start]
        return next((index for index in self._indices if index >= end), None)

    async def _is_done(self, index: int) -> bool:
        """Send one; whether there is nothing more to do about it. Raises Unreachable."""
        held = self._start()
        for _ in range(_TRIES):
            if not self._may_leave(self._own.name):
                return False
            message = self._message(index, held)
            if message is None:
                return True
            try:
                answer = await self._caller.call(Path.AHEAD, message.encode())
                if isinstance(answer, Refused):
                    raise answer.error()
                if isinstance(answer, ReceivedAhead):
                    self._check_received(index, answer)
                    self._on_event(ConfirmedAhead(self._member.slug, index))
            except Unreachable:
                raise
            except Refusal as refusal:
                self._on_event(RefusedThere(self._member.slug, refusal.code, str(refusal)))
                return True
            if isinstance(answer, Later):
                return False
            if not isinstance(answer, SizeHeld) or index < answer.size:
                return True
            held = answer.size
        return True

    def _message(self, index: int, held: int) -> Ahead | None:
        """The record with its proofs; None if it is erased."""
        name, head = self._own.name, self._own.checkpoint
        if head is None:
            raise Fault(f"{name} is empty: there is nothing to send.")
        size, read = head.checkpoint.size, self._store.read_tiles(name)
        entry, salt, record = self._store.record(name, index)
        if record is None:
            return None
        return Ahead(
            log=name,
            index=index,
            entry=entry,
            salt=salt,
            record=record,
            checkpoint=head.note.encode(),
            known_size=held,
            inclusion=tuple(inclusion_proof(index, size, read)),
            consistency=tuple(consistency_proof(held, size, read)),
        )

    def _check_received(self, index: int, answer: ReceivedAhead) -> None:
        received = open_received(answer.note, self._member.request_key)
        entry = self._store.entries(self._own.name, index, index + 1)
        if (received.log, received.index, received.entry) != (self._own.name, index, entry):
            raise UnexpectedAnswer(f"Expected a receipt for record {index}, found another.")
