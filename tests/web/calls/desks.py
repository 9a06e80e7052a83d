"""Real nodes that know each other's cards, each with the pages of calls, by a clock that stands still."""

import contextlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.node.nodes import Founded, Place, found
from tests.node.test_phone import introduced
from tests.web.browsing import Browser, Opened, opened, someone

from tocsin.core.phone import MINUTE_MS
from tocsin.node.clock import SystemClock
from tocsin.node.node import Node
from tocsin.node.phoning.calls import Phone
from tocsin.web.calls import call_parts
from tocsin.web.people.audit import Audit, Happened
from tocsin.web.serving.person import Role

NOON_MS = 1_795_348_800_000
NOON = NOON_MS // MINUTE_MS


class StandingClock(SystemClock):
    """It is noon and fifteen seconds until it is set, however long one waits."""

    now_ms = NOON_MS + 15_000

    def wall_ms(self) -> int:
        """Unix time in milliseconds."""
        return self.now_ms


@dataclass
class Desk:
    """One organisation: its node, and the pages of calls that its people look at."""

    place: Place
    node: Node
    audit: Audit
    pages: Opened
    clock: StandingClock

    def browser(self, *roles: Role, name: str = "Aru", language: str = "en", fresh: bool = True) -> Browser:
        """Somebody with these roles."""
        return Browser(self.pages, someone(*roles, name=name, language=language, fresh=fresh))

    def phone(self, circle: Founded) -> Phone:
        """What its node shows in that circle."""
        return Phone(self.node.lines[circle.id], self.node.folder, self.node.store)

    async def happened(self) -> tuple[Happened, ...]:
        """The audit, the newest first."""
        self.audit.flush()
        await self.node.committer.submit(lambda: None)
        return self.audit.page().happened


def desk_of(place: Place, node: Node) -> Desk:
    """The pages of that node, where it is noon."""
    clock = StandingClock()
    audit = Audit(node.store, node.committer, clock, 30)
    node.clock = clock
    return Desk(place, node, audit, opened(*call_parts(node, audit)), clock)


@contextlib.asynccontextmanager
async def running(circle: Founded, *others: Founded) -> AsyncIterator[list[Desk]]:
    """The desks of all its members, who have each other's cards; `others` are circles of the same places."""
    async with circle.running() as nodes:
        for other in others:
            for node in nodes:
                await node.join(other.text, other.join_files)
        for one in (circle, *others):
            await introduced(one, *nodes)
        yield [desk_of(place, node) for place, node in zip(circle.places, nodes, strict=True)]


def two(folder: Path, contact: str = "+81 3 5555 0134") -> Founded:
    """A circle of two, the second with that on its card."""
    circle = found(folder)
    circle.places[1].more = f"contact = {json.dumps(contact)}\nlanguages = ['ja', 'en']"
    return circle


def shown(text: str) -> list[str]:
    """The sets of digits that stand on a page, in their order."""
    figures = re.findall(r'<span class="figure">(\d)</span>', text)
    return ["".join(figures[at : at + 6]) for at in range(0, len(figures), 6)]
