"""A circle of real nodes, and the console's pages about it at one of them."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.node.nodes import Founded, found, until
from tests.web.browsing import Browser, Opened, opened, someone

from tocsin.circles.line import Line
from tocsin.node.node import Node
from tocsin.web.acting.acting import Acting
from tocsin.web.circles import circle_parts
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.logs import log_parts
from tocsin.web.logs.refused import Refusals
from tocsin.web.logs.runs import Runs
from tocsin.web.people.audit import Audit
from tocsin.web.serving.person import Role
from tocsin.web.serving.templates import make_environment

OTHERS = (Role.OFFICER, Role.ADMINISTRATOR)


@dataclass
class Desk:
    """The console at the first of some nodes."""

    founded: Founded
    nodes: list[Node]
    opened: Opened
    refusals: Refusals
    audit: Audit

    @property
    def node(self) -> Node:
        """The first node."""
        return self.nodes[0]

    @property
    def line(self) -> Line:
        """Its line."""
        return self.node.lines[self.founded.id]

    @property
    def path(self) -> str:
        """The circle's page."""
        return f"/circles/{self.founded.id}"

    def browser(self, *roles: Role, fresh: bool = True) -> Browser:
        """Somebody with these roles."""
        name = "-".join([*roles, "fresh" if fresh else "stale"])
        return Browser(self.opened, someone(*roles, name=name, fresh=fresh))

    @property
    def approver(self) -> Browser:
        """An approver who has just signed in."""
        return self.browser(Role.APPROVER)


@contextlib.asynccontextmanager
async def desk(folder: Path, members: int = 2, founded: Founded | None = None) -> AsyncIterator[Desk]:
    """The console of the first member of a circle whose nodes all run."""
    founded = founded or found(folder, members)
    async with founded.running() as nodes:
        node = nodes[0]
        refusals, runs = Refusals(node.clock), Runs(node.store, node.chance)
        audit = Audit(node.store, node.committer, node.clock, 30)
        forget = node.listen(refusals.heard)
        faults = list[BaseException]()
        fragments = Fragments(make_environment())
        hub = Hub(node.clock, node.chance, lambda _: True, faults.append)
        acting = Acting(node, hub, fragments, lambda *_: None, audit)
        pages = opened(*circle_parts(node, audit, acting.drafting), *log_parts(node, refusals, runs))
        # Its opening and its card.
        await until(lambda: all(one.lines[founded.id].own.size > 1 for one in nodes))
        yield Desk(founded, nodes, pages, refusals, audit)
        await runs.stop()
        forget()
        assert (pages.faults, faults) == ([], [])
