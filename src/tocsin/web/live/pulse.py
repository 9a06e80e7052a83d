"""Sending again and again what is another than before: soon after it may have changed, and now and then.

What changed within a moment goes together. Looking never takes more than a tenth of the loop's time, and what
fails once is tried the next time: nothing falls silent.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from tocsin.core.clock import Clock

_REST: Final = 9


class Pulse:
    """`send` within `together_s` of `wake`, and every `again_s`. `on_fault` is told where it fails."""

    def __init__(
        self,
        send: Callable[[], None],
        clock: Clock,
        on_fault: Callable[[BaseException], None],
        *,
        again_s: float,
        together_s: float,
    ) -> None:
        self._send = send
        self._clock = clock
        self._on_fault = on_fault
        self._again_s = again_s
        self._together_s = together_s
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """It may have changed."""
        self._woken.set()

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._again_s):
                    await self._woken.wait()
            await self._clock.sleep(self._together_s)
            self._woken.clear()
            began_s = self._clock.monotonic_s()
            try:
                self._send()
            except Exception as error:  # noqa: BLE001 - others wrote what is sent
                self._on_fault(error)
            await self._clock.sleep(_REST * (self._clock.monotonic_s() - began_s))
