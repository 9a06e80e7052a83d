"""What a follower accepts, and what it signs (docs/protocol.md, sections 9.2 to 9.5 and 12)."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.lines import Lines, Puppet, codes, held, triples
from tests.simulation.hostile import History
from tests.simulation.wire import Weather

from tocsin.circles.events import BodiesMismatched, RefusedHere
from tocsin.circles.following.admitting import MAX_WAITING
from tocsin.circles.reading import NotUnderstood, Readable, Reading
from tocsin.circles.wire.answers import (
    Answer,
    Held,
    Later,
    Missing,
    Pushed,
    Refused,
    SizeHeld,
)
from tocsin.circles.wire.messages import MAX_PUSH_BYTES, Pull, Push
from tocsin.circles.wire.protocol import Path
from tocsin.core.note import parse_note, sign_note
from tocsin.core.tlog.checkpoint import Checkpoint
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.tree import EMPTY_ROOT

DRILL = "drill.harbour.example"


# --- push refused ---

Wrong = Callable[[Lines, Puppet], Push]


def _named(birch: Puppet, name: str) -> Push:
    return replace(birch.history.push(), log=name)


def _proved(push: Push, hashes: int) -> Push:
    return replace(push, consistency=(bytes(32),) * hashes)


def _other_circle(_: Lines, birch: Puppet) -> Push:
    domain, circle, member, epoch = birch.log.split("/")
    return _named(birch, f"{domain}/{circle[::-1]}/{member}/{epoch}")


def _bad_signature(_: Lines, birch: Puppet) -> Push:
    push = birch.history.push()
    other = birch.history.sign(birch.history.size, bytes(32)).note.signatures
    signed = birch.history.checkpoint().note
    return replace(push, checkpoint=replace(signed, signatures=other).encode())


def _wrong_name(lines: Lines, birch: Puppet) -> Push:
    cedar = History(lines.log("cedar"), lines.party.keys["cedar"].log, birch.history._chance)
    cedar.write(b"any")
    return replace(birch.history.push(), checkpoint=cedar.checkpoint().note.encode())


def _other_last_entry(_: Lines, birch: Puppet) -> Push:
    push = birch.history.push()
    *kept, _last = triples(push)
    return replace(push, chunk=Chunk.make(0, [*kept, (bytes(32), bytes(32), b"x")]))


def _other_held_entry(_: Lines, birch: Puppet) -> Push:
    push = birch.history.push()
    return replace(push, chunk=Chunk.make(0, [(bytes(32), bytes(32), b"x"), *triples(push)[1:]]))


def _smaller_than_chunk(_: Lines, birch: Puppet) -> Push:
    return replace(birch.history.push(), checkpoint=birch.history.checkpoint(3).note.encode())


def _signed_empty(_: Lines, birch: Puppet) -> Push:
    note = sign_note(Checkpoint(birch.log, 0, EMPTY_ROOT).text(), birch.keys.log)
    return replace(birch.history.push(0, 0), checkpoint=note.encode())


REFUSED: dict[str, tuple[str, Wrong]] = {
    "another circle": ("unknown-name", _other_circle),
    "the receiver's own": ("unknown-name", lambda lines, birch: _named(birch, lines.log("ash"))),
    "no name at all": ("unknown-name", lambda _, birch: _named(birch, "../../etc/passwd")),
    "another epoch": ("unknown-name", lambda _, birch: _named(birch, birch.log[:-1] + "2")),
    "a drill": ("drill-at-live", lambda _, birch: _named(birch, f"drill.{birch.log}")),
    "a checkpoint of another log": ("wrong-name", _wrong_name),
    "a signature of another text": ("bad-signature", _bad_signature),
    "no note": ("malformed-note", lambda _, birch: replace(birch.history.push(), checkpoint=b"\xff")),
    "smaller than the chunk": ("wrong-size", _smaller_than_chunk),
    "signed as empty": ("wrong-size", _signed_empty),
    "smaller than what is held": ("rollback", lambda _, birch: birch.history.push(0, 1, 1)),
    "another last entry": ("wrong-root", _other_last_entry),
    "another held entry": ("wrong-root", _other_held_entry),
    "another proof": ("wrong-root", lambda _, birch: _proved(birch.history.push(0, 3), 2)),
    "no proof": ("wrong-root", lambda _, birch: _proved(birch.history.push(0, 3), 0)),
    "a proof where none is due": ("wrong-root", lambda _, birch: _proved(birch.history.push(), 1)),
    "another proof without entries": ("wrong-root", lambda _, birch: _proved(birch.history.push(2, 2), 2)),
}


@pytest.mark.parametrize(("code", "wrong"), REFUSED.values(), ids=REFUSED.keys())
def test_a_push_that_is_wrong_is_refused_and_changes_nothing(lines: Lines, code: str, wrong: Wrong) -> None:
    """What is wrong with a push is answered with its code; nothing of it is held; the next good one is."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(birch.note())
    birch.push("ash", birch.history.push())
    birch.history.write(*(birch.note(f"{number}") for number in range(5)))

    answer = birch.push("ash", wrong(lines, birch))

    assert codes([answer]) == [code]
    assert isinstance(answer, Refused)
    assert answer.size_held == (2 if code == "rollback" else 0)
    assert [event.code for event in ash.heard(RefusedHere)] == [code]
    assert ash.follows("birch").size == ash.store.edge(birch.log).size == 2
    assert held(birch, birch.push("ash", birch.history.push()))


