"""What gives way to the true version of a log: what is held of another opening, what a thief sent ahead."""

from dataclasses import replace

import pytest
from tests.circles.lines import Desk, Lines, Puppet, codes
from tests.circles.party import note_bytes
from tests.circles.test_line_changes import (
    end_note,
    ended,
    grown,
    keys_of,
    log_of,
    opening,
    pulls_from,
    rotate,
    tell,
)
from tests.simulation.clock import SeededChance
from tests.simulation.hostile import History
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.changing.amendment import sealed_amendment, sign_amendment
from tocsin.circles.changing.draft import draft_amendment
from tocsin.circles.changing.fold import event_id
from tocsin.circles.errors import WritesHalted
from tocsin.circles.events import Arrived, Displaced, SetAside
from tocsin.circles.founding.charter import Cut
from tocsin.circles.reading import Readable
from tocsin.circles.wire.answers import Held, ReceivedAhead, SizeHeld
from tocsin.core.keys import encode_base64
from tocsin.core.records import NoteRecord, Reason

THIEF, TRUE = 2, 1


def version(lines: Lines, puppet: Puppet, seed: int, records: int) -> tuple[bytes, History]:
    """An opening of the puppet's epoch 2 with keys of its own, and so many records in its log."""
    root = puppet.history.checkpoint(1).checkpoint.root
    event, keys = opening(lines, puppet.slug, 1, root, seed=seed), keys_of(lines, puppet.slug, 2, seed)
    history = History(str(keys.log_name), keys.log, SeededChance(seed, puppet.slug))
    history.write(event, *(note_bytes(keys.log_name, f"No. {n} of {seed}") for n in range(records)))
    return event, history


def settling(lines: Lines, event: bytes, history: History) -> bytes:
    """The amendment by which that opening of the log is the one that counts."""
    root = encode_base64(history.checkpoint(1).checkpoint.root)
    cut = Cut(log=history.log, size=1, root=root, openings=(event_id(event).hex(),))
    text = draft_amendment(lines.circle, (), cuts=[cut], purpose="To settle it.")
    signatures = [sign_amendment(text, key) for key in lines.party.organisations.values()]
    return sealed_amendment(text, signatures, lines.circle.chain).encode()


def as_epoch_2(lines: Lines, puppet: Puppet, seed: int) -> Puppet:
    """The puppet, with the keys of its second epoch."""
    puppet.keys = keys_of(lines, puppet.slug, 2, seed)
    return puppet


def texts(desk: Desk, log: str) -> list[str]:
    """The notes of that log that were read since the start."""
    said = [reading for event in desk.heard(Arrived) if event.log == log for reading in event.readings]
    records = [reading.record for reading in said if isinstance(reading, Readable)]
    return [record.text for record in records if isinstance(record, NoteRecord)]


def keep_events(store: MemoryStore, circle: str, *events: bytes) -> None:
    """Have the store keep these, as if the process had ended right after it took them."""
    with store.transaction():
        for event in events:
            store.put_document(f"events/{circle}", event_id(event).hex(), event)


# --- another opening ---


@pytest.mark.parametrize("when", ["running", "starting"])
def test_what_is_held_of_another_opening_than_the_settled_one_is_set_aside(lines: Lines, when: str) -> None:
    """The thief's log is kept under a name of its own, the true one followed from its start, unconfirmed."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    stolen, thief = version(lines, birch, THIEF, 3)
    event, true = version(lines, birch, TRUE, 5)
    tell(cedar, "ash", stolen)
    assert isinstance(as_epoch_2(lines, birch, THIEF).push("ash", thief.push()), Held)
    if when == "running":
        tell(cedar, "ash", event, settling(lines, event, true))
    else:
        ash.end()
        keep_events(ash.store, lines.circle.id, event, settling(lines, event, true))
        ash.start()
    aside = f"{true.log}/aside/1"
    assert ash.heard(SetAside) == [SetAside(true.log, aside, 0)]
    assert ash.store.record(aside, 3)[2] == note_bytes(log_of(lines, "birch", 2), f"No. 2 of {THIEF}")
    assert codes([as_epoch_2(lines, birch, THIEF).push("ash", thief.push())]) == ["bad-request-signature"]
    as_epoch_2(lines, birch, TRUE)
    assert birch.push("ash", true.push(0, 4, 4)) == SizeHeld(4)
    assert texts(ash, true.log)[-3:] == [f"No. {n} of {TRUE}" for n in range(3)]
    ash.restart()
    assert ash.heard(SetAside) == []
    assert birch.push("ash", true.push()) == SizeHeld(6)
    assert ash.store.evidence(true.log) is None


def test_two_versions_of_a_thief_s_log_do_not_stop_the_true_one(lines: Lines) -> None:
    """The evidence goes aside with the log that it is of."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    stolen, thief = version(lines, birch, THIEF, 3)
    event, true = version(lines, birch, TRUE, 3)
    tell(cedar, "ash", stolen)
    other = thief.branch(2)
    other.write(b"Another.", b"And another.")
    as_epoch_2(lines, birch, THIEF).push("ash", thief.push())
    assert codes([birch.push("ash", other.push())]) == ["fork"]
    tell(cedar, "ash", event, settling(lines, event, true))
    assert ash.store.evidence(f"{true.log}/aside/1") is not None
    assert as_epoch_2(lines, birch, TRUE).push("ash", true.push()) == SizeHeld(4)


