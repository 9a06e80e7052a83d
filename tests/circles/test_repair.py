"""Filling gaps from whoever can, and passing on evidence (docs/protocol.md, sections 10.2 and 12)."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.circles.lines import LATER, Desk, Lines, Puppet, codes, held
from tests.simulation.hostile import History

from tocsin.circles.evidence.forks import verify_fork
from tocsin.circles.following.repair import EVERY_S
from tocsin.circles.wire.answers import (
    Answer,
    Bodies,
    Body,
    Checkpoints,
    Hashes,
    Later,
    Missing,
    Pushed,
    SizeHeld,
)
from tocsin.circles.wire.messages import BodiesRequest, Pull
from tocsin.circles.wire.protocol import Path, Request
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.tree import MAX_SIZE


def paths(puppet: Puppet) -> list[str]:
    """What a puppet was asked, without pushes."""
    return [request.path for request in puppet.asked if request.path not in {Path.PUSH, Path.ADD_CHECKPOINT}]


def _without(birch: Puppet, *indices: int) -> None:
    push = birch.history.push()
    answer = birch.push("ash", replace(push, chunk=push.chunk.without(frozenset(indices))))
    assert isinstance(answer, Missing)


def test_a_record_that_its_author_withheld_comes_from_another_member(lines: Lines) -> None:
    """What is missing is asked of the members in turn, whoever wrote it."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.start("cedar")
    birch.history.write(*(birch.note(f"{number}") for number in range(3)))
    assert held(birch, birch.push("ash", birch.history.push()))
    push = birch.history.push()
    assert birch.push("cedar", replace(push, chunk=push.chunk.without(frozenset({1, 3})))) == Missing(
        4, (1, 3)
    )

    lines.run_for(3 * EVERY_S)

    assert not cedar.follows("birch").incomplete
    assert [reading.index for reading in cedar.readings("birch")] == [0, 2, 1, 3]
    assert ash.store.chunk(birch.log, 0, 9, 2**20) == cedar.store.chunk(birch.log, 0, 9, 2**20)


Gives = Callable[[Puppet], Answer]


def _bodies(birch: Puppet, *wanted: int) -> Answer:
    chunk = birch.history.push().chunk
    return Bodies(tuple(Body(i, chunk.salt(i), chunk.body(i) or b"") for i in wanted))


WRONG_BODIES: dict[str, Gives] = {
    "none": lambda _: Bodies(()),
    "another's record": lambda b: Bodies((replace(_first(b), record=b"x"),)),
    "another salt": lambda b: Bodies((replace(_first(b), salt=bytes(32)),)),
    "another place": lambda b: Bodies((replace(_first(b), index=2),)),
    "one that is here": lambda b: _bodies(b, 0, 2),
    "one beyond": lambda b: Bodies((replace(_first(b), index=MAX_SIZE),)),
    "no bodies": lambda _: SizeHeld(9),
}


def _first(birch: Puppet) -> Body:
    answer = _bodies(birch, 1)
    assert isinstance(answer, Bodies)
    return answer.bodies[0]


@pytest.mark.parametrize("gives", WRONG_BODIES.values(), ids=WRONG_BODIES.keys())
def test_only_the_record_of_its_entry_fills_a_gap(lines: Lines, gives: Gives) -> None:
    """Whatever else is given for a missing record leaves it missing; the right one is taken when it comes."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(*(birch.note(f"{number}") for number in range(3)))
    _without(birch, 1)
    birch.says = lambda request: gives(birch) if request.path == Path.BODIES else LATER
    lines.run_for(3 * EVERY_S)
    assert Path.BODIES in paths(birch)
    assert ash.store.missing(birch.log, 9) == [1]

    birch.says = lambda request: _bodies(birch, 1) if request.path == Path.BODIES else LATER
    lines.run_for(3 * EVERY_S)
    assert ash.store.missing(birch.log, 9) == []


def test_records_missing_far_apart_are_filled_in_the_end(lines: Lines) -> None:
    """A request names what is near each other; what lies further on is asked for when that is there."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    for _ in range(3):
        birch.history.write(*(birch.note(f"{number}") for number in range(800)))
    missing = frozenset({1, 700, 1_500, 2_300})
    for first in (0, 1_000, 2_000):
        push = birch.history.push(first, min(first + 1_000, birch.history.size))
        here = frozenset(index for index in missing if first <= index < push.chunk.end)
        birch.push("ash", replace(push, chunk=push.chunk.without(here)))
    cedar = lines.start("cedar")
    birch.says = lambda _: LATER
    for first in (0, 1_000, 2_000):
        birch.push("cedar", birch.history.push(first, min(first + 1_000, birch.history.size)))

    assert list(ash.line.following.missing(birch.log)) == [1, 700]
    lines.run_for(8 * EVERY_S)

    assert cedar.follows("birch").size == 2_401
    assert not ash.follows("birch").incomplete


