"""A desk asks, in Korean, whether the others see it, too. Three say yes; all of it comes from one feed.

What counts is not who says so, but who saw it: each node works that out for itself, from what it holds.
Closed lists are read in the reader's language; free text in its own, with the translation that came with it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec

from tocsin.cases.picture.view import CaseView, Corroboration
from tocsin.cases.telling import LANGUAGES
from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import INSET, Facts, Screen, fitting
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.asked import MARKET, QUESTION, READ_IN, WRITTEN_IN
from tocsin.cli.demo.script.cast import (
    DESK,
    FIVE,
    GARAM,
    HANDLING,
    OFFICER,
    POMIR,
    Organisation,
    occurred,
    translations,
)
from tocsin.cli.demo.script.day import FEED, FROM_ANOTHER, LOOKED, MARKET_AT, SAME_FEED
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import faint, good, strong, waiting
from tocsin.core.records import Answer, Ask, Ref, Report, Source

_TRANSLATED_INTO = "en"


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What the case stood on at some moment, as all five desks counted it."""

    replies: int
    independent_sources: int
    organisations: int
    economies: int
    corroborated: bool


class Asked(Facts, frozen=True, kw_only=True, tag="asking"):
    """A case: who answered, and how many sources there were after that, and after somebody looked anew.

    The question was asked in one language and read in another: its codes in words of that language, its free
    text as translated by `translated_by`. `by_a_person`: somebody answered in a console, in Pomir's name.
    """

    case: str
    asked_by: str
    asked_in: str
    text: str
    read_by: str
    read_in: str
    question: str
    translation: str
    translated_by: str
    answered: list[str]
    counted: list[Counted]
    by_a_person: bool

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        first, last = self.counted[0], self.counted[-1]
        told = (
            f"in Korean, read in Russian; {first.replies} replies, {first.independent_sources} source; then "
        )
        return "A question", f"{told}{last.independent_sources}"


class Asking(NamedTuple):
    """A case, and what was asked about it."""

    circle: Circle
    case: Ref
    ask: Ref


TakePart = Callable[[Asking], Awaitable[bool]]
"""Somebody may answer in Pomir's name: whether they did."""


async def show_asking(stage: Stage, screen: Screen, circle: Circle, take_part: TakePart) -> Asking:
    """Scene: a question, three answers, and what they are worth."""
    screen.headline("Are you seeing this, too?")
    await screen.look(*looks.ASKING)
    author = f"{strong(GARAM.name)} ({GARAM.economy})"
    screen.happens(f"{strong(f'{MARKET_AT:%H:%M} UTC')}  {author} opens a case, and asks all")
    screen.words(MARKET, WRITTEN_IN, _TRANSLATED_INTO)
    screen.line(faint(f"Published by {FEED.by}"), INSET)
    asking = await _ask(stage, circle)
    read = await _read(stage, asking)
    await screen.pause(2.5)
    screen.line()
    screen.happens(f"{strong(POMIR.name)} ({POMIR.economy}) reads the question, in Russian")
    screen.line(fitting(f"{read.question}  {faint('from a closed list')}", INSET), INSET)
    screen.words(QUESTION, READ_IN, WRITTEN_IN, _TRANSLATED_INTO)
    screen.line(faint(f"translated by {read.by}, a program; the Korean text stands beside it"), INSET)
    await screen.pause(3.5)
    screen.line()
    sources = [(desk, Source(kind="website", locator=url, obtained="published")) for desk, url in SAME_FEED]
    sources.append((FROM_ANOTHER, Source(kind="record", record=asking.case)))
    for desk, source in sources:
        await _answer(stage, desk, asking, source)
        whence = source.locator or f"what {GARAM.name} reported"
        screen.line(fitting(f"{desk.name:<8} seen; it cites {whence}", INSET), INSET)
    first = await _counted(stage, asking)
    one, other = (desk.name for desk, _ in SAME_FEED)
    screen.line()
    screen.say(
        f"{one} and {other} cite one feed and count once. {FROM_ANOTHER.name} repeats {GARAM.name}, "
        "which has it from there, too."
    )
    screen.line(f"{strong(_told(first))}: {waiting('not corroborated')}, whoever repeats it")
    await screen.pause(3)
    by_a_person = await take_part(asking)
    if not by_a_person:
        await _look_anew(stage, screen, asking)
        await screen.pause(1)
    last = await _counted(stage, asking)
    _show_end(screen, last)
    screen.facts(
        Asked(
            case=str(asking.case),
            asked_by=GARAM.slug,
            asked_in=WRITTEN_IN,
            text=QUESTION[WRITTEN_IN],
            read_by=POMIR.slug,
            read_in=READ_IN,
            question=read.question,
            translation=read.translation,
            translated_by=read.by,
            answered=[desk.slug for desk, _ in sources],
            counted=[_facts(first), _facts(last)],
            by_a_person=by_a_person,
        )
    )
    await screen.pause(3)
    return asking


