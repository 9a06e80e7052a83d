"""A case is closed, and it is said what it was in truth: by that, each node scores its own readings."""

import asyncio

from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import Facts, Screen
from tocsin.cli.demo.script import looks, read
from tocsin.cli.demo.script.cast import FIVE, GARAM
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import BOUND_S, DidNotHappen
from tocsin.cli.readings.words import kind_in_words
from tocsin.cli.terminal import faint, strong
from tocsin.core.records import Ref
from tocsin.core.records.cases.vocabulary import What
from tocsin.node.casework.assessing.learning import Scored

_LOOK_S = 0.05


class TruthTold(Facts, frozen=True, kw_only=True, tag="ground-truth"):
    """What a case was in truth, and what one desk's reading and all together score by it, at that desk."""

    case: str
    told_by: str
    what: What
    scored_at: str
    brier_own: float
    brier_together: float

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        scored = f"scored {self.brier_own:.3f} for one reading, {self.brier_together:.3f} for all of them"
        return "In the end", f"{kind_in_words(self.what)}; {scored}"


async def show_truth(stage: Stage, screen: Screen, circle: Circle, case: Ref) -> None:
    """Scene: the case of the picture ends."""
    screen.headline("It is known what it was")
    await screen.look(*looks.TRUTH)
    opener = read.OPENER
    truth = read.truth(case, stage.clock.wall_ms())
    for record in (read.closing(case, stage.clock.wall_ms()), truth):
        await stage.received(await stage.write(circle, opener, record), FIVE)
    what = strong(kind_in_words(truth.what))
    screen.happens(f"{strong(opener.name)} ({opener.economy}) closes the case of the picture: it was {what}")
    screen.words(read.IN_THE_END, read.OPENER_WRITES, read.TRANSLATED_INTO)
    await screen.pause(1.5)
    found = await _scored(stage, circle)
    if found.own is None or found.merged is None:
        raise DidNotHappen(f"Expected {GARAM.name}'s reading to be scored, found {found}.")
    screen.line()
    screen.line(
        f"Scored by that: {strong(f'{found.own.brier:.3f}')} for what {GARAM.name} had said, "
        f"{strong(f'{found.merged.brier:.3f}')} for all together."
    )
    screen.say(
        "By Brier's rule 0 is sure and right, 0.8 knows nothing, 2 is sure and wrong. A node scores its own "
        "readings, for its own people, and no one else's.",
        style=faint,
    )
    screen.facts(
        TruthTold(
            case=str(case),
            told_by=opener.slug,
            what=truth.what,
            scored_at=GARAM.slug,
            brier_own=round(found.own.brier, 3),
            brier_together=round(found.merged.brier, 3),
        )
    )
    await screen.pause(3)


async def _scored(stage: Stage, circle: Circle) -> Scored:
    """The scores at Garam's node, which it works out when it has nothing else to do. Raises DidNotHappen."""
    cases = stage.desks[GARAM.slug].cases
    try:
        async with asyncio.timeout(BOUND_S):
            while not (found := await asyncio.to_thread(cases.scores, circle.id)).cases:
                await stage.clock.sleep(_LOOK_S)
    except TimeoutError:
        raise DidNotHappen(f"Expected {GARAM.name}'s node to score readings within {BOUND_S:g} s.") from None
    return found
