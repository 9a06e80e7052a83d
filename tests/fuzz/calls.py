"""A member that calls another with anything, properly signed: what is behind the decoders, with its state.

An input is calls, one after the other: the number of a call's path, the length of its body, the body. Each is
signed as its sender would sign it, and so is a checkpoint of the sender's own log that stands in a push: what
a fuzzer makes of sizes, roots, proofs and entries is then judged by what it says.
"""

from collections.abc import Iterator
from dataclasses import replace

from tests.circles.lines import Lines, Puppet, held
from tests.simulation.hostile import History

from tocsin.circles.wire.answers import decode_answer
from tocsin.circles.wire.messages import Ahead, BodiesRequest, CheckpointsRequest, ProofRequest, Pull, Push
from tocsin.circles.wire.protocol import Path
from tocsin.core.errors import Refusal
from tocsin.core.keys import SigningKey
from tocsin.core.note import parse_note, sign_note
from tocsin.core.tlog.checkpoint import parse_text
from tocsin.core.tlog.entry import MAX_RECORD_BYTES

PATHS = tuple(Path)
_MOST_CALLS = 8
_MOST_RECORDS = 40
_SENDER, _RECEIVER = "birch", "ash"


def answered(data: bytes) -> None:
    """Each call is answered, and the node that answers has no fault and goes on."""
    with Lines() as lines:
        desk, puppet = lines.start(_RECEIVER), lines.puppet(_SENDER)
        for path, written in _calls(data):
            body = signed(puppet.keys.log, path, written)
            if path is Path.ADD_CHECKPOINT:
                request = puppet.request(_RECEIVER, path, body)
                assert puppet.send(_RECEIVER, request).status != 500
            else:
                _check_answer(puppet, path, body)
        lines.run_for(1)
        desk.write()


def _check_answer(puppet: Puppet, path: Path, body: bytes) -> None:
    """Call, and read what comes back, refusal or not."""
    nonce = puppet.send(_RECEIVER, puppet.request(_RECEIVER, Path.NONCE, b"")).nonce
    reply = puppet.send(_RECEIVER, puppet.request(_RECEIVER, path, body, nonce))
    assert reply.status != 500
    decode_answer(reply.body)


def held_whatever_it_says(data: bytes) -> None:
    """A log of any records, which stand in the input a blank line apart, is held and confirmed."""
    records = [
        record for record in data.split(b"\n\n\n")[:_MOST_RECORDS] if 0 < len(record) <= MAX_RECORD_BYTES
    ]
    with Lines() as lines:
        desk, puppet = lines.start(_RECEIVER), lines.puppet(_SENDER)
        puppet.history.write(*records)
        assert held(puppet, puppet.push(_RECEIVER, puppet.history.push()))
        assert len(desk.readings(_SENDER)) == len(records) + 1


def known_records() -> Iterator[bytes]:
    """Cards, what officers sign, notes, and all of them in one log."""
    with Lines() as lines:
        puppet = lines.puppet(_SENDER)
        records = [puppet.card(), puppet.signed(), puppet.note(), puppet.card(2), puppet.signed(2)]
        records += [puppet.member.opening, puppet.signed(author="nobody")]
    yield from records
    yield b"\n\n\n".join(records)


def honest(history: History, receiver: str, record: bytes) -> list[tuple[Path, bytes]]:
    """Calls that a member makes of another, with its log of five entries, and another version of it."""
    other = history.branch(2)
    other.write(record)
    note, log = history.checkpoint().note.encode(), history.log
    pushes = [
        history.push(),
        history.push(0, 2),
        history.push(2),
        other.push(),
        other.push(1),
        history.push(4),
    ]
    told = replace(history.push(), newest=(note, other.checkpoint().note.encode()))
    return [
        *((Path.PUSH, push.encode()) for push in (*pushes, told)),
        *((Path.AHEAD, history.ahead(index, size).encode()) for index, size in ((3, 0), (4, 2))),
        (Path.PULL, Pull(receiver, 0, 9).encode()),
        (Path.BODIES, BodiesRequest(receiver, (0,)).encode()),
        (Path.CHECKPOINTS, CheckpointsRequest().encode()),
        (Path.PROOF, ProofRequest(log, 1, 5).encode()),
        (Path.ADD_CHECKPOINT, b"old 0\n\n" + note),
    ]


def known() -> Iterator[bytes]:
    """Each honest call, and several of them."""
    with Lines() as lines:
        puppet = lines.puppet(_SENDER)
        puppet.history.write(*(puppet.note(f"Note {number}.") for number in range(4)))
        sent = honest(puppet.history, lines.log(_RECEIVER), puppet.note("Another version."))
    yield from (_written(*one) for one in sent)
    yield b"".join(_written(*one) for one in sent[:_MOST_CALLS])
    yield b"".join(_written(*one) for one in sent[-_MOST_CALLS:])


def signed(key: SigningKey, path: Path, body: bytes) -> bytes:
    """The body; a checkpoint in it of the log whose key this is, is signed anew, whatever it says."""
    try:
        match path:
            case Path.PUSH:
                push = Push.decode(body)
                return replace(push, checkpoint=_own(key, push.checkpoint)).encode()
            case Path.AHEAD:
                ahead = Ahead.decode(body)
                return replace(ahead, checkpoint=_own(key, ahead.checkpoint)).encode()
            case Path.ADD_CHECKPOINT:
                head, _, note = body.partition(b"\n\n")
                return head + b"\n\n" + _own(key, note)
    except Refusal:
        pass
    return body


def _own(key: SigningKey, note: bytes) -> bytes:
    text = parse_note(note).text
    return sign_note(text, key).encode() if parse_text(text).origin == key.verifying.name else note


def _written(path: Path, body: bytes) -> bytes:
    return bytes([PATHS.index(path)]) + len(body).to_bytes(2, "big") + body


def _calls(data: bytes) -> Iterator[tuple[Path, bytes]]:
    for _ in range(_MOST_CALLS):
        if len(data) < 3:
            return
        end = 3 + int.from_bytes(data[1:3], "big")
        yield PATHS[data[0] % len(PATHS)], data[3:end]
        data = data[end:]
