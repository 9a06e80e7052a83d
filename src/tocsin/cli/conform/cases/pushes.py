"""Sections 9.2 to 9.5: pushes, bodies, answers, and records sent ahead."""

from dataclasses import replace

from tocsin.circles.wire.answers import Held, ReceivedAhead
from tocsin.circles.wire.messages import MAX_PUSH_BYTES
from tocsin.circles.wire.protocol import Path
from tocsin.circles.wire.received import open_received
from tocsin.cli.conform.judging import Cases, expect, given
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.subject import Subject
from tocsin.core.names import LogName
from tocsin.core.note import sign_note
from tocsin.core.tlog.checkpoint import verify_cosignature

CASES = Cases()
good, bad = CASES.good, CASES.bad
_ZERO = bytes(32)


@good("9.2")
async def whole(subject: Subject, player: Player) -> None:
    """A whole log is held, and its checkpoint cosigned by the holder key."""
    player.say(4)
    held = given(Held, await subject.push(player, player.push(0, 5)))
    expect("held 5", held)
    verify_cosignature(player.checkpoint(5).checkpoint, held.cosignature, subject.member.holder_key)


@good("9.2")
async def parts(subject: Subject, player: Player) -> None:
    """A log in parts, each with a consistency proof to its checkpoint."""
    player.say(6)
    expect("size held 3", await subject.push(player, player.push(0, 3, 7)))
    expect("size held 5", await subject.push(player, player.push(3, 5, 7)))
    expect("held 7", await subject.push(player, player.push(5, 7)))


@good("9.2")
async def by_another(subject: Subject, player: Player) -> None:
    """A member sends another member's log: authenticity does not come from the sender."""
    other, _ = subject.callers
    expect("held 3", await subject.push(other, player.say(2).push(0, 3)))


@good("9.2")
async def again(subject: Subject, player: Player) -> None:
    """What was sent before is sent again."""
    push = player.say(2).push(0, 3)
    for _ in range(3):
        expect("held 3", await subject.push(player, push))
    expect("held 4", await subject.push(player, player.say(1).push(1, 4)))


@bad("9.2 (1)")
async def too_large(subject: Subject) -> None:
    """A push of more than 4 MiB, by its stated length."""
    status, body = await subject.raw(
        f"POST {Path.PUSH} HTTP/1.1", (f"content-length: {MAX_PUSH_BYTES + 1}", "connection: close")
    )
    expect("413", status)
    expect("True", b"push-too-large" in body)


@bad("9.2 (3)")
async def malformed(subject: Subject, player: Player) -> None:
    """A push that is cut off, or goes on behind its end."""
    data = player.say(1).push(0, 2).encode()
    for changed in (data[:-1], data + b"\0", data[:40]):
        expect("refused: malformed-push", await subject.ask(player, Path.PUSH, changed))
    expect("held 2", await subject.push(player, player.push(0, 2)))


@bad("9.2 (3)")
async def chunk_too_large(subject: Subject) -> None:
    """A push that says it has 1,025 entries."""
    player, _ = subject.callers
    data = player.push(0, 1).encode()
    at = 2 + 1 + len(player.name) + 8
    changed = data[:at] + (1_025).to_bytes(4, "big") + data[at + 4 :]
    expect("refused: chunk-too-large", await subject.ask(player, Path.PUSH, changed))


@bad("9.2 (4)")
async def no_common_version(subject: Subject) -> None:
    """Only versions that are not spoken here, before anything behind them is looked at."""
    player, _ = subject.callers
    expect("refused: no-common-version", await subject.ask(player, Path.PUSH, b"\x02\x63\x64?"))


@good("9.2 (4)")
async def later_versions(subject: Subject, player: Player) -> None:
    """A sender that speaks later versions too."""
    data = player.push(0, 1).encode()
    expect("held 1", await subject.ask(player, Path.PUSH, b"\x03\x01\x63\x64" + data[2:]))


@bad("9.2 (5)")
async def unknown_names(subject: Subject) -> None:
    """Logs of nobody here: of another mode, of another circle, of no member, the receiver's own."""
    player, _ = subject.callers
    log = player.keys.log_name
    names = {
        LogName(log.domain.removeprefix("drill."), log.circle, log.member, 1): "live-at-drill",
        LogName(log.domain, "0" * 64, log.member, 1): "unknown-name",
        LogName(log.domain, log.circle, "nobody", 1): "unknown-name",
        subject.member.log: "unknown-name",
    }
    for name, code in names.items():
        expect(f"refused: {code}", await subject.push(player, replace(player.push(0, 1), log=str(name))))


