"""The parts of a console: what each needs of the others, and all their pages."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self

from tocsin.node.config import ConsoleSettings
from tocsin.node.node import Node
from tocsin.web.acting.acting import Acting
from tocsin.web.assessing.scores import Scoring
from tocsin.web.calls import call_parts
from tocsin.web.casebook import Cases
from tocsin.web.circles import circle_parts
from tocsin.web.circles.living import LivingCircles
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.live.siren.siren import Siren
from tocsin.web.live.slots import guarded
from tocsin.web.live.streaming import Live
from tocsin.web.logs import log_parts
from tocsin.web.logs.refused import Refusals
from tocsin.web.logs.runs import Runs
from tocsin.web.overview.mine.mine import Mine
from tocsin.web.overview.room import Room
from tocsin.web.people.pages.account import OwnAccount
from tocsin.web.people.pages.audit import AuditPages
from tocsin.web.people.pages.coming import Coming
from tocsin.web.people.pages.everybody import Everybody
from tocsin.web.people.people import People
from tocsin.web.serving.page import Page, pages_of
from tocsin.web.serving.templates import make_environment


class Parts:
    """Every part of one console; what they do by themselves, they do while this is entered."""

    def __init__(self, node: Node, settings: ConsoleSettings) -> None:
        self._node = node
        self.people = People(
            settings,
            node.config.desk.name,
            store=node.store,
            committer=node.committer,
            clock=node.clock,
            chance=node.chance,
            keys=node.officers,
        )
        self.templates = make_environment()
        self.hub = Hub(node.clock, node.chance, self.people.stays, node.call_failed)
        self.people.sessions.on_end = self.hub.look
        fragments = Fragments(self.templates)
        self._room = Room(node, self.hub, fragments)
        self._acting = Acting(node, self.hub, fragments, self.people.said, self.people.audit)
        said = self._acting.acknowledged
        self._siren = Siren(node, self.hub, fragments, self._room.board.summary, said)
        self._acting.on_change = self._siren.wake
        self.slots = {
            "pending": guarded(self._acting.pending, node.call_failed),
            "siren": guarded(self._siren.slot, node.call_failed),
        }
        self._cases = Cases(node, self.hub, fragments, said)
        self._circles = LivingCircles(node, self.hub, fragments)
        self._refusals = Refusals(node.clock)
        self._runs = Runs(node.store, node.chance)
        self._with_pages: tuple[object, ...] = (
            Live(self.hub),
            *self._acting.with_pages,
            self._siren,
            self._room,
            Mine(node, self.hub),
            *self._cases.with_pages,
            Scoring(node),
            Coming(self.people),
            OwnAccount(self.people),
            Everybody(self.people),
            AuditPages(self.people, self._title),
            *circle_parts(node, self.people.audit, self._acting.drafting),
            *call_parts(node, self.people.audit),
            *log_parts(node, self._refusals, self._runs),
        )
        self._stack = AsyncExitStack()

    def add(self, part: object) -> None:
        """One more part with pages, before the console is entered."""
        self._with_pages += (part,)

    def pages(self) -> Iterator[Page]:
        """All pages."""
        for part in self._with_pages:
            yield from pages_of(part)

    async def __aenter__(self) -> Self:
        self._node.console = self.people
        self._stack.callback(setattr, self._node, "console", None)
        self._stack.callback(self.people.audit.flush)
        self._run(self.people.run())
        await self._acting.start()
        self._stack.push_async_callback(self._acting.stop)
        self._cases.start()
        self._stack.push_async_callback(self._cases.stop)
        self._run(self._room.run())
        self._run(self._siren.run())
        self._stack.callback(self._circles.start())
        self._stack.callback(self._node.listen(self._refusals.heard))
        self._stack.push_async_callback(self._runs.stop)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def end_streams(self) -> None:
        """End all streams to open pages: the console closes."""
        self.hub.end_all()

    def _title(self, circle: str) -> str | None:
        line = self._node.lines.get(circle)
        return line.circle.charter.title if line else None

    def _run(self, work: Coroutine[object, object, None]) -> None:
        """Do something until the end. Where it fails, the node is told."""
        task = asyncio.get_running_loop().create_task(work)

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()):
                self._node.call_failed(error)

        async def end() -> None:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task

        task.add_done_callback(ended)
        self._stack.push_async_callback(end)