def test_entries_come_from_another_member_when_their_author_is_gone(lines: Lines) -> None:
    """A log that is known to be longer is pulled from the members in turn, all of what they hold."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    for _ in range(3):
        birch.history.write(*(birch.note(f"{number}") for number in range(700)))
    for first in (0, 1_000, 2_000):
        birch.push("ash", birch.history.push(first, min(first + 1_000, birch.history.size)))
    assert ash.follows("birch").size == 2_101
    birch.says = lambda _: None

    cedar = lines.start("cedar")
    lines.run_for(10 * EVERY_S)

    assert cedar.follows("birch").size == 2_101
    assert cedar.follows("birch").known == {}


def test_nothing_is_pulled_while_a_log_gets_further(lines: Lines) -> None:
    """An author has its time: only a log that stood still since the last look is pulled."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.history.write(*(birch.note(f"{number}") for number in range(9)))
    birch.push("ash", birch.history.push(0, 1))
    for end in range(2, 9):
        lines.run_for(EVERY_S / 2)
        birch.push("ash", birch.history.push(end - 1, end))
    assert Path.PULL not in [*paths(birch), *paths(cedar)]
    lines.run_for(4 * EVERY_S)
    assert {Path.PULL} <= {*paths(birch), *paths(cedar)}
    assert ash.follows("birch").size == 8


PULLED: dict[str, Callable[[Puppet, Puppet], Answer]] = {
    "nothing": lambda birch, _: SizeHeld(birch.history.size),
    "another log": lambda _, cedar: Pushed(cedar.history.push()),
    "other entries": lambda birch, _: Pushed(
        replace(birch.history.push(1), chunk=Chunk.make(1, [(bytes(32), bytes(32), b"x")] * 9))
    ),
    "the same again": lambda birch, _: Pushed(birch.history.push(0, 1)),
    "a gap": lambda birch, _: Pushed(birch.history.push(5)),
    "later": lambda _, __: Later(0),
}


@pytest.mark.parametrize("pulled", PULLED.values(), ids=PULLED.keys())
def test_a_member_that_gives_what_does_not_help_is_passed_over(
    lines: Lines, pulled: Callable[[Puppet, Puppet], Answer]
) -> None:
    """It is asked once in its turn, and neither held nor stopped for it is anything."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.history.write(*(birch.note(f"{number}") for number in range(9)))
    birch.push("ash", birch.history.push(0, 1))
    cedar.says = lambda request: pulled(birch, cedar) if request.path == Path.PULL else LATER
    lines.run_for(10 * EVERY_S)

    assert 2 <= paths(cedar).count(Path.PULL) <= 10
    assert (ash.follows("birch").size, ash.follows("birch").stopped) == (1, False)
    assert held(birch, birch.push("ash", birch.history.push()))


def test_in_each_look_another_member_is_asked(lines: Lines) -> None:
    """Nobody is asked for the same log for ever, its author is asked like the others."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    birch.history.write(birch.note("a"))
    _without(birch, 1)
    lines.run_for(6.5 * EVERY_S)
    asked = [paths(puppet).count(Path.BODIES) for puppet in (birch, cedar)]
    assert asked == [3, 3]


def test_a_silent_member_keeps_no_other_log_waiting(lines: Lines) -> None:
    """Each log is looked at by itself."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    for puppet in (birch, cedar):
        puppet.history.write(puppet.note("a"))
        _without(puppet, 1)
    birch.says = lambda _: None
    asked = BodiesRequest(cedar.log, (1,)).encode()
    cedar.says = lambda request: _bodies(cedar, 1) if request.body == asked else None
    lines.run_for(2.5 * EVERY_S)

    assert ash.follows("birch").incomplete
    assert not ash.follows("cedar").incomplete


def test_a_gap_that_finds_no_room_waits(lines: Lines) -> None:
    """Without room for a missing record it stays missing, which is no fault; with room it comes."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(birch.note("a"))
    _without(birch, 1)
    birch.says = lambda request: _bodies(birch, 1) if request.path == Path.BODIES else LATER
    ash.store.room_bytes = 0
    lines.run_for(5 * EVERY_S)
    assert ash.follows("birch").incomplete
    ash.store.room_bytes = None
    lines.run_for(3 * EVERY_S)
    assert not ash.follows("birch").incomplete


# --- evidence ---


def _versions(birch: Puppet, one: int, other: int) -> tuple[History, History]:
    birch.history.write(birch.note("common"))
    first, second = birch.history.branch(1), birch.history.branch(1)
    first.write(*(birch.note(f"one {number}") for number in range(one)))
    second.write(*(birch.note(f"other {number}") for number in range(other)))
    return first, second


