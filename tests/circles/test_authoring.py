"""Writing one's own log and bringing it to each member (docs/protocol.md, sections 7.3, 9 and 10)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from tests.circles.lines import Desk, Lines, Puppet
from tests.circles.party import card_of, note_bytes, note_record, officer_key
from tests.simulation.hostile import History
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.authoring.sending import FIRST_PAUSE_S, LONGEST_PAUSE_S
from tocsin.circles.errors import WritesHalted
from tocsin.circles.events import (
    Confirmed,
    ConfirmedAhead,
    Lost,
    Reached,
    RefusedThere,
    WritesStopped,
    Wrote,
)
from tocsin.circles.wire.answers import (
    Answer,
    Checkpoints,
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
from tocsin.core.errors import Refusal
from tocsin.core.note import parse_note, sign_note
from tocsin.core.records import Context, Endpoint, encode_record, parse_record, sign_record
from tocsin.core.records.errors import HandlingExceeded, OfficerUnknown, UnknownKind
from tocsin.core.tlog.checkpoint import Checkpoint, cosign, parse_text
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.store import StorageFull

_LATER: Answer = Later(5_000)


def checkpoint_of(push: Push) -> Checkpoint:
    """What a push is signed for."""
    return parse_text(parse_note(push.checkpoint).text)


def holds_all(birch: Puppet) -> Callable[[Request], Answer]:
    """A member that says it holds whatever it is pushed."""

    def says(request: Request) -> Answer:
        if request.path != Path.PUSH:
            return Later(5_000)
        checkpoint = checkpoint_of(Push.decode(request.body))
        return Held(checkpoint.size, cosign(checkpoint, birch.keys.holder, 7))

    return says


def _silent_about_checkpoints(request: Request) -> Answer | None:
    return None if request.path == Path.CHECKPOINTS else Later(5_000)


def records_of(desk: Desk) -> list[object]:
    """What a desk has written."""
    size = desk.store.edge(desk.log).size
    bodies = [desk.store.record(desk.log, index)[2] for index in range(size)]
    return [parse_record(body or b"").record for body in bodies]


# --- writing ---


def test_entry_0_is_the_opening_whatever_came_before_it(lines: Lines) -> None:
    """A node that holds others' records when it starts its log still begins with its opening alone."""
    birch = lines.puppet("birch")
    lines.outlet("ash")
    birch.says = _silent_about_checkpoints
    ash = lines.start("ash")
    assert ash.line.own.size == 0
    birch.push("ash", birch.history.push())
    lines.run_for(3)
    assert ash.store.record(ash.log, 0)[2] == ash.line.own.member.opening


def test_a_context_stands_before_the_records_it_is_the_context_of(lines: Lines) -> None:
    """What was held of the others is written with a record, if it changed, and never by itself."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push())
    lines.run_for(5)
    assert len(records_of(ash)) == 1
    ash.write()
    ash.write()
    birch.history.write(birch.note())
    birch.push("ash", birch.history.push())
    lines.run_for(5)
    ash.write()

    kinds = [type(record).__name__ for record in records_of(ash)]
    assert kinds == ["Opening", "Context", "NoteRecord", "NoteRecord", "Context", "NoteRecord"]
    seen = [record.seen[0] for record in records_of(ash) if isinstance(record, Context)]
    assert [(one.log, one.size) for one in seen] == [(birch.log, 1), (birch.log, 2)]


def test_after_a_start_the_first_context_names_every_log(lines: Lines) -> None:
    """What was said before a start is said once more, with the first record."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push())
    ash.write()
    ash.restart()
    ash.write()
    ash.write()
    kinds = [type(record).__name__ for record in records_of(ash)]
    assert kinds == ["Opening", "Context", "NoteRecord", "Context", "NoteRecord", "NoteRecord"]


