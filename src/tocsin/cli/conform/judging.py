"""What a case is, and how what was found is compared with what was expected.

A case is a function that names its section of docs/protocol.md, and whether what it does is right (`good`) or
is to be refused (`bad`); its docstring is its name. It is given the endpoint, and as many members that nobody
has seen before as it has further arguments: so no case stands in another's way. An answer is compared in
words, such as `held 5` or `refused: wrong-root`; these words are also what a person is shown.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tocsin.circles.wire.answers import (
    Answer,
    Bodies,
    Checkpoints,
    Events,
    Hashes,
    Held,
    Later,
    Missing,
    Pushed,
    ReceivedAhead,
    Refused,
    SizeHeld,
)
from tocsin.core.errors import Refusal

Run = Callable[..., Awaitable[None]]

_LOOKS = 100
_LOOK_EVERY_S = 0.1


class Differs(Refusal):
    """The endpoint does otherwise than the protocol says."""

    code = "differs"

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"Expected {expected}, found {found}.")
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `good`: nothing in it is wrong. `players`: how many members it plays."""

    section: str
    name: str
    good: bool
    players: int
    run: Run


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case; without `found`, it holds."""

    case: Case
    expected: str = ""
    found: str = ""

    @property
    def holds(self) -> bool:
        """Whether the endpoint did as the protocol says."""
        return not self.found


class Cases:
    """The cases of one part of the protocol, in their order."""

    def __init__(self) -> None:
        self.all: list[Case] = []

    def good(self, section: str) -> Callable[[Run], Run]:
        """What follows is a case in which the endpoint is asked nothing that is wrong."""
        return self._add(section, good=True)

    def bad(self, section: str) -> Callable[[Run], Run]:
        """What follows is a case in which the endpoint has something to refuse."""
        return self._add(section, good=False)

    def _add(self, section: str, *, good: bool) -> Callable[[Run], Run]:
        def add(run: Run) -> Run:
            name = (run.__doc__ or "").partition("\n")[0].removesuffix(".")
            players = len(inspect.signature(run).parameters) - 1
            self.all.append(Case(section, name, good, players, run))
            return run

        return add


def expect(expected: str, found: object) -> None:
    """Raise Differs unless the answer, or whatever it is, says in words what is expected."""
    words = in_words(found)
    if words != expected:
        raise Differs(expected, words)


async def eventually(expected: str, look: Callable[[], Awaitable[object]]) -> None:
    """As `expect`, for what takes the endpoint a while: looked at again and again for some seconds."""
    for _ in range(_LOOKS):
        with suppress(Differs):
            return expect(expected, await look())
        await asyncio.sleep(_LOOK_EVERY_S)
    return expect(expected, await look())


def in_words(found: object) -> str:
    """An answer in a few words; anything else as it is."""
    words = _WORDS.get(type(found))
    return words(found) if words else str(found)


_WORDS: dict[type, Callable[[Any], str]] = {
    Held: lambda one: f"held {one.size}",
    SizeHeld: lambda one: f"size held {one.size}",
    Missing: lambda one: f"missing {', '.join(map(str, one.indices))} of {one.size}",
    Later: lambda _: "later",
    Refused: lambda one: f"refused: {one.code}" + (f", {one.size_held} held" if one.size_held else ""),
    Pushed: lambda one: f"entries {one.push.chunk.first} to {one.push.chunk.end}",
    Hashes: lambda one: f"{len(one.hashes)} hashes",
    Bodies: lambda one: f"bodies {', '.join(str(body.index) for body in one.bodies)}",
    Checkpoints: lambda one: f"{len(one.notes)} checkpoints",
    ReceivedAhead: lambda _: "received ahead",
    Events: lambda one: f"{len(one.events)} events",
}


def given(kind: type[Answer], answer: Answer) -> Any:  # noqa: ANN401 - of that kind, which the caller knows
    """The answer, if it is of that kind. Raises Differs."""
    if not isinstance(answer, kind):
        raise Differs(f"an answer of kind {kind.kind}", in_words(answer))
    return answer
