"""Erasures in simulations: under partitions, crashes and power losses, what is erased ends up nowhere."""

import pytest
from hypothesis import HealthCheck, given, settings
from tests.simulation.erasing import (
    Erase,
    ErasingWorld,
    KeepByHold,
    ReleaseHold,
    erasing_schedules,
    run_erasing,
)
from tests.simulation.invariants import Violation
from tests.simulation.schedule import (
    Heal,
    Join,
    KillAtCommit,
    Part,
    Restart,
    Schedule,
    Steal,
    Wait,
    Write,
)

from tocsin.circles.erasing.view import Erasures

pytestmark = pytest.mark.simulation
calm = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False)


@settings(calm, max_examples=20)
@given(erasing_schedules())
def test_whatever_happens(schedule: Schedule) -> None:
    """Whatever happens meanwhile, an erasure is answered by all, and its records are gone but where held."""
    run_erasing(schedule)


@pytest.mark.slow
@settings(calm, max_examples=150)
@given(erasing_schedules())
def test_whatever_happens_many_times(schedule: Schedule) -> None:
    """As above, in schedules enough to find what is rare."""
    run_erasing(schedule)


def test_under_a_partition() -> None:
    """Ordered on one side of a partition, it is gone on both once they meet; a hold there keeps it."""
    run_erasing(
        Schedule(
            seed=1,
            members=5,
            rogue=False,
            steps=(
                *(Write(by, 4) for by in range(5)),
                Wait(2_000),
                Part(2),
                KeepByHold(4, 0, 3),
                Wait(50),
                Erase(0, 0, 4),
                Erase(3, 1, 2),
                Wait(5_000),
                Heal(),
                Wait(2_000),
                ReleaseHold(4),
            ),
        )
    )


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("commits", range(5))
def test_power_lost_at_any_commit_of_it(commits: int, moment: str) -> None:
    """At whatever commit of an erasure the power fails, it is carried out after the next start."""
    run_erasing(
        Schedule(
            seed=2,
            members=3,
            rogue=False,
            steps=(
                *(Write(by, 3) for by in range(3)),
                Wait(2_000),
                KillAtCommit(1, commits, moment),  # type: ignore[arg-type]
                Erase(0, 0, 3),
                Erase(1, 0, 3),
                Wait(3_000),
                Restart(1),
            ),
        )
    )


def test_a_hold_keeps_nothing_that_is_not_there() -> None:
    """What was said before a member joined, it never had: its hold keeps nothing, and the erasure is done."""
    run_erasing(
        Schedule(
            seed=0,
            members=2,
            rogue=False,
            steps=(
                Write(0, 1, 250),
                Erase(0, 0, 1),
                Join(0, observer=False),
                Erase(0, 0, 1),
                KeepByHold(2, 0, 2),
            ),
        )
    )


def test_of_a_stopped_log_the_true_version_is_completed() -> None:
    """Who holds the true version of a stopped log, but not all of its records, gets them once it is ended."""
    run_erasing(
        Schedule(
            seed=0,
            members=3,
            rogue=True,
            steps=(Steal(0, 2, 1, 3), Join(0, observer=False), Wait(8_000), Erase(0, 0)),
        )
    )


def test_a_restored_copy_gives_nothing_back() -> None:
    """A disk from before an erasure is put back: its records are gone again before anybody gets them."""
    with ErasingWorld(seed=3, members=3) as world:
        world.start()
        world.write("ash", records=3)
        world.run_for(2)
        copy = world.nodes["birch"].store.copy()
        world.erase(0, 0, 3)
        world.run_for(5)
        world.kill("birch")
        world.restore("birch", copy)
        world.run_for(20)
        (place,) = world.lines["birch"].erasures.ordered
        ordered = world.lines["birch"].erasures.ordered[place]
        assert set(world.nodes["birch"].store.erased(place.log, 0, 99)) == ordered.targets
        assert ordered.answer("birch").purged == ordered.targets


def test_what_is_not_purged_is_seen() -> None:
    """The simulation sees a member that keeps what was erased, although no hold of its own says so."""
    with ErasingWorld(seed=4, members=2) as world:
        world.start()
        world.write("ash")
        world.run_for(1)
        store = world.nodes["birch"].store
        erase = store.erase
        store.erase = lambda log, indices, **_: erase(log, indices, keeping=indices)  # type: ignore[method-assign]
        world.erase(0, 0)
        with pytest.raises(Violation, match=r"no hold of its own"):
            world.settle()


def test_a_record_that_goes_without_an_order_is_seen() -> None:
    """The simulation sees a member that has lost a record which nobody ordered to be erased."""
    with ErasingWorld(seed=5, members=3) as world:
        world.start()
        world.write("ash")
        world.run_for(1)
        store = world.nodes["birch"].store
        with store.transaction():
            store.erase(world.lines["ash"].own.name, {1})
        with pytest.raises(Violation, match="has heard no order"):
            world.settle()


def test_a_record_that_goes_in_spite_of_a_hold_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulation sees a member that purges what a hold of its own keeps."""
    with ErasingWorld(seed=6, members=2) as world:
        world.start()
        world.write("ash")
        world.run_for(1)
        world.hold(1, 0, 1)
        world.hold(1, 0, 2)
        world.run_for(1)
        monkeypatch.setattr(Erasures, "kept", lambda *_: frozenset())
        world.erase(0, 0)
        with pytest.raises(Violation, match="which a hold of its own keeps"):
            world.settle()