@pytest.mark.parametrize(
    ("refusal", "old", "new"),
    [
        (UnknownKind, b'"kind":"note"', b'"kind":"nova"'),
        (HandlingExceeded, b'"TLP:GREEN"', b'"TLP:RED"'),
    ],
    ids=["unreadable", "above the handling"],
)
def test_what_others_could_not_read_is_not_written(
    lines: Lines, refusal: type[Refusal], old: bytes, new: bytes
) -> None:
    """One record that may not be written keeps all that were to be written with it from the log."""
    ash = lines.start("ash")
    good = note_bytes(ash.line.own.member.log, "Good.")
    with pytest.raises(refusal):
        ash.write(good, good.replace(old, new))
    assert len(records_of(ash)) == 1


def test_an_officer_signs_once_a_card_lists_the_key(lines: Lines) -> None:
    """A record signed by an officer is written after the card, also after a new start, and not before it."""
    ash = lines.start("ash")
    log = ash.line.own.member.log
    key = officer_key(log, "duty")
    signed = sign_record(note_record(log, "Signed."), key)
    with pytest.raises(OfficerUnknown):
        ash.write(signed)
    ash.write(card_of(log, key))
    ash.write(signed)
    ash.restart()
    ash.write(signed)
    assert len(records_of(ash)) == 4


def test_a_card_that_was_not_written_lets_nobody_sign(lines: Lines) -> None:
    """Where there was no room for a card, its officers do not sign."""
    ash = lines.start("ash", _StoreWithoutRoomForCards("ash"))
    log = ash.line.own.member.log
    key = officer_key(log, "duty")
    with pytest.raises(StorageFull):
        ash.write(card_of(log, key))
    with pytest.raises(OfficerUnknown):
        ash.write(sign_record(note_record(log, "Signed."), key))


class _StoreWithoutRoomForCards(MemoryStore):
    def put_card(self, *_: object) -> None:
        raise StorageFull


def test_a_full_disk_refuses_the_record_and_nothing_else(lines: Lines) -> None:
    """Without room a write fails, clearly; with room again, the next one succeeds."""
    ash = lines.start("ash")
    ash.store.room_bytes = 0
    with pytest.raises(StorageFull):
        ash.write()
    ash.store.room_bytes = None
    ash.write()
    assert len(records_of(ash)) == 2


def test_what_is_committed_is_sent_although_its_writer_went_away(lines: Lines) -> None:
    """Whoever stops waiting for a write does not keep the others from getting it."""
    birch = lines.puppet("birch")
    birch.says = holds_all(birch)
    ash = lines.start("ash")
    record = note_bytes(ash.line.own.member.log, "Written all the same.")

    async def write_and_go() -> None:
        writing = asyncio.ensure_future(ash.line.write([record]))
        ash.on_leaving = writing.cancel
        await asyncio.wait([writing])

    lines.run(write_and_go())
    lines.run_for(1)

    assert ash.line.own.size == 2
    assert ash.line.own.held["birch"].size == 2
    assert [event.size for event in ash.heard(Wrote)] == [1, 2]


# --- one log, one writer ---


def _own(lines: Lines, size: int, *, key: str = "ash") -> bytes:
    """A checkpoint of ash's log that ash's node does not know, signed by somebody."""
    text = Checkpoint(lines.log("ash"), size, bytes(32)).text()
    return sign_note(text, lines.party.keys[key].log).encode()


def _shows(otherwise: Answer, *notes: bytes) -> Callable[[Request], Answer]:
    return lambda request: Checkpoints(notes) if request.path == Path.CHECKPOINTS else otherwise


