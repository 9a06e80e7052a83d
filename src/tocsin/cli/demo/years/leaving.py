"""A member leaves: at once, by its own word alone. What it wrote stays with the others."""

import asyncio

from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import INSET, Facts, Screen, milliseconds
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.cast import FIVE, GARAM, YUNSHAN
from tocsin.cli.demo.script.nights import AFTER_IT_LEFT, WHY_YUNSHAN_LEAVES
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import good, strong
from tocsin.node.api.changetypes import DraftLeaving


class Left(Facts, frozen=True, kw_only=True, tag="leaving"):
    """A member left: how soon the others knew, and how many of its entries stay with each of them.

    `entries_it_got`: what the member received of what was said after it left.
    """

    member: str
    known_by_all_ms: float
    entries_stay: int
    stay_with: list[str]
    entries_it_got: int

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "A farewell", f"all knew after {self.known_by_all_ms} ms; its entries stay"


async def show_leaving(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: Yunshan leaves."""
    screen.headline("A member leaves")
    await screen.look(*looks.LEAVING)
    desk = stage.desks[YUNSHAN.slug]
    screen.happens(f"{strong(YUNSHAN.name)} ({YUNSHAN.economy}) leaves, and needs nobody's consent:")
    screen.say(WHY_YUNSHAN_LEAVES, INSET)
    await screen.pause(2)
    wish = DraftLeaving(reason=WHY_YUNSHAN_LEAVES, lang="en")
    unsigned = await asyncio.to_thread(desk.api.draft_leaving, circle.id, wish)
    began_s = stage.clock.monotonic_s()
    await asyncio.to_thread(desk.api.take, circle.id, [stage.signed(YUNSHAN, unsigned)])
    lines = [stage.desks[one.slug].node.lines[circle.id] for one in FIVE]
    await stage.watch.until(
        f"all to know that {YUNSHAN.name} has left",
        lambda: all(YUNSHAN.slug not in line.circle.by_slug for line in lines),
    )
    known_ms = milliseconds(stage.clock.monotonic_s() - began_s)
    stays = [one for one in FIVE if one is not YUNSHAN]
    log = str(circle.by_slug[YUNSHAN.slug].log)
    held = {
        one.slug: head.size
        for one in stays
        if (head := stage.desks[one.slug].node.store.head(log)) is not None
    }
    before = _held_of(stage, circle)
    uttered = await stage.utter(circle, AFTER_IT_LEFT)
    await stage.received(uttered, stays)
    got = _held_of(stage, circle) - before
    if len(set(held.values())) != 1 or len(held) != len(stays) or got:
        raise DidNotHappen(f"Expected {YUNSHAN.name}'s log to stay as it was, and no more sent to it.")
    screen.line()
    screen.happens(f"{strong(GARAM.name)} ({GARAM.economy}) writes")
    screen.say(AFTER_IT_LEFT.text, INSET)
    screen.line(
        f"{good('confirmed by')} {', '.join(one.economy for one in stays if one is not GARAM)}", INSET
    )
    screen.line()
    screen.say(
        f"All knew after {known_ms} ms. The {held[GARAM.slug]} entries that {YUNSHAN.name} wrote stay with "
        "the four others; of what they say now, it gets nothing."
    )
    screen.facts(
        Left(
            member=YUNSHAN.slug,
            known_by_all_ms=known_ms,
            entries_stay=held[GARAM.slug],
            stay_with=sorted(held),
            entries_it_got=got,
        )
    )
    await screen.pause(4)


def _held_of(stage: Stage, circle: Circle) -> int:
    """How many entries the member that left holds of Garam's log."""
    head = stage.desks[YUNSHAN.slug].node.store.head(str(circle.by_slug[GARAM.slug].log))
    return head.size if head else 0
