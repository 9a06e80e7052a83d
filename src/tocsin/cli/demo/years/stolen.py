"""A stolen key: somebody writes in a member's log with its keys, and is believed; until it has new ones."""

import asyncio

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.events import Voided, WritesStopped
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.wire.answers import Answer, Held, Refused
from tocsin.circles.wire.http import HttpWire
from tocsin.circles.wire.messages import Push
from tocsin.circles.wire.protocol import Path
from tocsin.cli.demo.screen import INSET, Facts, Screen, milliseconds
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.cast import FIVE, GARAM, MINATO
from tocsin.cli.demo.script.nights import OF_THE_THIEF, WITH_NEW_KEYS
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.demo.years.again import write_anew
from tocsin.cli.terminal import bad, faint, good, shown
from tocsin.core.records import encode_record
from tocsin.core.tlog.checkpoint import Checkpoint, sign_checkpoint
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import SALT_BYTES, entry_of
from tocsin.log.edge import Edge
from tocsin.node.api.changetypes import DraftEpoch


class Stolen(Facts, frozen=True, kw_only=True, tag="stolen-key"):
    """A thief's record was believed; its owner's new keys made it void, and the old ones worthless.

    Milliseconds from handing in the new opening until every desk knew the new keys.
    """

    member: str
    believed_by: str
    entry: int
    noticed_ms: float
    void_at: list[str]
    known_by_all_ms: float
    epoch: int
    refused_then: str
    confirmed_by_all_ms: float

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "A stolen key", f"replaced; all knew after {self.known_by_all_ms} ms, and one entry is void"


async def show_stolen_key(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: Minato's keys are stolen and used."""
    screen.headline("A stolen key")
    await screen.look(*looks.STOLEN)
    desk, log = stage.desks[MINATO.slug], str(circle.by_slug[MINATO.slug].log)
    size = desk.node.store.edge(log).size
    push = _stolen_push(stage, desk.node.keys[circle.id].member, circle, desk.node.store.edge(log))
    keys, since, began_s = desk.node.keys[circle.id].member, len(stage.watch.seen), stage.clock.monotonic_s()
    screen.say(f"Somebody has copied {MINATO.name}'s keys, all that its node has, and writes with them:")
    screen.say(OF_THE_THIEF.text, INSET)
    await screen.pause(2.5)
    answer = await _push(keys, circle, push)
    if not isinstance(answer, Held):
        raise DidNotHappen(
            f"Expected {GARAM.name} to believe what {MINATO.name}'s keys sign, found {answer}."
        )
    screen.line(f"{bad('believed')} by {GARAM.economy}: the signatures are good", INSET)
    await stage.watch.until(
        f"{MINATO.name} to notice",
        lambda: any(
            one.desk == MINATO.slug and isinstance(one.event, WritesStopped)
            for one in stage.watch.seen[since:]
        ),
    )
    noticed_ms = milliseconds(stage.clock.monotonic_s() - began_s)
    screen.line()
    screen.happens(f"{good('noticed')}  {MINATO.name}'s node learns of an entry that is not its own.")
    await screen.pause(2)
    wish = DraftEpoch(reason="compromised", cut=size)
    unsigned = await asyncio.to_thread(desk.api.draft_epoch, circle.id, wish)
    began_s = stage.clock.monotonic_s()
    await asyncio.to_thread(desk.api.take, circle.id, [stage.signed(MINATO, unsigned)])
    lines = {one.slug: stage.desks[one.slug].node.lines[circle.id] for one in FIVE}
    await stage.watch.until(
        "every desk to know the new keys",
        lambda: all(line.circle.by_slug[MINATO.slug].log.epoch > 1 for line in lines.values()),
    )
    known_ms = milliseconds(stage.clock.monotonic_s() - began_s)
    screen.line()
    screen.happens(f"{good('new keys')}  signed by {MINATO.name}'s organisation key, which was offline")
    void_at = sorted({one.desk for one in stage.watch.seen[since:] if isinstance(one.event, Voided)})
    refused = await _push(keys, circle, push)
    if not isinstance(refused, Refused) or GARAM.slug not in void_at:
        raise DidNotHappen(f"Expected the thief's entry void, and the thief refused; found {refused}.")
    screen.line(f"The thief's entry {size} is {bad('void')}, and kept as evidence.", INSET)
    screen.line(f"The thief is {bad('refused')}: {faint(shown(refused.code))}", INSET)
    confirmed_ms = await write_anew(stage, screen, circle, WITH_NEW_KEYS)
    screen.facts(
        Stolen(
            member=MINATO.slug,
            believed_by=GARAM.slug,
            entry=size,
            noticed_ms=noticed_ms,
            void_at=void_at,
            known_by_all_ms=known_ms,
            epoch=lines[GARAM.slug].circle.by_slug[MINATO.slug].log.epoch,
            refused_then=refused.code,
            confirmed_by_all_ms=confirmed_ms,
        )
    )
    await screen.pause(4)


def _stolen_push(stage: Stage, keys: MemberKeys, circle: Circle, edge: Edge) -> Push:
    """One more entry of that log, by whoever has its keys."""
    log, salt = str(keys.log_name), stage.chance.token(SALT_BYTES)
    record = encode_record(OF_THE_THIEF.record(circle.id, stage.clock.wall_ms()))
    chunk = Chunk.make(edge.size, [(entry_of(log, salt, record), salt, record)])
    root = edge.extend(chunk.entries).root
    signed = sign_checkpoint(Checkpoint(log, chunk.end, root), keys.log)
    return Push(log, chunk, signed.note.encode(), (), ())


async def _push(keys: MemberKeys, circle: Circle, push: Push) -> Answer:
    """What Garam's node answers. Raises Unreachable."""
    to = circle.by_slug[GARAM.slug]
    async with HttpWire() as wire:
        return await Caller(keys, to, lambda: [to.endpoint], wire).call(Path.PUSH, push.encode())
