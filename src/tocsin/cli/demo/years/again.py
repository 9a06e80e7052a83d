"""What ends a bad day: a desk writes again, in its new log."""

from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import INSET, Screen, milliseconds
from tocsin.cli.demo.script.cast import FIVE, Said
from tocsin.cli.demo.stage import Stage
from tocsin.cli.terminal import good, strong


async def write_anew(stage: Stage, screen: Screen, circle: Circle, said: Said) -> float:
    """Say this, and show it; the milliseconds until all had confirmed it. Raises DidNotHappen."""
    uttered = await stage.utter(circle, said)
    receipts = await stage.received(uttered, FIVE)
    confirmed_ms = milliseconds(max(receipts.confirmed.values()) - uttered.began_s)
    screen.line()
    screen.happens(f"{strong(said.author.name)} ({said.author.economy}) writes, in its new log")
    screen.say(said.text, INSET)
    screen.line(good(f"confirmed by all after {confirmed_ms} ms"), INSET)
    return confirmed_ms
