"""Publishing the cards of a node's logs: each anew where it would say anything else than it does.

- One at a time in each circle: what is begun later sees what was said before it.
- Where there is no room on the disk, as soon as there is. A card that is refused is left, and logged.
- A node that has no key for calls makes one with its card, and says the public half there.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping

from structlog.typing import FilteringBoundLogger

from tocsin.circles.line import Line
from tocsin.core.clock import Chance, Clock
from tocsin.core.errors import Refusal, TocsinError
from tocsin.core.names import LogName
from tocsin.core.phone import PhoneKey
from tocsin.core.records import encode_record
from tocsin.log.store import StorageFull, Store
from tocsin.node.card.saying import new_card
from tocsin.node.config import Config
from tocsin.node.folder import Folder, NodeKeys

_UNTIL_ROOM_S = 2.0


class Cards:
    """The cards of a node. `keys`: those of our newest epoch in each circle, by its id, if they are here."""

    def __init__(
        self,
        config: Config,
        folder: Folder,
        store: Store,
        keys: Mapping[str, NodeKeys],
        *,
        clock: Clock,
        chance: Chance,
        log: FilteringBoundLogger,
    ) -> None:
        self._config = config
        self._folder = folder
        self._store = store
        self._keys = keys
        self._clock = clock
        self._chance = chance
        self._log = log
        self._publishing: set[asyncio.Task[None]] = set()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def publishing(self) -> bool:
        """Whether a card is being looked at, or waits for room."""
        return bool(self._publishing)

    def publish(self, line: Line) -> None:
        """Begin to publish the card of our log there, once what was begun before is done."""
        task = asyncio.get_running_loop().create_task(self._publish(line))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def stop(self) -> None:
        """Publish no more. What is not said is said after the next start."""
        for task in self._publishing:
            task.cancel()
        await asyncio.gather(*self._publishing, return_exceptions=True)

    async def _publish(self, line: Line) -> None:
        circle = line.circle.id
        async with self._turns[circle]:
            while (keys := self._keys.get(circle)) and not line.own.halted:
                phone, at_ms = self._phone_key(keys.member.log_name), self._clock.wall_ms()
                card = new_card(self._config, line, keys.tls.pin, phone=phone, at_ms=at_ms, store=self._store)
                if card is None:
                    return
                try:
                    await line.write([encode_record(card)])
                except StorageFull:
                    await self._clock.sleep(_UNTIL_ROOM_S)
                except TocsinError as error:
                    self._log.warning("card-not-published", circle=circle, code=error.code, why=str(error))
                    return

    def _phone_key(self, log: LogName) -> PhoneKey | None:
        """Our key for calls. Where its file cannot be used, nobody can call, and all else goes on."""
        try:
            return self._folder.begin_phone_key(log, self._chance).key
        except (Refusal, OSError) as error:
            self._log.warning("phone-key", log=str(log), why=str(error), next="`tocsin doctor`")
            return None
