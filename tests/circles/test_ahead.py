"""Records sent ahead of a backlog, at the follower (docs/protocol.md, section 9.5)."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.circles.lines import Lines, Puppet, codes, held

from tocsin.circles.events import Arrived
from tocsin.circles.following.accepting import MAX_AHEAD
from tocsin.circles.reading import NotUnderstood, Readable
from tocsin.circles.wire.answers import (
    ReceivedAhead,
    SizeHeld,
)
from tocsin.circles.wire.messages import Ahead
from tocsin.circles.wire.received import open_received
from tocsin.core.tlog.tree import MAX_SIZE


def _backlog(birch: Puppet, records: int = 5) -> None:
    birch.history.write(*(birch.note(f"{number}") for number in range(records)))


def test_a_record_ahead_is_stored_shown_and_receipted(lines: Lines) -> None:
    """One record before a backlog is durable and shown when its receipt is signed, and never shown again."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    _backlog(birch)
    birch.push("ash", birch.history.push(0, 1))
    ahead = birch.history.ahead(5, 1)

    answer = birch.ahead("ash", ahead)

    assert isinstance(answer, ReceivedAhead)
    received = open_received(answer.note, lines.circle.by_slug["ash"].request_key)
    assert (received.log, received.index, received.entry) == (birch.log, 5, ahead.entry)
    shown = [(event.ahead, reading.index) for event in ash.heard(Arrived) for reading in event.readings]
    assert shown == [(False, 0), (True, 5)]
    assert not ash.store.unsynced(birch.log)
    assert isinstance(birch.ahead("ash", ahead), ReceivedAhead)

    ash.restart()
    assert isinstance(birch.ahead("ash", ahead), ReceivedAhead)
    assert held(birch, birch.push("ash", birch.history.push(1)))
    assert [reading.index for reading in ash.readings("birch")] == [1, 2, 3, 4]
    assert ash.store.record(birch.log, 5)[2] == ahead.record
    assert birch.ahead("ash", ahead) == SizeHeld(6)


def test_a_record_ahead_takes_its_place_when_the_push_lacks_it(lines: Lines) -> None:
    """What came ahead is not missing when its entry comes without it; a card among them counts as one."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push())
    birch.history.write(birch.note())
    birch.history.write(birch.card(), birch.signed())
    assert isinstance(birch.ahead("ash", birch.history.ahead(2, 1)), ReceivedAhead)
    push = birch.history.push(1)

    assert held(birch, birch.push("ash", replace(push, chunk=push.chunk.without(frozenset({2})))))
    assert ash.store.card_before(birch.log, 9) == 2
    assert isinstance(ash.readings("birch")[-1], Readable)


def test_a_record_ahead_of_its_officers_card_is_read_again_behind_it(lines: Lines) -> None:
    """Ahead of the card it cannot be read, and is told so; in its place, it is told again."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push())
    birch.history.write(birch.card(), birch.note(), birch.signed())
    assert isinstance(birch.ahead("ash", birch.history.ahead(3, 1)), ReceivedAhead)
    assert isinstance(ash.readings("birch")[-1], NotUnderstood)

    assert held(birch, birch.push("ash", birch.history.push(1)))
    assert [reading.index for reading in ash.readings("birch")] == [0, 3, 1, 2, 3]
    assert isinstance(ash.readings("birch")[-1], Readable)


AHEAD_REFUSED: dict[str, tuple[str, Callable[[Ahead], Ahead]]] = {
    "another entry": ("wrong-root", lambda ahead: replace(ahead, entry=bytes(32))),
    "another place": ("wrong-root", lambda ahead: replace(ahead, index=4)),
    "beyond the checkpoint": ("wrong-root", lambda ahead: replace(ahead, index=MAX_SIZE)),
    "no inclusion proof": ("wrong-root", lambda ahead: replace(ahead, inclusion=())),
    "another consistency proof": ("wrong-root", lambda ahead: replace(ahead, consistency=(bytes(32),))),
    "another record": ("body-mismatch", lambda ahead: replace(ahead, record=b"other")),
    "another salt": ("body-mismatch", lambda ahead: replace(ahead, salt=bytes(32))),
    "another known size": ("SizeHeld", lambda ahead: replace(ahead, known_size=3)),
    "no known size": ("SizeHeld", lambda ahead: replace(ahead, known_size=0)),
    "below what is held": ("SizeHeld", lambda ahead: replace(ahead, index=0)),
    "another log's checkpoint": ("wrong-name", lambda ahead: replace(ahead, checkpoint=_cedar_s())),
    "no checkpoint": ("malformed-note", lambda ahead: replace(ahead, checkpoint=b"x")),
}


def _cedar_s() -> bytes:
    with Lines() as lines:
        return lines.puppet("cedar").history.checkpoint().note.encode()


@pytest.mark.parametrize(("code", "wrong"), AHEAD_REFUSED.values(), ids=AHEAD_REFUSED.keys())
def test_a_record_ahead_that_is_wrong_is_neither_kept_nor_shown(
    lines: Lines, code: str, wrong: Callable[[Ahead], Ahead]
) -> None:
    """A record ahead is received only with both proofs, its salt, and the size that is held."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    _backlog(birch)
    birch.push("ash", birch.history.push(0, 1))

    assert codes([birch.ahead("ash", wrong(birch.history.ahead(5, 1)))]) == [code]
    assert ash.store.aheads(birch.log) == []
    assert len(ash.readings("birch")) == 1


def test_a_received_record_is_never_given_up_for_another(lines: Lines) -> None:
    """What came ahead and was receipted stays, also against entries of another version in its place."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push())
    other = birch.history.branch(1)
    _backlog(birch)
    other.write(*(birch.note(f"other {number}") for number in range(4)))
    assert isinstance(birch.ahead("ash", birch.history.ahead(4, 1)), ReceivedAhead)

    assert (
        codes([birch.ahead("ash", other.ahead(4, 1)), birch.push("ash", other.push(1))]) == ["wrong-root"] * 2
    )
    assert [index for index, *_ in ash.store.aheads(birch.log)] == [4]
    assert codes([birch.push("ash", birch.history.push(1))]) == ["fork"]


def test_records_ahead_are_bounded(lines: Lines) -> None:
    """A member cannot fill memory and disk with records ahead of a log that never comes."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    _backlog(birch, 2 * MAX_AHEAD)
    birch.push("ash", birch.history.push(0, 1))
    answers = [birch.ahead("ash", birch.history.ahead(index, 1)) for index in range(2, 2 + MAX_AHEAD + 3)]

    assert codes(answers) == ["ReceivedAhead"] * MAX_AHEAD + ["Later"] * 3
    assert held(birch, birch.push("ash", birch.history.push(1)))
    assert ash.follows("birch").ahead == {}