def _part(lines: Lines) -> None:
    lines.wire.cut("ash", "cedar")
    lines.wire.cut("cedar", "ash")


def _stopped(desk: Desk, lines: Lines) -> bool:
    evidence = desk.store.evidence(lines.log("birch"))
    if evidence:
        verify_fork(evidence, lines.circle)
    return desk.follows("birch").stopped and evidence is not None


@pytest.mark.parametrize(("one", "other"), [(1, 1), (1, 4), (3, 5), (4, 1), (7, 2), (3, 12)])
def test_whoever_holds_either_version_stops_the_log(lines: Lines, one: int, other: int) -> None:
    """Two versions shown to two members, of any two sizes: both find out from each other."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.start("cedar")
    first, second = _versions(birch, one, other)
    _part(lines)
    assert codes([birch.push("ash", first.push()), birch.push("cedar", second.push())]) == ["Held", "Held"]
    lines.wire.heal()
    lines.run_for(10 * EVERY_S)

    assert _stopped(ash, lines)
    assert _stopped(cedar, lines)


def test_whoever_holds_neither_version_stops_the_log() -> None:
    """A member that was shown nothing learns of both versions, and stops the log as well."""
    chosen = tuple((slug, slug.title(), "KR") for slug in ("ash", "birch", "cedar", "elm"))
    with Lines(chosen=chosen) as lines:
        desks = [lines.start(slug) for slug in ("ash", "cedar", "elm")]
        birch = lines.puppet("birch")
        first, second = _versions(birch, 3, 6)
        birch.push("ash", first.push())
        birch.push("cedar", second.push())
        lines.run_for(10 * EVERY_S)
        assert [_stopped(desk, lines) for desk in desks] == [True] * 3


def test_evidence_reaches_whom_nobody_can_give_the_other_version(lines: Lines) -> None:
    """Where nobody holds the second version, because it was shown as rewritten, the evidence is passed on."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.start("cedar")
    first, second = _versions(birch, 3, 6)
    for desk in ("ash", "cedar"):
        assert codes([birch.push(desk, first.push())]) == ["Held"]
    assert codes([birch.push("ash", second.push(1))]) == ["fork"]
    lines.run_for(10 * EVERY_S)

    assert _stopped(ash, lines)
    assert _stopped(cedar, lines)


def test_who_was_away_is_told_when_it_is_back(lines: Lines) -> None:
    """Both checkpoints are told again until they have been taken."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.start("cedar")
    first, second = _versions(birch, 2, 2)
    for desk in ("ash", "cedar"):
        birch.push(desk, first.push())
    lines.run_for(5)
    _part(lines)
    assert codes([birch.push("ash", second.push())]) == ["fork"]
    lines.run_for(30)
    assert not cedar.follows("birch").stopped
    lines.wire.heal()
    lines.run_for(10)

    assert _stopped(cedar, lines)


def test_false_evidence_stops_nothing(lines: Lines) -> None:
    """Two checkpoints and hashes count only if they show two versions, by the log's own signatures."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.history.write(*(birch.note(f"{number}") for number in range(9)))
    birch.push("ash", birch.history.push(0, 4))
    forged = History(birch.log, birch.keys.log, birch.history._chance)
    forged.write(b"forged")
    signed = birch.history.checkpoint(4).note
    false = replace(forged.checkpoint().note, signatures=signed.signatures).encode()
    pairs = iter([(signed.encode(), birch.history.checkpoint(6).note.encode()), (signed.encode(), false)] * 9)
    hashes = birch.history.push(4, 4, 6).consistency

    def says(request: Request) -> Answer:
        if request.path == Path.CHECKPOINTS:
            return Checkpoints(next(pairs))
        return (
            Hashes((birch.history.checkpoint(4).checkpoint.root, *hashes))
            if request.path == Path.PROOF
            else Later(9)
        )

    cedar.says = says
    lines.run_for(20 * EVERY_S)

    assert {Path.PULL, Path.CHECKPOINTS, Path.PROOF} <= set(paths(cedar))
    assert not ash.follows("birch").stopped
    assert held(birch, birch.push("ash", birch.history.push()))


def test_a_pull_of_nothing_is_answered(lines: Lines) -> None:
    """A request for no entries at all, in the middle of what is held, is answered."""
    lines.start("ash")
    birch = lines.puppet("birch")
    birch.history.write(*(birch.note(f"{number}") for number in range(9)))
    birch.push("ash", birch.history.push())
    answer = birch.call("ash", Path.PULL, Pull(birch.log, 5, 0).encode())
    assert isinstance(answer, Pushed)
    assert answer.push.chunk.count == 0
