"""The witness, by the words of C2SP tlog-witness (docs/protocol.md, section 11)."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.circles.lines import LATER, Desk, Lines, Puppet
from tests.simulation.memory_store import MemoryStore

from tocsin.circles import witness
from tocsin.circles.errors import UnexpectedAnswer
from tocsin.circles.events import Witnessed
from tocsin.circles.wire.answers import Answer, Held
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.witness import MAX_PROOF_LINES, WitnessReply
from tocsin.core.errors import BadSignature, Refusal, UnknownSigner
from tocsin.core.keys import encode_base64
from tocsin.core.note import Signature, sign_note
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, cosign, verify_cosignature
from tocsin.core.tlog.tree import EMPTY_ROOT, consistency_proof
from tocsin.log.store import StorageFull


def asking(birch: Puppet, old: int, signed: SignedCheckpoint | None = None, *proof: bytes) -> bytes:
    """An add-checkpoint request, with the proof that is right for birch's log unless another is given."""
    signed = signed or birch.history.checkpoint()
    size = signed.checkpoint.size
    if not proof and 0 < old < size <= birch.history.size:
        proof = tuple(consistency_proof(old, size, birch.history._store.read_tiles(birch.log)))
    lines = "".join(f"{encode_base64(line)}\n" for line in proof)
    return f"old {old}\n{lines}\n".encode() + signed.note.encode()


def ask(lines: Lines, ash: Desk, body: bytes) -> WitnessReply:
    """What ash's witness answers."""
    return lines.run(ash.line.add_checkpoint(body))


