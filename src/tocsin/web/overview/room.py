"""The situation room: every case that is not settled, and beside it what else an officer on duty has to know.

- The page itself is made of what is in memory. What has to be read for one person, what waits for them and
  what came since they left, is a part that the page asks for by itself (`mine`).
- A list has at most `MOST_ROWS`; `after` goes on behind a place in the order, which stays a place whatever
  comes.
"""

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Final

from msgspec import Meta, Struct
from starlette.responses import Response

from tocsin.core.records.common import CircleId
from tocsin.node.node import Node
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.overview.board import Board, count
from tocsin.web.overview.lines.lines import Lines
from tocsin.web.overview.lines.maps import map_of
from tocsin.web.overview.news import TOPIC, News
from tocsin.web.overview.rows.cases import CaseRow
from tocsin.web.overview.rows.clocks import MOST_OF_PAGE, clocks_of, ring
from tocsin.web.overview.rows.urgency import STANDINGS, Standing
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

MOST_ROWS: Final = 100


class RoomQuery(Struct, frozen=True, kw_only=True):
    """Which cases: of one circle, that stand so, behind that place."""

    circle: CircleId | None = None
    standing: Standing | None = None
    after: Annotated[str, Meta(max_length=256)] = ""


class ClocksQuery(Struct, frozen=True, kw_only=True):
    """Behind that place."""

    after: Annotated[str, Meta(max_length=512)] = ""


class RoomPage(Struct, frozen=True, kw_only=True):
    """Cases, and where the next page of them begins."""

    rows: tuple[CaseRow, ...]
    next: str | None


class Room:
    """The situation room of one node."""

    def __init__(self, node: Node, hub: Hub, fragments: Fragments) -> None:
        self._node = node
        self.board = Board(node)
        self._lines = Lines(node)
        self._news = News(node, self.board, self._lines, hub, fragments)

    async def run(self) -> None:
        """Follow what happens, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._news.run())
            group.create_task(self.board.run())

    @page("GET", "/", Role.READER)
    async def room(self, visit: Visit) -> Response:
        """The situation room."""
        query = visit.query(RoomQuery)
        lines = self._lines.circles()
        return visit.render(
            "overview/room.html",
            topics=(TOPIC,),
            keep_live=True,
            query=query,
            shown=page_of(self._rows(query)),
            counts=count(self.board.rows),
            clocks=clocks_of(self.board.clocks),
            ring=ring,
            map_of=map_of,
            circles=lines,
            standings=STANDINGS,
            reading=self.board.reading,
            now_ms=self._node.clock.wall_ms(),
            fresh=False,
        )

    @page("GET", "/clocks", Role.READER)
    async def clocks(self, visit: Visit) -> Response:
        """Every time that runs."""
        clocks = clocks_of(self.board.clocks, visit.query(ClocksQuery).after, MOST_OF_PAGE)
        return visit.render(
            "overview/clocks.html", clocks=clocks, ring=ring, now_ms=self._node.clock.wall_ms()
        )

    def _rows(self, query: RoomQuery) -> Iterator[CaseRow]:
        for row in self.board.rows.after(query.after):
            if query.circle in (None, row.circle) and query.standing in (None, row.standing):
                yield row


def page_of(rows: Iterator[CaseRow], most: int = MOST_ROWS) -> RoomPage:
    """The first ones, and where the others begin."""
    shown = list(islice(rows, most + 1))
    return RoomPage(rows=tuple(shown[:most]), next=shown[most - 1].order if len(shown) > most else None)
