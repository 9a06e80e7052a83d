"""Witnesses (C2SP tlog-witness): a member says "this log only grew", and nothing else.

`Witness` answers `add-checkpoint` for the logs of one circle; `ask` is the author's side. The witness's
state is its own: what this node holds of a log plays no part in it.

`add_checkpoint` checks, in the specification's order: (1) the request's form, 400; (2) an origin of this
circle, 404; (3) the log's signature, 403; (4) the old size is not above the new, 400; (5) the old size is
the one witnessed last, 409 with that size; (6) the proof, 422; (7) it is written down, against the old
size, before the cosignature leaves; 503 if there is no room.
"""

import re
from dataclasses import dataclass

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.authoring.own import OwnLog
from tocsin.circles.environment import Environment
from tocsin.circles.errors import UnexpectedAnswer
from tocsin.circles.exchanging.standing import Standing
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.core.errors import BadSignature, MalformedProof, Refusal, UnknownOrigin, UnknownSigner
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.note import Signature
from tocsin.core.tlog.checkpoint import (
    MAX_CHECKPOINT_BYTES,
    SignedCheckpoint,
    cosign,
    open_checkpoint,
    parse_decimal,
)
from tocsin.core.tlog.tree import EMPTY_ROOT, consistency_proof, verify_consistency
from tocsin.log.store import StorageFull, Store

MAX_PROOF_LINES = 63
MAX_REQUEST_BYTES = MAX_CHECKPOINT_BYTES + 64 * 45 + 32
_PLAIN = "text/plain; charset=utf-8"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class WitnessReply:
    """What the witness answers: an HTTP status, its content type, and the body."""

    status: int
    content_type: str
    body: bytes


class Witness:
    """This node as a witness of the circle's logs."""

    def __init__(self, circle: Circle, standing: Standing, environment: Environment) -> None:
        # An ended log grows no more.
        self._log_keys = {
            member.log_key.name: member.log_key for member in circle.members if not member.disputed
        }
        # Where records were lost, so was what this key witnessed.
        self._me = standing.me if standing.takes_part and not standing.lost else None
        self._store = environment.store
        self._committer = environment.committer
        self._clock = environment.clock

    async def add_checkpoint(self, body: bytes) -> WitnessReply:
        """C2SP's add-checkpoint. Every refusal is a status; nothing is raised for what others sent."""
        if (me := self._me) is None:
            return WitnessReply(503, _PLAIN, b"This witness does not sign at the moment.\n")
        try:
            # (1) form
            old_size, proof, note = _parse(body)
            # (2) origin, (3) signature
            signed = open_checkpoint(note, self._log_keys.get)
        except UnknownOrigin as refusal:
            return _refused(404, refusal)
        except (UnknownSigner, BadSignature) as refusal:
            return _refused(403, refusal)
        except Refusal as refusal:
            return _refused(400, refusal)
        # (4) sizes in order
        if old_size > signed.checkpoint.size:
            return WitnessReply(400, _PLAIN, b"The old size is above the new.\n")
        try:
            return await self._committer.submit(lambda: self._witness(me, old_size, proof, signed))
        except StorageFull:
            return WitnessReply(503, _PLAIN, b"There is no room here at the moment.\n")

    def _witness(
        self, me: MemberKeys, old_size: int, proof: list[bytes], signed: SignedCheckpoint
    ) -> WitnessReply:
        """Steps 5 to 7, inside one transaction, so that no other request comes between them."""
        new = signed.checkpoint
        witnessed = self._store.witnessed(new.origin)
        size, root = witnessed[:2] if witnessed else (0, EMPTY_ROOT)
        # (5) the size witnessed last
        if old_size != size:
            return WitnessReply(409, "text/x.tlog.size", b"%d\n" % size)
        # (6) proof
        try:
            verify_consistency(size, root, new.size, new.root, proof)
        except Refusal as refusal:
            return _refused(422, refusal)
        # (7) written down
        if new.size > size:
            self._store.put_witnessed(new.origin, size, new.size, new.root, signed.note.encode())
        cosignature = cosign(new, me.witness, max(1, self._clock.wall_ms() // 1000))
        return WitnessReply(200, _PLAIN, cosignature.line().encode())


async def ask(caller: Caller, member: Member, own: OwnLog, store: Store) -> None:
    """Have a member witness our newest checkpoint. Raises Unreachable, UnexpectedAnswer or BadSignature."""
    witnessed = own.witnessed.get(member.slug)
    old_size = witnessed.size if witnessed else 0
    for _ in range(_TRIES):
        head = own.checkpoint
        if head is None or old_size >= head.checkpoint.size:
            return
        proof = consistency_proof(old_size, head.checkpoint.size, store.read_tiles(own.name))
        lines = "".join(f"{encode_base64(line)}\n" for line in proof)
        reply = await caller.add_checkpoint(f"old {old_size}\n{lines}\n".encode() + head.note.encode())
        if reply.status == 200:
            cosignature = Signature.parse_line(reply.body.decode("utf-8", "replace"))
            await own.confirm(member, head.checkpoint.size, cosignature, witness=True)
            return
        if reply.status != 409:
            raise UnexpectedAnswer(f"Expected a witness cosignature, found status {reply.status}.")
        old_size = parse_decimal(reply.body.decode("latin-1").removesuffix("\n"), UnexpectedAnswer)


def _parse(body: bytes) -> tuple[int, list[bytes], bytes]:
    """Old size, proof and checkpoint of a request. Raises MalformedProof."""
    if len(body) > MAX_REQUEST_BYTES:
        raise MalformedProof(f"Expected at most {MAX_REQUEST_BYTES} bytes, found {len(body)}.")
    head, blank, note = body.partition(b"\n\n")
    old, *lines = head.decode("latin-1").split("\n")
    if not blank or not re.fullmatch("old [0-9]+", old) or len(lines) > MAX_PROOF_LINES:
        raise MalformedProof("Expected an old size, at most 63 proof lines, an empty line and a checkpoint.")
    proof = [decode_base64(line, MalformedProof) for line in lines]
    return parse_decimal(old.removeprefix("old "), MalformedProof), proof, note


def _refused(status: int, refusal: Refusal) -> WitnessReply:
    return WitnessReply(status, _PLAIN, f"{refusal}\n".encode(errors="replace"))
