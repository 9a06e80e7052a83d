"""Whoever sits at the terminal, if anybody does: they go on with Enter."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Coroutine, Iterator

_MUCH = 4_096


class Audience:
    """`patient`: whether anything is waited for. `at_keyboard`: whether somebody can press Enter."""

    def __init__(self, *, patient: bool) -> None:
        self.patient = patient
        self.at_keyboard = sys.stdin.isatty()
        self._entered = asyncio.Event()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Within this, Enter is heard. Where nothing waits for it, it does nothing."""
        if not self.at_keyboard:
            yield
            return
        loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()

        def typed() -> None:
            if not os.read(descriptor, _MUCH):
                self.at_keyboard = False
                loop.remove_reader(descriptor)
            self._entered.set()

        loop.add_reader(descriptor, typed)
        try:
            yield
        finally:
            loop.remove_reader(descriptor)

    async def wait(self, something: Coroutine[object, object, object], within_s: float) -> bool:
        """Wait until that has come, or Enter, or this time is over. Whether it was Enter."""
        if not self.patient:
            something.close()
            return False
        self._entered.clear()
        tasks = [asyncio.ensure_future(one) for one in (something, self._entered.wait())]
        try:
            await asyncio.wait(tasks, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._entered.is_set()
