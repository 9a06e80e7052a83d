"""What is sent to the console, as far as it is in memory: of all requests together, no more than so much.

- What most pages take is small, and there are only so many connections. What is larger has to find room here,
  for as much as it is said to be, until its answer is made. Who finds none is told so, and it is not read.
- Nobody has all the room alone: one person gets less.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.requests import Request

from tocsin.node.api.operations import BodyTooLarge
from tocsin.web.serving.errors import TooMuchAtOnce

SMALL_BYTES: Final = 256 * 1_024
MOST_AT_ONCE_BYTES: Final = 192 * 2**20
MOST_OF_ONE_BYTES: Final = 128 * 2**20


class Bodies:
    """The room for what is large."""

    def __init__(self) -> None:
        self._held_bytes: Counter[str] = Counter()

    @contextmanager
    def room(self, size_bytes: int, whose: str) -> Iterator[None]:
        """Room for what somebody sends. Raises TooMuchAtOnce."""
        if size_bytes <= SMALL_BYTES:
            yield
            return
        held = self._held_bytes
        left_bytes = min(MOST_AT_ONCE_BYTES - held.total(), MOST_OF_ONE_BYTES - held[whose])
        if size_bytes > left_bytes:
            raise TooMuchAtOnce
        held[whose] += size_bytes
        try:
            yield
        finally:
            held[whose] -= size_bytes


def size_of(request: Request, most_bytes: int) -> int:
    """How large a body is said to be; as large as it may be, where nothing is said. Raises BodyTooLarge."""
    # The listener took only a number there, and passes on no more than that.
    size_bytes = int(request.headers.get("content-length", most_bytes))
    if size_bytes > most_bytes:
        raise BodyTooLarge(f"Expected at most {most_bytes} bytes, found {size_bytes}.")
    return size_bytes


async def read(request: Request, most_bytes: int) -> bytes:
    """The body. Raises BodyTooLarge."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            raise BodyTooLarge(f"Expected at most {most_bytes} bytes, found more.")
    return bytes(body)
