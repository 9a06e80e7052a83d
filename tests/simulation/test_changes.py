"""Circles that change, by name: keys that are replaced or stolen, disks that burn, members that go."""

import pytest
from tests.simulation.invariants import Violation
from tests.simulation.world import World

from tocsin.circles.events import Event, Recovered, SetAside, Voided
from tocsin.circles.founding.circle import void_from

pytestmark = pytest.mark.simulation


def _log(world: World, slug: str, epoch: int = 1) -> str:
    return f"{str(world.circle.by_slug[slug].log).rpartition('/')[0]}/{epoch}"


def _begun(world: World) -> World:
    world.start()
    for slug in world.nodes:
        world.write(slug, records=3)
    world.run_for(2)
    return world


def test_a_new_epoch_goes_on_where_the_one_before_ended() -> None:
    """After a rotation the member writes its new log, all hold both, and know how the old one ended."""
    with World(seed=21) as world:
        _begun(world)
        world.offices.rotate("ash")
        world.run_for(2)
        world.write("ash", records=2)
        world.settle()
        for line in world.lines.values():
            assert line.circle.by_slug["ash"].log.epoch == 2
            end = line.circle.by_log[_log(world, "ash")].end
            assert end is not None
            assert end.exact


def test_a_change_is_known_everywhere_within_seconds() -> None:
    """What one member adopts, all others that can be reached know within two seconds."""
    with World(seed=22) as world:
        _begun(world)
        world.offices.rotate("ash")
        world.run_for(2)
        assert {line.circle == world.circle_now for line in world.lines.values()} == {True}


def test_a_change_reaches_those_whom_its_author_does_not() -> None:
    """Any member brings an event to any other."""
    with World(seed=23) as world:
        _begun(world)
        for other in ("cedar", "elm", "fir"):
            world.cut("ash", other)
            world.cut(other, "ash")
        world.offices.rotate("ash")
        world.run_for(120)
        assert {line.circle == world.circle_now for line in world.lines.values()} == {True}


def test_no_write_is_lost_or_doubled_while_the_circle_changes() -> None:
    """Records that are written while epochs begin are all held by all, each once."""
    with World(seed=24) as world:
        _begun(world)
        for slug in world.nodes:
            world.write(slug, records=20)
            world.offices.rotate(slug)
            world.write(slug, records=20)
            world.run_for(0.01)
        world.settle()
        acknowledged = [record for kept in world.truth.acknowledged_records.values() for record in kept]
        assert len(acknowledged) == len(set(acknowledged)) > 5 * 20


def _stolen(world: World, back: int) -> World:
    """A thief writes on, to birch and cedar, from where these two are, which ash was further by so many."""
    _begun(world)
    world.part(["birch", "cedar"], ["ash", "elm", "fir"])
    world.write("ash", records=back)
    world.run_for(0.5)
    world.rogue_steals(
        "ash",
        world.lines["ash"].own.size - world.truth.cosigned_size("birch", _log(world, "ash")),
        4,
        ("birch", "cedar"),
    )
    world.run_for(0.5)
    world.heal()
    world.offices.rotate("ash", "compromised")
    return world


@pytest.mark.parametrize("back", [0, 2])
def test_stolen_keys_are_replaced_and_what_they_wrote_is_void(back: int) -> None:
    """Others took records of a thief; after the new epoch, all hold what the member wrote, and only that."""
    with World(seed=25, rogue=True) as world:
        _stolen(world, back)
        world.run_for(30)
        world.write("ash")
        world.settle()
        kind: type[Event] = SetAside if back else Voided
        found = {slug for slug, heard in world.events.items() if any(isinstance(e, kind) for e in heard)}
        assert found.issuperset({"birch", "cedar"})


def test_what_a_thief_wrote_beyond_the_end_is_kept_as_evidence() -> None:
    """A checkpoint beyond the end is refused by its name, and one is kept."""
    with World(seed=26, rogue=True) as world:
        _stolen(world, 0).run_for(30)
        line, log = world.lines["birch"], _log(world, "ash")
        followed = line.following.log(log)
        assert followed is not None
        assert followed.voided is not None
        assert followed.voided.start == void_from(followed.member) == followed.size
        assert line.void_evidence(log) is not None


def test_a_follower_that_held_the_other_branch_never_confirms_that_epoch_again() -> None:
    """What was held is kept under a name of its own, and no holder cosignature of the log follows."""
    with World(seed=27, rogue=True) as world:
        _stolen(world, 2).settle()
        log = _log(world, "ash")
        for slug in ("birch", "cedar"):
            store = world.truth.stores[slug]
            aside = store.head(f"{log}/aside/1")
            assert aside is not None
            followed = world.lines[slug].following.log(log)
            assert followed is not None
            assert followed.complete
            assert not followed.may_be_confirmed


