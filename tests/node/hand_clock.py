"""A clock that a test puts forward, and that otherwise goes as the machine's."""

import asyncio

from tocsin.node.clock import SystemClock


class HandClock(SystemClock):
    """The machine's clock, which the test can put forward: who sleeps wakes by it."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead_s = 0.0
        self._moved = asyncio.Event()

    def monotonic_s(self) -> float:
        """See Clock."""
        return super().monotonic_s() + self._ahead_s

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        until_s = self.monotonic_s() + seconds
        while (left_s := until_s - self.monotonic_s()) > 0:
            try:
                async with asyncio.timeout(left_s):
                    await self._moved.wait()
            except TimeoutError:
                continue

    async def forward(self, seconds: float) -> None:
        """Put it forward, and let whoever that wakes do what they do."""
        self._ahead_s += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        for _ in range(20):
            await asyncio.sleep(0)