def test_a_live_name_is_refused_at_a_drill() -> None:
    """A drill takes no push of a log that is not a drill's."""
    with Lines(domain=DRILL) as lines:
        lines.start("ash")
        birch = lines.puppet("birch")
        live = replace(birch.history.push(), log=birch.log.removeprefix("drill."))
        assert codes([birch.push("ash", live), birch.push("ash", birch.history.push())]) == [
            "live-at-drill",
            "Held",
        ]


# --- held, but not understood ---

Unread = Callable[[Puppet], bytes]


def _note_with(birch: Puppet, old: bytes, new: bytes) -> bytes:
    record = birch.note()
    assert old in record
    return record.replace(old, new)


def _badly_signed(birch: Puppet) -> bytes:
    signed, other = parse_note(birch.signed()), parse_note(birch.signed(author="other"))
    return replace(signed, signatures=other.signatures).encode()


UNREAD: dict[str, tuple[str, Unread]] = {
    "unknown kind": ("unknown-kind", lambda b: _note_with(b, b'"kind":"note"', b'"kind":"nova"')),
    "newer field": ("unknown-field", lambda b: _note_with(b, b'"text"', b'"subtext":1,"text"')),
    "no UTF-8": ("invalid-utf-8", lambda _: b"{\xff}"),
    "no JSON": ("not-json", lambda _: b"x"),
    "a fraction": ("float", lambda b: _note_with(b, b'"at_ms":', b'"at_ms":0.')),
    "a field twice": ("duplicate-key", lambda b: _note_with(b, b'"at_ms":', b'"at_ms":1,"at_ms":')),
    "a field missing": ("malformed-record", lambda b: _note_with(b, b'"lang":"en",', b"")),
    "another circle": ("wrong-circle", lambda b: _note_with(b, b.log.split("/")[1].encode(), b"0" * 64)),
    "a second opening": ("misplaced-opening", lambda b: b.member.opening),
    "unknown officer": ("officer-unknown", lambda b: b.signed(2)),
    "an officer in another role": ("officer-unknown", lambda b: b.signed(author="other")),
    "an officer's signature of another text": ("officer-signature", _badly_signed),
}


@pytest.mark.parametrize(("code", "unread"), UNREAD.values(), ids=UNREAD.keys())
def test_what_cannot_be_read_is_held_all_the_same(lines: Lines, code: str, unread: Unread) -> None:
    """What is not understood here is held, confirmed and passed on, and the next good one arrives."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.history.write(birch.card())
    birch.history.write(unread(birch), birch.signed())

    assert held(birch, birch.push("ash", birch.history.push()))

    opening, card, bad, good = ash.readings("birch")
    assert isinstance(bad, NotUnderstood)
    assert bad.code == code
    assert [type(reading) for reading in (opening, card, good)] == [Readable] * 3
    pulled = cedar.call("ash", Path.PULL, Pull(birch.log, 0, 10).encode())
    assert isinstance(pulled, Pushed)
    assert pulled.push.chunk == birch.history.push().chunk


# --- gaps and bodies ---


def test_checkpoints_that_were_passed_are_not_kept(lines: Lines) -> None:
    """A log that grows a thousand times leaves no thousand checkpoints with those who hold it."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    for number in range(20):
        birch.push("ash", birch.history.push(number))
        birch.history.write(birch.note(f"{number}"))
    assert len(ash.store.checkpoints_above(birch.log, -1)) <= 2


