"""Turns between members: nobody is delayed by another's backlog, whatever its length."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulation.loop import VirtualLoop, new_loop

from tocsin.circles.following.turns import Turns

LIMIT_S = 1e6


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    """A loop on virtual time."""
    loop = new_loop()
    yield loop
    loop.close()


class Desk:
    """Work of so many seconds each, in turns; `ended` says whose ended when."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.turns = Turns()
        self.ended: list[tuple[str, float]] = []
        self.working = 0

    async def work(self, of: str, seconds: int = 1, at_s: float = 0.0) -> None:
        """One piece of work, asked for at a time."""
        await asyncio.sleep(at_s)
        async with self.turns.turn(of, seconds):
            self.working += 1
            assert self.working == 1
            await asyncio.sleep(seconds)
            self.working -= 1
        self.ended.append((of, self.loop.time()))

    def all(self, *works: tuple[str, int, float]) -> None:
        """All of these."""

        async def gather() -> None:
            await asyncio.gather(*(self.work(*work) for work in works))

        self.loop.run(gather(), LIMIT_S)

    def end_of(self, of: str) -> float:
        """When the last work of one ended."""
        return max(end for whose, end in self.ended if whose == of)


def test_one_record_waits_for_one_chunk_of_a_backlog(loop: VirtualLoop) -> None:
    """Behind 1,000 chunks of one member, that all came before, another's work is next but one."""
    desk = Desk(loop)
    desk.all(*(("flood", 1, 0.0) for _ in range(1_000)), ("single", 1, 0.5))
    assert desk.end_of("single") == 2.0
    assert desk.end_of("flood") == 1_001.0


def test_members_with_backlogs_share_evenly(loop: VirtualLoop) -> None:
    """By cost, not by number: whoever sends small chunks gets as much as whoever sends large ones."""
    desk = Desk(loop)
    desk.all(*(("large", 4, 0.0) for _ in range(100)), *(("small", 1, 0.0) for _ in range(400)))
    half = [of for of, end in desk.ended if end <= 400]
    assert abs(4 * half.count("large") - half.count("small")) <= 4


def test_nobody_saves_up_turns(loop: VirtualLoop) -> None:
    """A member that was quiet for long has one turn before the others, and not all that it missed."""
    desk = Desk(loop)
    desk.all(*(("busy", 1, 0.0) for _ in range(200)), *(("quiet", 1, 100.5) for _ in range(50)))
    after = [of for of, end in desk.ended if 101 <= end <= 141]
    assert abs(after.count("busy") - after.count("quiet")) <= 1


_WORKS = st.lists(
    st.tuples(st.sampled_from(["ash", "birch", "cedar"]), st.integers(1, 9), st.integers(0, 30)),
    min_size=1,
    max_size=40,
)


@given(_WORKS, st.integers(0, 200))
def test_one_turn_at_a_time_and_always_the_next(
    works: Sequence[tuple[str, int, int]], asked_at_s: int
) -> None:
    """No two work at once, none is forgotten, nobody idles, and a newcomer waits for one piece of each."""
    loop = new_loop()
    desk = Desk(loop)
    desk.all(*((of, cost, float(at)) for of, cost, at in works), ("new", 1, asked_at_s + 0.5))
    assert len(desk.ended) == len(works) + 1
    assert desk.end_of("new") - asked_at_s - 0.5 <= 4 * 9 + 1
    loop.close()


@pytest.mark.parametrize("cancelled_at_s", [0.5, 1.0])
def test_whoever_goes_away_holds_up_nobody(loop: VirtualLoop, cancelled_at_s: float) -> None:
    """A cancelled piece of work passes its turn on: while it waits, and at the moment it would begin."""
    desk = Desk(loop)

    async def cancel_one() -> None:
        tasks = [asyncio.create_task(desk.work(of)) for of in ("first", "gone", "third")]
        loop.call_later(cancelled_at_s, tasks[1].cancel)
        await asyncio.gather(*tasks, return_exceptions=True)

    loop.run(cancel_one(), LIMIT_S)
    assert desk.ended == [("first", 1.0), ("third", 2.0)]


def test_failed_work_passes_its_turn_on(loop: VirtualLoop) -> None:
    """An error within a turn goes to its caller, and the next begins."""
    turns = Turns()

    async def fail() -> None:
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                async with turns.turn("one", 1):
                    raise ZeroDivisionError

    loop.run(fail(), LIMIT_S)
