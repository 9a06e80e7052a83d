"""Two versions of one log: found however they are shown, and stopped (docs/protocol.md, sections 9.2, 12)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.circles.lines import Lines, Puppet, codes, held
from tests.simulation.hostile import History
from tests.simulation.memory_store import MemoryStore
from tests.simulation.wire import Weather

from tocsin.circles.events import TwoVersions
from tocsin.circles.evidence.forks import verify_fork
from tocsin.circles.following.followed import MAX_KNOWN
from tocsin.circles.wire.answers import (
    Answer,
    ReceivedAhead,
    SizeHeld,
)
from tocsin.circles.wire.protocol import Path
from tocsin.core import keys as core_keys
from tocsin.core.tlog.checkpoint import cosign, with_signatures
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.store import StorageFull

Shows = Callable[[Puppet, History], list[Answer]]


def _same_size(birch: Puppet, other: History) -> list[Answer]:
    return [birch.push("ash", other.push())]


def _smaller(birch: Puppet, other: History) -> list[Answer]:
    return [birch.push("ash", other.push(0, 4, 4))]


def _larger(birch: Puppet, other: History) -> list[Answer]:
    other.write(birch.note("more"))
    return [birch.push("ash", other.push())]


def _told_the_same_size(birch: Puppet, other: History) -> list[Answer]:
    return [birch.tell("ash", other.checkpoint().note.encode()), birch.push("ash", birch.history.push())]


def _told_a_smaller_size(birch: Puppet, other: History) -> list[Answer]:
    return [birch.tell("ash", other.checkpoint(4).note.encode()), birch.push("ash", birch.history.push())]


def _told_a_larger_size(birch: Puppet, other: History) -> list[Answer]:
    """It is found when the log has grown past it, also where that size was never held."""
    other.write(birch.note("more"), birch.note("and more"))
    told = birch.tell("ash", other.checkpoint().note.encode())
    birch.history.write(*(birch.note(f"{number}") for number in range(4)))
    return [told, birch.push("ash", birch.history.push())]


def _ahead(birch: Puppet, other: History) -> list[Answer]:
    other.write(birch.note("more"), birch.note("urgent"))
    common = birch.history.branch(birch.history.size)
    common.write(birch.note("x"), birch.note("y"))
    ahead = birch.ahead("ash", common.ahead(common.size - 1, birch.history.size))
    assert isinstance(ahead, ReceivedAhead)
    return [birch.ahead("ash", other.ahead(other.size - 1, birch.history.size))]


SHOWS: dict[str, Shows] = {
    "same size": _same_size,
    "smaller": _smaller,
    "larger, from before": _larger,
    "told the same size": _told_the_same_size,
    "told a smaller size": _told_a_smaller_size,
    "told a larger size": _told_a_larger_size,
    "ahead": _ahead,
}


@pytest.mark.parametrize("shows", SHOWS.values(), ids=SHOWS.keys())
def test_a_log_that_shows_two_versions_is_stopped_with_evidence(lines: Lines, shows: Shows) -> None:
    """However two versions are shown, the log is stopped for good, by evidence that anyone can verify."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    other = birch.history.branch(2 if birch.history.size > 2 else 1)
    birch.history.write(*(birch.note(f"{number}") for number in range(4)))
    other.write(*(birch.note(f"other {number}") for number in range(4)))
    assert held(birch, birch.push("ash", birch.history.push()))
    size = birch.history.size

    answers = shows(birch, other)

    assert codes(answers)[-1] in {"fork", "log-stopped"}
    assert [event.log for event in ash.heard(TwoVersions)] == [birch.log]
    assert ash.follows("birch").stopped
    evidence = ash.store.evidence(birch.log)
    assert evidence is not None
    fork = verify_fork(evidence, lines.circle)
    assert ash.store.edge(birch.log).size >= size

    ash.restart()
    birch.history.write(birch.note())
    assert codes([birch.push("ash", birch.history.push())]) == ["log-stopped"]
    assert set(ash.follows("birch").shown()) == {fork.first.note.encode(), fork.second.note.encode()}


