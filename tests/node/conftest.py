"""How tests of a node run: in a real loop, and never for longer than they should."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

import pytest
import uvloop

T = TypeVar("T")
Run = Callable[[Coroutine[object, object, T]], T]

_STUCK_S = 30


@pytest.fixture
def run() -> Run[object]:
    """Runs a coroutine in the loop that a node has; fails instead of hanging."""
    return _runner(uvloop.new_event_loop)


@pytest.fixture(params=[uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def run_in_each(request: pytest.FixtureRequest) -> Run[object]:
    """As `run`, in either kind of loop: for what is close to sockets and TLS, which each has its own."""
    return _runner(request.param)


def _runner(factory: Callable[[], asyncio.AbstractEventLoop]) -> Run[object]:
    def run_it(coroutine: Coroutine[object, object, object]) -> object:
        async def bounded() -> object:
            async with asyncio.timeout(_STUCK_S):
                return await coroutine

        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(bounded())

    return run_it
