"""Bringing a log to each member, whatever it answers (docs/protocol.md, sections 9 and 10)."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from tests.circles.lines import LATER, Lines, Puppet, checkpoint_of, holds_all
from tests.circles.party import note_bytes
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.authoring.sending import FIRST_PAUSE_S, LONGEST_PAUSE_S
from tocsin.circles.events import (
    Confirmed,
    ConfirmedAhead,
    Lost,
    Reached,
    RefusedThere,
)
from tocsin.circles.wire.answers import (
    Answer,
    Hashes,
    Held,
    Later,
    Missing,
    ReceivedAhead,
    Refused,
    SizeHeld,
)
from tocsin.circles.wire.messages import Ahead, Push
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.wire.received import Received, sign_received
from tocsin.core.records import Endpoint, encode_record, parse_record
from tocsin.core.tlog.checkpoint import cosign
from tocsin.core.tlog.tree import MAX_SIZE


def test_what_a_member_holds_is_confirmed_and_kept(lines: Lines) -> None:
    """A holder cosignature that verifies is an event and is kept; a start goes on from there."""
    birch = lines.puppet("birch")
    birch.says = holds_all(birch)
    ash = lines.start("ash")
    ash.write()
    assert [event.size for event in ash.heard(Confirmed)] == [1, 2]
    assert [signature.name for signature, _ in ash.store.cosignatures(ash.log, 2)] == [
        birch.keys.holder.verifying.name
    ]
    ash.restart()
    birch.asked.clear()
    ash.write()
    assert [push.chunk.first for push in birch.pushed()] == [2]


def test_after_a_time_out_an_urgent_record_that_comes_with_the_next_push_is_sent_once(lines: Lines) -> None:
    """A line that did not answer once is taken for a slow one: one record it carries all the same."""
    birch = lines.puppet("birch", lambda _: None)
    ash = lines.start("ash")
    lines.run_for(8)
    birch.says = holds_all(birch)
    lines.run_for(8)
    assert ash.line.own.held["birch"].size == ash.line.own.size
    birch.asked.clear()
    ash.write(urgent=True)
    assert [request.path for request in birch.asked] == [Path.PUSH]


def test_a_backlog_goes_in_chunks_from_where_the_member_is(lines: Lines) -> None:
    """A gap is answered with the size held: the next push starts there, and nothing is sent twice."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    for _ in range(3):
        ash.write(*(note_bytes(ash.line.own.member.log, f"{number}") for number in range(900)))
    size = ash.line.own.size
    birch.asked.clear()
    birch.says = _takes(birch, 300)
    lines.run_for(10)

    chunks = [(push.chunk.first, push.chunk.end) for push in birch.pushed()]
    assert chunks == [(0, 1_024), (300, 1_324), (1_324, 2_348), (2_348, size)]
    assert ash.line.own.held["birch"].size == size


def _takes(birch: Puppet, held: int) -> Callable[[Request], Answer]:
    """A member that holds so much of a log, and takes what it is pushed from there on."""

    def says(request: Request) -> Answer:
        nonlocal held
        push = Push.decode(request.body)
        if push.chunk.first == held:
            held = push.chunk.end
        checkpoint = checkpoint_of(push)
        if held < checkpoint.size:
            return SizeHeld(held)
        return Held(held, cosign(checkpoint, birch.keys.holder, 7))

    return lambda request: says(request) if request.path == Path.PUSH else LATER


def test_what_is_missing_is_pushed_again(lines: Lines) -> None:
    """The records that a member names are sent, each run of them in one push."""
    birch, ash = lines.puppet("birch"), lines.start("ash")
    ash.write(*(note_bytes(ash.line.own.member.log, f"{number}") for number in range(9)))
    answers = iter([Missing(10, (2, 3, 7)), Missing(10, (7,))])
    birch.says = lambda request: next(answers, LATER) if request.path == Path.PUSH else LATER
    birch.asked.clear()
    lines.run_for(7)

    assert [(push.chunk.first, push.chunk.end) for push in birch.pushed()][:3] == [(0, 10), (2, 4), (7, 8)]


Lie = Callable[[int], Answer | Reply]
MANY = 300


