"""Section 18: erasure, as far as other members see it."""

from tocsin.circles.wire.answers import Bodies, Pushed
from tocsin.circles.wire.messages import BodiesRequest, Pull
from tocsin.circles.wire.protocol import Path
from tocsin.cli.conform.judging import Cases, eventually, expect, given
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.subject import Subject
from tocsin.core.records import Erased, Place, parse_record
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES

CASES = Cases()
good, bad = CASES.good, CASES.bad


async def _bodies(subject: Subject, player: Player, *indices: int) -> str:
    """Of which of these places the endpoint gives the record, and of which it does in a pull."""
    caller, _ = subject.callers
    asked = BodiesRequest(player.name, indices).encode()
    bodies = given(Bodies, await subject.ask(caller, Path.BODIES, asked)).bodies
    pull = Pull(player.name, 0, indices[-1] + 1).encode()
    absent = given(Pushed, await subject.ask(caller, Path.PULL, pull)).push.chunk.absent()
    return f"{[body.index for body in bodies]} {[index for index in indices if index not in absent]}"


async def _answers(subject: Subject, player: Player, index: int) -> list[tuple[int, ...] | None]:
    """What the endpoint says, in a log of its own, that it has purged by this erasure."""
    asked = Pull(subject.name, 0, MAX_CHUNK_ENTRIES).encode()
    chunk = given(Pushed, await subject.ask(subject.callers[0], Path.PULL, asked)).push.chunk
    said = [parse_record(record).record for _, _, _, record in chunk.items() if record]
    place = Place(index=index, log=player.name)
    return [one.purged for one in said if isinstance(one, Erased) and one.erasure == place]


@good("18")
async def gone(subject: Subject, player: Player) -> None:
    """What its author has erased is given to nobody, not taken again, still confirmed, and answered."""
    expect("held 5", await subject.push(player, player.say(4).push(0, 5)))
    expect("[1, 2, 3, 4] [1, 2, 3, 4]", await _bodies(subject, player, 1, 2, 3, 4))
    player.erase(2, 3)
    expect("held 6", await subject.push(player, player.push(5, 6)))
    await eventually("[1, 4] [1, 4]", lambda: _bodies(subject, player, 1, 2, 3, 4))
    expect("held 7", await subject.push(player, player.say(1).push(0, 7)))
    expect("[1, 4] [1, 4]", await _bodies(subject, player, 1, 2, 3, 4))
    await eventually("[(2, 3)]", lambda: _answers(subject, player, 5))


@good("18")
async def never_here(subject: Subject, player: Player) -> None:
    """What was erased before it came is not missing."""
    player.say(3).erase(2)
    push = player.push(0, 5, absent=(2,))

    async def pushed() -> object:
        return await subject.push(player, push)

    await eventually("held 5", pushed)


@bad("18")
async def another_entry(subject: Subject, player: Player) -> None:
    """An erasure that names another entry than the one that stands there erases nothing."""
    player.say(2).erase(1, entry=bytes(32))
    player.erase(2)
    expect("held 5", await subject.push(player, player.push(0, 5)))
    await eventually("[1] [1]", lambda: _bodies(subject, player, 1, 2))
