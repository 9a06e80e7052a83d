"""How tests of a node run: in a real loop, of either kind, and never for longer than they should."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

import pytest
import uvloop

T = TypeVar("T")
Run = Callable[[Coroutine[object, object, T]], T]

_STUCK_S = 30


@pytest.fixture(params=["uvloop", "asyncio"])
def run(request: pytest.FixtureRequest) -> Run[object]:
    """Runs a coroutine in a loop of its own; fails instead of hanging."""
    factory = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop

    def run_it(coroutine: Coroutine[object, object, object]) -> object:
        async def bounded() -> object:
            async with asyncio.timeout(_STUCK_S):
                return await coroutine

        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(bounded())

    return run_it