def test_of_which_another_opening_held_nothing_is_confirmed(lines: Lines) -> None:
    """A checkpoint of the thief's was known, no entry held: nothing was confirmed, the true log may be."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    stolen, thief = version(lines, birch, THIEF, 3)
    event, true = version(lines, birch, TRUE, 3)
    tell(cedar, "ash", stolen)
    cedar.tell("ash", thief.checkpoint().note.encode())
    tell(cedar, "ash", event, settling(lines, event, true))
    assert isinstance(as_epoch_2(lines, birch, TRUE).push("ash", true.push()), Held)


def test_one_s_own_log_of_another_opening_is_set_aside_too(lines: Lines) -> None:
    """What was written here does not count; it stays, and nothing more is written in that epoch."""
    ash, cedar = lines.start("ash"), lines.puppet("cedar")
    head = ash.line.own.checkpoint
    assert head is not None
    rotate(lines, ash)
    ash.write(note_bytes(ash.line.own.member.log, "In vain."))
    log, size = ash.line.own.name, ash.line.own.size
    other = opening(lines, "ash", head.checkpoint.size, head.checkpoint.root, seed=THIEF)
    history = History(log, keys_of(lines, "ash", 2, THIEF).log, SeededChance(7, "ash"))
    history.write(other)
    tell(cedar, "ash", other, settling(lines, other, history))
    aside = ash.store.head(f"{log}/aside/1")
    assert aside is not None
    assert aside.size == size
    for keys in ({}, {log_of(lines, "ash", 2): keys_of(lines, "ash", 2, THIEF)}):
        ash.keys |= keys
        ash.restart()
        with pytest.raises(WritesHalted, match="epoch draft --reason lost"):
            lines.run(ash.line.write([note_bytes(log_of(lines, "ash", 2), "?")]))


# --- ends that fall to a dispute ---


def test_a_log_that_was_got_by_its_end_alone_is_not_set_aside(lines: Lines) -> None:
    """It has no checkpoint of its own key, and the end falls to a dispute: it stays as it is."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 3), lines.puppet("cedar")
    cedar.says = pulls_from(birch.history, 4, cedar.keys.request)
    tell(cedar, "ash", ended(lines, birch, 4))
    lines.run_for(20)
    assert ash.follows("birch").size == 4
    tell(cedar, "ash", opening(lines, "birch", 3, birch.history.checkpoint(3).checkpoint.root, seed=THIEF))
    assert ash.line.circle.by_slug["birch"].disputed
    assert ash.heard(SetAside) == []
    for _ in range(2):
        assert ash.follows("birch").size == 4
        ash.restart()


def got_back(lines: Lines) -> Desk:
    """The node of ash, on a new disk, with its first log got back by an end, which is disputed now."""
    ash, cedar = lines.start("ash"), lines.puppet("cedar")
    ash.write(*(note_bytes(ash.line.own.member.log, f"No. {n}") for n in range(3)))
    head = ash.line.own.checkpoint
    assert head is not None
    size, root = head.checkpoint.size, head.checkpoint.root
    history = History(ash.log, lines.party.keys["ash"].log, SeededChance(8, "ash"))
    history.append(ash.store.record(ash.log, index) for index in range(size))
    ash.end()
    ash.store = MemoryStore("new")
    ash.keys[log_of(lines, "ash", 2)] = keys_of(lines, "ash", 2)
    keep_events(ash.store, lines.circle.id, opening(lines, "ash", size, root, reason="lost"))
    cedar.says = pulls_from(history, size, cedar.keys.request)
    ash.start()
    lines.run_for(20)
    assert ash.follows("ash").size == size
    tell(cedar, "ash", opening(lines, "ash", size, root, reason="lost", seed=THIEF))
    return ash


