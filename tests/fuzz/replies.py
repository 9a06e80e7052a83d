"""A member that answers another with anything: what a node does with what it is told.

An input is replies, one after the other: HTTP status less 200 in a byte, the length of the body, the body. A
cosignature in *held* is made anew by the member's key, for the size that it states.
"""

from collections.abc import Iterator

from tests.circles.lines import LATER, Lines, Puppet, checkpoint_of

from tocsin.circles.wire.answers import (
    Answer,
    Bodies,
    Body,
    Checkpoints,
    Hashes,
    Held,
    Later,
    Missing,
    Pushed,
    ReceivedAhead,
    Refused,
    SizeHeld,
    decode_answer,
    encode_answer,
)
from tocsin.circles.wire.messages import Push
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.wire.received import Received, sign_received
from tocsin.core.errors import Refusal
from tocsin.core.note import Signature
from tocsin.core.tlog.checkpoint import Checkpoint, cosign

_CALLER, _ANSWERER = "ash", "birch"
_MOST_REPLIES = 12
_HASH = bytes(32)


def taken(data: bytes) -> None:
    """Whatever is answered, the node that hears it has no fault, and goes on."""
    with Lines() as lines:
        replies = _replies(data)
        puppet = lines.puppet(_ANSWERER, lambda request: _next(puppet, replies, request))
        desk = lines.start(_CALLER)
        desk.write()
        desk.write(urgent=True)
        puppet.history.write(puppet.note(), puppet.note("More."))
        puppet.push(_CALLER, puppet.history.push(2))
        lines.run_for(3)
        desk.write()


def known() -> Iterator[bytes]:
    """One reply of each kind, and all of them."""
    with Lines() as lines:
        puppet = lines.puppet(_ANSWERER)
        history = puppet.history
        history.write(puppet.note())
        other = history.branch(1)
        other.write(puppet.note("Another version."))
        note = history.checkpoint().note.encode()
        received = Received(lines.log(_CALLER), 2, _HASH, 7)
        answers: list[Answer] = [
            Held(1, cosign(history.checkpoint().checkpoint, puppet.keys.holder, 7)),
            SizeHeld(1),
            Missing(2, (0, 1)),
            Later(100),
            Refused("rollback", 1, "Because."),
            Pushed(history.push()),
            Hashes((_HASH,)),
            Bodies((Body(0, _HASH, puppet.member.opening),)),
            Checkpoints((note, other.checkpoint().note.encode())),
            ReceivedAhead(sign_received(received, puppet.keys.request)),
        ]
    written = [_written(200, encode_answer(answer)) for answer in answers]
    yield from written
    yield b"".join(written)
    yield b"".join(reversed(written))
    yield _written(200, b"\n") + _written(409, b"1\n") * 3 + _written(455, b"")


def _written(status: int, body: bytes) -> bytes:
    return bytes([status - 200]) + len(body).to_bytes(2, "big") + body


def _replies(data: bytes) -> Iterator[tuple[int, bytes]]:
    for _ in range(_MOST_REPLIES):
        if len(data) < 3:
            return
        end = 3 + int.from_bytes(data[1:3], "big")
        yield 200 + data[0], data[3:end]
        data = data[end:]


def _next(puppet: Puppet, replies: Iterator[tuple[int, bytes]], request: Request) -> Answer | Reply:
    status, body = next(replies, (0, b""))
    return Reply(status, _cosigned(puppet, body, request), b"") if status else LATER


def _cosigned(puppet: Puppet, body: bytes, request: Request) -> bytes:
    try:
        answer = decode_answer(body)
        if not isinstance(answer, Held) or request.path != Path.PUSH:
            return body
        pushed = checkpoint_of(Push.decode(request.body))
    except Refusal:
        return body
    stated = Checkpoint(pushed.origin, answer.size, pushed.root)
    time_s = max(1, int.from_bytes(answer.cosignature.data[:7], "big") % 2**53)
    signature: Signature = cosign(stated, puppet.keys.holder, time_s)
    return encode_answer(Held(answer.size, signature))
