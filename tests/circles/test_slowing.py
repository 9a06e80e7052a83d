"""Limits, turns and room (docs/protocol.md, section 9.7): who is slowed, and who is not."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest
from tests.circles.lines import LATER, Desk, Lines, Puppet, checkpoint_of, codes, held, holds_all
from tests.circles.party import PLACES, note_bytes
from tests.simulation.memory_store import MemoryStore
from tests.simulation.wire import Weather

from tocsin.circles.authoring.own import LONGEST_WAIT_S
from tocsin.circles.authoring.pace import LEAST_BYTES
from tocsin.circles.authoring.sending import FIRST_PAUSE_S
from tocsin.circles.errors import LimitReached, WritesHalted
from tocsin.circles.events import Arrived, ConfirmedAhead, RefusedHere, RefusedThere, ToldLater, Wrote
from tocsin.circles.following.limits import BURST_S, URGENT_S
from tocsin.circles.founding.charter import Limits
from tocsin.circles.wire.answers import Answer, Held, Later, SizeHeld
from tocsin.circles.wire.messages import Push
from tocsin.circles.wire.protocol import Path, Request
from tocsin.core import keys as core_keys
from tocsin.core.errors import Fault
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES
from tocsin.log.committer import Committer
from tocsin.log.store import StorageFull

T = TypeVar("T")

PER_S = 100
BUSY_S, BUSY_PER_ENTRY_S = 1e-3, 1e-5
FEW = Limits(records_per_second=PER_S, bytes_per_day=10**10)
SIX = (*PLACES, ("elm", "Elm", "TW"), ("fir", "Fir", "TJ"), ("gorse", "Gorse", "KZ"))


def _write(desk: Desk, records: int, text: str = "") -> None:
    notes = [note_bytes(desk.line.own.member.log, f"{text} {number}") for number in range(records)]
    desk.lines.run(desk.line.write(notes))


def _wrote(puppet: Puppet, records: int) -> None:
    for first in range(0, records, 1_000):
        count = min(1_000, records - first)
        puppet.history.write(*(puppet.note(f"{first + number}") for number in range(count)))


# --- limits, where records arrive ---


def test_what_is_beyond_the_limit_has_to_come_later() -> None:
    """A log that brings more than its limit is told in how many ms it may go on, and then may."""
    with Lines(limits=FEW) as lines:
        ash, birch = lines.start("ash"), lines.puppet("birch")
        _wrote(birch, 3 * MAX_CHUNK_ENTRIES)
        assert birch.push("ash", birch.history.push(0, MAX_CHUNK_ENTRIES)) == SizeHeld(MAX_CHUNK_ENTRIES)
        more = birch.history.push(MAX_CHUNK_ENTRIES, 2 * MAX_CHUNK_ENTRIES)
        later = birch.push("ash", more)
        owed = MAX_CHUNK_ENTRIES - BURST_S * PER_S
        assert isinstance(later, Later)
        assert 0.5 * owed / PER_S <= later.after_ms / 1000 <= owed / PER_S
        assert ash.heard(ToldLater) == [ToldLater("birch", birch.log, "limit")]

        lines.run_for(later.after_ms / 1000)
        assert birch.push("ash", more) == SizeHeld(2 * MAX_CHUNK_ENTRIES)


def test_a_change_of_the_circle_forgives_nothing() -> None:
    """A log goes on to owe what it owes when the circle changes, which any member can bring about."""
    with Lines(limits=FEW) as lines:
        ash, birch = lines.start("ash"), lines.puppet("birch")
        _wrote(birch, 3 * MAX_CHUNK_ENTRIES)
        assert birch.push("ash", birch.history.push(0, MAX_CHUNK_ENTRIES)) == SizeHeld(MAX_CHUNK_ENTRIES)

        lines.run(ash.line.suspend("cedar", "for a while"))

        more = birch.history.push(MAX_CHUNK_ENTRIES, 2 * MAX_CHUNK_ENTRIES)
        assert isinstance(birch.push("ash", more), Later)


def test_a_limit_is_of_one_log_and_counts_what_is_new() -> None:
    """Other logs go on, and so does what needs no room: confirmations, newest checkpoints, repetitions."""
    with Lines(limits=FEW) as lines:
        lines.start("ash")
        birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
        _wrote(birch, 1_023)
        _wrote(cedar, 1)
        assert held(birch, birch.push("ash", birch.history.push()))
        for _ in range(3):
            assert held(birch, birch.push("ash", birch.history.push()))
        birch.history.write(birch.note())
        assert codes([birch.push("ash", birch.history.push(1_024))]) == ["Later"]
        assert birch.tell("ash") == SizeHeld(1_024)
        assert held(cedar, cedar.push("ash", cedar.history.push()))


def test_who_brings_a_log_makes_no_difference() -> None:
    """What another member pushes, and what is asked for, counts against the limit of the log it is of."""
    with Lines(limits=FEW) as lines:
        lines.start("ash")
        birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
        _wrote(birch, 2 * MAX_CHUNK_ENTRIES)
        assert cedar.push("ash", birch.history.push(0, MAX_CHUNK_ENTRIES)) == SizeHeld(MAX_CHUNK_ENTRIES)
        assert codes([birch.push("ash", birch.history.push(MAX_CHUNK_ENTRIES))]) == ["Later"]


def test_two_versions_are_found_beyond_the_limit() -> None:
    """A log cannot hide behind its limit: the checkpoint of a push that has to wait is compared."""
    with Lines(limits=FEW) as lines:
        ash, birch = lines.start("ash"), lines.puppet("birch")
        other = birch.history.branch(1)
        other.write(birch.note("other"))
        _wrote(birch, 1_010)
        assert held(birch, birch.push("ash", birch.history.push()))
        birch.history.write(birch.note())
        assert codes([birch.push("ash", birch.history.push())]) == ["Later"]
        assert codes([birch.push("ash", other.push())]) == ["fork"]
        assert ash.follows("birch").stopped


def test_a_member_that_was_away_is_slowed_and_not_refused() -> None:
    """A backlog within the author's own limit arrives at the charter's rate, whole, without a refusal."""
    with Lines(limits=FEW) as lines:
        ash = lines.start("ash")
        for _ in range(4):
            _write(ash, BURST_S * PER_S)
            lines.run_for(BURST_S)
        cedar = lines.start("cedar")
        started_s, size = lines.loop.time(), ash.line.own.size
        lines.run_for(2)
        assert BURST_S * PER_S <= cedar.follows("ash").size <= BURST_S * PER_S + 4 * PER_S + MAX_CHUNK_ENTRIES
        while cedar.follows("ash").size < size:
            lines.run_for(1)
        took_s = lines.loop.time() - started_s
        assert (size - BURST_S * PER_S - 2 * MAX_CHUNK_ENTRIES) / PER_S <= took_s <= size / PER_S + 10
        assert not ash.heard(RefusedThere)
        assert not cedar.heard(RefusedHere)
        lines.run_for(6)
        assert ash.line.own.held["cedar"].size == size


# --- limits, where records are written ---


def test_an_author_waits_within_its_limit() -> None:
    """Beyond a burst, writing takes the time that the charter sets, and nobody has to be told *later*."""
    with Lines(limits=FEW) as lines:
        ash, cedar = lines.start("ash"), lines.start("cedar")
        for number in range(BURST_S):
            _write(ash, PER_S, f"{number}")
        started_s = lines.loop.time()
        for number in range(10):
            _write(ash, PER_S, f"more {number}")
        assert 8 <= lines.loop.time() - started_s <= 10
        lines.run_for(1)
        assert cedar.heard(ToldLater) == []
        assert ash.line.own.held["cedar"].size == ash.line.own.size


def test_what_would_take_long_is_refused_where_it_is_written() -> None:
    """Far beyond the limit, a write ends in an error that says when, and changes nothing; urgent ones go."""
    with Lines(limits=FEW) as lines:
        ash = lines.start("ash")
        _write(ash, 1_000)
        lines.run(ash.line.write([note_bytes(ash.line.own.member.log, "x")] * 900, urgent=True))
        size = ash.line.own.size
        with pytest.raises(LimitReached, match=r"100 records a second.*again in \d+ s; what is urgent"):
            _write(ash, 1)
        assert ash.line.own.size == size
        ash.write(urgent=True)
        lines.run_for(11 - LONGEST_WAIT_S)
        _write(ash, 1)
        for _ in range(URGENT_S * PER_S // 1_000 + 1):
            lines.run(ash.line.write([note_bytes(ash.line.own.member.log, "x")] * 1_000, urgent=True))
        with pytest.raises(LimitReached, match=r"try again in \d+ s\.$"):
            ash.write(urgent=True)


def test_writes_that_wait_are_checked_again() -> None:
    """A log that was halted while a write waited for its limit is not written."""
    with Lines(limits=FEW) as lines:
        ash = lines.start("ash")
        _write(ash, 1_000)
        _write(ash, 300)
        size = ash.line.own.size
        lines.loop.call_later(1, ash.line.own.halt, "Others hold more.")
        with pytest.raises(WritesHalted, match="Others hold more"):
            _write(ash, 1)
        assert ash.line.own.size == size


# --- room ---


def test_the_last_room_is_for_our_own_log() -> None:
    """Below the reserve, others' records wait, and ours are written; with room again, they come."""
    with Lines() as lines:
        ash, cedar, birch = lines.start("ash"), lines.start("cedar"), lines.puppet("birch")
        birch.says = holds_all(birch)
        assert held(birch, birch.push("ash", birch.history.push()))
        ash.has_room = False
        cedar.write()
        birch.history.write(birch.note("late"))
        assert codes([birch.push("ash", birch.history.push(1))]) == ["Later"]
        assert codes([birch.ahead("ash", birch.history.ahead(1, 1))]) == ["Later"]
        assert held_size(birch.push("ash", birch.history.push(0, 1))) is None
        ash.write()
        assert {event.why for event in ash.heard(ToldLater)} == {"room"}
        assert (ash.follows("cedar").size, ash.line.own.size) == (1, 3)
        assert ash.line.own.held["cedar"].size == 3
        ash.has_room = True
        lines.run_for(10)
        assert ash.follows("cedar").size == cedar.line.own.size