@pytest.mark.parametrize("size", [1, 1_000], ids=["another version", "more than is here"])
def test_a_log_that_others_hold_otherwise_is_never_written_again(lines: Lines, size: int) -> None:
    """A checkpoint of our own key that this database does not know halts writing; all else goes on."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    ash.end()
    birch.says = _shows(Later(5_000), _own(lines, size))
    ash.start()

    with pytest.raises(WritesHalted):
        ash.write()

    assert len(ash.heard(WritesStopped)) == 1
    assert len(records_of(ash)) == 1
    assert isinstance(birch.push("ash", birch.history.push()), Held)


@pytest.mark.parametrize(
    "refusal",
    [
        Refused("fork", 1, "Two versions."),
        Refused("log-stopped", 0, "Two versions."),
        Refused("rollback", 9, "Less than is held."),
        SizeHeld(9),
        Missing(9, (1,)),
    ],
    ids=lambda answer: getattr(answer, "code", type(answer).__name__),
)
@pytest.mark.parametrize("proved", [True, False])
def test_a_member_halts_our_writing_only_with_our_own_signature(
    lines: Lines, refusal: Answer, proved: bool
) -> None:
    """Whoever says that it holds more or another version is asked to show it; a lie changes nothing."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    shown = (_own(lines, 9), b"x") if proved else (_own(lines, 9, key="birch"), ash.log.encode() + b"\n")
    birch.says = _shows(refusal, *shown)
    ash.write()
    lines.run_for(10)

    assert (ash.line.own.halted is not None) == proved
    if not proved:
        ash.write()


def test_a_copy_of_a_node_that_writes_on_is_halted_when_others_found_out(lines: Lines) -> None:
    """Two nodes with one log's keys: the one whose version is refused learns why, and stops."""
    ash, birch = lines.start("ash"), lines.start("birch")
    ash.write()
    copy = ash.store.copy()
    ash.write()
    ash.end()
    lines.desks.clear()
    lines.desks["birch"] = birch
    birch.end()
    again = lines.start("ash", copy)
    again.write(note_bytes(again.line.own.member.log, "Another one."))
    birch.start()
    lines.run_for(10)
    assert again.line.own.halted is not None
    assert birch.follows("ash").stopped


# --- sending ---


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


def test_a_backlog_goes_in_chunks_from_where_the_member_is(lines: Lines) -> None:
    """A gap is answered with the size held: the next push starts there, and nothing is sent twice."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    for _ in range(3):
        ash.write(*(note_bytes(ash.line.own.member.log, f"{number}") for number in range(900)))
    cedar = lines.start("cedar")
    lines.run_for(10)
    birch.says = lambda _: Later(5_000)

    assert cedar.store.edge(ash.log).size == ash.line.own.size == 2_701
    assert ash.line.own.held["cedar"].size == 2_701
    assert cedar.follows("ash").known == {}


def test_what_is_missing_is_pushed_again(lines: Lines) -> None:
    """The records that a member names are sent, each run of them in one push."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    ash.write(*(note_bytes(ash.line.own.member.log, f"{number}") for number in range(9)))
    answers = iter([Missing(10, (2, 3, 7)), Missing(10, (7,))])
    birch.says = lambda request: next(answers, _LATER) if request.path == Path.PUSH else _LATER
    lines.run_for(1)
    birch.asked.clear()
    lines.run_for(6)

    assert [(push.chunk.first, push.chunk.end) for push in birch.pushed()] == [(0, 10), (2, 4), (7, 8)]


Lie = Callable[[int], Answer | Reply]
MANY = 300


def _old_cosignature(birch: Puppet, lines: Lines) -> Answer:
    opening = History(lines.log("ash"), lines.party.keys["ash"].log, birch.history._chance)
    opening.write(b"x")
    checkpoint = lines.desks["ash"].line.own.checkpoint
    assert checkpoint is not None
    return Held(1, cosign(opening.checkpoint().checkpoint, birch.keys.holder, 7))


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

    birch.says = lambda request: says(request) if request.path == Path.PUSH else Later(5_000)
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
    new = Puppet(lines, "birch", lambda _: Later(5_000), url=moved.url)
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
    birch.says = lambda request: answer(birch, request) if request.path == Path.AHEAD else Later(5_000)
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
    ash.line.senders["cedar"]._pause_s = 0
    lines.run(ash.line.senders["cedar"].send_ahead(1_500))
    assert ash.heard(ConfirmedAhead) == [ConfirmedAhead("cedar", 1_500)]
    lines.run_for(10)
    assert cedar.follows("ash").size == ash.line.own.size
