"""Section 11: the witness, as C2SP's tlog-witness has it."""

from collections.abc import Sequence

from tocsin.circles.witness import MAX_REQUEST_BYTES
from tocsin.cli.conform.judging import Cases, expect
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.subject import Subject
from tocsin.core.keys import encode_base64
from tocsin.core.note import Signature
from tocsin.core.tlog.checkpoint import verify_cosignature

CASES = Cases()
good, bad = CASES.good, CASES.bad


def _request(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    lines = "".join(f"{encode_base64(line)}\n" for line in proof)
    return f"old {old}\n{lines}\n".encode() + note


async def _witnessed(subject: Subject, player: Player, old: int, new: int) -> None:
    """Have it witness, and check the cosignature."""
    reply = await subject.witness(_request(old, player.consistency(old, new), player.note(new)))
    expect("200", reply.status)
    signature = Signature.parse_line(reply.body.decode("utf-8", "replace"))
    verify_cosignature(player.checkpoint(new).checkpoint, signature, subject.member.witness_key)


@good("11")
async def grows(subject: Subject, player: Player) -> None:
    """A log that grows, and the same checkpoint again."""
    player.say(8)
    for old, new in ((0, 3), (3, 3), (3, 9)):
        await _witnessed(subject, player, old, new)


@bad("11 (1)")
async def malformed(subject: Subject) -> None:
    """What is no request: no old size, no checkpoint, too long."""
    player, _ = subject.callers
    note = player.note(1)
    for body, status in (
        (b"\n" + note, 400),
        (b"old 0\n", 400),
        (b"old 01\n\n" + note, 400),
        (b"old 0\nno base64\n\n" + note, 400),
        (_request(0, [bytes(32)] * 64, note), 400),
        (_request(0, (), f"{player.name}\nno checkpoint\n".encode()), 400),
        (b"old 0\n\n" + note + b" " * MAX_REQUEST_BYTES, 413),
    ):
        expect(str(status), (await subject.witness(body)).status)


@bad("11 (2)")
async def unknown(subject: Subject) -> None:
    """A log of no circle here."""
    player, _ = subject.callers
    note = player.note(1).replace(player.keys.log_name.circle.encode(), b"0" * 64)
    expect("404", (await subject.witness(_request(0, (), note))).status)


@bad("11 (3)")
async def unsigned(subject: Subject) -> None:
    """A checkpoint that its log did not sign."""
    player, _ = subject.callers
    note = player.note(1).replace(b"\n1\n", b"\n2\n")
    expect("403", (await subject.witness(_request(0, (), note))).status)


@bad("11 (4)")
async def old_above_new(subject: Subject) -> None:
    """An old size above the new."""
    player, _ = subject.callers
    expect("400", (await subject.witness(_request(2, (), player.note(1)))).status)


@bad("11 (5)")
async def another_old_size(subject: Subject, player: Player) -> None:
    """Another old size than the one witnessed last, which is answered."""
    player.say(8)
    reply = await subject.witness(_request(2, player.consistency(2, 5), player.note(5)))
    expect("409 b'0\\n'", f"{reply.status} {reply.body!r}")
    await _witnessed(subject, player, 0, 5)
    reply = await subject.witness(_request(2, player.consistency(2, 9), player.note(9)))
    expect("409 b'5\\n'", f"{reply.status} {reply.body!r}")


@bad("11 (6)")
async def wrong_proof(subject: Subject, player: Player) -> None:
    """A proof that does not lead there; what was witnessed stays."""
    await _witnessed(subject, player.say(8), 0, 5)
    other = player.parting(3, 9)
    reply = await subject.witness(_request(5, other.consistency(5, 9), other.note(9)))
    expect("422", reply.status)
    expect("422", (await subject.witness(_request(5, (), player.note(9)))).status)
    await _witnessed(subject, player, 5, 9)