@good("9.2 (6)")
async def no_checkpoint(subject: Subject, player: Player) -> None:
    """A push without a checkpoint ends with the size held."""
    expect("size held 0", await subject.push(player, player.newest()))
    expect("held 1", await subject.push(player, player.push(0, 1)))
    expect("size held 1", await subject.push(player, player.newest()))


@bad("9.2 (7)")
async def no_note(subject: Subject) -> None:
    """What is no checkpoint."""
    player, _ = subject.callers
    push = player.push(0, 1)
    expect("refused: malformed-note", await subject.push(player, replace(push, checkpoint=b"no note\n")))
    text = player.checkpoint(1).checkpoint.text()
    for changed in (f"{text}extension\n", text.replace("\n1\n", "\n01\n")):
        note = sign_note(changed, player.keys.log).encode()
        expect("refused: malformed-checkpoint", await subject.push(player, replace(push, checkpoint=note)))


@bad("9.2 (7)")
async def wrong_name(subject: Subject, player: Player, other: Player) -> None:
    """A checkpoint of another log."""
    push = replace(player.push(0, 1), checkpoint=other.note(1))
    expect("refused: wrong-name", await subject.push(player, push))


@bad("9.2 (7)")
async def bad_signature(subject: Subject) -> None:
    """A checkpoint that its log's key did not sign."""
    player, _ = subject.callers
    note = player.note(1)
    changed = player.parting(1, 2).note(2).rpartition(b"\n\n")[2]
    push = replace(player.push(0, 1), checkpoint=note.rpartition(b"\n\n")[0] + b"\n\n" + changed)
    expect("refused: bad-signature", await subject.push(player, push))


@bad("9.2 (7)")
async def fork_of_one_size(subject: Subject, player: Player) -> None:
    """Another root for a size that is held: two versions, and the log is stopped (9.2 (6))."""
    expect("held 3", await subject.push(player, player.say(2).push(0, 3)))
    expect("refused: fork", await subject.push(player, player.parting(2, 3).push(0, 3)))
    expect("refused: log-stopped", await subject.push(player, player.say(1).push(3, 4)))


@bad("9.2 (7)")
async def fork_below(subject: Subject, player: Player) -> None:
    """Another root for a smaller size than the one held: two versions."""
    expect("held 6", await subject.push(player, player.say(5).push(0, 6)))
    expect("refused: fork", await subject.push(player, player.parting(2, 3).push(0, 3)))


@bad("9.2 (8)")
async def wrong_size(subject: Subject, player: Player) -> None:
    """A checkpoint smaller than the entries that come with it."""
    push = replace(player.say(2).push(0, 3), checkpoint=player.note(2))
    expect("refused: wrong-size", await subject.push(player, push))
    expect("held 3", await subject.push(player, player.push(0, 3)))


@bad("9.2 (9)")
async def rollback(subject: Subject, player: Player) -> None:
    """A checkpoint smaller than what is held: a rollback, and the log is not touched."""
    expect("held 4", await subject.push(player, player.say(3).push(0, 4)))
    expect("refused: rollback, 4 held", await subject.push(player, player.push(0, 2)))
    expect("held 5", await subject.push(player, player.say(1).push(4, 5)))


@good("9.2 (10)")
async def gap(subject: Subject, player: Player) -> None:
    """A gap is no error: the answer is the size held."""
    player.say(5)
    expect("size held 0", await subject.push(player, player.push(2, 6)))
    expect("held 2", await subject.push(player, player.push(0, 2)))
    expect("size held 2", await subject.push(player, player.push(4, 6)))


@bad("9.2 (11)")
async def other_entries(subject: Subject, player: Player) -> None:
    """Entries that differ from those held, and lead nowhere: refused, and the log goes on."""
    expect("held 3", await subject.push(player, player.say(2).push(0, 3)))
    push = player.say(1).push(0, 4)
    wrong = replace(push, chunk=player.changed(push.chunk, 1, entry=_ZERO))
    expect("refused: wrong-root", await subject.push(player, wrong))
    expect("held 4", await subject.push(player, push))


@bad("9.2 (11)")
async def rewritten(subject: Subject, player: Player) -> None:
    """Entries that differ from those held, and lead to a root that the log's key signed."""
    expect("held 3", await subject.push(player, player.say(2).push(0, 3)))
    expect("refused: fork", await subject.push(player, player.parting(1, 5).push(0, 5)))


