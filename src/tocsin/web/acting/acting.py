"""The part of a console with which its people act: its pages, and what it does by itself."""

from collections.abc import Callable

from markupsafe import Markup

from tocsin.core.records import Ref
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import SayRecord, WriteQuery, Written
from tocsin.node.node import Node
from tocsin.web.acting.drafting import Drafting
from tocsin.web.acting.drafts import Drafts
from tocsin.web.acting.pages.confirming import Confirming
from tocsin.web.acting.pages.forms import Forms
from tocsin.web.acting.pages.keys import Keys
from tocsin.web.acting.pages.proposals import Proposals
from tocsin.web.acting.pages.waiting import Waiting
from tocsin.web.acting.pending import Pending, Wish
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.people.audit import Audit
from tocsin.web.serving.person import Signed
from tocsin.web.serving.visit import Visit


class Acting:
    """All of it at one node. `said` notes what somebody has said: circle, and the record's name.

    `drafting` is for parts with forms of their own; `on_change` is told whenever something became of a wish.
    """

    def __init__(
        self,
        node: Node,
        hub: Hub,
        fragments: Fragments,
        said: Callable[[Signed, str, str], None],
        audit: Audit,
    ) -> None:
        self._node = node
        self._calls = Calls(node)
        self._pending = Pending(node.store, node.committer, node.clock, self._write, self._changed)
        self._waiting = Waiting(node, self._pending, hub, fragments, said)
        drafts = Drafts(node.clock, node.chance)
        self.drafting = Drafting(drafts, self._pending)
        self.with_pages: tuple[object, ...] = (
            Forms(node, self.drafting),
            Confirming(node, drafts, self._pending),
            self._waiting,
            Keys(node, drafts, self._pending, audit),
            Proposals(node),
        )
        self.on_change: Callable[[], None] = lambda: None
        self._stop_listening: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Find what was not written, and listen to who receives what is."""
        await self._pending.start()
        self._stop_listening = self._node.listen(self._waiting.heard)

    async def stop(self) -> None:
        """Write nothing any more that still waits."""
        self._stop_listening()
        await self._pending.stop()

    def pending(self, visit: Visit) -> Markup:
        """For every page: what of this person's can still be taken back, and what became of the rest."""
        return self._waiting.pending(visit)

    def acknowledged(self, person: str, circle: str) -> frozenset[Ref]:
        """Of what that person need not be asked again whether they are aware: see `Pending.acknowledged`."""
        return self._pending.acknowledged(person, circle)

    async def _write(self, circle: str, data: bytes, urgent: bool) -> Written:  # noqa: FBT001 - see Write
        say = SayRecord(record=data)
        return await self._calls.write(Call({"circle": circle}, WriteQuery(urgent=urgent), say))

    def _changed(self, wish: Wish) -> None:
        self._waiting.changed(wish)
        self.on_change()
