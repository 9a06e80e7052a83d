"""A burnt disk: a desk loses all that its node had, and gets its own log back from the others."""

import asyncio

from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.founding.circle import Circle, Member
from tocsin.cli.circle.exporting import opening_anew
from tocsin.cli.demo.cables import calls_of
from tocsin.cli.demo.screen import INSET, Facts, Screen, milliseconds
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.cast import DOMAIN, FIVE, GARAM, MERBAU
from tocsin.cli.demo.script.nights import AFTER_THE_FIRE, DURING_THE_FIRE
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.years.again import write_anew
from tocsin.cli.organisation.keyfile import in_circle
from tocsin.cli.terminal import bad, faint, good, strong
from tocsin.core.records import sign_record


class Burnt(Facts, frozen=True, kw_only=True, tag="burnt-disk"):
    """A node lost everything, and came back: its own entries, from others, in all its circles.

    Milliseconds from the start of the new node until it had all of its own log again, and of all the others'.
    """

    member: str
    circles: int
    lost_entries: int
    back_entries: int
    said_meanwhile_confirmed_by: list[str]
    back_ms: float
    epoch: int
    confirmed_by_all_ms: float

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return (
            "A burnt disk",
            f"all {self.back_entries} entries came back, after {self.back_ms} ms",
        )


async def show_burnt_disk(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: Merbau's rack burns."""
    screen.headline("A burnt disk")
    await screen.look(*looks.BURNT)
    before = stage.desks[MERBAU.slug].node
    circles = [line.circle for line in before.lines.values()]
    logs = [one.by_slug[MERBAU.slug] for one in circles]
    lost = {str(member.log): before.store.edge(str(member.log)).size for member in logs}
    await stage.burn(MERBAU)
    screen.happens(
        f"{bad('burnt')}  {MERBAU.name} ({MERBAU.economy}) has lost its keys, its database, everything."
    )
    uttered = await stage.utter(circle, DURING_THE_FIRE)
    screen.line()
    screen.happens(f"{strong(GARAM.name)} ({GARAM.economy}) writes")
    screen.say(DURING_THE_FIRE.text, INSET)
    meanwhile = sorted((await stage.received(uttered, [one for one in FIVE if one is not MERBAU])).confirmed)
    await screen.pause(2.5)
    began_s = stage.clock.monotonic_s()
    await stage.begin_anew(MERBAU)
    for one in circles:
        await _come_back(stage, one)
    screen.line()
    screen.happens(f"{good('new node')}  on another machine, with {GARAM.name}'s file of what is signed")
    screen.line(
        faint(f"and new keys, signed by {MERBAU.name}'s organisation key, which lay in a drawer"), INSET
    )
    store = stage.desks[MERBAU.slug].node.store

    def back() -> dict[str, int]:
        return {log: head.size for log in lost if (head := store.head(log)) is not None}

    def all_back() -> bool:
        return all(back().get(log, 0) >= size and not store.has_missing(log) for log, size in lost.items())

    await stage.watch.until(f"{MERBAU.name}'s own log to be back", all_back)
    for one in circles:
        await stage.settle(one)
    back_ms = milliseconds(stage.clock.monotonic_s() - began_s)
    screen.line()
    screen.happens(
        f"{good('back')}  all {sum(back().values())} entries of its own, from the others, after {back_ms} ms"
    )
    confirmed_ms = await write_anew(stage, screen, circle, AFTER_THE_FIRE)
    screen.facts(
        Burnt(
            member=MERBAU.slug,
            circles=len(circles),
            lost_entries=sum(lost.values()),
            back_entries=sum(back().values()),
            said_meanwhile_confirmed_by=meanwhile,
            back_ms=back_ms,
            epoch=_now(stage, circle).log.epoch,
            confirmed_by_all_ms=confirmed_ms,
        )
    )
    await screen.pause(4)


async def _come_back(stage: Stage, circle: Circle) -> None:
    """What `circle recover`, `org sign` and `epoch adopt` do."""
    desk = stage.desks[MERBAU.slug]
    data = await asyncio.to_thread(stage.desks[GARAM.slug].api.bundle, circle.id)
    bundle = Bundle.parse(data)
    opening = opening_anew(desk.node.config, bundle, bundle.circle, MERBAU.slug)
    signed = sign_record(opening, in_circle(desk.organisation_key, DOMAIN, MERBAU.slug))
    with calls_of(MERBAU.slug):
        await desk.node.join_later(bundle.founded, [*bundle.events, signed])


def _now(stage: Stage, circle: Circle) -> Member:
    return stage.desks[GARAM.slug].node.lines[circle.id].circle.by_slug[MERBAU.slug]
