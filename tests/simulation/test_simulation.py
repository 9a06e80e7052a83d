"""Whole simulations: many schedules that Hypothesis makes and shrinks, and the same one again and again.

`make simulate N=…` runs as many as one wants (`tests/simulation/__main__.py`).
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests.simulation.schedule import (
    Amend,
    Attack,
    Burn,
    Kill,
    KillAtCommit,
    Lie,
    Part,
    Restart,
    Rotate,
    Schedule,
    Steal,
    Storm,
    Wait,
    Write,
    run,
    run_one,
    schedules,
)
from tests.simulation.wire import Weather

ROOT = Path(__file__).parents[2]
BUSY = Schedule(
    seed=7,
    members=5,
    rogue=True,
    steps=(
        Lie(("polite", "has more", "later", "noise")),
        Storm(Weather(slowest_s=0.3, lost_percent=10, repeated_percent=10)),
        *(Write(by, 4) for by in range(5)),
        Attack("behave"),
        Wait(200),
        Rotate(3),
        Amend(4, "To warn."),
        Part(2),
        Attack("fork"),
        Steal(0, 2, 3, 6),
        Burn(4),
        *(Write(by, 2) for by in range(5)),
        KillAtCommit(1, 2, "after"),
        Kill(2, power=False),
        Wait(2000),
        Restart(1),
        Attack("flood"),
        Wait(2000),
    ),
)

pytestmark = pytest.mark.simulation
calm = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False)


@settings(calm, max_examples=25)
@given(schedules())
def test_whatever_happens(schedule: Schedule) -> None:
    """Whatever happens, all that must always hold does, and once all is mended, all hold the same."""
    run(schedule)


@pytest.mark.slow
@settings(calm, max_examples=250)
@given(schedules())
def test_whatever_happens_several_hundred_times(schedule: Schedule) -> None:
    """As above, in schedules enough to find what is rare."""
    run(schedule)


def test_equal_seeds_give_equal_traces() -> None:
    """The same schedule is the same, event by event, and another seed is another world."""
    assert run(BUSY) == run(BUSY)
    assert run_one(1, records=50) == run_one(1, records=50) != run_one(2, records=50)


def test_verifying_every_signature_changes_nothing() -> None:
    """A world that verifies every signature for real is the same as one that remembers them."""
    assert run(BUSY, memoised=False) == run(BUSY, memoised=True)


@pytest.mark.process
@pytest.mark.parametrize("hash_seed", ["0", "1", "4294967295"])
def test_traces_do_not_depend_on_the_process(hash_seed: str) -> None:
    """Another process, in which sets and dictionaries are hashed otherwise, sees the same events."""
    program = "from tests.simulation.test_simulation import BUSY, run; print(run(BUSY))"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == run(BUSY)
