"""What is sent again and again: together, with rests, and also after it has failed."""

import asyncio

import pytest

from tocsin.node.clock import SystemClock
from tocsin.web.live.pulse import Pulse

pytestmark = pytest.mark.anyio

TOGETHER_S = 0.5
TOOK_S = 2.0


class Sending(SystemClock):
    """Sending takes `TOOK_S` and fails the first time; nobody waits, and for how long one would is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.sent = 0
        self.waits_s: list[float] = []

    def monotonic_s(self) -> float:
        """See Clock."""
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        self.waits_s.append(seconds)
        await asyncio.sleep(0)

    def send(self) -> None:
        """Look, and send it."""
        self.now_s += TOOK_S
        self.sent += 1
        if self.sent == 1:
            raise RuntimeError("once")


async def test_what_fails_once_is_tried_the_next_time_after_a_rest() -> None:
    """What changed within a moment goes together; nine tenths of the time are left to others."""
    sending, faults = Sending(), list[BaseException]()
    pulse = Pulse(sending.send, sending, faults.append, again_s=3600.0, together_s=TOGETHER_S)
    running = asyncio.get_running_loop().create_task(pulse.run())
    for times in (1, 2):
        pulse.wake()
        pulse.wake()
        for _ in range(20):
            await asyncio.sleep(0)
        assert sending.sent == times
    running.cancel()
    assert [str(fault) for fault in faults] == ["once"]
    assert sending.waits_s == [TOGETHER_S, 9 * TOOK_S] * 2