def held_size(answer: Answer) -> int | None:
    """The size that an answer confirms."""
    return answer.size if isinstance(answer, Held) else None


# --- duplicates ---


def _verified(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is verified from now on."""
    verified: list[bytes] = []
    real = core_keys.ed25519_verify

    def watched(public: bytes, message: bytes, signature: bytes) -> bool:
        verified.append(message)
        return real(public, message, signature)

    monkeypatch.setattr(core_keys, "ed25519_verify", watched)
    return verified


def test_a_repeated_request_costs_no_signature(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """The very same request is stale, brings a nonce like any other, and no signature is checked."""
    lines.start("ash")
    birch = lines.puppet("birch")
    nonce = birch.send("ash", birch.request("ash", Path.NONCE, b"")).nonce
    request = birch.request("ash", Path.PUSH, birch.history.push().encode(), nonce)
    assert birch.send("ash", request).status == 200
    verified = _verified(monkeypatch)
    replies = [birch.send("ash", request) for _ in range(3)]
    assert [reply.status for reply in replies] == [401, 401, 401]
    assert len({reply.nonce for reply in replies}) == 3
    assert verified == []


def test_a_repeated_push_costs_one_signature(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same push under a new nonce: only who asks is verified; the answer comes from what is held."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    _wrote(birch, 5)
    push = birch.history.push()
    assert held(birch, birch.push("ash", push))
    verified = _verified(monkeypatch)
    arrived = len(ash.heard(Arrived))
    nonce = birch.send("ash", birch.request("ash", Path.NONCE, b"")).nonce
    verified.clear()
    reply = birch.send("ash", birch.request("ash", Path.PUSH, push.encode(), nonce))
    assert reply.status == 200
    assert [message.partition(b"\n")[0] for message in verified] == [b"tocsin/request/v1"]
    assert len(ash.heard(Arrived)) == arrived


def test_a_backlog_costs_one_checkpoint(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """All parts of a backlog come under one checkpoint, whose signature is checked once."""
    lines.start("ash")
    birch = lines.puppet("birch")
    _wrote(birch, 50)
    verified = _verified(monkeypatch)
    for first in range(0, 51, 10):
        birch.push("ash", birch.history.push(first, min(first + 10, 51)))
    logs = [message for message in verified if message.startswith(birch.log.encode())]
    assert len(logs) == 1


# --- turns ---


class SlowDisk(Committer):
    """After a commit the disk is busy for a while: 1 ms, and 10 µs for each entry."""

    _busy_until_s = 0.0

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._busy_until_s:
            loop.call_at(self._busy_until_s, self._turn)
            return
        before = self._entries()
        super()._turn()
        self._busy_until_s = loop.time() + BUSY_S + (self._entries() - before) * BUSY_PER_ENTRY_S

    def _entries(self) -> int:
        return sum(self._store.edge(log).size for log in self._store.logs())


def test_backlogs_delay_a_single_record_by_one_chunk() -> None:
    """While four members bring backlogs, all at once, a fifth's record waits for one of their chunks."""
    with Lines(chosen=SIX) as lines:
        lines.wire.weather = Weather(1e-4, 1e-4)
        ash = lines.start("ash", committing=SlowDisk)
        floods = [lines.puppet(slug) for slug in ("cedar", "elm", "fir", "gorse")]
        birch = lines.puppet("birch")
        for puppet in floods:
            _wrote(puppet, 8 * MAX_CHUNK_ENTRIES)
        chunk_s = BUSY_S + BUSY_PER_ENTRY_S * MAX_CHUNK_ENTRIES
        times: list[float] = []

        async def flood(puppet: Puppet) -> None:
            for number in range(8):
                first = number * MAX_CHUNK_ENTRIES
                push = puppet.history.push(first, first + MAX_CHUNK_ENTRIES)
                await puppet.calling("ash", Path.PUSH, push.encode())

        async def single() -> None:
            for number in range(20):
                await asyncio.sleep(0.01)
                birch.history.write(birch.note(f"{number}"))
                push = birch.history.push(birch.history.size - 1 if number else 0)
                started_s = lines.loop.time()
                await birch.calling("ash", Path.PUSH, push.encode())
                times.append(lines.loop.time() - started_s)

        async def all_at_once() -> None:
            await asyncio.gather(*map(flood, floods), single())

        lines.run(all_at_once())
        assert all(ash.follows(puppet.slug).size == 8 * MAX_CHUNK_ENTRIES for puppet in floods)
        assert max(times) < 1.5 * chunk_s


# --- a slow line ---


def _slow(lines: Lines, bytes_per_s: float) -> None:
    """From now on, requests take the time that their bytes need."""
    carry = lines.wire.carry

    def slowly(sender: str, receiver: str, arrive: Callable[..., None], *args: object) -> None:
        size_bytes = sum(len(arg.body) for arg in args if isinstance(arg, Request))
        lines.loop.call_later(size_bytes / bytes_per_s, carry, sender, receiver, arrive, *args)

    lines.wire.carry = slowly  # type: ignore[method-assign]


def test_a_slow_line_carries_a_backlog(lines: Lines) -> None:
    """What a line cannot carry within the time of one call arrives in smaller parts, and all is confirmed."""
    lines.wire.cut("ash", "birch")
    ash, birch = lines.start("ash"), lines.puppet("birch")
    long = "x" * 30_000
    for number in range(100):
        _write(ash, 1, f"{number} {long}")
    birch.says = _takes_in_order(birch)
    lines.wire.heal()
    _slow(lines, 100_000)
    lines.run_for(90)
    assert ash.line.own.held["birch"].size == ash.line.own.size
    assert min(len(push.chunk.data) for push in birch.pushed()) < 500_000
    birch.asked.clear()
    lines.wire.carry = type(lines.wire).carry.__get__(lines.wire)  # type: ignore[method-assign]
    birch.says = lambda _: LATER
    for number in range(100):
        _write(ash, 1, f"{number} {long}")
    birch.says = _takes_in_order(birch, ash.line.own.held["birch"].size)
    lines.run_for(70)
    assert ash.line.own.held["birch"].size == ash.line.own.size
    assert max(len(push.chunk.data) for push in birch.pushed()) > 1_000_000


def _takes_in_order(puppet: Puppet, size: int = 0) -> Callable[[Request], Answer]:
    """A member that takes what it is pushed."""

    def says(request: Request) -> Answer:
        nonlocal size
        if request.path != Path.PUSH:
            return LATER
        push = Push.decode(request.body)
        if push.chunk.first <= size < push.chunk.end:
            size = push.chunk.end
        checkpoint = checkpoint_of(push)
        return SizeHeld(size) if size < checkpoint.size else holds_all(puppet)(request)

    return says


def test_a_line_that_is_down_does_not_end_at_nothing(lines: Lines) -> None:
    """However long nobody answers, a push has at least one record, and some KiB."""
    birch = lines.puppet("birch", lambda _: None)
    ash = lines.start("ash")
    for number in range(20):
        _write(ash, 1, f"{number} {'x' * 3_000}")
    lines.run_for(200)
    birch.asked.clear()
    lines.run_for(20)
    assert {len(push.chunk.data) for push in birch.pushed()} <= set(range(LEAST_BYTES // 2, LEAST_BYTES + 1))


# --- urgent records ---


def test_what_was_urgent_while_a_member_was_away_goes_first() -> None:
    """It is confirmed ahead when the member is back, before the backlog, and comes in its turn as well."""
    with Lines(limits=Limits(records_per_second=10_000, bytes_per_day=10**12)) as lines:
        lines.wire.cut("ash", "cedar")
        ash, cedar = lines.start("ash"), lines.start("cedar")
        for number in range(5):
            _write(ash, 1_000, f"{number}")
        ash.write(urgent=True)
        urgent = ash.line.own.size - 1
        for number in range(5):
            _write(ash, 1_000, f"more {number}")
        lines.run_for(20)
        assert ash.heard(ConfirmedAhead) == []
        lines.wire.heal()
        sizes: list[int] = []
        ash.on_event = lambda event: (
            sizes.append(cedar.follows("ash").size)
            if isinstance(event, ConfirmedAhead)
            else ash.events.append(event)
        )
        lines.run_for(15)
        assert sizes == [0]
        assert [event.readings[0].index for event in cedar.heard(Arrived) if event.ahead] == [urgent]
        assert cedar.follows("ash").size == ash.line.own.size


def test_what_is_urgent_does_not_wait_for_a_limit() -> None:
    """A member that told us *later* gets an urgent record at once, whatever it lacks."""
    with Lines(limits=FEW) as lines:
        ash = lines.start("ash")
        _write(ash, 1_000)
        lines.run_for(10)
        _write(ash, 1_000)
        lines.run_for(10)
        cedar = lines.start("cedar")
        lines.run_for(1)
        assert cedar.heard(ToldLater)
        ash.write(urgent=True)
        assert ConfirmedAhead("cedar", ash.line.own.size - 1) in ash.heard(ConfirmedAhead)
        assert cedar.follows("ash").size < ash.line.own.size


def test_nothing_goes_ahead_twice(lines: Lines) -> None:
    """What is confirmed ahead, refused, or held meanwhile is not sent ahead again."""
    lines.wire.cut("ash", "cedar")
    ash = lines.start("ash")
    for number in range(4):
        _write(ash, 900, f"{number}")
    ash.write(urgent=True)
    lines.wire.heal()
    lines.start("cedar", MemoryStore("cedar"))
    lines.run_for(10)
    _write(ash, 5)
    ash.write(urgent=True)
    lines.run_for(10)
    assert len(ash.heard(ConfirmedAhead)) == 1


# --- members that were away ---


def _cut_off(lines: Lines, slug: str) -> None:
    for other in ("ash", "birch", "cedar"):
        lines.wire.cut(slug, other)
        lines.wire.cut(other, slug)


@pytest.mark.parametrize("away_s", [7, 20, 90])
def test_a_member_is_found_soon_after_it_is_back(lines: Lines, away_s: int) -> None:
    """Within a hundredth of the time that it was away, and half a second, a backlog is on its way."""
    ash, cedar = lines.start("ash"), lines.start("cedar")
    lines.run_for(3)
    _cut_off(lines, "cedar")
    _write(ash, 1)
    lines.run_for(away_s)
    lines.wire.heal()
    lines.run_for(0.6 + away_s / 80)
    assert cedar.follows("ash").size == ash.line.own.size
    assert ash.line.own.held["cedar"].size == ash.line.own.size


def test_a_member_that_answers_nothing_but_probes_is_not_pushed_to_for_ever(lines: Lines) -> None:
    """Found and yet not reached, it is tried again after longer and longer, and never in a spin."""
    birch = lines.puppet("birch", lambda _: None)
    ash = lines.start("ash")
    _write(ash, 1)
    lines.run_for(120)
    assert 10 < len([push for push in birch.pushed() if push.chunk.count]) < 30


# --- errors on a bare turn of the loop ---


def test_an_error_while_records_are_shown_is_a_fault() -> None:
    """It does not only stand in a log: the node is told to stop."""
    with Lines() as lines:
        ash, birch = lines.start("ash"), lines.puppet("birch")

        def fail(event: object) -> None:
            if isinstance(event, Arrived | Wrote):
                raise Fault("Nobody expected this.")

        ash.on_event = fail
        assert held(birch, birch.push("ash", birch.history.push()))
        lines.run_for(1)
        assert [str(fault) for fault in ash.faults] == ["Nobody expected this."]
        lines.run(ash.line.write([note_bytes(ash.line.own.member.log, "x")]))
        lines.run_for(FIRST_PAUSE_S)
        assert len(ash.faults) == 2
        ash.faults.clear()


def test_a_full_disk_is_no_fault() -> None:
    """It is said, and goes on when there is room."""
    with Lines() as lines:
        ash = lines.start("ash")
        ash.store.room_bytes = 0
        with pytest.raises(StorageFull):
            ash.write()
        ash.store.room_bytes = None
        ash.write()
