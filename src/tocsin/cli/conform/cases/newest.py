"""Section 9.6: the checkpoints that members show each other, so that two versions of a log are found."""

from dataclasses import replace

from tocsin.circles.wire.answers import Checkpoints
from tocsin.circles.wire.messages import CheckpointsRequest
from tocsin.circles.wire.protocol import Path
from tocsin.cli.conform.judging import Cases, Differs, expect, given
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.subject import Subject
from tocsin.core.note import parse_note
from tocsin.core.tlog.checkpoint import open_checkpoint, parse_text

CASES = Cases()
good, bad = CASES.good, CASES.bad


async def shown(subject: Subject, to: Player, of: Player | str) -> list[int]:
    """The sizes of the checkpoints of a log that the endpoint shows."""
    answer = given(Checkpoints, await subject.ask(to, Path.CHECKPOINTS, CheckpointsRequest().encode()))
    name = of if isinstance(of, str) else of.name
    return [
        found.size for note in answer.notes if (found := parse_text(parse_note(note).text)).origin == name
    ]


@good("9.6")
async def own(subject: Subject) -> None:
    """Of its own log, the newest checkpoint, with the log's signature."""
    player, _ = subject.callers
    answer = given(Checkpoints, await subject.ask(player, Path.CHECKPOINTS, CheckpointsRequest().encode()))
    for note in answer.notes:
        signed = open_checkpoint(note, subject.circle.log_keys.get)
        if signed.checkpoint.origin == subject.name:
            return
    raise Differs(f"a checkpoint of {subject.name}", f"{len(answer.notes)} of other logs")


@good("9.6")
async def anchor_and_newest(subject: Subject, player: Player) -> None:
    """The largest checkpoint that is held, and the newest one known if that is larger."""
    other, _ = subject.callers
    expect("held 3", await subject.push(player, player.say(8).push(0, 3)))
    expect("[3]", await shown(subject, other, player))
    expect("size held 0", await subject.push(other, other.newest(player.note(6), player.note(9))))
    expect("[3, 9]", await shown(subject, other, player))
    expect("held 9", await subject.push(player, player.push(3, 9)))
    expect("[9]", await shown(subject, other, player))


@good("9.6")
async def passed_over(subject: Subject, player: Player, other: Player) -> None:
    """What is no checkpoint of a followed log says nothing about who passed it on."""
    text = player.checkpoint(1).note.text
    strange = ("nowhere.example/log\n" + text.partition("\n")[2]).encode() + b"\n"
    push = other.newest(b"no note", strange, player.note(1).replace(b"\n1\n", b"\n2\n"), player.note(1))
    expect("size held 0", await subject.push(other, push))
    expect("[1]", await shown(subject, other, player))


@good("9.6")
async def whatever_becomes(subject: Subject, player: Player, other: Player) -> None:
    """Newest checkpoints are taken whatever becomes of the push that brings them (9.2 (4))."""
    push = replace(other.push(0, 1), log=subject.name, newest=(player.say(3).note(4),))
    expect("refused: unknown-name", await subject.push(other, push))
    expect("[4]", await shown(subject, other, player))


@bad("9.6")
async def stopped(subject: Subject, player: Player) -> None:
    """A checkpoint that does not fit, shown by another member, stops the log; both are shown on."""
    other, _ = subject.callers
    expect("held 5", await subject.push(player, player.say(4).push(0, 5)))
    expect("size held 0", await subject.push(other, other.newest(player.parting(1, 4).note(4))))
    expect("refused: log-stopped", await subject.push(player, player.say(1).push(5, 6)))
    expect("[4, 5]", sorted(await shown(subject, other, player)))