class _Read(NamedTuple):
    """The ask as Pomir's node tells it: the question of the closed list, its text, and who translated it."""

    question: str
    translation: str
    by: str


async def _ask(stage: Stage, circle: Circle) -> Asking:
    """Garam's report, and its question to all."""
    report = Report(
        circle=circle.id,
        at_ms=stage.clock.wall_ms(),
        author=DESK,
        author_kind="machine",
        answerable=OFFICER,
        tlp=HANDLING,
        event="hazard",
        lang=WRITTEN_IN,
        summary=MARKET[WRITTEN_IN],
        translations=translations(MARKET, WRITTEN_IN),
        sources=(FEED.source,),
        moments=(occurred(MARKET_AT, "minute"),),
    )
    case = stage.ref(await stage.write(circle, GARAM, report))
    ask = Ask(
        circle=circle.id,
        at_ms=stage.clock.wall_ms(),
        author=DESK,
        author_kind="machine",
        answerable=OFFICER,
        tlp=HANDLING,
        case=case,
        questions=("seen",),
        lang=WRITTEN_IN,
        text=QUESTION[WRITTEN_IN],
        translations=translations(QUESTION, WRITTEN_IN),
    )
    asked = await stage.write(circle, GARAM, ask)
    await stage.received(asked, FIVE)
    return Asking(circle, case, stage.ref(asked))


async def _read(stage: Stage, asking: Asking) -> _Read:
    """What stands in Pomir's copy of the ask. Raises DidNotHappen without a translation."""
    view = await _view(stage, POMIR, asking)
    language = LANGUAGES[READ_IN]
    for entry in view.timeline:
        if entry.ref == asking.ask and isinstance(entry.record, Ask):
            question = language.sentences(language.word("Question", one) for one in entry.record.questions)
            for translation in entry.record.translations or ():
                if translation.lang == READ_IN:
                    return _Read(question, translation.text, translation.by)
    raise DidNotHappen(f"Expected {POMIR.name} to hold the question with its translation, found none.")


async def _answer(stage: Stage, desk: Organisation, asking: Asking, source: Source) -> None:
    """One desk has seen it, there; all others have that."""
    answer = Answer(
        circle=asking.circle.id,
        at_ms=stage.clock.wall_ms(),
        author=DESK,
        author_kind="machine",
        answerable=OFFICER,
        tlp=HANDLING,
        case=asking.case,
        ask=asking.ask,
        seen="seen",
        sources=(source,),
    )
    await stage.received(await stage.write(asking.circle, desk, answer), FIVE)


async def _look_anew(stage: Stage, screen: Screen, asking: Asking) -> None:
    desk, published, text = LOOKED
    screen.line()
    screen.happens(f"{strong(desk.name)} ({desk.economy}) answers, with somebody who counted anew")
    screen.say(text, INSET)
    screen.say(f"Published by {published.by}", INSET, faint)
    await _answer(stage, desk, asking, published.source)


async def _view(stage: Stage, desk: Organisation, asking: Asking) -> CaseView:
    return await stage.desks[desk.slug].node.desk.casework[asking.circle.id].view(asking.case)


async def _counted(stage: Stage, asking: Asking) -> Corroboration:
    """What the case stands on: the same at all five. Raises DidNotHappen otherwise."""
    views = await asyncio.gather(*(_view(stage, desk, asking) for desk in FIVE))
    if any(view.corroboration != views[0].corroboration for view in views):
        raise DidNotHappen("Expected all desks to see one picture of the case, found several.")
    return views[0].corroboration


def _show_end(screen: Screen, last: Corroboration) -> None:
    screen.line()
    found = good("corroborated") if last.corroborated else waiting("not corroborated")
    screen.line(f"{strong(_told(last))}: {found},")
    screen.line(f"on the word of {last.organisations} organisations in {last.economies} economies.")
    screen.line(faint("Each of the five nodes has counted for itself, and all have the same."))


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
