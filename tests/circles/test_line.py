"""A whole line: members that follow each other, one bad, slow or absent member among them, and faults."""

import asyncio
from dataclasses import replace

import pytest
from tests.circles.lines import Lines
from tests.circles.party import note_bytes
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.errors import WritesHalted
from tocsin.circles.events import Arrived, Confirmed, Lost, TwoVersions, Witnessed
from tocsin.circles.exchanging.start import ASK_S
from tocsin.circles.reading import Readable
from tocsin.circles.wire.answers import Checkpoints, Held, Later
from tocsin.circles.wire.messages import CheckpointsRequest
from tocsin.circles.wire.protocol import Path
from tocsin.core.records import NoteRecord
from tocsin.core.tlog.tree import MAX_SIZE


def test_what_one_writes_the_others_read_and_confirm(lines: Lines) -> None:
    """Three nodes: a record of one is read by both others, and confirmed, within milliseconds."""
    desks = [lines.start(slug) for slug in ("ash", "birch", "cedar")]
    lines.run_for(2)
    ash = desks[0]
    ash.write(note_bytes(ash.line.own.member.log, "Smoke over the harbour."))

    for desk in desks[1:]:
        last = desk.readings("ash")[-1]
        assert isinstance(last, Readable)
        assert isinstance(last.record, NoteRecord)
        assert last.record.text == "Smoke over the harbour."
    confirmed = [(event.member, event.size) for event in ash.heard(Confirmed)]
    assert {("birch", ash.line.own.size), ("cedar", ash.line.own.size)} <= set(confirmed)


def test_status_says_who_holds_what_of_whom(lines: Lines) -> None:
    """Sizes held and known, confirmations, missing records, two versions and troubles, for each member."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(*(birch.note(f"{number}") for number in range(4)))
    push = birch.history.push(0, 3)
    birch.push("ash", replace(push, chunk=push.chunk.without(frozenset({1}))))
    lines.run_for(0.1)

    status = ash.line.status()
    of_birch, of_cedar = status.members
    assert (status.log, status.size, status.halted) == (ash.log, 1, None)
    assert (of_birch.held_here, of_birch.known_here, of_birch.missing_here, of_birch.stopped) == (
        3,
        5,
        True,
        False,
    )
    assert (of_birch.held_by_them, of_birch.witnessed_by_them) == (None, None)
    assert (of_cedar.held_here, of_cedar.known_here) == (0, 0)
    assert of_cedar.trouble is not None


FOUR = tuple((slug, slug.title(), "KR") for slug in ("ash", "birch", "cedar", "elm"))


def test_an_absent_and_a_silent_member_delay_nobody_else() -> None:
    """Nobody waits for whoever does not answer, but for two seconds before the first write."""
    with Lines(chosen=FOUR) as many:
        silent = many.puppet("cedar", lambda _: None)
        ash, birch = many.start("ash"), many.start("birch")
        many.run_for(ASK_S)
        for _ in range(20):
            at_s = many.loop.time()
            ash.write()
            assert many.loop.time() - at_s < 0.3
            assert ash.line.own.held["birch"].size == ash.line.own.size
        assert birch.follows("ash").size == ash.line.own.size
        assert [event.member for event in ash.heard(Lost)][:1] == ["elm"]
        assert silent.asked


def test_the_first_write_waits_until_the_others_were_asked(lines: Lines) -> None:
    """A node that lost records finds out before it writes over them."""
    birch = lines.puppet("birch", lambda _: None)
    ash = lines.start("ash")
    assert ash.line.own.size == 0
    writing = lines.loop.create_task(ash.line.write([note_bytes(ash.line.own.member.log, "First.")]))
    lines.run_for(1)
    assert not writing.done()
    lines.run_for(ASK_S)
    assert writing.result().size == ash.line.own.size == 2
    assert birch.asked[0].path == Path.CHECKPOINTS


def test_a_node_from_an_old_copy_is_halted_by_what_the_others_hold(lines: Lines) -> None:
    """A restored database is asked for its newest checkpoint, and is never written again."""
    ash, birch = lines.start("ash"), lines.start("birch")
    copy = ash.store.copy()
    ash.write()
    ash.end()
    again = lines.start("ash", copy)
    with pytest.raises(WritesHalted):
        again.write()
    birch.write()
    assert again.follows("birch").size == birch.line.own.size
    assert not birch.follows("ash").stopped


def test_two_versions_shown_to_two_members_are_known_to_all_within_seconds() -> None:
    """Who saw one version, who saw the other, and who saw none: all stop the log, and all tell."""
    with Lines(chosen=FOUR) as lines:
        desks = [lines.start(slug) for slug in ("ash", "cedar", "elm")]
        birch = lines.puppet("birch")
        other = birch.history.branch(1)
        birch.history.write(birch.note("one"))
        other.write(birch.note("other"))
        birch.push("ash", birch.history.push())
        birch.push("cedar", other.push())
        lines.run_for(3)
        assert [len(desk.heard(TwoVersions)) for desk in desks] == [1, 1, 1]


def test_checkpoints_are_told_at_most_once_a_second(lines: Lines) -> None:
    """However often a log grows, its newest checkpoint is passed on once in a second to each member."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    cedar.says = lambda _: Later(0)
    for number in range(50):
        birch.history.write(birch.note(f"{number}"))
        birch.push("ash", birch.history.push(number and number + 1))
    elapsed_s = lines.loop.time()
    lines.run_for(2)
    notes = [note for push in cedar.pushed() for note in push.newest]
    assert len(ash.heard(Arrived)) == 50
    assert birch.history.checkpoint().note.encode() in notes
    assert len(set(notes)) <= elapsed_s + 3