def test_a_gap_is_answered_with_the_size_held(lines: Lines) -> None:
    """Entries beyond the end of what is held are not taken, and no error."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(*(birch.note(f"{number}") for number in range(5)))

    assert birch.push("ash", birch.history.push(3)) == SizeHeld(0)
    assert birch.push("ash", birch.history.push(0, 2)) == SizeHeld(2)
    assert birch.push("ash", birch.history.push(3)) == SizeHeld(2)
    assert held(birch, birch.push("ash", birch.history.push(1)))
    assert ash.heard(RefusedHere) == []


def test_a_withheld_record_is_named_and_nothing_above_it_confirmed(lines: Lines) -> None:
    """Without every record below, there is no confirmation; what stands behind is read all the same."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(*(birch.note(f"{number}") for number in range(5)))
    whole = birch.history.push()
    withheld = replace(whole, chunk=whole.chunk.without(frozenset({2, 4})))

    assert birch.push("ash", withheld) == Missing(6, (2, 4))
    assert birch.push("ash", withheld) == Missing(6, (2, 4))
    assert [reading.index for reading in ash.readings("birch")] == [0, 1, 3, 5]
    birch.history.write(birch.note("behind"))
    assert birch.push("ash", birch.history.push(6)) == Missing(7, (2, 4))
    ash.restart()
    assert birch.push("ash", birch.history.push(4, 5)) == Missing(7, (2,))
    assert held(birch, birch.push("ash", birch.history.push(2, 3)))
    assert [reading.index for reading in ash.readings("birch")] == [4, 2]


def test_what_an_officer_signed_is_read_again_once_the_card_is_here(lines: Lines) -> None:
    """Without the card below it, it cannot be read; when nothing is missing any more, it is told again."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(birch.card(), birch.signed(), birch.note(), birch.signed(2))
    push = birch.history.push()
    withheld = replace(push, chunk=push.chunk.without(frozenset({1, 3})))
    read = ["plain", "officer-unknown", "officer-unknown"]

    assert birch.push("ash", withheld) == Missing(5, (1, 3))
    assert said(ash.readings("birch")) == read
    assert birch.push("ash", birch.history.push(1, 2, 5)) == Missing(5, (3,))
    assert said(ash.readings("birch")) == [*read, "plain"]
    assert held(birch, birch.push("ash", birch.history.push(3, 4, 5)))
    assert said(ash.readings("birch")) == [*read, "plain", "plain", "duty", "officer-unknown"]
    assert [reading.index for reading in ash.readings("birch")] == [0, 2, 4, 1, 3, 2, 4]
    birch.history.write(birch.note())
    assert held(birch, birch.push("ash", birch.history.push(5)))
    assert [reading.index for reading in ash.readings("birch")][7:] == [5]


def said(readings: Iterable[Reading]) -> list[str]:
    """Who says what was read, or why it was not."""
    return [
        reading.code if isinstance(reading, NotUnderstood) else reading.officer or "plain"
        for reading in readings
    ]


def test_a_record_that_does_not_match_counts_as_missing_and_its_sender_is_noted(lines: Lines) -> None:
    """A wrong record, and a right one with a wrong salt, are not taken: neither at first nor when missing."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.history.write(*(birch.note(f"{number}") for number in range(3)))
    whole = birch.history.push()
    entries = triples(whole)
    entries[1] = (entries[1][0], entries[1][1], entries[2][2])
    entries[3] = (entries[3][0], entries[2][1], entries[3][2])
    wrong = replace(whole, chunk=Chunk.make(0, entries))

    assert birch.push("ash", wrong) == Missing(4, (1, 3))
    assert cedar.push("ash", wrong) == Missing(4, (1, 3))
    assert ash.heard(BodiesMismatched) == [
        BodiesMismatched("birch", birch.log, (1, 3)),
        BodiesMismatched("cedar", birch.log, (1, 3)),
    ]
    assert held(birch, cedar.push("ash", whole))


def test_an_entry_of_another_log_cannot_be_passed_off_as_this_one_s(lines: Lines) -> None:
    """Entry, salt and record copied from another log do not match: the log's name is in the hash."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    cedar.history.write(cedar.note("mine"))
    birch.history.append(triples(cedar.history.push(1)))

    assert birch.push("ash", birch.history.push()) == Missing(2, (1,))


def test_at_most_1024_missing_records_are_named(lines: Lines) -> None:
    """The lowest are named first; when they are there, the others."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    for _ in range(2):
        birch.history.write(*(birch.note(f"{number}") for number in range(750)))
    for first in (0, 1_000):
        push = birch.history.push(first, min(first + 1_000, birch.history.size))
        birch.push("ash", replace(push, chunk=push.chunk.without(frozenset(range(first, push.chunk.end)))))
    assert ash.follows("birch").size == birch.history.size

    assert birch.push("ash", birch.history.push(0, 0)) == Missing(1_501, tuple(range(1_024)))
    assert birch.push("ash", birch.history.push(0, 1_024)) == Missing(1_501, tuple(range(1_024, 1_501)))
    assert held(birch, birch.push("ash", birch.history.push(1_024)))


