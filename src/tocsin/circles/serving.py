"""Answering the members' calls (docs/protocol.md, sections 9 and 10).

Each call goes through the same steps, in the order of section 9.2: (1) its size; (2) its signature, by a
current request key of a member, then its nonce; (3) decoding, and (4) a common version; what comes after is
of the call. Whatever is wrong with a call is an answer; a call never raises. What the members may read is
every log of the circle, and nothing of any other circle.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, islice

from tocsin.circles import errors
from tocsin.circles.attaching.serving import give
from tocsin.circles.authoring.entitling import entitled
from tocsin.circles.authoring.own import OwnLog
from tocsin.circles.authoring.showing import Shown
from tocsin.circles.environment import Environment
from tocsin.circles.events import RefusedHere
from tocsin.circles.exchanging.announcing import batch, lacking
from tocsin.circles.exchanging.kept import Kept
from tocsin.circles.following.accepting import Following
from tocsin.circles.following.followed import Followed
from tocsin.circles.following.receipts import Receipts
from tocsin.circles.founding.circle import Circle, End, Member, check_mode
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.wire.answers import (
    Answer,
    Bodies,
    Body,
    Checkpoints,
    Events,
    Hashes,
    Later,
    Pushed,
    Refused,
    SizeHeld,
    encode_answer,
    status_of,
)
from tocsin.circles.wire.fields import MAX_NOTES
from tocsin.circles.wire.messages import (
    MAX_CONTENT_BYTES,
    MAX_PUSH_BYTES,
    Ahead,
    BodiesRequest,
    CheckpointsRequest,
    ContentRequest,
    EventsRequest,
    ProofRequest,
    Pull,
    Push,
    check_request_size,
)
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.wire.requests import Nonces, verify_request
from tocsin.core.errors import Refusal
from tocsin.core.names import LogName
from tocsin.core.note import sign_note
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint
from tocsin.core.tlog.tree import MAX_SIZE, consistency_proof

_MAX_CHUNK_BYTES = MAX_PUSH_BYTES - 2**18
_MAX_RUNS = 32
_REPLAYING_MS = 500


class Serving:
    """Answers calls of one circle's members. `heard` is told of every member that gave a sign of life.

    `may_leave` says of which logs records may leave: not before the erasures are known.
    """

    def __init__(
        self,
        circle: Circle,
        me: MemberKeys | None,
        own: OwnLog,
        following: Following,
        receipts: Receipts,
        *,
        shown: Shown,
        environment: Environment,
        kept: Kept,
        nonces: Nonces,
        heard: Callable[[Member], None],
        may_leave: Callable[[str], bool],
    ) -> None:
        self._circle = circle
        self._me = me
        self._suspended = kept.suspended.all
        self._own = own
        self._following = following
        self._receipts = receipts
        self._shown = shown
        self._store = environment.store
        self._nonces = nonces
        self._heard = heard
        self._may_leave = may_leave
        self._on_event = environment.on_event
        self._turns = environment.turns
        self._contents = environment.contents

    def expects(self, signer: str, nonce: bytes) -> bool:
        """Whether a request with these comes from a member, as far as can be said before its body is read."""
        return self._nonces.gave(signer, nonce)

    async def handle(self, request: Request) -> Reply:
        """The reply to one request."""
        nonces: list[bytes] = []
        signer: Member | None = None
        try:
            # (1) its size
            check_request_size(request.body)
            # (2) its signature, then its nonce
            signer = self._circle.signer_of_request(request.signer)
            self._check_signed(request, signer, self._own.name)
            self._spend(request, nonces)
            self._check_spoken_to(signer)
            self._heard(signer)
            # (3) decoding and (4) versions, with the call
            answer = await self._answer(request, signer)
        except Refusal as refusal:
            answer = self._refused(signer, refusal)
        return Reply(status_of(answer), encode_answer(answer), b"".join(nonces))

    def answer_events(self, request: Request, asked: EventsRequest, events: Mapping[bytes, bytes]) -> Reply:
        """The reply to a call of section 16, once the events that it brought are taken, with all `events`."""
        nonces: list[bytes] = []
        signer: Member | None = None
        answer: Answer
        try:
            signer = self._circle.signer_of_request(request.signer)
            named = self._circle.by_log.get(request.receiver)
            own = self._own.member.slug
            self._check_signed(
                request, signer, request.receiver if named and named.slug == own else self._own.name
            )
            self._spend(request, nonces)
            self._check_spoken_to(signer)
            self._heard(signer)
            answer = Events(batch(lacking(events, asked.known, asked.events)))
        except Refusal as refusal:
            answer = self._refused(signer, refusal)
        return Reply(status_of(answer), encode_answer(answer), b"".join(nonces))

    def refuse(self, refusal: Refusal) -> Reply:
        """The reply to a request that is refused before its signer is known."""
        answer = self._refused(None, refusal)
        return Reply(status_of(answer), encode_answer(answer), b"")

    def _check_signed(self, request: Request, signer: Member, receiver: str) -> None:
        if signer.slug == self._own.member.slug:
            raise errors.NonMember("The request is signed by this node itself.")
        if not self._nonces.is_repeated(request):
            verify_request(request, receiver, self._circle.request_keys.get)

    def _spend(self, request: Request, nonces: list[bytes]) -> None:
        """Spend the request's nonce; the next one is given in any case."""
        try:
            self._nonces.spend(request.signer, request.nonce, request.signature)
        finally:
            nonces.append(self._nonces.give(request.signer))

    def _check_spoken_to(self, signer: Member) -> None:
        if why := self._suspended.get(signer.slug):
            raise errors.Suspended(
                f"{self._own.member.label} does not speak with you for now: {why.decode()}"
            )

    def _refused(self, signer: Member | None, refusal: Refusal) -> Refused:
        if not isinstance(refusal, errors.StaleNonce):
            self._on_event(RefusedHere(signer.slug if signer else "", refusal.code, str(refusal)))
        return Refused.because(refusal)

    async def _answer(self, request: Request, signer: Member) -> Answer:
        body = request.body
        match request.path:
            case Path.PUSH:
                push = Push.decode(body)
                await self._following.learn(push.newest)
                await self._receipts.take(push.newest, signer.slug)
                self._shown.heard(signer, push.newest)
                return await self._following.push(push, signer)
            case Path.AHEAD:
                return await self._following.ahead(Ahead.decode(body), signer)
            case Path.PULL:
                pull = Pull.decode(body)
                async with self._turns.turn(str(signer.log), MAX_PUSH_BYTES):
                    return self.pull(pull, signer.slug)
            case Path.BODIES:
                asked = BodiesRequest.decode(body)
                async with self._turns.turn(str(signer.log), MAX_PUSH_BYTES):
                    return self._bodies(asked, signer.slug)
            case Path.CHECKPOINTS:
                CheckpointsRequest.decode(body)
                return Checkpoints(self.newest(signer.slug)[:MAX_NOTES])
            case Path.PROOF:
                return self._proof(ProofRequest.decode(body))
            case Path.CONTENT:
                wanted = ContentRequest.decode(body)
                async with self._turns.turn(str(signer.log), MAX_CONTENT_BYTES):
                    return self._content(wanted, signer.slug)
        raise errors.UnknownPath(f"There is no call {request.path!r}.")

    def newest(self, to: str) -> tuple[bytes, ...]:
        """What is known of every log of the circle, and the receipts that others than `to` made out.

        `Followed.shown` says which checkpoints these are. Those of ended logs come last.
        """
        own = [self._own.checkpoint.note.encode()] if self._own.checkpoint else []
        others = [note for notes in self._following.newest().values() for note in notes]
        return (*own, *self._receipts.shown(to), *others)

    def pull(self, pull: Pull, to: str) -> Answer:
        """Entries of a log from a place on, as many as a push may have, with the records that `to` may have.

        Raises UnknownName.
        """
        size, signed = self._held(pull.log, pull.first)
        if signed is None or pull.first >= size:
            return SizeHeld(size)
        if not self._may_leave(pull.log):
            return Later(_REPLAYING_MS)
        most = min(pull.most_entries, size - pull.first)
        chunk = entitled(
            self._store.chunk(pull.log, pull.first, most, _MAX_CHUNK_BYTES),
            self._circle,
            to,
            LogName.parse(pull.log),
        )
        total, read = signed.checkpoint.size, self._store.read_tiles(pull.log)
        proof = consistency_proof(chunk.end, total, read) if 0 < chunk.end < total else []
        return Pushed(Push(pull.log, chunk, signed.note.encode(), tuple(proof), ()))

    def _bodies(self, asked: BodiesRequest, to: str) -> Answer:
        """Of the records asked for, those that are here: from few places, since each costs about as much."""
        size, _ = self._held(asked.log)
        if not self._may_leave(asked.log):
            return Later(_REPLAYING_MS)
        low = self._circle.entitled_from(to, LogName.parse(asked.log))
        bodies: list[Body] = []
        room_bytes = _MAX_CHUNK_BYTES
        for run in islice(_runs(index for index in asked.indices if low <= index < size), _MAX_RUNS):
            chunk = self._store.chunk(asked.log, run.start, len(run), room_bytes)
            present = (
                (index, salt, record) for index, _, salt, record in chunk.items() if record is not None
            )
            bodies += [Body(*body) for body in present]
            room_bytes -= len(chunk.data)
            if chunk.end < run.stop or room_bytes <= 0:
                break
        return Bodies(tuple(bodies))

    def _proof(self, asked: ProofRequest) -> Hashes:
        """A consistency proof; between the two checkpoints of a stopped log, what shows its two versions."""
        size, _ = self._held(asked.log)
        followed = self._following.log(asked.log)
        if followed and (fork := followed.fork) and fork.sizes == (asked.old, asked.new):
            return Hashes(fork.proof)
        if not asked.old <= asked.new <= size:
            raise errors.WrongSize(f"Expected sizes up to {size}, found {asked.old} and {asked.new}.")
        return Hashes(tuple(consistency_proof(asked.old, asked.new, self._store.read_tiles(asked.log))))

    def _content(self, asked: ContentRequest, to: str) -> Answer:
        """A part of an attachment, once it is known what was erased of the log that names it."""
        if not self._may_leave(asked.log):
            return Later(_REPLAYING_MS)
        return give(asked, to, self._circle, self._store, self._contents)

    def _held(self, log: str, first: int = MAX_SIZE) -> tuple[int, SignedCheckpoint | None]:
        """How much of a log can be proved here from `first` on, and by which checkpoint.

        Up to the end of an ended log, by that end. Raises UnknownName and the like.
        """
        if log == self._own.name:
            return self._own.size, self._own.checkpoint
        followed = self._following.log(log)
        if followed is None:
            check_mode(log, drill=self._circle.drill)
            raise errors.UnknownName(f"{log!r} is no log of this circle.")
        if followed.end and followed.reached_end and (first < followed.end.size or followed.end.exact):
            return followed.end.size, self._end_of(followed, followed.end)
        if followed.went_astray:
            return 0, None
        anchor = followed.anchor
        return (anchor.checkpoint.size if anchor else 0), anchor

    def _end_of(self, followed: Followed, end: End) -> SignedCheckpoint | None:
        """The checkpoint of a log's end: as its key signed it; or else, stated by us, signed as requests."""
        note = self._store.checkpoint_at(followed.name, end.size)
        if note:
            return followed.open(note)
        checkpoint = Checkpoint(followed.name, end.size, end.root)
        me = self._me
        return SignedCheckpoint(checkpoint, sign_note(checkpoint.text(), me.request)) if me else None


def _runs(indices: Iterable[int]) -> Iterator[range]:
    """Ascending indices, as ranges of those that follow one another."""
    for _, group in groupby(enumerate(indices), key=lambda numbered: numbered[1] - numbered[0]):
        run = [index for _, index in group]
        yield range(run[0], run[-1] + 1)
