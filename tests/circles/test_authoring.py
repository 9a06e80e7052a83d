"""Writing one's own log, of which there is one writer (docs/protocol.md, sections 7.3 and 7.4)."""

import asyncio
from collections.abc import Callable

import pytest
from tests.circles.lines import LATER, Desk, Lines, holds_all
from tests.circles.party import card_of, note_bytes, note_record, officer_key
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.errors import WritesHalted
from tocsin.circles.events import (
    WritesStopped,
    Wrote,
)
from tocsin.circles.wire.answers import (
    Answer,
    Checkpoints,
    Missing,
    Refused,
    SizeHeld,
)
from tocsin.circles.wire.protocol import Path, Request
from tocsin.core.errors import Refusal
from tocsin.core.note import sign_note
from tocsin.core.records import Context, parse_record, sign_record
from tocsin.core.records.errors import HandlingExceeded, OfficerUnknown, UnknownKind
from tocsin.core.tlog.checkpoint import Checkpoint
from tocsin.log.store import StorageFull


def _silent_about_checkpoints(request: Request) -> Answer | None:
    return None if request.path == Path.CHECKPOINTS else LATER


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
    """A checkpoint of our own key that this database does not know halts writing.

    What the others write is held all the same, but not confirmed: how far our holder signed went back too.
    """
    ash, birch = lines.start("ash"), lines.puppet("birch")
    ash.end()
    birch.says = _shows(LATER, _own(lines, size))
    ash.start()

    with pytest.raises(WritesHalted):
        ash.write()

    assert len(ash.heard(WritesStopped)) == 1
    assert len(records_of(ash)) == 1
    assert birch.push("ash", birch.history.push()) == SizeHeld(birch.history.size)


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
    birch.end()
    again = lines.start("ash", copy)
    again.write(note_bytes(again.line.own.member.log, "Another one."))
    birch.start()
    lines.run_for(10)
    assert again.line.own.halted is not None
    assert birch.follows("ash").stopped