LIES: dict[str, Lie] = {
    "nothing is held": lambda _: SizeHeld(0),
    "now more, now less": lambda turn: SizeHeld(turn % 3),
    "a little more each time": lambda turn: SizeHeld(min(turn, MANY)),
    "all, unconfirmed": lambda _: SizeHeld(MANY),
    "more than there is": lambda _: SizeHeld(MAX_SIZE),
    "the same missing": lambda _: Missing(MANY, (3,)),
    "one missing, then none": lambda turn: Missing(MANY, (3,)) if turn % 2 else SizeHeld(MANY),
    "now this missing, now that": lambda turn: Missing(MANY, (turn % 7,)),
    "later, at once": lambda _: Later(0),
    "refused": lambda turn: Refused("unknown-name", 0, f"{turn}"),
    "a rollback": lambda turn: Refused("rollback", turn % MANY, "Because."),
    "stale for ever": lambda _: Refused("stale-nonce", 0, "Because."),
    "no answer to a push": lambda _: Hashes(()),
    "no answer at all": lambda _: Reply(200, b"<html>", b""),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_no_answer_makes_a_sender_spin(lines: Lines, lie: Lie) -> None:
    """Whatever a member answers, it is not pushed to without pause, and no other member notices."""
    birch = lines.puppet("birch")
    ash = lines.start("ash")
    ash.write(*(note_bytes(ash.line.own.member.log, f"{number}") for number in range(MANY)))
    turns = iter(range(1_000_000))
    birch.says = lambda _: lie(next(turns))
    cedar = lines.start("cedar")
    birch.asked.clear()
    ash.write()
    lines.run_for(60)

    pushes = [push for push in birch.pushed() if push.log == ash.log]
    assert 3 < len(pushes) < 100
    assert ash.line.own.held["cedar"].size == ash.line.own.size
    assert cedar.follows("ash").size == ash.line.own.size


def test_an_old_confirmation_is_no_answer_to_a_new_push(lines: Lines) -> None:
    """A cosignature of a smaller size, although it verifies, ends in a pause and moves no cursor back."""
    birch = lines.puppet("birch")
    birch.says = holds_all(birch)
    ash = lines.start("ash")
    old = birch.says(birch.asked[-1])
    assert isinstance(old, Held)
    ash.write()
    birch.says = lambda _: old
    birch.asked.clear()
    ash.write()
    lines.run_for(30)

    assert 3 < len(birch.pushed()) < 20
    assert {push.chunk.first for push in birch.pushed()} == {2}
    assert [event.code for event in ash.heard(RefusedThere)] == ["unexpected-answer"]


@pytest.mark.parametrize("by", ["holder", "witness", "another", "log"])
def test_a_confirmation_counts_if_it_is_the_member_s_own(lines: Lines, by: str) -> None:
    """A cosignature by another key, or of another root, is refused and not kept."""
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")

    def says(request: Request) -> Answer:
        checkpoint = checkpoint_of(Push.decode(request.body))
        if by == "log":
            checkpoint = replace(checkpoint, root=bytes(32))
        key = {"witness": birch.keys.witness, "another": cedar.keys.holder}.get(by, birch.keys.holder)
        return Held(checkpoint.size, cosign(checkpoint, key, 7))

    birch.says = lambda request: says(request) if request.path == Path.PUSH else LATER
    ash = lines.start("ash")
    lines.run_for(3)

    assert ("birch" in ash.line.own.held) == (by == "holder")
    assert bool(ash.store.cosignatures(ash.log, 1)) == (by == "holder")


def test_a_member_that_comes_back_is_pushed_to_at_once(lines: Lines) -> None:
    """A sign of life ends the wait for a member that was not reached, and each is told once."""
    ash = lines.start("ash")
    lines.run_for(60)
    assert ash.line.senders["birch"].trouble is not None
    birch = lines.puppet("birch")
    birch.says = holds_all(birch)
    birch.push("ash", birch.history.push())
    lines.run_for(2 * FIRST_PAUSE_S)

    assert ash.line.own.held["birch"].size == 1
    assert ash.line.senders["birch"].trouble is None
    assert [event.member for event in ash.heard(Reached)] == ["birch"]
    assert [event.member for event in ash.heard(Lost)] == ["birch", "cedar"]


def test_a_member_that_refuses_cannot_call_for_more(lines: Lines) -> None:
    """A sign of life from a member that refuses what it is pushed does not end the wait."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.says = lambda _: Refused("unknown-name", 0, "Because.")
    ash.write()
    lines.run_for(30)
    birch.asked.clear()
    for _ in range(50):
        birch.push("ash", birch.history.push())
    assert len(birch.pushed()) <= 1 + 50 * 0.1 / LONGEST_PAUSE_S


def test_the_newest_card_says_where_a_member_is_reached(lines: Lines) -> None:
    """The endpoints of the card that is held take the place of the opening's, also after a new start."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    moved = Endpoint(url="https://moved.example:8443", tls_spki_sha256="1" * 64)
    card = parse_record(birch.card()).record
    birch.history.write(encode_record(msgspec.structs.replace(card, endpoints=(moved,))))
    new = Puppet(lines, "birch", lambda _: LATER, url=moved.url)
    birch.push("ash", birch.history.push())
    lines.run_for(6)
    birch.asked.clear()
    new.says = holds_all(new)
    ash.write()
    lines.run_for(6)
    assert (birch.asked, ash.line.own.held["birch"].size) == ([], ash.line.own.size)
    ash.restart()
    ash.write()
    assert (birch.asked, ash.line.own.held["birch"].size) == ([], ash.line.own.size)


# --- ahead ---


def _receipt(birch: Puppet, request: Request, **changed: object) -> Answer:
    ahead = Ahead.decode(request.body)
    received = replace(Received(ahead.log, ahead.index, ahead.entry, 7), **changed)  # type: ignore[arg-type]
    return ReceivedAhead(sign_received(received, birch.keys.request))


@pytest.mark.parametrize(
    ("counts", "answer"),
    [
        (True, _receipt),
        (False, lambda birch, request: _receipt(birch, request, index=1)),
        (False, lambda birch, request: _receipt(birch, request, entry=bytes(32))),
        (False, lambda birch, request: _receipt(birch, request, log=birch.log)),
        (False, lambda _, __: ReceivedAhead(b"x")),
        (False, lambda _, __: SizeHeld(0)),
        (False, lambda _, __: SizeHeld(MAX_SIZE)),
        (False, lambda _, __: Later(9)),
    ],
    ids=["its receipt", "another place", "another entry", "another log", "no note", "size", "sizes", "later"],
)
def test_an_urgent_record_goes_ahead_of_a_backlog(
    lines: Lines, counts: bool, answer: Callable[[Puppet, Request], Answer]
) -> None:
    """It is sent before what a member lacks, and confirmed by a receipt for this very record alone."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    for _ in range(2):
        ash.write(*(note_bytes(ash.line.own.member.log, f"{number}") for number in range(900)))
    birch.says = lambda request: answer(birch, request) if request.path == Path.AHEAD else LATER
    ash.write(urgent=True)
    lines.run_for(1)

    index = ash.line.own.size - 1
    assert ash.heard(ConfirmedAhead) == ([ConfirmedAhead("birch", index)] if counts else [])
    sent = [Ahead.decode(request.body) for request in birch.asked if request.path == Path.AHEAD]
    assert {ahead.index for ahead in sent} == {index}
    assert len(sent) <= 3


def test_without_a_backlog_nothing_goes_ahead(lines: Lines) -> None:
    """A member that is up to date gets an urgent record like any other."""
    birch = lines.puppet("birch")
    birch.says = holds_all(birch)
    ash = lines.start("ash")
    ash.write(urgent=True)
    assert not [request for request in birch.asked if request.path == Path.AHEAD]


def test_a_record_ahead_reaches_a_follower(lines: Lines) -> None:
    """Between two nodes: it is confirmed before the backlog is, and then in its turn."""
    ash = lines.start("ash")
    for _ in range(2):
        ash.write(*(note_bytes(ash.line.own.member.log, f"{number}") for number in range(900)))
    lines.wire.cut("ash", "cedar")
    cedar = lines.start("cedar", MemoryStore("cedar"))
    lines.wire.heal()
    lines.run(ash.line.senders["cedar"].send_ahead(1_500))
    assert ash.heard(ConfirmedAhead) == [ConfirmedAhead("cedar", 1_500)]
    lines.run_for(10)
    assert cedar.follows("ash").size == ash.line.own.size