def grown(lines: Lines) -> tuple[Desk, Puppet]:
    """Ash's witness has seen birch's log at 3; the log has 9 entries."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(*(birch.note(f"{number}") for number in range(2)))
    assert ask(lines, ash, asking(birch, 0)).status == 200
    birch.history.write(*(birch.note(f"{number}") for number in range(6)))
    return ash, birch


def test_a_log_that_grew_is_cosigned(lines: Lines) -> None:
    """200 with one cosignature line by the witness key; what was seen is kept before it leaves."""
    ash, birch = grown(lines)

    reply = ask(lines, ash, asking(birch, 3))

    assert (reply.status, reply.content_type) == (200, "text/plain; charset=utf-8")
    signature = Signature.parse_line(reply.body.decode())
    checkpoint, me = birch.history.checkpoint().checkpoint, lines.circle.by_slug["ash"]
    assert verify_cosignature(checkpoint, signature, me.witness_key) > 0
    seen = ash.store.witnessed(birch.log)
    assert seen is not None
    assert (seen.size, seen.root) == (checkpoint.size, checkpoint.root)
    ash.restart()
    assert ask(lines, ash, asking(birch, 9)).status == 200


def test_what_a_witness_saw_is_not_what_is_held(lines: Lines) -> None:
    """The witness neither needs entries nor gives any: its state is its own."""
    ash, birch = grown(lines)
    assert ash.follows("birch").size == 0
    assert ash.follows("birch").known == {}
    assert isinstance(birch.push("ash", birch.history.push()), Held)

    reply = ask(lines, ash, asking(birch, 9))

    assert (reply.status, reply.body) == (409, b"3\n")


Asks = Callable[[Puppet], bytes]


def _other(birch: Puppet) -> SignedCheckpoint:
    other = birch.history.branch(2)
    other.write(*(birch.note(f"other {number}") for number in range(7)))
    return other.checkpoint()


def _by_another_key(birch: Puppet) -> bytes:
    signed = birch.history.checkpoint()
    return asking(birch, 3, replace(signed, note=sign_note(signed.note.text, birch.keys.request)))


def _broken_signature(birch: Puppet) -> bytes:
    signed = birch.history.checkpoint()
    signature = replace(signed.note.signatures[0], data=bytes(64))
    return asking(birch, 3, replace(signed, note=replace(signed.note, signatures=(signature,))))


def _of_another_log(birch: Puppet) -> bytes:
    checkpoint = replace(birch.history.checkpoint().checkpoint, origin="elsewhere.example/log")
    return asking(birch, 3, SignedCheckpoint(checkpoint, sign_note(checkpoint.text(), birch.keys.log)))


def _empty(birch: Puppet, root: bytes) -> bytes:
    checkpoint = Checkpoint(birch.log, 0, root)
    return asking(birch, 0, SignedCheckpoint(checkpoint, sign_note(checkpoint.text(), birch.keys.log)))


REFUSED: dict[str, tuple[int, Asks]] = {
    "nothing": (400, lambda _: b""),
    "no empty line": (400, lambda b: asking(b, 3).replace(b"\n\n", b"\n")),
    "no old size": (400, lambda b: asking(b, 3).removeprefix(b"old 3\n")),
    "a leading zero": (400, lambda b: asking(b, 3).replace(b"old 3", b"old 03")),
    "a sign": (400, lambda b: asking(b, 3).replace(b"old 3", b"old +3")),
    "another digit": (400, lambda b: asking(b, 3).replace(b"old 3", "old ³".encode())),
    "too many proof lines": (400, lambda b: asking(b, 3, None, *[bytes(32)] * (MAX_PROOF_LINES + 1))),
    "too many bytes": (400, lambda b: asking(b, 3) + b"x" * 20_000),
    "no base64": (400, lambda b: asking(b, 3, None, bytes(32)).replace(b"A=\n", b"B=\n")),
    "no note": (400, lambda b: asking(b, 3).removesuffix(b"\n")),
    "a fourth line": (400, lambda b: asking(b, 3).replace(b"\n\n\xe2", b"\nmore\n\n\xe2")),
    "old above new": (400, lambda b: asking(b, 10)),
    "unknown origin": (404, _of_another_log),
    "another key": (403, _by_another_key),
    "a broken signature": (403, _broken_signature),
    "too small an old size": (409, lambda b: asking(b, 2)),
    "an old size of zero": (409, lambda b: asking(b, 0)),
    "too large an old size": (409, lambda b: asking(b, 4)),
    "no proof": (
        422,
        lambda b: asking(b, 3, None, bytes(32)).replace(encode_base64(bytes(32)).encode() + b"\n", b""),
    ),
    "another proof": (422, lambda b: asking(b, 3, None, *[bytes(32)] * 5)),
    "a short hash": (422, lambda b: asking(b, 3, None, *[bytes(31)] * 5)),
    "another version": (422, lambda b: asking(b, 3, _other(b))),
    "another root of the same size": (422, lambda b: asking(b, 3, b.history.sign(3, bytes(32)))),
    "a proof of nothing": (422, lambda b: asking(b, 3, b.history.checkpoint(3), bytes(32))),
}


@pytest.mark.parametrize(("status", "asks"), REFUSED.values(), ids=REFUSED.keys())
def test_the_witness_answers_with_the_specification_s_status(lines: Lines, status: int, asks: Asks) -> None:
    """400, 404, 403, 409 with the size seen, and 422, each where it is due; and nothing is kept."""
    ash, birch = grown(lines)

    reply = ask(lines, ash, asks(birch))

    assert reply.status == status
    assert reply.content_type == ("text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8")
    assert reply.body == b"3\n" if status == 409 else reply.body
    seen = ash.store.witnessed(birch.log)
    assert seen is not None
    assert seen.size == 3
    assert ask(lines, ash, asking(birch, 3)).status == 200


def test_the_first_checkpoint_needs_no_proof_and_may_have_none(lines: Lines) -> None:
    """From size zero: no proof is 200, a proof is 422; an empty log has the root of the empty tree."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    assert ask(lines, ash, _empty(birch, bytes(32))).status == 422
    assert ask(lines, ash, _empty(birch, EMPTY_ROOT)).status == 200
    assert ask(lines, ash, asking(birch, 0, None, bytes(32))).status == 422
    assert ask(lines, ash, asking(birch, 0)).status == 200


def test_of_two_versions_shown_at_once_one_is_cosigned(lines: Lines) -> None:
    """Comparing with what was seen and writing it down is one step: two requests never pass together."""
    ash, birch = grown(lines)
    other = birch.history.branch(3)
    other.write(*(birch.note(f"other {number}") for number in range(6)))
    other_body = asking(
        birch, 3, other.checkpoint(), *consistency_proof(3, 9, other._store.read_tiles(birch.log))
    )

    async def both() -> list[int]:
        replies = await asyncio.gather(
            *(ash.line.add_checkpoint(body) for body in (asking(birch, 3), other_body))
        )
        return [reply.status for reply in replies]

    assert lines.run(both()) == [200, 409]


def test_a_witness_without_room_says_so(lines: Lines) -> None:
    """Where what was seen cannot be kept, nothing is cosigned: 503, and no fault."""
    ash, birch = lines.start("ash", _StoreThatCannotWitness("ash")), lines.puppet("birch")
    assert ask(lines, ash, asking(birch, 0)).status == 503
    assert ash.store.witnessed(birch.log) is None


class _StoreThatCannotWitness(MemoryStore):
    def put_witnessed(self, *_: object) -> None:
        raise StorageFull


# --- the author's side ---


