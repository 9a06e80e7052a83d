"""One's own observations: kept in the database, and in memory on the shelves where they are matched.

- An observation is durable when `add` returns, and found from then on. Vectors of its texts are made later,
  in a thread, where there is a model, and kept: making them takes long, and they do not change.
- A node that starts takes them all in again, a few at a time, between all else that it does. Until then
  (`whole` is not set) what is found is not all that there is.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from structlog.typing import FilteringBoundLogger

from tocsin.cases.matching import (
    Asked,
    Model,
    Observation,
    Shelves,
    read_observation,
    texts_of,
    write_observation,
)
from tocsin.core.errors import Refusal
from tocsin.log.committer import Committer
from tocsin.log.store import StorageFull, Store

_SPACE = "observation"
_VECTORS = "observation-vector"
_AT_ONCE = 16
"""So many are taken in, in a few ms, before all else has its turn."""


class Keeping:
    """The observations of a node."""

    def __init__(
        self,
        shelves: Shelves,
        store: Store,
        committer: Committer,
        log: FilteringBoundLogger,
        model: Model | None,
    ) -> None:
        self.shelves = shelves
        self.whole = asyncio.Event()
        self._store = store
        self._committer = committer
        self._log = log
        self._model = model
        self._name = model.name.encode() + b"\n" if model else b""
        self._unmade: dict[str, None] = {}
        self._more = asyncio.Event()
        self._model_turn = asyncio.Lock()

    async def add(self, observations: Sequence[Observation]) -> None:
        """Keep them, durably; one of an id that is there takes its place. Raises StorageFull."""
        bodies = {one.id: write_observation(one) for one in observations}
        await self._committer.submit(lambda: self._put(bodies))
        for place, observation in enumerate(observations):
            self._take_in(observation, b"")
            if place % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)

    async def remove(self, observation_id: str) -> bool:
        """Forget one; whether it was there."""
        there = self.get(observation_id) is not None
        await self._committer.submit(lambda: self._drop(observation_id))
        self.shelves.remove(observation_id)
        self._unmade.pop(observation_id, None)
        return there

    def get(self, observation_id: str) -> Observation | None:
        """The observation of that id."""
        data = self._store.document(_SPACE, observation_id)
        return None if data is None else read_observation(data)

    def page(self, after: str, limit: int) -> list[Observation]:
        """The next observations by their ids."""
        return [read_observation(data) for data in self._store.next_documents(_SPACE, after, limit).values()]

    async def vectors(self, about: Asked | Observation) -> list[bytes]:
        """Vectors of its texts; none without a model."""
        texts = texts_of(about)
        if self._model is None or not texts:
            return []
        async with self._model_turn:
            return await asyncio.to_thread(self._model.vectors, texts)

    async def run(self) -> None:
        """Take in all that is kept, then make the vectors that are missing, until cancelled."""
        await self._take_all_in()
        self.whole.set()
        while True:
            self._more.clear()
            for observation_id in list(self._unmade):
                # Without room it stays found by its words; the next start makes the vectors again.
                with suppress(StorageFull):
                    await self._make(observation_id)
            await self._more.wait()

    async def _take_all_in(self) -> None:
        after = ""
        while documents := self._store.next_documents(_SPACE, after, _AT_ONCE):
            for observation_id, data in documents.items():
                after = observation_id
                # One that was added meanwhile is there already.
                if observation_id in self.shelves:
                    continue
                try:
                    observation = read_observation(data)
                except Refusal as refusal:
                    self._log.warning("observation-not-read", id=observation_id, why=str(refusal))
                else:
                    vectors = self._store.document(_VECTORS, observation_id) or b"" if self._model else b""
                    self._take_in(observation, vectors)
            await asyncio.sleep(0)

    def _take_in(self, observation: Observation, kept: bytes) -> None:
        count = len(texts_of(observation))
        vectors = self._read_vectors(kept, count)
        self.shelves.add(observation, vectors)
        if self._model and len(vectors) < count:
            self._unmade[observation.id] = None
            self._more.set()

    def _read_vectors(self, kept: bytes, count: int) -> list[bytes]:
        if not (self._name and count and kept.startswith(self._name)):
            return []
        data = kept[len(self._name) :]
        size = len(data) // count
        return [data[at * size :][:size] for at in range(count)] if size and size * count == len(data) else []

    async def _make(self, observation_id: str) -> None:
        self._unmade.pop(observation_id, None)
        data = self._store.document(_SPACE, observation_id)
        if data is None:
            return
        observation = read_observation(data)
        vectors = await self.vectors(observation)
        # Meanwhile another may have taken its place, which has its own turn.
        if self._store.document(_SPACE, observation_id) == data:
            body = self._name + b"".join(vectors)
            await self._committer.submit(
                partial(self._store.put_document, _VECTORS, observation_id, body), synced=False
            )
            self.shelves.add(observation, vectors)

    def _put(self, bodies: dict[str, bytes]) -> None:
        for observation_id, body in bodies.items():
            self._store.put_document(_SPACE, observation_id, body)
            self._store.drop_document(_VECTORS, observation_id)

    def _drop(self, observation_id: str) -> None:
        self._store.drop_document(_SPACE, observation_id)
        self._store.drop_document(_VECTORS, observation_id)
