"""Verifications as tasks: a few at a time, kept for a while so that their pages can be opened again."""

import asyncio
from collections import OrderedDict

from tocsin.core.clock import Chance
from tocsin.core.errors import Refusal
from tocsin.log.store import Store
from tocsin.web.logs.verifying import Verification

_MOST_RUNNING = 4
_KEPT = 32


class TooManyRuns(Refusal):
    """Others verify logs here just now. Next: try again in a minute."""

    code = "too-many-runs"


class Runs:
    """The verifications of one console."""

    def __init__(self, store: Store, chance: Chance) -> None:
        self._store = store
        self._chance = chance
        self._runs: OrderedDict[str, tuple[Verification, asyncio.Task[None]]] = OrderedDict()

    def start(self, verification: Verification) -> str:
        """Begin one; by what it gives, it is found again. Raises TooManyRuns."""
        if sum(not task.done() for _, task in self._runs.values()) >= _MOST_RUNNING:
            raise TooManyRuns
        name = self._chance.token(8).hex()
        task = asyncio.get_running_loop().create_task(verification.run(self._store))
        self._runs[name] = verification, task
        while len(self._runs) > _KEPT:
            _, (_, oldest) = self._runs.popitem(last=False)
            oldest.cancel()
        return name

    def find(self, name: str) -> Verification | None:
        """One that was begun."""
        found = self._runs.get(name)
        return found[0] if found else None

    async def stop(self) -> None:
        """End those that run."""
        tasks = [task for _, task in self._runs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
