"""The cases in the console: the page of a case, its entries and their proofs, and finding both.

- `shown`: what a page shows of a case, as pure functions of its picture; `sections`: how it is put together;
  `reading`: what the node knows of it, and `opening` how far it knows; `book`: the page, and that of one
  record, whose proof is checked again (`proving`).
- `taking`: what one may take along: brief, archive, export; `attaching`: attachments; `working`: what takes a
  while.
- `searching`: all cases, and what was said; `living`: what changes, on open pages, by `changing`.
"""

from tocsin.node.node import Node
from tocsin.web.casebook.attaching import Attaching
from tocsin.web.casebook.book import Acknowledged, Casebook
from tocsin.web.casebook.living import Living
from tocsin.web.casebook.searching import Searching
from tocsin.web.casebook.taking import Taking
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub


class Cases:
    """All of it: the parts `with_pages`, and what is done until `stop`. `acknowledged`: see `Casebook`."""

    def __init__(self, node: Node, hub: Hub, fragments: Fragments, acknowledged: Acknowledged) -> None:
        self._living = Living(node, hub, fragments)
        self._taking = Taking(node)
        self._attaching = Attaching(node)
        self.with_pages: tuple[object, ...] = (
            Casebook(node, self._living, acknowledged),
            self._taking,
            self._attaching,
            Searching(node),
        )

    def start(self) -> None:
        """Begin to listen to the node."""
        self._living.start()

    async def stop(self) -> None:
        """End what is going on."""
        await self._living.stop()
        await self._taking.stop()
        await self._attaching.stop()
