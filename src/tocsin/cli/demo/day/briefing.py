"""The brief for a minister: one page in Russian, of a case that was told and asked about in Korean."""

import asyncio

from tocsin.cli.demo.day.asking import Asking
from tocsin.cli.demo.screen import Facts, Screen
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.asked import MARKET, QUESTION, READ_IN, WRITTEN_IN
from tocsin.cli.demo.script.cast import POMIR
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import columns, faint, width
from tocsin.node.api.cases.found import BriefQuery

_FILE = "brief.md"
_INDENT = "  │ "
_MOST_LINES = 26


class Briefed(Facts, frozen=True, kw_only=True, tag="brief"):
    """A page about the case in one language, with what was written in another, and its translation."""

    case: str
    desk: str
    lang: str
    file: str
    lines: int
    has_original: bool
    has_translation: bool

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "A brief", f"one page in Russian, {self.lines} lines, with the Korean words beside it"


async def show_brief(stage: Stage, screen: Screen, asking: Asking) -> None:
    """Scene: the minister has five minutes."""
    screen.headline("One page for the minister, in Russian")
    await screen.look(*looks.BRIEF)
    desk = stage.desks[POMIR.slug]
    case = str(asking.case)

    async def brief(room: int | None) -> str:
        query = BriefQuery(lang=READ_IN, columns=room)
        return await asyncio.to_thread(desk.cases.brief, asking.circle.id, case, query)

    lines = (await brief(columns() - width(_INDENT) - 2)).splitlines()
    has_original, has_translation = (
        all(_letters(words[lang]) in _letters(*lines) for words in (MARKET, QUESTION))
        for lang in (WRITTEN_IN, READ_IN)
    )
    if not has_original or not has_translation:
        raise DidNotHappen("Expected the brief to have what was written and its translation, found less.")
    path = stage.folder / POMIR.slug / _FILE
    path.write_text(await brief(None), encoding="utf-8")
    screen.say(
        f"{POMIR.name}'s node writes it at once, for whoever asks: the closed lists in Russian, the Korean "
        "words beside their translation, and no more than its sources say."
    )
    screen.line()
    for line in lines[:_MOST_LINES]:
        screen.line(line, _INDENT)
    screen.line(faint(f"… {len(lines) - _MOST_LINES} lines more, to the end of the page"), _INDENT)
    screen.facts(
        Briefed(
            case=case,
            desk=POMIR.slug,
            lang=READ_IN,
            file=path.name,
            lines=len(lines),
            has_original=has_original,
            has_translation=has_translation,
        )
    )
    await screen.pause(7)


def _letters(*lines: str) -> str:
    """Text as it can be compared, however it is laid out."""
    return "".join(letter for line in lines for letter in line if letter.isalnum())
