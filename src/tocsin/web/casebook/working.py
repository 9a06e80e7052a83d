"""What takes a while: begun once, whoever asks again, and looked at until it is done.

What was made is kept for a while, and only the last of it: it may be large. So may what is being made: there
are a few of that at a time, whoever asks.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Generic, TypeVar

from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal

_MOST_UNDER_WAY = 8

_T = TypeVar("_T")


class TooManyWorks(Refusal):
    """As much as may be is being made just now. Next: try again in a minute."""

    code = "too-many-works"


@dataclass(frozen=True, slots=True)
class Work(Generic[_T]):
    """Something that was begun at `began_ms`. `task` is done when it is, with what came of it."""

    task: asyncio.Task[_T]
    began_ms: int

    @property
    def done(self) -> bool:
        """Whether it is done."""
        return self.task.done()


class Works(Generic[_T]):
    """What was begun, by what it is; `most` of it that is done is kept."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._works: OrderedDict[str, Work[_T]] = OrderedDict()

    def begin(self, name: str, work: Callable[[], Coroutine[None, None, _T]]) -> Work[_T]:
        """Begin it, unless it is under way already. Raises TooManyWorks."""
        known = self._works.get(name)
        if known is None or known.done:
            if sum(not begun.done for begun in self._works.values()) >= _MOST_UNDER_WAY:
                raise TooManyWorks
            task = asyncio.get_running_loop().create_task(work())
            known = Work(task, self._clock.wall_ms())
        self._works[name] = known
        self._works.move_to_end(name)
        done = [one for one, begun in self._works.items() if begun.done]
        for one in done[: max(0, len(done) - self._most)]:
            self.drop(one)
        return known

    def get(self, name: str) -> Work[_T] | None:
        """What was begun under that name."""
        return self._works.get(name)

    def drop(self, name: str) -> None:
        """Forget what came of it."""
        self._works.pop(name, None)

    async def stop(self) -> None:
        """Nothing goes on."""
        tasks = [work.task for work in self._works.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._works.clear()
