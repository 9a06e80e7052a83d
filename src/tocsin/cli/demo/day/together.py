"""What was it? Three say so by one dispatch, which is one source; then one does that has looked for itself.

What all together come to is worked out by each node for itself, from the sources, and is the same at all.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from tocsin.cases.telling import LANGUAGES
from tocsin.cases.telling.readings import likelihood, percent
from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import INSET, Facts, Screen
from tocsin.cli.demo.script import looks, read
from tocsin.cli.demo.script.cast import FIVE, GARAM
from tocsin.cli.demo.script.read import Read
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.readings.words import between, cited, held_back_at, kind_in_words, likely
from tocsin.cli.terminal import beside, faint, good, strong, waiting
from tocsin.core.records import Ref
from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.node.api.readings.types import CommonReadings
from tocsin.node.casework.assessing.asking import NextQuestion
from tocsin.readings.lacking import Lack, lacking
from tocsin.readings.likelihood import LIKELY_PERMILLE
from tocsin.readings.view import Judged

_NAME_COLUMNS = 9
_CELLS = 40
_WHY: Final[Mapping[Lack, str]] = {
    "witness": "nobody reads it so who saw a source itself",
    "second": "one member alone reads it so that saw a source itself",
    "class": "all who read it so saw the same class of source",
    "apart": "no two of those who saw their sources saw them apart",
}


class Fused(msgspec.Struct, frozen=True, kw_only=True):
    """What all readings came to at some moment, at each of the five; `likeliest` in permille, with its range.

    `lacks`: what the result is held back for; nothing if it is not.
    """

    readings: int
    sources: int
    independent_milli: int
    what: What | Undetermined
    likeliest: What
    permille: int
    least_permille: int
    most_permille: int
    lacks: list[Lack]


class ReadTogether(Facts, frozen=True, kw_only=True, tag="readings"):
    """A case that several read: what it came to by one source, and by two, one of them of another class.

    Before the second one, a node named whom it would ask what next, and what of what is open it hopes for.
    """

    case: str
    read_in: dict[str, str]
    fused: list[Fused]
    next_to: str
    next_about: str
    gain_millibits: int
    open_millibits: int

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        first, last = self.fused[0], self.fused[-1]
        told = f"{first.readings} readings of {_sources(first.sources)}: {kind_in_words(first.what)}; of "
        return (
            "What it was",
            f"{told}{last.sources}: {kind_in_words(last.what)}, {percent(last.permille)} %",
        )


async def show_readings(stage: Stage, screen: Screen, circle: Circle, case: Ref) -> None:
    """Scene: three readings, a question that nobody had thought of, and its answer."""
    screen.headline("What was it?")
    await screen.look(*looks.READINGS)
    looker = f"{strong(read.LOOKER.name)} ({read.LOOKER.economy})"
    screen.happens(f"{looker} has looked at the picture itself, and reports")
    screen.words(read.FOUND, read.LOOKER_WRITES, read.TRANSLATED_INTO)
    screen.line(faint("translated by a program, as all that follows"), INSET)
    report = read.found(case, stage.clock.wall_ms())
    await stage.received(await stage.write(circle, read.LOOKER, report), FIVE)
    await screen.pause(2)
    screen.line()
    screen.happens("Three others say what it was, all of them by one dispatch of AP")
    ours = [await _read(stage, screen, circle, case, one) for one in read.REPEATED]
    first = await _common(stage, circle, case)
    _expect(first, ours, "undetermined")
    screen.line()
    _show_result(screen, first)
    await screen.pause(3)
    asked = await _next_question(stage, circle, case)
    _show_question(screen, asked)
    await screen.pause(2.5)
    screen.line()
    screen.happens(f"{looker} says what the picture shows, which it alone has looked at")
    ours.append(await _read(stage, screen, circle, case, read.SEEN))
    last = await _common(stage, circle, case)
    _expect(last, ours, read.TRUTH)
    screen.line()
    _show_result(screen, last)
    screen.line(faint("Each of the five nodes has worked it out for itself, and all have the same."))
    screen.facts(
        ReadTogether(
            case=str(case),
            read_in={one.author.slug: one.written_in for one in (*read.REPEATED, read.SEEN)},
            fused=[_facts(first), _facts(last)],
            next_to=asked.question.member,
            next_about=cited(asked.source.citations),
            gain_millibits=asked.question.gain_millibits,
            open_millibits=asked.question.now_millibits,
        )
    )
    await screen.pause(4)


async def _read(stage: Stage, screen: Screen, circle: Circle, case: Ref, one: Read) -> Ref:
    """An organisation says what it was, and all others have that; the record that says it."""
    record = one.record(case, stage.clock.wall_ms())
    uttered = await stage.write(circle, one.author, record)
    await stage.received(uttered, FIVE)
    for lang in dict.fromkeys((one.written_in, read.TRANSLATED_INTO)):
        is_own = lang == one.written_in
        text = ("\n" if is_own else ": ").join((likelihood(record, LANGUAGES[lang]), one.words[lang]))
        for line in beside(strong(one.author.name) if is_own else "", text, _NAME_COLUMNS, INSET):
            screen.line(line if is_own else faint(line), "")
    await screen.pause(1.2)
    return stage.ref(uttered)


async def _common(stage: Stage, circle: Circle, case: Ref) -> CommonReadings:
    """What all readings come to: the same at all five. Raises DidNotHappen otherwise."""
    await stage.settle(circle)
    found = await asyncio.gather(
        *(asyncio.to_thread(stage.desks[desk.slug].cases.readings, circle.id, str(case)) for desk in FIVE)
    )
    if any(one.common != found[0].common for one in found):
        raise DidNotHappen("Expected all desks to have one result of the readings, found several.")
    return found[0].common


def _expect(common: CommonReadings, ours: Iterable[Ref], what: What | Undetermined) -> None:
    """That it came to that, unless somebody at a console says what it was, too. Raises DidNotHappen."""
    if {one.ref for one in common.readings} == set(ours) and common.view.what != what:
        raise DidNotHappen(f"Expected readings to come to {what}, found {common.view.what}.")


async def _next_question(stage: Stage, circle: Circle, case: Ref) -> NextQuestion:
    """What Garam's node would ask next. Raises DidNotHappen if that is nothing."""
    found = await asyncio.to_thread(stage.desks[GARAM.slug].cases.questions, circle.id, str(case))
    if not found.questions:
        raise DidNotHappen(f"Expected {GARAM.name}'s node to have a question, found none.")
    return found.questions[0]


