"""The simulation's own parts: if these do not hold, what the simulations show means nothing."""

import asyncio
from contextlib import nullcontext
from itertools import count
from typing import Literal

import pytest
from tests.log.store_conformance import Databases, StoreConformance
from tests.simulation.clock import SeededChance, VirtualClock
from tests.simulation.loop import StuckError, VirtualLoop, new_loop
from tests.simulation.memory_store import MemoryStore, PowerLost


class MemoryDatabase:
    """What a memory store leaves behind, for the conformance suite. A crash is a power loss."""

    def __init__(self, number: int) -> None:
        self._store = MemoryStore(f"{number:032x}")

    def open(self) -> MemoryStore:
        """See Database."""
        self._store = self._store.reopen(lambda: None)
        return self._store

    def crash(self) -> None:
        """See Database."""
        self._store.fail()

    def remains(self) -> bytes:
        """See Database."""
        return self._store.remains()


class TestMemoryStore(StoreConformance):
    """The conformance suite, on the simulation's store."""

    @pytest.fixture
    def databases(self) -> Databases:
        """New databases."""
        numbers = count()
        return lambda: nullcontext(MemoryDatabase(next(numbers)))


def _document_after(*, power: bool, lies: bool = False, synced: bool) -> bytes | None:
    """What is left of a document when the process ends, or its power."""
    store = MemoryStore("0" * 32)
    store.lies = lies
    with store.transaction(synced=synced):
        store.put_document("space", "key", b"written")
    if power:
        store.fail()
    return store.reopen(lambda: None).document("space", "key")


def test_a_power_loss_takes_what_was_not_synced() -> None:
    """What is not synced, or only said to be, is lost with the power and not with the process."""
    assert _document_after(power=True, synced=True) == b"written"
    assert _document_after(power=False, synced=False) == b"written"
    assert _document_after(power=True, synced=False) is None
    assert _document_after(power=False, synced=True, lies=True) == b"written"
    assert _document_after(power=True, synced=True, lies=True) is None


@pytest.mark.parametrize(("moment", "left"), [("before", None), ("after", b"written")])
def test_the_power_can_fail_at_a_commit(moment: Literal["before", "after"], left: bytes | None) -> None:
    """A strike just before the sync loses the transaction, one just after it keeps it; both raise."""
    store = MemoryStore("0" * 32)
    store.strike(1, moment)
    with store.transaction():
        store.put_document("space", "before", b"written")
    with pytest.raises(PowerLost), store.transaction():
        store.put_document("space", "key", b"written")
    with pytest.raises(PowerLost), store.transaction():
        pass
    after = store.reopen(lambda: None)
    assert (after.document("space", "before"), after.document("space", "key")) == (b"written", left)


@pytest.fixture
def loop() -> VirtualLoop:
    """A loop at 0 seconds."""
    return new_loop()


def test_an_hour_of_virtual_time_passes_at_once(loop: VirtualLoop) -> None:
    """Sleeping moves the virtual clock by exactly the time slept, in the order of the times."""
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await VirtualClock(loop).sleep(seconds)
        woken.append((name, loop.time()))

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(sleeper("late", 3600))
            group.create_task(sleeper("early", 0.5))

    loop.run(both(), limit_s=4000)
    assert woken == [("early", 0.5), ("late", 3600)]


def test_timeouts_queues_and_locks_work_on_virtual_time(loop: VirtualLoop) -> None:
    """What the nodes use of asyncio behaves as on a real loop."""

    async def work() -> str:
        queue: asyncio.Queue[str] = asyncio.Queue()
        lock = asyncio.Lock()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await queue.get()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 3)
        asyncio.get_running_loop().call_later(1, queue.put_nowait, "said")
        async with lock:
            return await queue.get()

    assert loop.run(work(), limit_s=10) == "said"
    assert loop.time() == 6


def test_waiting_for_what_cannot_happen_is_an_error(loop: VirtualLoop) -> None:
    """A deadlock ends the run with a StuckError, not with silence."""
    with pytest.raises(StuckError, match="cannot happen"):
        loop.run(asyncio.Event().wait(), limit_s=1e9)
    loop.close()


def test_a_moment_without_end_is_an_error(loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Callbacks that only ever make more callbacks end the run with a StuckError."""
    monkeypatch.setattr("tests.simulation.loop.MAX_CALLBACKS_AT_ONE_MOMENT", 1000)

    async def spin() -> None:
        while True:  # noqa: ASYNC110 - to spin is the point
            await asyncio.sleep(0)

    with pytest.raises(StuckError, match="no rest"):
        loop.run(spin(), limit_s=1)


def test_a_task_that_nobody_awaits_fails_the_run(loop: VirtualLoop) -> None:
    """An exception is raised out of the run, not lost with its task."""

    async def fail() -> None:
        raise LookupError("unheard")

    loop.spawn("owner", fail())
    with pytest.raises(LookupError, match="unheard"):
        loop.run_for(1)


def test_there_are_no_threads(loop: VirtualLoop) -> None:
    """Work for a thread is refused."""
    with pytest.raises(RuntimeError, match="no threads"):
        loop.run(asyncio.to_thread(print), limit_s=1)


def test_an_owner_s_tasks_end_together(loop: VirtualLoop) -> None:
    """Cancelling an owner's tasks reaches those that its tasks started, and nobody else's."""
    ended: list[str] = []

    async def forever(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    async def parent() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(forever("child"))
            await forever("parent")

    loop.spawn("a", parent())
    loop.spawn("b", forever("other"))
    loop.run_for(1)
    loop.cancel_tasks_of("a")
    loop.run_for(1)
    assert sorted(ended) == ["child", "parent"]
    loop.close()


def test_one_node_s_draws_move_nobody_else_s() -> None:
    """Streams of chance depend on seed and name alone."""
    first, second = SeededChance(1, "first"), SeededChance(1, "second")
    second.token(100)
    assert first.token(32) == SeededChance(1, "first").token(32)
    assert first.token(32) != second.token(32)
    assert SeededChance(2, "first").token(32) != SeededChance(1, "first").token(32)
