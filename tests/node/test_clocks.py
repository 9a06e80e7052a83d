from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.node.conftest import Run
from tests.node.nodes import confirmed, found

from tocsin.node.clock import SystemClock
from tocsin.node.node import Node
from tocsin.node.watching.clocks import WARN_MS, Clocks
from tocsin.node.watching.logs import make_logger

TRUE_MS = 1_684_764_000_000


class Wall:
    """A clock that can be set; time passes when it is told to."""

    def __init__(self, ahead_ms: int = 0) -> None:
        self.ahead_ms = ahead_ms
        self.passed_s = 0.0

    def wall_ms(self) -> int:
        """What this machine believes."""
        return TRUE_MS + self.ahead_ms + int(self.passed_s * 1000)

    def monotonic_s(self) -> float:
        """Seconds that passed."""
        return 77.0 + self.passed_s

    async def sleep(self, seconds: float) -> None:
        """Nobody waits here."""
        raise NotImplementedError


def clocks(wall: Wall, *ahead_s: int) -> Clocks:
    """A node that has heard from organisations whose clocks are so much ahead of the truth."""
    heard = Clocks(wall)
    for number, seconds in enumerate(ahead_s):
        heard.heard(b"%d" % number, (TRUE_MS + int(wall.passed_s * 1000)) // 1000 + seconds)
    return heard


@pytest.mark.parametrize("ahead_ms", [-2_000, 0, 2_000])
def test_two_seconds_are_silent(ahead_ms: int) -> None:
    """What whole seconds and slow lines explain is no reason to warn."""
    assert clocks(Wall(ahead_ms), 0, 0, 1).warning() is None


@pytest.mark.parametrize(("ahead_ms", "side"), [(30_000, "ahead of"), (-30_000, "behind")])
def test_thirty_seconds_are_warned_about(ahead_ms: int, side: str) -> None:
    """With two organisations that agree, the warning says by how much, which way, and what to do."""
    warning = clocks(Wall(ahead_ms), 0, 0).warning()
    assert warning is not None
    assert side in warning
    assert "Next: " in warning


def test_one_organisation_alone_says_nothing() -> None:
    """However often it says it: who is wrong cannot be known between two."""
    heard = clocks(Wall(), 3_600)
    for _ in range(3):
        heard.heard(b"0", TRUE_MS // 1000 + 3_600)
    assert heard.ahead_ms() is None


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(-4, 4), min_size=1, max_size=7))
def test_no_single_organisation_makes_a_node_warn(lie_s: int, honest_s: list[int]) -> None:
    """One clock that is wrong, or a liar, among any number of good ones changes nothing that is said."""
    assert clocks(Wall(), lie_s, *honest_s).warning() is None
    assert clocks(Wall(), *honest_s, lie_s).warning() is None


@given(st.integers(-4, 4), st.lists(st.integers(-(10**9), 10**9), max_size=3), st.integers(0, 3))
def test_a_majority_that_agrees_is_believed(honest_s: int, lies_s: list[int], more: int) -> None:
    """With more good clocks than others, a wrong one here is warned about, whatever the others say."""
    good = [honest_s] * (len(lies_s) + 2 + more)
    for ahead_ms in (-WARN_MS - 6_000, WARN_MS + 6_000):
        ahead = clocks(Wall(ahead_ms), *good, *lies_s).ahead_ms()
        assert ahead is not None
        assert abs(ahead - ahead_ms) <= 5_000


def test_the_warning_goes_when_the_clock_is_set_and_comes_when_it_is_set_wrong() -> None:
    """No further word of anybody is needed."""
    wall = Wall(60_000)
    heard = clocks(wall, 0, 0)
    assert heard.warning()
    wall.ahead_ms, wall.passed_s = 0, 600.0
    assert heard.warning() is None
    wall.ahead_ms = -86_400_000
    assert heard.warning()


def test_the_newest_word_of_each_counts() -> None:
    """An organisation that mends its own clock is believed from then on."""
    wall = Wall()
    heard = clocks(wall, 100, 100, 100)
    assert heard.warning()
    for number in range(3):
        heard.heard(b"%d" % number, TRUE_MS // 1000)
    assert heard.warning() is None


class Skewed(SystemClock):
    """This machine's clock, so many milliseconds ahead."""

    def __init__(self, ahead_ms: int) -> None:
        self.ahead_ms = ahead_ms

    def wall_ms(self) -> int:
        """See Clock."""
        return super().wall_ms() + self.ahead_ms


@pytest.mark.parametrize(("ahead_ms", "warned"), [(2_000, False), (-30_000, True)])
def test_a_node_with_a_wrong_clock_warns_and_goes_on(
    run: Run[None], tmp_path: Path, ahead_ms: int, warned: bool
) -> None:
    """Health, status and metrics say it at that node alone; every record comes and is confirmed."""

    async def wrong() -> None:
        founded = found(tmp_path, 3)
        async with AsyncExitStack() as stack:
            nodes = []
            for place, clock in zip(founded.places, (Skewed(ahead_ms), None, None), strict=True):
                node = await stack.enter_async_context(
                    Node(place.config, log=make_logger(place.config.log, place.printed), clock=clock)
                )
                await node.join(founded.text, founded.join_files)
                nodes.append(node)
            for node in nodes:
                line = node.lines[founded.id]
                await line.write([founded.note("What time is it?")])
                await confirmed(line, line.own.size)
            skewed, *right = nodes
            assert ("clock" in codes(skewed)) is warned
            assert all("clock" not in codes(node) for node in right)
            assert skewed.health().status != "failing"
            ahead = skewed.clocks.ahead_ms()
            assert ahead is not None
            assert abs(ahead - ahead_ms) < 1_500
            assert b"tocsin_clock_ahead_seconds" in skewed.metrics()

    run(wrong())


def codes(node: Node) -> set[str]:
    """What a node says is wrong."""
    return {trouble.code for trouble in node.health().troubles}
