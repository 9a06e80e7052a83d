"""The room of a real node without its console, to ask it for pages, and to see what is sent to open ones."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.node.nodes import Founded, found, until
from tests.web.browsing import Opened, opened

from tocsin.core.records import Record, Ref, encode_record
from tocsin.node.node import Node
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.live.siren.siren import Siren
from tocsin.web.live.streaming import Live
from tocsin.web.overview.mine.mine import Mine
from tocsin.web.overview.room import Room
from tocsin.web.serving.templates import make_environment

_WHITE = re.compile(r"\s+")


@dataclass
class Setting:
    """Nodes of one circle, of which the first has a room."""

    founded: Founded
    nodes: list[Node]
    hub: Hub
    room: Room
    siren: Siren
    opened: Opened
    saying: dict[str, frozenset[Ref]]

    @property
    def circle(self) -> str:
        """The circle's id."""
        return self.founded.id

    async def say(self, nth: int, record: Record) -> Ref:
        """The node of that number says it; where it stands then."""
        line = self.nodes[nth].lines[self.circle]
        written = await line.write([encode_record(record)])
        log, index = line.own.name, written.first
        return Ref.at(log, index, self.nodes[nth].store.entries(log, index, index + 1))

    @contextlib.asynccontextmanager
    async def again(self) -> AsyncIterator[Hub]:
        """Another room of the first node, which begins now: the hub of its pages."""
        node = self.nodes[0]
        hub = Hub(node.clock, node.chance, lambda _: True, self.opened.faults.append)
        room = Room(node, hub, Fragments(make_environment()))
        task = asyncio.create_task(room.run())
        try:
            yield hub
        finally:
            hub.end_all()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def shown(self, *cases: Ref) -> None:
        """These stand in the room."""
        await until(lambda: all(self.room.board.summary(self.circle, case) for case in cases))


@contextlib.asynccontextmanager
async def setting(folder: Path, members: int = 2) -> AsyncIterator[Setting]:
    """Nodes at work, and the room of the first."""
    founded = found(folder, members)
    async with founded.running() as nodes:
        node = nodes[0]
        faults: list[BaseException] = []
        hub = Hub(node.clock, node.chance, lambda _: True, faults.append)
        fragments = Fragments(make_environment())
        room = Room(node, hub, fragments)
        saying: dict[str, frozenset[Ref]] = {}
        siren = Siren(
            node, hub, fragments, room.board.summary, lambda person, _: saying.get(person, frozenset())
        )
        tasks = [asyncio.create_task(room.run()), asyncio.create_task(siren.run())]
        app = opened(Live(hub), room, Mine(node, hub), siren)
        try:
            yield Setting(founded, nodes, hub, room, siren, app, saying)
        finally:
            hub.end_all()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert not [*faults, *app.faults]


def plain(text: str) -> str:
    """A page without what only lays it out."""
    return _WHITE.sub(" ", text)
