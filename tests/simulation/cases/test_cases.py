"""Nodes that work with cases, among hostile members: whole simulations, and what indices do by name.

`python -m tests.simulation N --cases` runs as many as one wants.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from tests.simulation.cases.schedule import (
    BeFoul,
    CaseSchedule,
    Damage,
    Look,
    OpenCase,
    Say,
    case_schedules,
    run_cases,
)
from tests.simulation.cases.world import CaseWorld
from tests.simulation.erasing import Erase
from tests.simulation.schedule import Kill, KillAtCommit, Part, Restart, Storm, Wait
from tests.simulation.wire import Weather

BUSY = CaseSchedule(
    seed=7,
    members=5,
    hostile=("birch", "fir"),
    steps=(
        OpenCase(0, 1),
        OpenCase(1, 2),
        Wait(200),
        Storm(Weather(slowest_s=0.3, lost_percent=10, repeated_percent=10)),
        *(Say(by, deed, (by, 1)) for by, deed in enumerate(("ask", "add", "cite", "link", "position"))),
        BeFoul(0, "displace", (0, 0), urgent=True),
        BeFoul(1, "copy", (0, 0)),
        Wait(1000),
        *(Say(by, "answer", (0, by)) for by in range(4)),
        Part(2),
        BeFoul(0, "withdraw others", (0, 0)),
        BeFoul(1, "cite in circles", (1, 1)),
        BeFoul(1, "cite in circles", (1, 1)),
        KillAtCommit(1, 2, "after"),
        Kill(2, power=True),
        Wait(1000),
        Look(),
        Damage(0),
        Erase(0, 0),
        Restart(1),
        *(Say(by, "withdraw", (0, 1)) for by in range(4)),
        Wait(1000),
        Look(),
    ),
)

pytestmark = pytest.mark.simulation
calm = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False)


@settings(calm, max_examples=2)
@given(case_schedules(most=20))
def test_whatever_is_said(schedule: CaseSchedule) -> None:
    """Whatever happens and whatever hostile members write, all that must hold of cases does."""
    run_cases(schedule)


@pytest.mark.slow
@settings(calm, max_examples=20)
@given(case_schedules())
def test_whatever_is_said_many_times(schedule: CaseSchedule) -> None:
    """As above, in more schedules."""
    run_cases(schedule)


@pytest.mark.slow
def test_equal_schedules_give_equal_traces() -> None:
    """The same schedule is the same, event by event, whatever the indices' files and the clocks do."""
    assert run_cases(BUSY) == run_cases(BUSY)


def test_an_index_that_was_damaged_or_lost_is_what_it_was() -> None:
    """Nodes whose index is overwritten, at work or while they are down, show what the others show."""
    with CaseWorld(seed=31, members=4) as world:
        world.start()
        world.open_case("ash", 1)
        world.run_for(1)
        for slug in ("ash", "birch", "cedar"):
            world.say(slug, "add", (0, 1))
        world.run_for(1)
        world.damage("birch")
        world.kill("cedar")
        world.damage("cedar")
        world.say("ash", "add", (0, 2))
        world.settle()
        assert {len(world.pictures(slug)) for slug in world.nodes} == {1}


def test_what_came_ahead_is_shown_before_it_is_in_its_place() -> None:
    """A report that overtakes two thousand records is shown at once, and once when it is in its place."""
    with CaseWorld(seed=33, members=2) as world:
        world.start()
        world.open_case("birch", 1)
        world.run_for(0.5)
        world.part(["ash"], ["birch"])
        world.write("ash", records=2_500, size_bytes=400)
        world.run_for(8)
        world.heal()
        world.say("ash", "add", (0, 1), urgent=True)
        log = str(world.circle.by_slug["ash"].log)
        while not world.nodes["birch"].store.aheads(log):
            world.run_for(0.05)
        world.look()
        (view,) = world.pictures("birch")
        assert {entry.member for entry in view.timeline} == {"ash", "birch"}
        world.settle()


def test_a_record_that_comes_late_is_found() -> None:
    """Entries may come without their records: these are in pictures and indices as soon as they are here."""
    with CaseWorld(seed=34, members=3, rogue=True) as world:
        world.start()
        world.open_case("ash", 1)
        world.run_for(0.5)
        world.rogue_withholds_from("birch")
        world.run_for(0.2)
        (before,) = world.pictures("birch")
        store = world.nodes["birch"].store
        assert store.has_missing(world.rogue_log)
        while store.has_missing(world.rogue_log):
            world.run_for(1)
        world.settle()
        (view,) = world.pictures("birch")
        assert [len(before.timeline), len(view.timeline)] == [1, 2]


def test_an_erased_record_leaves_pictures_and_indices() -> None:
    """What a member has erased is in no picture, in no list and in no file of an index."""
    with CaseWorld(seed=32, members=4) as world:
        world.start()
        world.open_case("ash", 2)
        world.run_for(1)
        world.say("birch", "add", (0, 1))
        world.run_for(1)
        (added,) = (ref for ref in world.written if ref.log_name.member == "birch")
        word = world.written[added].summary.split()[-1].encode()  # type: ignore[union-attr]
        assert all(word in world.index_file(slug) for slug in world.nodes)
        world.erase(1, 0)
        world.settle()
        for slug in world.nodes:
            assert word not in world.index_file(slug)
            assert added not in {entry.ref for view in world.pictures(slug) for entry in view.timeline}
