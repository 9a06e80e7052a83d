"""How much one log may grow (docs/protocol.md, section 9.7)."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.circles.following.limits import BURST_S, DAY_S, Allowance
from tocsin.circles.founding.charter import Limits


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def wall_ms(self) -> int:
        """Nobody asks."""
        raise AssertionError

    def monotonic_s(self) -> float:
        """What it shows."""
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        """Nobody waits."""
        raise AssertionError(seconds)


def _allowance(per_s: int, per_day: int = 2**53 - 1) -> tuple[Allowance, Hand]:
    clock = Hand()
    return Allowance(Limits(records_per_second=per_s, bytes_per_day=per_day), clock), clock


def test_ten_seconds_at_once_and_then_at_the_rate() -> None:
    """A full bucket holds 10 s of records; then each takes its time."""
    allowance, clock = _allowance(100)
    allowance.take(BURST_S * 100, 0)
    assert allowance.wait_s() == 0
    allowance.take(50, 0)
    assert allowance.wait_s() == 0.5
    clock.now_s += 0.5
    assert allowance.wait_s() == 0


def test_nothing_is_too_large() -> None:
    """What is larger than the bucket comes all the same, and has to be waited for afterwards."""
    allowance, clock = _allowance(1, 1_000)
    allowance.take(1_024, 65_536)
    wait_s = allowance.wait_s()
    assert wait_s == (65_536 - 1_000) / (1_000 / DAY_S)
    clock.now_s += wait_s
    assert allowance.wait_s() < 1e-6


def test_bytes_are_those_of_a_day() -> None:
    """A day's bytes may come at once; a day later as many again."""
    allowance, clock = _allowance(2**40, DAY_S)
    allowance.take(0, DAY_S)
    assert allowance.wait_s() == 0
    allowance.take(0, 10)
    assert allowance.wait_s() == 10
    clock.now_s += 10 + DAY_S
    allowance.take(0, DAY_S)
    assert allowance.wait_s() == 0


@given(
    st.integers(1, 1_000),
    st.lists(st.tuples(st.floats(0, 100), st.integers(1, 1_024)), min_size=1, max_size=60),
)
def test_never_more_than_the_limit_allows(per_s: int, comings: list[tuple[float, int]]) -> None:
    """In any stretch of time, what is let through is at most rate × time + bucket + the last piece."""
    allowance, clock = _allowance(per_s)
    came: list[tuple[float, int]] = []
    for after_s, entries in comings:
        clock.now_s += after_s
        if allowance.wait_s() == 0:
            allowance.take(entries, 0)
            came.append((clock.now_s, entries))
    for first, (start_s, _) in enumerate(came):
        total = 0
        for at_s, entries in came[first:]:
            assert total <= per_s * (at_s - start_s + BURST_S) + 1e-6
            total += entries
