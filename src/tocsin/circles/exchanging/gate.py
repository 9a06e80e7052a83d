"""A gate: any number pass at a time, until it is closed; who closes it waits until all are out."""

import asyncio


class Gate:
    """Open at first. What happens within ends by itself, and closes no gate."""

    def __init__(self) -> None:
        self._inside = 0
        self._opened = asyncio.Event()
        self._opened.set()
        self._empty = asyncio.Event()
        self._empty.set()

    async def enter(self) -> None:
        """Go in, as soon as it is open; `leave` is called in any case."""
        await self._opened.wait()
        self._inside += 1
        self._empty.clear()

    def leave(self) -> None:
        """Go out."""
        self._inside -= 1
        if not self._inside:
            self._empty.set()

    async def close(self) -> None:
        """Let nobody in, and wait until everybody is out."""
        self._opened.clear()
        await self._empty.wait()

    def open(self) -> None:
        """Let everybody in."""
        self._opened.set()
