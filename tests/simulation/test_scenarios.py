"""Named scenarios: what each attack, and each kind of bad luck, must not achieve. One sentence each."""

import pytest
from tests.simulation.hostile import ATTACKS, LIES
from tests.simulation.invariants import Violation
from tests.simulation.world import World

from tocsin.circles.evidence.forks import verify_fork

pytestmark = pytest.mark.simulation

FORKS = ("fork", "fork of two sizes", "rewrite", "ahead and otherwise")


def _attacked(world: World, attack: str, seconds: float = 20) -> None:
    """Start a world, and let its rogue attack."""
    world.start()
    world.rogue_attacks("behave")
    world.run_for(5)
    world.rogue_attacks(attack)
    world.run_for(seconds)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_keeps_the_others_from_their_work(attack: str) -> None:
    """While a member attacks, what the others write is held by all of them, and all that must hold does."""
    with World(seed=1, rogue=True) as world:
        _attacked(world, attack, seconds=0.5)
        for slug in world.nodes:
            world.write(slug, records=3)
        world.run_for(2)
        assert world.truth.lacking(world.lines) == ""
        world.settle()


@pytest.mark.parametrize("lie", LIES)
def test_no_answer_keeps_the_others_from_their_work(lie: str) -> None:
    """Whatever one member answers, what the others write is held by all of them, also after new starts."""
    with World(seed=2, rogue=True) as world:
        world.rogue_lies(lie)
        world.start()
        for slug in world.nodes:
            world.write(slug, records=3)
        world.run_for(5)
        for slug in world.nodes:
            world.kill(slug)
            world.restart(slug)
        world.run_for(5)
        for slug in world.nodes:
            world.write(slug, records=3)
        world.run_for(2)
        assert world.truth.lacking(world.lines) == ""
        world.settle()


@pytest.mark.parametrize("attack", FORKS)
def test_two_versions_are_found_and_stopped_with_evidence(attack: str) -> None:
    """Whoever shows two versions of its log is stopped at every other member, by evidence that verifies."""
    with World(seed=3, rogue=True) as world:
        _attacked(world, attack)
        for slug, line in world.lines.items():
            followed = line.following.log(world.rogue_log)
            assert followed is not None
            assert followed.stopped, f"{slug} does not know that there are two versions"
            evidence = world.nodes[slug].store.evidence(world.rogue_log)
            assert evidence is not None
            assert verify_fork(evidence, world.circle).first.checkpoint.origin == world.rogue_log
        world.settle()


@pytest.mark.parametrize("attack", sorted(set(ATTACKS) - set(FORKS)))
def test_what_is_no_fork_stops_no_log(attack: str) -> None:
    """An attack that shows no two versions stops nothing: the rogue's own next good push is accepted."""
    with World(seed=4, rogue=True) as world:
        _attacked(world, attack)
        assert not any(store.evidence(world.rogue_log) for store in world.truth.stores.values())


def test_an_author_that_withholds_a_record_gets_no_holder_cosignature() -> None:
    """Nobody signs that it holds a log of which it lacks one record."""
    with World(seed=5, rogue=True) as world:
        _attacked(world, "withhold")
        assert world.rogue is not None
        for slug in world.nodes:
            assert world.truth.cosigned_size(slug, world.rogue_log) < world.rogue.history.size


def test_an_entry_of_another_log_is_not_held_as_this_one_s() -> None:
    """A record copied with its salt and entry from another log counts as missing, and is never cosigned."""
    with World(seed=6, rogue=True) as world:
        world.start()
        world.write("ash", records=2)
        world.run_for(1)
        world.rogue_attacks("copy")
        world.run_for(20)
        assert world.rogue is not None
        for slug, store in world.truth.stores.items():
            assert store.missing(world.rogue_log, 10)
            assert world.truth.cosigned_size(slug, world.rogue_log) < world.rogue.history.size
        world.settle()


@pytest.mark.parametrize("keeper", [1, 2, 3, 4])
def test_any_member_relays_what_its_author_no_longer_can(keeper: int) -> None:
    """A record that reached one member reaches all, although its author never comes back."""
    with World(seed=7) as world:
        world.start()
        author, *others = world.nodes
        kept_by = others[keeper - 1]
        world.part([author, kept_by], [slug for slug in others if slug != kept_by])
        world.write(author)
        world.run_for(1)
        world.cut_power(author)
        world.heal()
        world.run_for(30)
        log = str(world.circle.by_slug[author].log)
        held = {slug: world.truth.stores[slug].edge(log).size for slug in others}
        assert set(held.values()) == {held[kept_by]}
        world.settle()


def test_an_urgent_record_overtakes_a_backlog() -> None:
    """A member that is a thousand records behind gets an urgent one first, and then all the others."""
    with World(seed=11, members=2) as world:
        world.start()
        world.part(["ash"], ["birch"])
        world.write("ash", records=2_500, size_bytes=400)
        world.run_for(8)
        world.heal()
        world.write("ash", urgent=True)
        world.run_for(3)
        log = world.lines["ash"].own.name
        first = world.lines["ash"].own.size - 1
        assert world.truth.received_ahead("birch", log) == [first]
        world.settle()


def test_a_node_restored_from_an_old_copy_writes_no_more() -> None:
    """Whoever lost records of its own log, and hears that others hold them, never writes a second version."""
    with World(seed=8) as world:
        world.start()
        copy = world.nodes["ash"].store.copy()
        world.write("ash")
        world.run_for(1)
        world.kill("ash")
        world.restore("ash", copy)
        world.run_for(5)
        world.write("ash")
        world.run_for(5)
        assert world.lines["ash"].own.halted
        assert not any(store.evidence(world.lines["ash"].own.name) for store in world.truth.stores.values())


def test_a_full_disk_stops_only_its_own_writes_until_there_is_room() -> None:
    """A node without room refuses its own records, and goes on by itself when there is room."""
    with World(seed=9) as world:
        world.start()
        world.leave_room("ash", 0)
        world.write("ash")
        world.write("birch")
        world.run_for(1)
        assert world.lines["birch"].own.held["cedar"].size == world.lines["birch"].own.size
        assert world.lines["ash"].own.halted is None
        world.leave_room("ash", None)
        world.write("ash")
        world.run_for(10)
        assert world.truth.lacking(world.lines) == ""
        world.settle()


def test_a_disk_that_lies_about_its_syncs_is_caught() -> None:
    """The simulation sees what is not durable: on a disk that never syncs, the first promise is broken."""
    with World(seed=10) as world:
        world.nodes["ash"].store.lies = True
        with pytest.raises(Violation, match=r"durably|synced"):
            world.start()
