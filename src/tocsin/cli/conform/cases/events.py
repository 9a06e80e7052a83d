"""Section 16: what changes a circle travels by the call `events`, and what follows from it for the logs."""

from tocsin.circles.changing.events import event_id
from tocsin.circles.wire.answers import Events
from tocsin.circles.wire.messages import EventsRequest, Pull
from tocsin.circles.wire.protocol import Path
from tocsin.circles.wire.requests import NO_NONCE, sign_request
from tocsin.cli.conform.judging import Cases, expect, given
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.subject import Subject
from tocsin.core.keys import SignatureType, SigningKey

CASES = Cases()
good, bad = CASES.good, CASES.bad


async def bring(subject: Subject, player: Player, *events: bytes, known: tuple[bytes, ...] = ()) -> Events:
    """Bring events as this member; what is answered."""
    body = EventsRequest(tuple(sorted(map(event_id, known))), events).encode()
    found: Events = given(Events, await subject.ask(player, Path.EVENTS, body))
    return found


async def knows(subject: Subject, event: bytes) -> bool:
    """Whether the endpoint gives the event to another member."""
    return event in (await bring(subject, subject.callers[0])).events


async def no_member(subject: Subject, player: Player) -> None:
    """That the member's request key is nobody's."""
    body = Pull(player.name, 0, 1).encode()
    request = sign_request(player.keys.request, subject.name, Path.PULL, body, NO_NONCE)
    expect("refused: non-member", (await subject.send(request))[0])


@good("16")
async def brought(subject: Subject, player: Player) -> None:
    """An event that one member brings, others get that do not have it, and no others."""
    expect("held 2", await subject.push(player, player.say(1).push(0, 2)))
    event = player.next_epoch(2, "scheduled").opening
    await bring(subject, subject.callers[1], event)
    expect("True", await knows(subject, event))
    again = await bring(subject, subject.callers[0], known=(event,))
    expect("False", event in again.events)


@good("16")
async def new_keys(subject: Subject, player: Player) -> None:
    """A member with new keys makes itself known by bringing its opening; its new log is held."""
    expect("held 3", await subject.push(player, player.say(2).push(0, 3)))
    later = player.next_epoch(3, "scheduled")
    await bring(subject, later, later.opening)
    expect("held 3", await subject.push(later, later.say(2).push(0, 3)))


@bad("16")
async def old_keys(subject: Subject, player: Player) -> None:
    """The request key of an epoch that is over signs nothing any more."""
    expect("held 1", await subject.push(player, player.push(0, 1)))
    later = player.next_epoch(1, "compromised")
    await bring(subject, later, later.opening)
    await no_member(subject, player)


@bad("16")
async def beyond_the_end(subject: Subject, player: Player) -> None:
    """What lies beyond the exact end of a log is void: refused."""
    expect("held 3", await subject.push(player, player.say(2).push(0, 3)))
    later = player.next_epoch(3, "compromised")
    await bring(subject, later, later.opening)
    expect("refused: epoch-ended", await subject.push(later, player.say(2).push(3, 5)))


@good("16")
async def longer_than_lost(subject: Subject, player: Player) -> None:
    """After a loss the end is the least that there was: a longer tail that fits is taken, from anyone."""
    expect("held 3", await subject.push(player, player.say(4).push(0, 3)))
    later = player.next_epoch(2, "lost")
    await bring(subject, later, later.opening)
    expect("held 5", await subject.push(subject.callers[0], player.push(3, 5)))


@bad("16")
async def unsigned(subject: Subject, player: Player) -> None:
    """An opening that another key signed than the organisation's is not kept."""
    thief = SigningKey.generate(player.organisation.verifying.name, SignatureType.ED25519, player.chance)
    stolen = Player(player.keys, thief, player.opening, player.chance).next_epoch(1, "scheduled")
    await bring(subject, subject.callers[1], stolen.opening)
    expect("False", await knows(subject, stolen.opening))
    expect("held 2", await subject.push(player, player.say(1).push(0, 2)))


@bad("16")
async def disputed(subject: Subject, player: Player) -> None:
    """Two openings of one epoch: both are shown on, neither counts, and nothing more is accepted."""
    expect("held 2", await subject.push(player, player.say(1).push(0, 2)))
    one, two = (player.next_epoch(2, "scheduled") for _ in range(2))
    await bring(subject, subject.callers[1], one.opening, two.opening)
    expect("True True", f"{await knows(subject, one.opening)} {await knows(subject, two.opening)}")
    expect("refused: log-stopped", await subject.push(subject.callers[0], player.say(1).push(2, 3)))
    await no_member(subject, one)


@good("16")
async def leaves(subject: Subject, player: Player) -> None:
    """A member that leaves is gone at once: its log ends where it says, and its keys sign nothing."""
    expect("held 2", await subject.push(player, player.say(1).push(0, 2)))
    leaving = player.leaving(2)
    await bring(subject, subject.callers[1], leaving)
    expect("True", await knows(subject, leaving))
    await no_member(subject, player)
    expect("refused: epoch-ended", await subject.push(subject.callers[0], player.say(1).push(2, 3)))


@bad("16")
async def malformed(subject: Subject) -> None:
    """A message that is cut off, goes on behind its end, or has ids that do not ascend."""
    player, _ = subject.callers
    body = EventsRequest((), ()).encode()
    twice = body[:2] + (2).to_bytes(2, "big") + bytes(64) + (0).to_bytes(2, "big")
    for changed in (body[:-1], body + b"\0", twice):
        expect("refused: malformed-message", await subject.ask(player, Path.EVENTS, changed))
