"""What waits for whoever looks, and what came since they left: a part of the room, and a page of its own."""

from starlette.responses import Response

from tocsin.core.errors import Refusal
from tocsin.core.records import Record
from tocsin.core.views import Said
from tocsin.node.node import Node
from tocsin.web.live.hub import Hub
from tocsin.web.overview.mine.changes import MOST_READ, Changes, changes_of
from tocsin.web.overview.mine.visits import Seen, VisitBook, come, leave, look_through
from tocsin.web.overview.mine.waiting import MOST_SHOWN, Waits
from tocsin.web.overview.news import TOPIC
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Person, Role
from tocsin.web.serving.visit import Visit


class Mine:
    """Of one node, for each person."""

    def __init__(self, node: Node, hub: Hub) -> None:
        self._node = node
        self._waits = Waits(node)
        self._visits = VisitBook(node.store, node.committer)
        hub.when_left(self._left)

    @page("GET", "/mine", Role.READER, noted=False)
    async def mine(self, visit: Visit) -> Response:
        """What waits for whoever looks, and what came since they left."""
        return await self._shown(visit)

    @page("POST", "/seen", Role.READER)
    async def seen(self, visit: Visit) -> Response:
        """They have seen what there is."""
        visits = come(self._visits.read(visit.person.id), _session(visit))
        await self._visits.write(visit.person.id, look_through(visits, self._seen()))
        return await self._shown(visit) if visit.partial else visit.go("/")

    async def _shown(self, visit: Visit) -> Response:
        changes, waiting, whole = None, None, True
        try:
            waiting = await self._waits.of(visit.person.role_name if visit.may(Role.OFFICER) else None)
            changes = await self._changes(visit)
        except Refusal:
            # The index is made anew: what can be said is said.
            whole = False
        return visit.render(
            "overview/mine.html" if visit.partial else "overview/mine_page.html",
            waiting=waiting,
            changes=changes,
            whole=whole,
            most=MOST_SHOWN,
            titles={circle: line.circle.charter.title for circle, line in self._node.lines.items()},
        )

    async def _changes(self, visit: Visit) -> Changes | None:
        before = self._visits.read(visit.person.id)
        visits = come(before, _session(visit))
        if visits != before:
            await self._visits.write(visit.person.id, visits)
        if visits.seen is None:
            return None
        said: list[tuple[str, Said[Record]]] = []
        whole = True
        for circle, line in self._node.lines.items():
            sizes = visits.seen.sizes.get(circle, {})
            logs = {log: sizes.get(short(log), 0) for log in line.circle.by_log}
            found = await self._node.desk.casework[circle].said_since(logs, MOST_READ)
            said += ((circle, one) for one in found)
            whole = whole and all(self._size(log) - size <= MOST_READ for log, size in logs.items())
        me = {circle: line.own.member.slug for circle, line in self._node.lines.items()}
        return changes_of(said, me, visits.seen.at_ms, whole=whole)

    def _left(self, topic: str, person: Person) -> None:
        """Somebody has closed the last page of theirs that shows that."""
        if topic == TOPIC and (visits := self._visits.read(person.id)):
            self._visits.write(person.id, leave(visits, self._seen()))

    def _seen(self) -> Seen:
        return Seen(
            at_ms=self._node.clock.wall_ms(),
            sizes={
                circle: {short(log): self._size(log) for log in line.circle.by_log}
                for circle, line in self._node.lines.items()
            },
        )

    def _size(self, log: str) -> int:
        head = self._node.store.head(log)
        return head.size if head else 0


def short(log: str) -> str:
    """A log's name within its circle: member and epoch."""
    *_, member, epoch = log.split("/")
    return f"{member}.{epoch}"


def _session(visit: Visit) -> str:
    return visit.signed.session if visit.signed else ""