def _witness(*replies: Callable[[Request], Reply]) -> Callable[[Request], Reply | Answer]:
    """Answers add-checkpoint with these, one after the other, and everything else with *later*."""
    waiting = list(replies)

    def says(request: Request) -> Reply | Answer:
        return waiting.pop(0)(request) if request.path == Path.ADD_CHECKPOINT else LATER

    return says


def _cosigned(birch: Puppet, *, by: str = "witness") -> Callable[[Request], Reply]:
    def reply(request: Request) -> Reply:
        origin, size, root = request.body.partition(b"\n\n")[2].decode().split("\n")[:3]
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root))
        key = birch.keys.witness if by == "witness" else birch.keys.holder
        return Reply(200, cosign(checkpoint, key, 7).line().encode(), b"")

    return reply


def _conflict(size: bytes) -> Callable[[Request], Reply]:
    return lambda _: Reply(409, size + b"\n", b"")


def test_an_author_is_witnessed_after_a_quiet_second(lines: Lines) -> None:
    """While records come, nobody is asked; a second after the last, each member is, and what it says kept."""
    birch = lines.puppet("birch")
    birch.says = _witness(_cosigned(birch))
    ash = lines.start("ash")
    for _ in range(20):
        ash.write()
    assert not [request for request in birch.asked if request.path == Path.ADD_CHECKPOINT]
    lines.run_for(2)

    assert ash.heard(Witnessed) == [Witnessed("birch", 21, 7)]
    assert {signature.name for signature, _ in ash.store.cosignatures(ash.log, 21)} == {
        birch.keys.witness.verifying.name
    }
    ash.restart()
    assert ash.line.own.witnessed["birch"].size == 21


def test_an_author_goes_on_from_the_size_that_the_witness_saw(lines: Lines) -> None:
    """409 says from where the proof has to lead."""
    birch = lines.puppet("birch")
    birch.says = _witness(_conflict(b"2"), _cosigned(birch))
    ash = lines.start("ash")
    for _ in range(4):
        ash.write()
    lines.run_for(2)

    first, second = (request.body for request in birch.asked if request.path == Path.ADD_CHECKPOINT)
    assert (first[:6], second[:6]) == (b"old 0\n", b"old 2\n")
    assert len(ash.heard(Witnessed)) == 1


def _of_another_text(birch: Puppet) -> Callable[[Request], Reply]:
    cosignature = cosign(birch.history.checkpoint().checkpoint, birch.keys.witness, 1)
    return lambda _: Reply(200, cosignature.line().encode(), b"")


LIES: dict[str, tuple[type[Refusal], Callable[[Puppet], Callable[[Request], Reply]]]] = {
    "another status": (UnexpectedAnswer, lambda _: lambda _: Reply(500, b"", b"")),
    "no size": (UnexpectedAnswer, lambda _: _conflict(b"many")),
    "another key": (UnknownSigner, lambda birch: _cosigned(birch, by="holder")),
    "another text": (BadSignature, _of_another_text),
    "no signature": (Refusal, lambda _: lambda _: Reply(200, b"\xff", b"")),
}


@pytest.mark.parametrize(("refusal", "lie"), LIES.values(), ids=LIES.keys())
def test_what_is_no_witness_s_answer_counts_for_nothing(
    lines: Lines, refusal: type[Refusal], lie: Callable[[Puppet], Callable[[Request], Reply]]
) -> None:
    """A false answer is a refusal, and no cosignature is kept."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.says = _witness(lie(birch))
    sender = ash.line.senders["birch"]

    with pytest.raises(refusal):
        lines.run(witness.ask(sender.caller, sender.member, ash.line.own, ash.store))

    assert ash.line.own.witnessed == {}


def test_a_witness_that_always_disagrees_is_left_alone(lines: Lines) -> None:
    """Conflict after conflict ends after three tries."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    for _ in range(9):
        ash.write()
    asked = len(birch.asked)
    birch.says = _witness(*(_conflict(b"%d" % size) for size in range(1, 9)))
    sender = ash.line.senders["birch"]

    lines.run(witness.ask(sender.caller, sender.member, ash.line.own, ash.store))

    assert len([request for request in birch.asked[asked:] if request.path == Path.ADD_CHECKPOINT]) == 3


def test_a_silent_witness_keeps_no_other_waiting(lines: Lines) -> None:
    """Each member is asked by itself, and never twice at a time."""
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    cedar.says = _witness(*[_cosigned(cedar)] * 9)
    birch.says = lambda request: None if request.path == Path.ADD_CHECKPOINT else LATER
    ash = lines.start("ash")
    lines.run_for(2)
    ash.write()
    lines.run_for(2)

    assert [event.member for event in ash.heard(Witnessed)] == ["cedar", "cedar"]
    assert len([request for request in birch.asked if request.path == Path.ADD_CHECKPOINT]) == 1
