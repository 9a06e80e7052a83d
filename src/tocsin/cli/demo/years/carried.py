"""A cable that stays cut: what is said goes by hand, as a file, and so do the confirmations."""

import asyncio
from collections.abc import Iterable

from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import INSET, Facts, Screen, milliseconds
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.cast import FIVE, GARAM, POMIR, Organisation
from tocsin.cli.demo.script.nights import BY_HAND, BY_RETURN
from tocsin.cli.demo.stage import Stage
from tocsin.cli.terminal import bad, faint, good, strong


class Carried(Facts, frozen=True, kw_only=True, tag="carried"):
    """A file went to a desk without a network, and one came back, with its answer and its confirmation.

    Milliseconds for taking each of the two in.
    """

    sender: str
    cut_off: str
    there_bytes: int
    taken_ms: float
    back_bytes: int
    taken_back_ms: float
    confirmed_without_network: list[str]
    arrivals: int

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return (
            "A stick",
            f"{self.there_bytes:,} bytes there and {self.back_bytes:,} back; nothing came twice",
        )


async def show_carried(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: a desk stays cut off, and gets a file."""
    screen.headline("A cable that stays cut")
    await screen.look(*looks.CARRIED)
    stage.cables.cut(POMIR.slug)
    screen.happens(f"{bad('cut')}  {POMIR.name} ({POMIR.economy}) is off the network once more.")
    uttered = await stage.utter(circle, BY_HAND)
    await stage.received(uttered, (desk for desk in FIVE if desk is not POMIR))
    screen.line()
    screen.happens(f"{strong(GARAM.name)} ({GARAM.economy}) writes")
    screen.say(BY_HAND.text, INSET)
    await screen.pause(2)
    there_bytes, taken_ms = await _carry(stage, screen, circle, GARAM, POMIR)
    await stage.watch.until(f"{POMIR.name} to know it", lambda: POMIR.slug in stage.receipts(uttered).known)
    answered = await stage.utter(circle, BY_RETURN)
    screen.line()
    screen.happens(f"{strong(POMIR.name)} ({POMIR.economy}) writes")
    screen.say(BY_RETURN.text, INSET)
    await screen.pause(2)
    back_bytes, taken_back_ms = await _carry(stage, screen, circle, POMIR, GARAM)
    await stage.watch.until(
        f"{GARAM.name} to have {POMIR.name}'s answer and its confirmation",
        lambda: (
            POMIR.slug in stage.receipts(uttered).confirmed and GARAM.slug in stage.receipts(answered).known
        ),
    )
    confirmed = sorted(stage.receipts(uttered).confirmed)
    screen.line()
    screen.say(
        f"{GARAM.name}'s word is confirmed by all {len(confirmed)}, though nothing connects it to "
        f"{POMIR.name}: what is signed does not care how it travels."
    )
    await screen.pause(2)
    stage.cables.mend(POMIR.slug)
    screen.line()
    screen.happens(f"{good('mended')}  The line is back.")
    await stage.settle(circle)
    arrivals = stage.arrivals(circle)
    screen.line()
    screen.say(
        f"What had come by hand does not come again: {arrivals} arrivals since the beginning, none of them "
        "twice."
    )
    screen.facts(
        Carried(
            sender=GARAM.slug,
            cut_off=POMIR.slug,
            there_bytes=there_bytes,
            taken_ms=taken_ms,
            back_bytes=back_bytes,
            taken_back_ms=taken_back_ms,
            confirmed_without_network=confirmed,
            arrivals=arrivals,
        )
    )
    await screen.pause(4)


async def _carry(
    stage: Stage, screen: Screen, circle: Circle, giver: Organisation, taker: Organisation
) -> tuple[int, float]:
    """A file from one desk to another: its bytes, and the milliseconds until they were taken in."""
    giving, taking = stage.desks[giver.slug].api, stage.desks[taker.slug].api
    data = await asyncio.to_thread(lambda: _whole(giving.give_out(circle.id, taker.slug)))
    began_s = stage.clock.monotonic_s()
    taken = await asyncio.to_thread(taking.take_in, circle.id, data)
    taken_ms = milliseconds(stage.clock.monotonic_s() - began_s)
    screen.line()
    screen.happens(f"{good('carried')}  to {taker.name}, on a stick: {len(data):,} bytes")
    screen.line(faint(f"{taken.items} items, each checked as if it had come by the line"), INSET)
    return len(data), taken_ms


def _whole(parts: Iterable[bytes]) -> bytes:
    return b"".join(parts)