@bad("9.2 (12)")
async def wrong_root(subject: Subject, player: Player) -> None:
    """Entries that do not lead to the checkpoint's root; the checkpoint is kept as evidence."""
    push = replace(player.say(2).push(0, 3), checkpoint=player.note(3, _ZERO))
    expect("refused: wrong-root", await subject.push(player, push))
    expect("held 2", await subject.push(player, player.push(0, 2)))
    expect("refused: fork", await subject.push(player, player.push(2, 3)))


@bad("9.2 (12)")
async def wrong_proof(subject: Subject, player: Player) -> None:
    """A consistency proof that is missing, or another one."""
    push = player.say(6).push(0, 3, 7)
    for proof in ((), push.consistency[:-1], (_ZERO, *push.consistency[1:])):
        expect("refused: wrong-root", await subject.push(player, replace(push, consistency=proof)))
    expect("size held 3", await subject.push(player, push))


@bad("9.2 (13)")
async def known_from_others(subject: Subject, player: Player) -> None:
    """A checkpoint known from another member does not fit what came since."""
    other, _ = subject.callers
    expect("held 3", await subject.push(player, player.say(2).push(0, 3)))
    expect("size held 0", await subject.push(other, other.newest(player.parting(3, 5).note(5))))
    expect("refused: fork", await subject.push(player, player.say(3).push(3, 6)))
    expect("refused: log-stopped", await subject.push(player, player.push(3, 6)))


@good("9.3")
async def absent(subject: Subject, player: Player) -> None:
    """Records that did not come are named, and taken when they do."""
    player.say(4)
    expect("missing 1, 3 of 5", await subject.push(player, player.push(0, 5, absent=(1, 3))))
    expect("missing 3 of 5", await subject.push(player, player.push(0, 5, absent=(3,))))
    expect("held 5", await subject.push(player, player.push(0, 5)))


@bad("9.3")
async def mismatch(subject: Subject, player: Player) -> None:
    """A record that is not its entry's counts as missing."""
    push = player.say(2).push(0, 3)
    wrong = replace(push, chunk=player.changed(push.chunk, 1, record=b"another"))
    expect("missing 1 of 3", await subject.push(player, wrong))
    expect("missing 1 of 3", await subject.push(player, wrong))
    expect("held 3", await subject.push(player, push))


@good("9.4")
async def not_understood(subject: Subject, player: Player) -> None:
    """What cannot be read is held all the same."""
    for record in (b"\xff\x00no text", b'{"kind":"of a later version"}', b"x" * 65_536):
        player.append(record)
    expect("held 4", await subject.push(player, player.push(0, 4)))


@good("9.5")
async def ahead(subject: Subject, player: Player) -> None:
    """One record goes ahead of others, and is acknowledged with a signed statement, again and again."""
    player.say(5)
    expect("held 2", await subject.push(player, player.push(0, 2)))
    for _ in range(2):
        answer = given(ReceivedAhead, await subject.ahead(player, player.ahead(4, 2)))
        received = open_received(answer.note, subject.member.request_key)
        expect(f"{player.name} 4", f"{received.log} {received.index}")
        expect(player.said[4][0].hex(), received.entry.hex())
    expect("held 6", await subject.push(player, player.push(2, 6, absent=(4,))))


@good("9.5")
async def ahead_of_another_size(subject: Subject, player: Player) -> None:
    """Ahead of another size than the one held, or of no backlog: the answer is the size held."""
    player.say(5)
    expect("held 2", await subject.push(player, player.push(0, 2)))
    for ahead in (player.ahead(4, 3), player.ahead(1, 2)):
        expect("size held 2", await subject.ahead(player, ahead))


@bad("9.5")
async def bad_ahead(subject: Subject, player: Player) -> None:
    """A record ahead with a wrong proof, another entry for its place, or another record."""
    player.say(5)
    expect("held 2", await subject.push(player, player.push(0, 2)))
    right = player.ahead(4, 2)
    expect("refused: wrong-root", await subject.ahead(player, replace(right, inclusion=())))
    expect("refused: wrong-root", await subject.ahead(player, replace(right, consistency=())))
    expect("refused: body-mismatch", await subject.ahead(player, replace(right, record=b"another")))
    expect("received ahead", await subject.ahead(player, right))
    other = player.parting(4, 7).ahead(4, 2)
    expect("refused: wrong-root", await subject.ahead(player, other))
