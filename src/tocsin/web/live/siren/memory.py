"""What somebody set of their siren, and what they silenced: one document for each account."""

from functools import partial
from typing import Final

import msgspec
from msgspec import Struct

from tocsin.log.committer import Committer
from tocsin.log.store import Store
from tocsin.web.live.siren.thresholds import Settings
from tocsin.web.serving.person import Person, Role

_SPACE: Final = "console/siren"


class Remembered(Struct, frozen=True, kw_only=True):
    """What somebody set; and of each bell they silenced the moment at which it had rung last."""

    settings: Settings
    silenced: dict[str, int] = {}


class Memory:
    """The documents, in the store: without a sync of their own, since who lost one sets it again."""

    def __init__(self, store: Store, committer: Committer) -> None:
        self._store = store
        self._committer = committer

    def read(self, person: Person) -> Remembered:
        """What they set; who set nothing has the duty if they are an officer."""
        data = self._store.document(_SPACE, person.id)
        if data is not None:
            try:
                return msgspec.json.decode(data, type=Remembered)
            except msgspec.ValidationError:
                # Of another version: it is set again.
                pass
        return Remembered(settings=Settings(duty="duty" if Role.OFFICER in person.roles else "nobody"))

    async def write(self, person: Person, remembered: Remembered) -> None:
        """Keep it. Raises StorageFull."""
        data = msgspec.json.encode(remembered)
        await self._committer.submit(partial(self._store.put_document, _SPACE, person.id, data), synced=False)