def test_what_was_only_heard_of_is_passed_on(lines: Lines) -> None:
    """A checkpoint that one member told, whose entries are not here, is told to the others."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    cedar.says = lambda _: Later(0)
    lines.run_for(10)
    cedar.asked.clear()
    birch.tell("ash", birch.history.checkpoint().note.encode())
    lines.run_for(10)
    assert ash.heard(Arrived) == []
    told = [note for push in cedar.pushed() for note in push.newest]
    assert birch.history.checkpoint().note.encode() in told


def test_a_fault_in_a_task_is_told(lines: Lines) -> None:
    """An error of our own in any task of a line reaches the node, and is not lost with the task."""
    ash, birch = lines.start("ash"), lines.puppet("birch")

    def fail() -> None:
        raise LookupError("ours")

    ash.line.senders["birch"]._next_push = lambda *_: fail()  # type: ignore[assignment, method-assign]
    birch.push("ash", birch.history.push())
    ash.write()
    lines.run_for(10)
    assert [str(fault) for fault in ash.faults] == ["ours"]
    ash.faults.clear()


def test_a_stopped_line_leaves_nothing_running(lines: Lines) -> None:
    """After stop, no task of the line is left, and nothing is sent any more."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    ash.write()
    lines.run(ash.line.stop())
    asked = len(birch.asked)
    lines.run_for(30)
    assert len(birch.asked) == asked
    assert ash.line._tasks == set()


def test_what_is_in_flight_when_a_line_stops_is_durable_or_was_never_told(lines: Lines) -> None:
    """A write that did not return may or may not be there; what returned is there after a start."""
    ash = lines.start("ash")
    record = note_bytes(ash.line.own.member.log, "Once.")

    async def write_and_stop() -> list[object]:
        writes = [asyncio.ensure_future(ash.line.write([record])) for _ in range(3)]
        await ash.line.stop()
        return await asyncio.gather(*writes, return_exceptions=True)

    results = lines.run(write_and_stop())
    ash.restart()
    assert ash.line.own.size >= 1 + sum(not isinstance(result, BaseException) for result in results)


def test_a_restart_resumes_where_each_member_is(lines: Lines) -> None:
    """Nothing is sent again that was confirmed, nor asked for again that is held."""
    ash, birch = lines.start("ash"), lines.start("birch")
    for _ in range(5):
        ash.write()
    size = ash.line.own.size
    ash.restart()
    birch.restart()
    lines.run_for(2)
    ash.write()
    assert birch.follows("ash").size == ash.line.own.size
    assert ash.line.own.held["birch"].size == ash.line.own.size
    assert min(reading.index for reading in birch.readings("ash")) == size


def test_messages_that_are_lost_repeated_and_late_change_nothing(lines: Lines) -> None:
    """On a wire that loses and repeats, all is held and confirmed in the end, and read once."""
    ash, birch = lines.start("ash"), lines.start("birch")
    lines.wire.weather = replace(lines.wire.weather, slowest_s=0.5, lost_percent=20, repeated_percent=30)
    for _ in range(20):
        ash.write()
        birch.write()
    lines.run_for(60)
    for one, other in ((ash, birch), (birch, ash)):
        assert one.line.own.held[other.slug].size == one.line.own.size
        indices = [reading.index for reading in other.readings(one.slug)]
        assert indices == list(range(one.line.own.size))


def test_a_bogus_checkpoint_of_any_size_keeps_no_log_from_growing(lines: Lines) -> None:
    """A member that signed a size it will never have is followed, confirmed and witnessed as before."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push(), birch.history.sign(MAX_SIZE, bytes(32)).note.encode())
    lines.run_for(10)
    birch.history.write(birch.note())
    assert isinstance(birch.push("ash", birch.history.push()), Held)
    assert ash.line.status().members[0].known_here == MAX_SIZE


def test_a_busy_member_keeps_no_other_from_being_witnessed(lines: Lines) -> None:
    """A second without a record of one's own is a quiet one, whatever the others write or tell."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.start("cedar")
    lines.run_for(2)
    ash.write()
    for number in range(50):
        birch.tell("ash", birch.history.sign(100 + number, bytes(32)).note.encode())
        lines.run_for(0.05)
    assert [event.member for event in ash.heard(Witnessed) if event.size == ash.line.own.size] == ["cedar"]
    assert cedar.follows("ash").size == ash.line.own.size


def test_a_log_is_begun_when_there_is_room(lines: Lines) -> None:
    """A node that finds no room for its opening takes part, and writes it when there is some."""
    store = MemoryStore("ash")
    store.room_bytes = 0
    ash, birch = lines.start("ash", store), lines.puppet("birch")
    lines.run_for(10)
    assert ash.line.own.size == 0
    assert isinstance(birch.call("ash", Path.CHECKPOINTS, CheckpointsRequest().encode()), Checkpoints)
    store.room_bytes = None
    lines.run_for(ASK_S)
    ash.write()
    assert ash.line.own.size == 2


def test_two_nodes_witness_each_other(lines: Lines) -> None:
    """After a quiet second each has the other's cosignature that its log only grew."""
    ash, birch = lines.start("ash"), lines.start("birch")
    ash.write()
    lines.run_for(5)
    assert [event.size for event in ash.heard(Witnessed)][-1:] == [ash.line.own.size]
    assert [event.size for event in birch.heard(Witnessed)][-1:] == [birch.line.own.size]