def _show_question(screen: Screen, asked: NextQuestion) -> None:
    question = asked.question
    screen.line()
    screen.happens(f"{strong('Next question')}  {GARAM.name}'s node would ask {_name(question.member)}")
    screen.say(asked.wording.text, INSET)
    settled = 100 * question.gain_millibits / question.now_millibits
    screen.line(
        faint(f"expected to settle {settled:.0f} % of what is open; no other would settle more"), INSET
    )


def _show_result(screen: Screen, common: CommonReadings) -> None:
    found, likeliest = _facts(common), _likeliest(common)
    what = strong(_told(found))
    screen.line(f"{found.readings} readings of {_sources(found.sources)}: {what}")
    screen.line(f"{kind_in_words(found.likeliest)}  {_bar(found)}  {percent(found.permille)} %", INSET)
    for lack in found.lacks:
        screen.line(waiting(f"It may not be likely yet: {_WHY[lack]}."))
    if not found.lacks:
        screen.line(f"{between(likeliest)}, whichever source or member one leaves out.")


def _bar(found: Fused) -> str:
    """The likeliest kind as a bar, with a mark from where on it is likely."""
    filled, mark = (_CELLS * one // 1_000 for one in (found.permille, LIKELY_PERMILLE))
    cells = "█" * filled + "░" * (_CELLS - filled)
    style = waiting if found.lacks else good
    return f"{style(cells[:mark])}│{style(cells[mark:])}"


def _facts(common: CommonReadings) -> Fused:
    view, likeliest = common.view, _likeliest(common)
    return Fused(
        readings=view.readings,
        sources=len(view.sources),
        independent_milli=view.independent_milli,
        what=view.what,
        likeliest=likeliest.what,
        permille=likeliest.permille,
        least_permille=likeliest.least_permille,
        most_permille=likeliest.most_permille,
        lacks=list(lacking(view)),
    )


def _likeliest(common: CommonReadings) -> Judged:
    return max(common.view.kinds, key=lambda one: one.permille)


def _told(found: Fused) -> str:
    if found.what == "undetermined":
        return f"undetermined, {held_back_at(found.permille)}" if found.lacks else "undetermined"
    return f"{kind_in_words(found.what)}, {likely(found.permille)}"


def _sources(count: int) -> str:
    return f"{count} source{'s' * (count != 1)}"


def _name(slug: str) -> str:
    return next(one.name for one in FIVE if one.slug == slug)
