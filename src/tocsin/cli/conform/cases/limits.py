"""Section 9.7: how much one log may bring, and what is told a sender that brings more."""

import asyncio

from tocsin.circles.wire.answers import Later
from tocsin.cli.conform.cases.newest import shown
from tocsin.cli.conform.judging import Cases, Differs, expect, given
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.subject import Subject

CASES = Cases()
good = CASES.good
_BURST_S = 10


@good("9.7")
async def slowed(subject: Subject, player: Player) -> None:
    """Above the charter's limit a log is slowed: what comes next is to come later, and then it is taken."""
    per_s = subject.circle.charter.limits.records_per_second
    full = _BURST_S * per_s
    # One second's records more than the bucket holds: they come all the same, and are owed.
    many = full + per_s
    expect(f"held {many}", await subject.push(player, player.say(many - 1).push(0, many)))
    again = player.push(0, many)
    later = given(Later, await subject.push(player, player.say(2).push(many, many + 1, many + 2)))
    if not 0 < later.after_ms <= 2_000:
        raise Differs("later, within two seconds", f"later, in {later.after_ms} ms")
    expect(f"[{many}, {many + 2}]", await shown(subject, subject.callers[1], player))
    # What brings nothing, and what is sent ahead, is not held up.
    expect(f"held {many}", await subject.push(player, again))
    expect("received ahead", await subject.ahead(player, player.ahead(many + 1, many)))
    await asyncio.sleep(later.after_ms / 1_000)
    expect(f"held {many + 2}", await subject.push(player, player.push(many, many + 2)))