def test_a_burnt_disk_comes_back_from_the_others() -> None:
    """On a new disk with new keys, a member gets back its own log and all others', and writes on."""
    with World(seed=28) as world:
        _begun(world)
        before = world.lines["ash"].own.size
        world.offices.burn("ash")
        world.run_for(20)
        line = world.lines["ash"]
        followed = line.following.log(_log(world, "ash"))
        assert followed is not None
        assert followed.size == before
        assert any(isinstance(event, Recovered) for event in world.events["ash"])
        world.write("ash")
        world.settle()


def test_a_longer_tail_that_turns_up_later_is_authentic() -> None:
    """Who was away held more of a lost log than its end says; all take it from there."""
    with World(seed=29) as world:
        _begun(world)
        world.part(["ash", "birch"], ["cedar", "elm", "fir"])
        world.write("ash", records=5)
        world.run_for(1)
        log, held = _log(world, "ash"), world.lines["ash"].own.size
        world.kill("birch")
        world.heal()
        world.offices.burn("ash")
        world.run_for(20)
        end = world.circle_now.by_log[log].end
        assert end is not None
        assert end.size < held
        world.restart("birch")
        world.settle()
        for slug, line in world.lines.items():
            followed = line.following.log(log)
            assert followed is not None
            assert followed.size == held, slug


def test_a_node_that_lost_records_gets_them_back_before_its_new_epoch() -> None:
    """A restored node writes nothing, takes its own records from others, and says that it does."""
    with World(seed=30) as world:
        _begun(world)
        copy = world.nodes["ash"].store.copy()
        world.write("ash", records=4)
        world.run_for(1)
        size = world.lines["ash"].own.size
        world.kill("ash")
        world.restore("ash", copy)
        world.run_for(20)
        line = world.lines["ash"]
        assert line.own.halted is not None
        assert line.own.size == size
        assert any(isinstance(event, Recovered) for event in world.events["ash"])
        world.kill("ash")
        world.restart("ash")
        world.run_for(5)
        assert world.lines["ash"].own.halted is not None


def test_a_member_that_left_gets_nothing_more() -> None:
    """What is written after a member left does not reach it, and the others need no confirmation of it."""
    with World(seed=31) as world:
        _begun(world)
        world.offices.leave("ash")
        world.run_for(5)
        world.write("birch")
        world.run_for(1)
        world.settle()
        held = world.lines["ash"].following.log(_log(world, "birch"))
        assert held is not None
        assert held.size < world.lines["birch"].own.size


def test_a_suspended_member_gets_nothing_until_it_is_spoken_to_again() -> None:
    """Neither pushes nor answers but a refusal; the others bring it what it lacks, and its own word here."""
    with World(seed=32, members=2) as world:
        _begun(world)
        world.offices.suspend("ash", "birch", ends=False)
        world.run_for(1)
        world.write("ash")
        world.write("birch")
        world.run_for(10)
        assert "birch" not in world.lines["ash"].senders
        held = world.lines["birch"].following.log(_log(world, "ash"))
        assert held is not None
        assert held.size < world.lines["ash"].own.size
        assert world.lines["birch"].senders["ash"].trouble is not None
        world.settle()


def _early(world: World, slug: str) -> list[int]:
    """The records of ash's log that a newcomer has, from before it joined."""
    log = world.lines["ash"].own.member.log
    low = world.circle_now.entitled_from(slug, log)
    assert low > 1
    store = world.nodes[slug].store
    return [index for index in range(low) if store.record(str(log), index)[2] is not None]


@pytest.mark.parametrize("observer", [True, False])
def test_who_joins_during_a_partition_holds_what_all_hold(*, observer: bool) -> None:
    """It gets all logs, confirms them, and has no record from before its cuts; as a member it counts."""
    with World(seed=33, members=4) as world:
        _begun(world)
        world.part(["ash", "birch"], ["cedar", "elm"])
        world.offices.join("ash", observer=observer)
        for slug in world.nodes:
            world.write(slug, records=2)
        world.run_for(3)
        world.heal()
        world.offices.promote("cedar")
        world.write("hazel")
        world.settle()
        assert not world.circle_now.by_slug["hazel"].observer
        assert _early(world, "hazel") == []


def test_a_record_from_before_one_joined_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulation sees a newcomer that was given what it may not have."""
    monkeypatch.setattr("tocsin.circles.authoring.sending.entitled", lambda chunk, *_: chunk)
    with World(seed=34, members=3) as world:
        _begun(world)
        world.offices.join("ash", observer=True)
        with pytest.raises(Violation, match="from before it joined"):
            world.settle()
