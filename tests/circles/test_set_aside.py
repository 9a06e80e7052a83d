"""Setting another version of a log aside: what was erased stays erased, and what is held stays held."""

from tests.circles.lines import Lines, Puppet
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.environment import Environment
from tocsin.circles.following.asides import set_aside
from tocsin.log.committer import Committer

COMMON = 20
ERASED = {*range(1, 14)}
HELD = {2, 12}


def _held(puppet: Puppet) -> MemoryStore:
    """A store with a log of thirty records, of which some were erased, and some of these are held."""
    puppet.history.write(*(puppet.note(f"No. {number:03}") for number in range(1, 30)))
    chunk = puppet.history.push().chunk
    store, todo = MemoryStore("held"), set(ERASED)
    with store.transaction():
        store.create(puppet.log)
        store.extend(puppet.log, 0, store.edge(puppet.log).extend(chunk.entries), chunk)
        while todo:
            todo -= store.erase(puppet.log, todo, keeping=HELD)
    return store


def _environment(lines: Lines, store: MemoryStore) -> Environment:
    return Environment(
        store=store,
        committer=Committer(store, lambda _: None),
        wire=lines.outlet("nobody"),
        clock=lines.start("cedar").line._environment.clock,
        chance=lines.desks["cedar"].line._environment.chance,
        on_event=lambda _: None,
        on_fault=lambda _: None,
    )


def test_what_both_have_in_common_is_in_one_place_alone() -> None:
    """However many entries there are: an erasure later finds each record once, and none comes back."""
    with Lines() as lines:
        birch = lines.puppet("birch")
        store = _held(birch)
        lines.run(set_aside(birch.log, COMMON, _environment(lines, store), entitled_from=0))
        aside = f"{birch.log}/aside/1"
        assert set(store.erased(birch.log, 0, COMMON)) == ERASED
        assert store.missing(birch.log, 99) == []
        assert [index for index in range(30) if store.record(aside, index)[2] is not None] == [*range(20, 30)]
        assert {index for index in range(COMMON) if store.set_apart(birch.log, index)} == HELD
        assert not any(store.set_apart(aside, index) for index in range(30))
        for index in HELD:
            assert f"No. {index:03}".encode() in (store.set_apart(birch.log, index) or (b"", b""))[1]


def test_what_lies_below_ones_cuts_is_not_missing_afterwards() -> None:
    """Of the common entries, a member that joined waits for those records alone that it may have."""
    with Lines() as lines:
        birch = lines.puppet("birch")
        birch.history.write(*(birch.note(f"No. {number:03}") for number in range(1, 9)))
        chunk, store = birch.history.push().chunk.without(frozenset({0, 1, 2, 5})), MemoryStore("joined")
        with store.transaction():
            store.create(birch.log)
            store.extend(birch.log, 0, store.edge(birch.log).extend(chunk.entries), chunk)
            store.pass_over(birch.log, 3)
        lines.run(set_aside(birch.log, 7, _environment(lines, store), entitled_from=3))
        assert store.missing(birch.log, 99) == [5]
