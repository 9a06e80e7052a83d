"""What whoever watches is told beside the scenes, and what is waited for: windows, an answer, the end."""

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.cases.telling import LANGUAGES
from tocsin.circles.events import Arrived
from tocsin.circles.reading import Readable
from tocsin.cli.demo.day.asking import Asking
from tocsin.cli.demo.screen import INSET, Screen
from tocsin.cli.demo.script.cast import GARAM, POMIR
from tocsin.cli.demo.script.looks import TAKE_PART, TAKE_PART_AT_LAST
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import Seen
from tocsin.cli.demo.windows.audience import Audience
from tocsin.cli.demo.windows.consoles import Window
from tocsin.cli.terminal import faint, good, strong
from tocsin.core.records import Answer

_OPEN_S = 60.0
_ANSWER_S = 60.0
_BEGUN_S = 120.0
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


@dataclass(frozen=True, slots=True)
class Guide:
    """Beside the scenes, for an audience with windows."""

    stage: Stage
    screen: Screen
    audience: Audience
    windows: Mapping[str, Window]

    async def welcome(self) -> None:
        """Say where the windows are, open them where that is possible, and wait for somebody to look."""
        screen = self.screen
        screen.line()
        screen.happens(f"{strong('Two windows')}  Open them, and put them side by side")
        screen.line()
        for window in self.windows.values():
            officer = window.officer
            read = LANGUAGES["en"].tongue(officer.language)
            screen.line(f"{strong(officer.desk.name)}, read in {read} by its officer on duty:")
            screen.line(window.link, INSET)
        screen.line()
        screen.say(
            "These links let in whoever has them, without a passkey: they exist in this demo alone, and on "
            "this machine alone. For English, press the officer's name at the top of the page. A browser "
            "that does not find the address (Chromium and Firefox do) needs a line in /etc/hosts:"
        )
        hosts = " ".join(
            window.origin.partition("://")[2].rpartition(":")[0] for window in self.windows.values()
        )
        screen.line(faint(f"127.0.0.1 {hosts}"), INSET)
        if self.audience.patient and _has_display():
            for window in self.windows.values():
                await asyncio.to_thread(webbrowser.open, window.link, 1)
        screen.line()
        screen.line(faint(f"It goes on once both are open, with Enter, or in {_OPEN_S:.0f} s."))
        await self.audience.wait(self._all_opened(), _OPEN_S)

    async def take_part(self, asking: Asking) -> bool:
        """Let somebody answer in Pomir's window, and wait a while. Whether they did."""
        since = len(self.stage.watch.seen)
        log = str(asking.circle.by_slug[POMIR.slug].log)

        def is_answer(seen: Seen) -> bool:
            return (
                isinstance(seen.event, Arrived)
                and (seen.desk, seen.event.log) == (GARAM.slug, log)
                and any(
                    isinstance(one, Readable)
                    and isinstance(one.record, Answer)
                    and one.record.ask == asking.ask
                    for one in seen.event.readings
                )
            )

        def answered() -> bool:
            return any(map(is_answer, self.stage.watch.seen[since:]))

        async def answer() -> None:
            await self.stage.watch.until("an answer", answered, within_s=_ANSWER_S + _BEGUN_S)

        screen = self.screen
        screen.line()
        screen.happens(f"{strong('Take part')}  Answer it yourself, in {POMIR.name}'s window")
        for number, step in enumerate(TAKE_PART, 1):
            screen.say(f"{number}. {step}", INSET)
        screen.line(
            faint(f"Enter, or {_ANSWER_S:.0f} s without a key: {POMIR.name}'s desk answers by itself."), INSET
        )
        went_on = await self.audience.wait(answer(), _ANSWER_S)
        if not answered() and not went_on and self.windows[POMIR.slug].key_made.is_set():
            screen.line(faint(f"There is a key: {_BEGUN_S:.0f} s more, or Enter."), INSET)
            await self.audience.wait(answer(), _BEGUN_S)
        if not answered():
            return False
        await self.stage.settle(asking.circle)
        screen.line(f"{good('answered')}  by you, in {POMIR.name}'s name, and signed with your key", INSET)
        return True

    async def stay(self) -> None:
        """Leave all of it open until Ctrl-C, if anybody is there."""
        somebody = self.audience.at_keyboard or any(one.opened.is_set() for one in self.windows.values())
        if not self.audience.patient or not somebody:
            return
        screen = self.screen
        screen.headline("Take part")
        screen.say("All of it stays up, for you to look around. Three things to do:")
        for number, what in enumerate(TAKE_PART_AT_LAST, 1):
            screen.line()
            screen.say(f"{number}. {what}")
        screen.line()
        for window in self.windows.values():
            screen.line(window.link, INSET)
        screen.line()
        screen.line(strong("Ctrl-C ends it, and leaves nothing behind."))
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, ended.set)
        await ended.wait()

    async def _all_opened(self) -> None:
        for window in self.windows.values():
            await window.opened.wait()


def _has_display() -> bool:
    """Whether a browser can show itself, and somebody sees that this opens it."""
    return sys.stdout.isatty() and (sys.platform == "darwin" or any(map(os.environ.get, _DISPLAYS)))