def test_one_s_own_log_got_back_by_its_end_keeps_no_node_from_starting(lines: Lines) -> None:
    """Its one checkpoint is the end's, by another key; then that end is disputed, the log current again."""
    ash = got_back(lines)
    for _ in range(2):
        assert ash.line.own.name == ash.log
        assert ash.line.own.halted is not None
        ash.restart()


# --- sent ahead ---


@pytest.mark.parametrize("reason", ["compromised", "lost"])
def test_what_a_thief_sent_ahead_gives_way_to_the_end(lines: Lines, reason: Reason) -> None:
    """It stands in no log: the true record takes the place, is shown, and the checkpoint is evidence."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 2), lines.puppet("cedar")
    birch.push("ash", birch.history.push())
    other = birch.history.branch(3)
    other.write(*(birch.note(f"False {n}") for n in range(3)))
    assert isinstance(birch.ahead("ash", other.ahead(4, 3)), ReceivedAhead)
    birch.history.write(*(birch.note(f"True {n}") for n in range(5)))
    cedar.says = pulls_from(birch.history, 8, cedar.keys.request)
    tell(cedar, "ash", ended(lines, birch, 8, reason))
    lines.run_for(20)
    followed = ash.line.following.log(birch.log)
    assert followed is not None
    assert (followed.size, followed.reached_end, followed.incomplete) == (8, True, False)
    assert ash.store.aheads(birch.log) == []
    assert ash.heard(Displaced) == [Displaced(birch.log, (4,))]
    assert texts(ash, birch.log)[-6:] == ["False 1", *(f"True {n}" for n in range(5))]
    if reason == "compromised":
        assert ash.line.void_evidence(birch.log) == other.checkpoint().note.encode()


def test_what_a_thief_sent_ahead_gives_way_in_parts_too(lines: Lines) -> None:
    """An ended log that comes in more than one push is proved by its end from the first one on."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 2), lines.puppet("cedar")
    birch.push("ash", birch.history.push())
    other = birch.history.branch(3)
    other.write(*(birch.note(f"False {n}") for n in range(3)))
    assert isinstance(birch.ahead("ash", other.ahead(4, 3)), ReceivedAhead)
    birch.history.write(*(birch.note(f"True {n}") for n in range(5)))
    tell(cedar, "ash", ended(lines, birch, 8, "compromised"))
    push = replace(birch.history.push(3, 6, 8), checkpoint=end_note(birch.history, 8, cedar.keys.request))
    assert cedar.push("ash", push) == SizeHeld(6)
    assert ash.heard(Displaced) == [Displaced(birch.log, (4,))]


# --- what both versions have in common ---


def test_what_was_erased_stays_erased_on_both_sides(lines: Lines) -> None:
    """Of what both versions have in common, however much: records are in one place, and holds keep theirs."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 14), lines.puppet("cedar")
    true = birch.history.branch(12)
    true.write(*(birch.note(f"True {n}") for n in range(5)))
    birch.push("ash", birch.history.push())
    kept = ash.store.record(birch.log, 8)[1:]
    erased = {1, 3, 5, 7, 8, 9, 11}
    with ash.store.transaction():
        todo = set(erased)
        while todo:
            todo -= ash.store.erase(birch.log, todo, keeping={8})
    cedar.says = pulls_from(true, 17, cedar.keys.request)
    tell(cedar, "ash", opening(lines, "birch", 17, true.checkpoint(17).checkpoint.root, reason="compromised"))
    lines.run_for(20)
    aside = f"{birch.log}/aside/1"
    assert ash.heard(SetAside) == [SetAside(birch.log, aside, 12)]
    assert set(ash.store.erased(birch.log, 0, 17)) == erased
    assert [ash.store.set_apart(birch.log, index) for index in (7, 8)] == [None, kept]
    assert ash.store.missing(birch.log, 99) == []
    here = [index for index in range(17) if ash.store.record(birch.log, index)[2] is not None]
    assert here == sorted(set(range(17)) - erased)
    assert [index for index in range(15) if ash.store.record(aside, index)[2] is not None] == [12, 13, 14]
    assert [ash.store.set_apart(aside, index) for index in range(12)] == [None] * 12