def test_entries_under_a_root_that_nobody_signed_are_no_fork(lines: Lines) -> None:
    """Entries that differ from those held show nothing unless the log's key signed where they lead."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.history.write(birch.note("a"), birch.note("b"))
    birch.push("ash", birch.history.push())
    other = birch.history.branch(1)
    other.write(birch.note("c"), birch.note("d"))
    forged = replace(other.push(), checkpoint=birch.history.checkpoint().note.encode())

    assert codes([cedar.push("ash", forged)]) == ["wrong-root"]
    assert not ash.follows("birch").stopped


def test_a_holder_signs_no_root_but_that_of_what_it_holds(lines: Lines) -> None:
    """Entries held on the way to a larger checkpoint are not confirmed under another root of their size."""
    lines.start("ash")
    birch = lines.puppet("birch")
    birch.history.write(*(birch.note(f"{number}") for number in range(9)))
    assert birch.push("ash", birch.history.push(0, 6)) == SizeHeld(6)

    other = birch.history.branch(3)
    other.write(*(birch.note(f"other {number}") for number in range(3)))
    false = birch.history.sign(6, bytes(32)).note.encode()
    answers = [
        birch.push("ash", other.push(0, 3)),
        birch.push("ash", replace(birch.history.push(6, 6, 6), checkpoint=other.push().checkpoint)),
        birch.push("ash", replace(birch.history.push(0, 6, 6), checkpoint=other.push().checkpoint)),
    ]

    assert codes(answers) == ["wrong-root"] * 3
    assert codes([birch.tell("ash", false)]) == ["log-stopped"]


def test_a_false_root_of_what_is_held_is_evidence_once_the_log_has_grown(lines: Lines) -> None:
    """Entries held on the way to a larger checkpoint, and a false root of their size: in the end, a fork."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(*(birch.note(f"{number}") for number in range(9)))
    birch.push("ash", birch.history.push(0, 6))
    false = birch.history.sign(6, bytes(32)).note.encode()
    assert codes([birch.push("ash", replace(birch.history.push(6, 6, 6), checkpoint=false))]) == [
        "wrong-root"
    ]
    # When what is held has been signed, the two do not fit.
    assert codes([birch.push("ash", birch.history.push())]) == ["fork"]
    assert ash.follows("birch").stopped


def test_two_versions_beyond_what_is_held_stop_the_log_once_one_is(lines: Lines) -> None:
    """Two checkpoints ahead of what is held are kept; the one that the log does not come to is evidence."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    other = birch.history.branch(1)
    birch.history.write(*(birch.note(f"{number}") for number in range(8)))
    other.write(*(birch.note(f"other {number}") for number in range(5)))
    birch.push("ash", birch.history.push(0, 1), other.checkpoint().note.encode())

    assert birch.push("ash", birch.history.push(1, 4)) == SizeHeld(4)
    ash.restart()
    assert codes([birch.push("ash", birch.history.push())]) == ["fork"]
    assert ash.follows("birch").stopped


def test_versions_are_compared_although_a_huge_one_is_known(lines: Lines) -> None:
    """A member cannot hide its versions behind a checkpoint that nobody will ever hold."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    birch.history.write(birch.note("one"))
    huge = birch.history.sign(MAX_SIZE, bytes(32)).note.encode()
    birch.push("ash", birch.history.push(), huge)
    lines.run_for(2)

    told = [note for push in cedar.pushed() for note in push.newest]

    assert {birch.history.checkpoint().note.encode(), huge} <= set(told)


def test_checkpoints_that_are_known_ahead_are_bounded(lines: Lines) -> None:
    """A member that signs any number of checkpoints fills neither memory nor disk."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push())
    false = [birch.history.sign(1_000 + number, bytes(32)) for number in range(3 * MAX_KNOWN)]
    for start in range(0, len(false), 50):
        birch.tell("ash", *(signed.note.encode() for signed in false[start : start + 50]))
    for signed in false[-3:]:
        birch.push("ash", replace(birch.history.push(1, 1), checkpoint=signed.note.encode()))

    assert len(ash.follows("birch").known) == MAX_KNOWN
    assert len(ash.store.checkpoints_above(birch.log, -1)) <= MAX_KNOWN + 1
    birch.history.write(birch.note())
    assert held(birch, birch.push("ash", birch.history.push()))


def test_a_checkpoint_is_kept_with_its_log_s_signature_alone(lines: Lines) -> None:
    """What a member puts beside its signature is not passed on to others."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    signed = birch.history.checkpoint()
    long = with_signatures(signed, [cosign(signed.checkpoint, birch.keys.witness, 1)])
    birch.push("ash", replace(birch.history.push(), checkpoint=long.note.encode()))

    assert ash.follows("birch").shown() == (signed.note.encode(),)
    assert ash.store.newest_checkpoint(birch.log) == signed.note.encode()


