"""One open page: what is to be sent to it, and how much may wait.

- Server-sent events, as the HTML standard has them. Whatever ends a line there is the end of a line of the
  data: no text, whoever wrote it, becomes a field or an event of its own.
- What waits is bounded. A page that does not keep up has all of it thrown away, and is told to ask for itself
  anew: nobody waits for it.
- A page that ends gets what it is told last, and nothing else that waited.
"""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from tocsin.cases.telling import Language
from tocsin.web.serving.person import Signed

MOST_WAITING_BYTES: Final = 512 * 1_024

_END_OF_LINE: Final = re.compile("\r\n|\r|\n")


def event(data: str, *, name: str = "", at: str = "") -> bytes:
    """An event in a stream: its data, a name if the page's script is meant, and its id."""
    lines = [f"event: {name}"] if name else []
    lines += [f"id: {at}"] if at else []
    lines += [f"data: {line}" for line in _END_OF_LINE.split(data)]
    return "\n".join([*lines, "", ""]).encode("utf-8", "replace")


class OpenPage:
    """A page that somebody has open in that language, with the topics that it shows."""

    def __init__(self, topics: tuple[str, ...], language: Language, signed: Signed) -> None:
        self.topics = topics
        self.language = language
        self.signed = signed
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._behind = False
        self._ended = False
        self._woken = asyncio.Event()

    def send(self, sent: bytes) -> None:
        """Send an event, unless the page is told to ask for itself anyway."""
        if self._behind or self._ended:
            return
        self._waiting_bytes += len(sent)
        if self._waiting_bytes > MOST_WAITING_BYTES:
            self._waiting.clear()
            self._behind = True
        else:
            self._waiting.append(sent)
        self._woken.set()

    def end(self, last: bytes = b"") -> None:
        """Nothing more comes, but for what is told `last`."""
        self._waiting.clear()
        self._behind = False
        if last:
            self._waiting.append(last)
        self._ended = True
        self._woken.set()

    async def stream(self) -> AsyncIterator[bytes]:
        """What is sent, as it comes, until `end`."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._waiting:
                yield self._taken()
            if self._ended:
                return
            if self._behind:
                self._behind, self._waiting_bytes = False, 0
                yield event("behind", name="refresh")

    def _taken(self) -> bytes:
        """All that waits, at once."""
        taken = b"".join(self._waiting) if len(self._waiting) > 1 else self._waiting[0]
        self._waiting.clear()
        self._waiting_bytes = 0
        return taken
