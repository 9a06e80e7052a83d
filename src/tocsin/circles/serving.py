"""Answering the members' calls (docs/protocol.md, sections 9 and 10).

Each call goes through the same steps, in the order of section 9.2: (1) its size; (2) its signature, by a
current request key of a member, then its nonce; (3) decoding, and (4) a common version; what comes after is
of the call. Whatever is wrong with a call is an answer; a call never raises. What the members may read is
every log of the circle, and nothing of any other circle.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice

from tocsin.circles import errors
from tocsin.circles.authoring.own import OwnLog
from tocsin.circles.environment import Environment
from tocsin.circles.events import RefusedHere
from tocsin.circles.following.accepting import Following
from tocsin.circles.founding.circle import Circle, Member, check_mode
from tocsin.circles.wire.answers import (
    Answer,
    Bodies,
    Body,
    Checkpoints,
    Hashes,
    Pushed,
    Refused,
    SizeHeld,
    encode_answer,
    status_of,
)
from tocsin.circles.wire.messages import (
    MAX_PUSH_BYTES,
    Ahead,
    BodiesRequest,
    CheckpointsRequest,
    ProofRequest,
    Pull,
    Push,
    check_request_size,
)
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.wire.requests import Nonces, verify_request
from tocsin.core.errors import Refusal
from tocsin.core.tlog.checkpoint import SignedCheckpoint
from tocsin.core.tlog.tree import consistency_proof

_MAX_CHUNK_BYTES = MAX_PUSH_BYTES - 2**18
_MAX_RUNS = 32


class Serving:
    """Answers calls of one circle's members. `heard` is told of every member that gave a sign of life."""

    def __init__(
        self,
        circle: Circle,
        own: OwnLog,
        following: Following,
        environment: Environment,
        heard: Callable[[Member], None],
    ) -> None:
        self._circle = circle
        self._own = own
        self._following = following
        self._store = environment.store
        self._nonces = Nonces(environment.chance)
        self._heard = heard
        self._on_event = environment.on_event

    def expects(self, signer: str, nonce: bytes) -> bool:
        """Whether a request with these comes from a member, as far as can be said before its body is read."""
        return self._nonces.gave(signer, nonce)

    async def handle(self, request: Request) -> Reply:
        """The reply to one request."""
        signer: Member | None = None
        nonce = b""
        try:
            # (1) its size
            check_request_size(request.body)
            # (2) its signature, then its nonce
            signer = self._circle.signer_of_request(request.signer)
            if signer.slug == self._own.member.slug:
                raise errors.NonMember("The request is signed by this node itself.")
            verify_request(request, self._own.name, self._circle.request_keys.get)
            try:
                self._nonces.spend(request.signer, request.nonce)
            finally:
                nonce = self._nonces.give(request.signer)
            self._heard(signer)
            # (3) decoding and (4) versions, with the call
            answer = await self._answer(request, signer)
        except errors.StaleNonce as refusal:
            answer = Refused.because(refusal)
        except Refusal as refusal:
            answer = Refused.because(refusal)
            self._on_event(RefusedHere(signer.slug if signer else "", refusal.code, str(refusal)))
        return Reply(status_of(answer), encode_answer(answer), nonce)

    async def _answer(self, request: Request, signer: Member) -> Answer:
        body = request.body
        match request.path:
            case Path.PUSH:
                push = Push.decode(body)
                await self._following.learn(push.newest)
                return await self._following.push(push, signer)
            case Path.AHEAD:
                return await self._following.ahead(Ahead.decode(body), signer)
            case Path.PULL:
                return self._pull(Pull.decode(body))
            case Path.BODIES:
                return self._bodies(BodiesRequest.decode(body))
            case Path.CHECKPOINTS:
                CheckpointsRequest.decode(body)
                return Checkpoints(self.newest())
            case Path.PROOF:
                return self._proof(ProofRequest.decode(body))
        raise errors.UnknownPath(f"There is no call {request.path!r}.")

    def newest(self) -> tuple[bytes, ...]:
        """What is known of every log of the circle: `Followed.shown` says which checkpoints these are."""
        own = [self._own.checkpoint.note.encode()] if self._own.checkpoint else []
        others = [note for notes in self._following.newest().values() for note in notes]
        return (*own, *others)

    def _pull(self, pull: Pull) -> Answer:
        size, signed = self._held(pull.log)
        if signed is None or pull.first >= size:
            return SizeHeld(size)
        most = min(pull.most_entries, size - pull.first)
        chunk = self._store.chunk(pull.log, pull.first, most, _MAX_CHUNK_BYTES)
        total, read = signed.checkpoint.size, self._store.read_tiles(pull.log)
        proof = consistency_proof(chunk.end, total, read) if 0 < chunk.end < total else []
        return Pushed(Push(pull.log, chunk, signed.note.encode(), tuple(proof), ()))

    def _bodies(self, asked: BodiesRequest) -> Bodies:
        """Of the records asked for, those that are here: from few places, since each costs about as much."""
        size, _ = self._held(asked.log)
        bodies: list[Body] = []
        room_bytes = _MAX_CHUNK_BYTES
        for run in islice(_runs(index for index in asked.indices if index < size), _MAX_RUNS):
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

    def _held(self, log: str) -> tuple[int, SignedCheckpoint | None]:
        """How much of a log can be proved here, and by which checkpoint. Raises UnknownName and the like."""
        if log == self._own.name:
            return self._own.size, self._own.checkpoint
        followed = self._following.log(log)
        if followed is None:
            check_mode(log, drill=self._circle.drill)
            raise errors.UnknownName(f"{log!r} is no log of this circle.")
        anchor = followed.anchor
        return (anchor.checkpoint.size if anchor else 0), anchor


def _runs(indices: Iterable[int]) -> Iterator[range]:
    """Ascending indices, as ranges of those that follow one another."""
    for _, group in groupby(enumerate(indices), key=lambda numbered: numbered[1] - numbered[0]):
        run = [index for _, index in group]
        yield range(run[0], run[-1] + 1)
