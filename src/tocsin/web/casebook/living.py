"""What changes in a case, on the pages that show it, while they show it.

- A record is on them as soon as the case's picture has it. Who has what, and what is made of readings, take
  longer to work out, and follow: a moment later, each at most once in so long that it takes a tenth of the
  time.
- What changed is found by comparing what each section rests on with what was sent last. A page that missed
  something notices by the topic's number, and asks for itself anew (`live.hub`).
- While nobody has a page of it open, nothing is worked out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from tocsin.cases.telling import Language
from tocsin.circles.events import Confirmed, Event, Receipted
from tocsin.core.errors import Refusal
from tocsin.core.records import Ref
from tocsin.node.node import Node
from tocsin.web.casebook.changing import Change, changed
from tocsin.web.casebook.reading import Reading
from tocsin.web.casebook.sections import SECTIONS, Case
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub

_RECEIVED: Final = (Confirmed, Receipted)
_LATER: Final = frozenset({"clocks", "lanes"})
"""Sections that wait for who has what: they are much to draw, or change with that alone."""

_MOST_OPEN = 16
_AT_LEAST_S = 1.0
_SHARE = 10


@dataclass(slots=True)
class _Open:
    """A case of which pages may be open: as it was sent last, and what its sections rested on then.

    `sending`: what is read later is sent later, so that no page goes back.
    """

    case: Case
    rested: dict[str, object] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    received: asyncio.Event = field(default_factory=asyncio.Event)
    judged: asyncio.Event = field(default_factory=asyncio.Event)
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None
    waiting: "_Waiting | None" = None


@dataclass(slots=True)
class _Waiting:
    """A change that is published; `told` as soon as it is on its way."""

    change: Change
    told: bool = False


class Living:
    """Keeps the open pages of all cases true."""

    def __init__(self, node: Node, hub: Hub, fragments: Fragments) -> None:
        self._node = node
        self._hub = hub
        self._fragments = fragments
        self._reading = Reading(node)
        self._open: dict[str, _Open] = {}
        self._endings: list[Callable[[], None]] = []
        self._listening: set[str] = set()

    def start(self) -> None:
        """Begin to listen."""
        self._endings.append(self._node.listen(self._happened))
        self._listen_to_circles()

    async def stop(self) -> None:
        """End all of it."""
        for end in self._endings:
            end()
        tasks = [opened.task for opened in self._open.values() if opened.task]
        for topic in list(self._open):
            self._close(topic)
        await asyncio.gather(*tasks, return_exceptions=True)

    def shown(self, case: Case) -> None:
        """A page of this case was made: from here on, what changes is sent to it."""
        self._listen_to_circles()
        topic = topic_of(case.circle, case.view.case)
        if topic in self._open and self._hub.is_open(topic):
            return
        self._close(topic)
        self._open[topic] = _Open(case)
        for other in list(self._open)[:-_MOST_OPEN]:
            if not self._hub.is_open(other):
                self._let_go(other)

    def _listen_to_circles(self) -> None:
        """To those that were joined since, too."""
        for circle, casework in self._node.desk.casework.items():
            if circle not in self._listening:
                self._listening.add(circle)
                self._endings.append(casework.listen(partial(self._heard, circle)))

    def _heard(self, circle: str, case: Ref) -> None:
        topic = topic_of(circle, case)
        # Whoever was given the page a moment ago has to find out that it is old.
        self._hub.publish(topic, lambda _: "", of="news")
        if opened := self._followed(topic):
            opened.news.set()
            opened.received.set()
            opened.judged.set()

    def _happened(self, circle: str, event: Event) -> None:
        if isinstance(event, _RECEIVED):
            for topic in [topic for topic in self._open if topic.startswith(f"case/{circle}/")]:
                if opened := self._followed(topic):
                    opened.received.set()

    def _followed(self, topic: str) -> _Open | None:
        """What is known of a topic that somebody has open; from then on it is followed."""
        opened = self._open.get(topic)
        if opened is None:
            return None
        if not self._hub.is_open(topic):
            self._let_go(topic)
            return None
        if opened.task is None or opened.task.done():
            opened.task = asyncio.get_running_loop().create_task(self._follow(topic, opened))
            opened.task.add_done_callback(self._ended)
        return opened

    def _let_go(self, topic: str) -> None:
        """Follow it no more. A page that was made, and listens only later, asks for itself anew then."""
        self._close(topic)
        self._hub.publish(topic, lambda _: "", of="news")

    def _close(self, topic: str) -> None:
        opened = self._open.pop(topic, None)
        if opened and opened.task:
            opened.task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._node.call_failed(error)

    async def _follow(self, topic: str, opened: _Open) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_news(topic, opened))
            group.create_task(self._follow_received(topic, opened))
            group.create_task(self._follow_judged(topic, opened))

    async def _follow_news(self, topic: str, opened: _Open) -> None:
        """What is said, as soon as it is said."""
        while True:
            await opened.news.wait()
            opened.news.clear()
            with suppress(Refusal):
                await self._send_with(topic, opened)

    async def _follow_received(self, topic: str, opened: _Open) -> None:
        """Who has it, in its own time."""

        async def receive() -> None:
            received = await self._reading.case(_path(opened.case), received=True)
            await self._send_with(topic, opened, received=received)

        await self._follow_slowly(opened.received, receive)

    async def _follow_judged(self, topic: str, opened: _Open) -> None:
        """What is made of it, and what to ask next, in its own time."""

        async def judge() -> None:
            assessed = await self._reading.assessed(await self._reading.said(_path(opened.case)))
            await self._send_with(topic, opened, assessed=assessed)

        await self._follow_slowly(opened.judged, judge)

    async def _follow_slowly(self, news: asyncio.Event, follow: Callable[[], Awaitable[None]]) -> None:
        clock = self._node.clock
        while True:
            await news.wait()
            news.clear()
            began_s = clock.monotonic_s()
            with suppress(Refusal):
                await follow()
            await clock.sleep(max(_AT_LEAST_S, (clock.monotonic_s() - began_s) * _SHARE))

    async def _send_with(
        self, topic: str, opened: _Open, *, received: Case | None = None, assessed: Case | None = None
    ) -> None:
        """What is said by now, with what was worked out; what was not stays as it was sent.

        What was said while that was worked out is on the pages already, and stays there.
        """
        async with opened.sending:
            now = await self._reading.said(_path(opened.case))
            has, made = received or opened.case, assessed or opened.case
            now = replace(now, delivery=has.delivery, delivered=has.delivered, assessed=made.assessed)
            self._send(topic, opened, now, whole=received is not None)

    def _send(self, topic: str, opened: _Open, now: Case, *, whole: bool) -> None:
        sections = {}
        for name, section in SECTIONS.items():
            if whole or name not in _LATER:
                if name not in opened.rested:
                    opened.rested[name] = section.rests_on(opened.case)
                if opened.rested[name] != (rests_on := section.rests_on(now)):
                    sections[name] = rests_on
        opened.rested |= sections
        change = changed(opened.case, now, tuple(sections))
        opened.case = now
        if change.is_any:
            # A page looks up what is to be changed before it changes anything: one message has each row once.
            if opened.waiting and not opened.waiting.told:
                change = opened.waiting.change.then(change)
            opened.waiting = _Waiting(change)
            self._hub.publish(topic, partial(self._told, opened.waiting), of="change")

    def _told(self, waiting: _Waiting, language: Language) -> str:
        """What changed as fragments, in one language."""
        waiting.told = True
        return self._fragments.text(language, "casebook/changed.html", **waiting.change.values(language))


def topic_of(circle: str, case: Ref) -> str:
    """What the open pages of a case listen to."""
    return f"case/{circle}/{case}"


def _path(case: Case) -> dict[str, str]:
    return {"circle": case.circle, "case": case.ref}
