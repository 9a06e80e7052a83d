"""A desk asks whether the others see it, too. Three say yes; all of it comes from one page.

What counts is not who says so, but who saw it: each node works that out for itself, from what it holds.
"""

from typing import NamedTuple

import msgspec

from tocsin.cases.picture.view import Corroboration
from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import INSET, Facts, Screen, fitting
from tocsin.cli.demo.script import (
    DESK,
    FIVE,
    FROM_ANOTHER,
    HANDLING,
    LOOKED,
    MARKET,
    OFFICER,
    SAME_PAGE,
    Organisation,
)
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import faint, good, strong, waiting
from tocsin.core.records import Answer, Ask, Ref, Source


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What the case stood on at some moment, as all five desks counted it."""

    replies: int
    independent_sources: int
    organisations: int
    economies: int
    corroborated: bool


class Asked(Facts, frozen=True, kw_only=True, tag="asking"):
    """A case: who answered, and how many sources there were after that, and after somebody looked anew."""

    case: str
    asked_by: str
    answered: list[str]
    counted: list[Counted]

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        first, last = self.counted[0], self.counted[-1]
        told = f"{first.replies} replies, {first.independent_sources} independent source; then "
        return "A question", f"{told}{last.independent_sources}, and corroborated"


class Asking(NamedTuple):
    """A case, and what was asked about it."""

    case: Ref
    ask: Ref


async def show_asking(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: a question, three answers, and what they are worth."""
    screen.headline("Are you seeing this, too?")
    author = f"{strong(MARKET.author.name)} ({MARKET.author.economy})"
    screen.happens(f"{strong(f'{MARKET.at:%H:%M} UTC')}  {author} opens a case, and asks all")
    screen.say(MARKET.text, INSET)
    screen.say(f"Not established: {MARKET.not_established}", INSET, waiting)
    screen.say(f"Published by {MARKET.sources[0].by}", INSET, faint)
    case = stage.ref(await stage.utter(circle, MARKET))
    asked = await _ask(stage, circle, case)
    await screen.pause(1.5)
    sources = [(desk, Source(kind="website", locator=url, obtained="published")) for desk, url in SAME_PAGE]
    sources.append((FROM_ANOTHER, Source(kind="record", record=case)))
    screen.line()
    for desk, source in sources:
        await _answer(stage, circle, desk, asked, source)
        whence = source.locator or f"what {MARKET.author.name} reported"
        screen.line(fitting(f"{desk.name:<8} seen; it cites {whence}", INSET), INSET)
    first = await _counted(stage, circle, case)
    screen.line()
    screen.line(f"{strong(_told(first))}: {waiting('not corroborated')}, whoever repeats it")
    await screen.pause(2.5)
    desk, published, text = LOOKED
    screen.line()
    screen.happens(f"{strong(desk.name)} ({desk.economy}) answers, with somebody who counted anew")
    screen.say(text, INSET)
    screen.say(f"Published by {published.by}", INSET, faint)
    await _answer(stage, circle, desk, asked, published.source)
    last = await _counted(stage, circle, case)
    resting = f"on the word of {last.organisations} organisations in {last.economies} economies"
    screen.line()
    screen.line(f"{strong(_told(last))}: {good('corroborated')},")
    screen.line(f"{resting}.")
    screen.line(faint("Each of the five nodes has counted for itself, and all have the same."))
    screen.facts(
        Asked(
            case=str(case),
            asked_by=MARKET.author.slug,
            answered=[desk.slug for desk, _ in sources],
            counted=[_facts(first), _facts(last)],
        )
    )
    await screen.pause(3)


async def _ask(stage: Stage, circle: Circle, case: Ref) -> Asking:
    ask = Ask(
        circle=circle.id,
        at_ms=stage.clock.wall_ms(),
        author=DESK,
        author_kind="machine",
        answerable=OFFICER,
        tlp=HANDLING,
        case=case,
        questions=("seen",),
    )
    asked = await stage.write(circle, MARKET.author, ask)
    await stage.received(asked, FIVE)
    return Asking(case, stage.ref(asked))


async def _answer(stage: Stage, circle: Circle, desk: Organisation, asked: Asking, source: Source) -> None:
    """One desk has seen it, there; all others have that."""
    answer = Answer(
        circle=circle.id,
        at_ms=stage.clock.wall_ms(),
        author=DESK,
        author_kind="machine",
        answerable=OFFICER,
        tlp=HANDLING,
        case=asked.case,
        ask=asked.ask,
        seen="seen",
        sources=(source,),
    )
    await stage.received(await stage.write(circle, desk, answer), FIVE)


async def _counted(stage: Stage, circle: Circle, case: Ref) -> Corroboration:
    """What the case stands on: the same at all five. Raises DidNotHappen otherwise."""
    views = [await desk.node.desk.casework[circle.id].view(case) for desk in stage.desks.values()]
    if any(view.corroboration != views[0].corroboration for view in views):
        raise DidNotHappen("Expected all desks to see one picture of the case, found several.")
    return views[0].corroboration


def _told(found: Corroboration) -> str:
    sources = found.independent_sources
    return f"{found.replies} replies, {sources} independent source{'s' * (sources != 1)}"


def _facts(found: Corroboration) -> Counted:
    return Counted(
        replies=found.replies,
        independent_sources=found.independent_sources,
        organisations=found.organisations,
        economies=found.economies,
        corroborated=found.corroborated,
    )