@given(st.data())
def test_any_order_of_pushes_leads_to_the_same_log(data: st.DataObject) -> None:
    """Whoever sends what part of a log in what order: only what is whole is confirmed, and it gets whole."""
    with Lines() as lines:
        ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
        birch.history.write(*(birch.note(f"{number}") for number in range(7)))
        whole = birch.history.push()
        for _ in range(data.draw(st.integers(0, 8))):
            first = data.draw(st.integers(0, 8))
            end = data.draw(st.integers(first, 8))
            push = birch.history.push(first, end, data.draw(st.integers(max(1, end), 8)))
            without = (
                data.draw(st.frozensets(st.sampled_from(range(first, end)))) if first < end else frozenset()
            )
            push = replace(push, chunk=push.chunk.without(frozenset(without)))
            answer = data.draw(st.sampled_from([birch, cedar])).push("ash", push)

            followed, store = ash.follows("birch"), ash.store
            size = followed.size
            assert store.entries(birch.log, 0, size) == whole.chunk.entries[: 32 * size]
            if isinstance(answer, Held):
                assert not store.missing(birch.log, 1)
                assert held(birch, answer) or answer.size < birch.history.size
            assert followed.anchor is None or followed.anchor.checkpoint.size <= size
            if data.draw(st.booleans()):
                ash.restart()
        assert held(birch, birch.push("ash", whole))


# --- no room ---


def test_a_full_disk_is_answered_later_and_nothing_is_half_done(lines: Lines) -> None:
    """Without room nothing of a push is held; with room again, the same push is accepted."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push())
    birch.history.write(birch.card(), birch.note())
    ash.store.room_bytes = 100

    assert codes([birch.push("ash", birch.history.push(1)), birch.push("ash", birch.history.push(1))]) == [
        "Later",
        "Later",
    ]
    assert codes([birch.ahead("ash", birch.history.ahead(2, 1))]) == ["Later"]
    assert (ash.follows("birch").size, ash.follows("birch").ahead) == (1, {})
    assert ash.store.card_before(birch.log, 9) is None
    ash.store.room_bytes = None
    assert held(birch, birch.push("ash", birch.history.push(1)))
    assert len(ash.readings("birch")) == 3


def test_a_card_that_could_not_be_held_lets_nobody_sign(lines: Lines) -> None:
    """What was read of a push that found no room is forgotten: another version may come in its place."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push())
    other = birch.history.branch(1)
    birch.history.write(birch.card())
    other.write(birch.card(2))
    other.write(birch.signed(), birch.signed(2), birch.note())
    ash.store.room_bytes = 0
    assert codes([birch.push("ash", birch.history.push(1))]) == ["Later"]
    ash.store.room_bytes = None

    birch.push("ash", other.push(1))

    assert [type(reading) for reading in ash.readings("birch")[2:4]] == [NotUnderstood, Readable]


# --- too much ---


def test_one_member_s_pushes_keep_no_other_waiting(lines: Lines) -> None:
    """Whoever sends too many pushes at once is told to come later, and nobody else is."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    push = birch.history.push().encode()

    async def flood() -> list[Answer]:
        flood = [cedar.calling("ash", Path.PUSH, push) for _ in range(6 * MAX_WAITING)]
        return await asyncio.gather(*flood, birch.calling("ash", Path.PUSH, push))

    lines.wire.weather = Weather(0.001, 0.001)
    *answers, honest = lines.run(flood())

    assert isinstance(honest, Held)
    assert {type(answer) for answer in answers} == {Held, Later}


def test_a_malformed_push_of_the_largest_size_is_answered(lines: Lines) -> None:
    """The cap on a request's size is checked before anything else is looked at."""
    lines.start("ash")
    birch = lines.puppet("birch")
    answers = [birch.call("ash", Path.PUSH, bytes(size)) for size in (MAX_PUSH_BYTES, MAX_PUSH_BYTES + 1)]
    assert codes(answers) == ["no-common-version", "push-too-large"]