def test_what_is_said_again_costs_no_signature(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newest checkpoint that is held or known already is not verified again."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(birch.note("a"), birch.note("b"))
    notes = [birch.history.checkpoint(size).note.encode() for size in (1, 2, 3)]
    birch.push("ash", birch.history.push())
    ahead = birch.history.sign(9, bytes(32)).note.encode()
    birch.tell("ash", ahead)
    verified: list[bytes] = []
    real = core_keys.ed25519_verify

    def watched(public: bytes, message: bytes, signature: bytes) -> bool:
        verified.append(message)
        return real(public, message, signature)

    monkeypatch.setattr(core_keys, "ed25519_verify", watched)
    lines.run(ash.line.following.learn([*notes, ahead]))

    assert verified == []


def test_foreign_and_false_notes_among_the_newest_are_passed_over(lines: Lines) -> None:
    """What is no checkpoint of a followed log stops no log, and keeps no other note from being heard."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.push("ash", birch.history.push())
    other = birch.history.branch(0)
    other.write(birch.note("other"))
    forged = History(birch.log, birch.keys.log, birch.history._chance)
    forged.write(b"x")
    bad = replace(forged.checkpoint().note, signatures=birch.history.checkpoint().note.signatures).encode()
    garbage = [b"x", b"\xff" * 99, birch.log.encode() + b"\n", ash.log.encode() + b"\n\n", b"\n", bad]

    assert cedar.tell("ash", *garbage) == SizeHeld(0)
    assert not ash.follows("birch").stopped
    cedar.tell("ash", *garbage, other.checkpoint().note.encode())
    assert ash.follows("birch").stopped


def test_a_push_that_waited_while_its_log_was_stopped_is_refused(lines: Lines) -> None:
    """Nothing is accepted of a log once it is stopped, not even what was already on its way."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    other = birch.history.branch(1)
    birch.history.write(birch.note("one"))
    other.write(birch.note("other"))
    birch.push("ash", birch.history.push())
    birch.history.write(birch.note("more"))
    lines.wire.weather = Weather(0.001, 0.001)

    async def both() -> list[Answer]:
        calls = [(birch, other.push()), (cedar, birch.history.push(2))]
        return await asyncio.gather(*(by.calling("ash", Path.PUSH, push.encode()) for by, push in calls))

    assert codes(lines.run(both())) == ["fork", "log-stopped"]
    assert ash.store.edge(birch.log).size == 2


def test_a_push_and_a_fork_that_come_together_are_no_fault(lines: Lines) -> None:
    """Pushes, newest checkpoints and records ahead of one log, all at once, are done one after the other."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.push("ash", birch.history.push())
    other = birch.history.branch(1)
    other.write(birch.note("other"), birch.note("more"))
    birch.history.write(*(birch.note(f"{number}") for number in range(3)))
    told = replace(birch.history.push(0, 0), checkpoint=b"", newest=(other.checkpoint().note.encode(),))

    lines.wire.weather = Weather(0.001, 0.001)

    async def all_at_once() -> list[Answer]:
        calls = []
        for push in (birch.history.push(1), told, birch.history.push(1, 2), other.push(1), told):
            calls += [puppet.calling("ash", Path.PUSH, push.encode()) for puppet in (birch, cedar)]
        calls += [birch.calling("ash", Path.AHEAD, birch.history.ahead(3, 1).encode())]
        return await asyncio.gather(*calls)

    answers = lines.run(all_at_once())

    assert set(codes(answers)) <= {
        "Held",
        "SizeHeld",
        "fork",
        "log-stopped",
        "wrong-root",
        "Later",
        "rollback",
    }
    assert ash.follows("birch").stopped
    assert ash.store.edge(birch.log).size == ash.follows("birch").size


def test_a_fork_found_on_a_full_disk_is_stopped_at_once_and_kept_later() -> None:
    """The log is stopped although there is no room for the evidence, which is written when there is."""
    with Lines() as lines:
        store = _StoreThatCannotStop("ash")
        ash, birch = lines.start("ash", store), lines.puppet("birch")
        other = birch.history.branch(1)
        birch.history.write(birch.note("one"))
        other.write(birch.note("other"))
        birch.push("ash", birch.history.push())

        assert codes([birch.push("ash", other.push()), birch.push("ash", birch.history.push())]) == [
            "Later",
            "log-stopped",
        ]
        assert len(ash.follows("birch").shown()) == 2
        assert store.evidence(birch.log) is None
        store.can_stop = True
        lines.run_for(3)
        evidence = store.evidence(birch.log)
        assert evidence is not None
        verify_fork(evidence, lines.circle)


class _StoreThatCannotStop(MemoryStore):
    can_stop = False

    def stop(self, log: str, evidence: bytes) -> None:
        if not self.can_stop:
            raise StorageFull
        super().stop(log, evidence)
