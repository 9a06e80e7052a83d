"""What one member's events may cost the others: neither their writing, nor their reading, nor their day."""

import asyncio
import gc
import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import islice, product
from types import FrameType

import pytest
from tests.circles.changes import FOUNDED, OLD, amended, opening
from tests.circles.lines import LATER, Desk, Lines, Puppet, Says
from tests.circles.party import AT_MS, Seeded, note_bytes
from tests.simulation.clock import VirtualClock
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.changing.fold import acceptable, event_id
from tocsin.circles.changing.known import Known
from tocsin.circles.events import CircleChanged
from tocsin.circles.exchanging.announcing import batch, lacking, named
from tocsin.circles.exchanging.start import ASK_S, RENEWAL_S, RENEWALS_AT_ONCE, Start
from tocsin.circles.following.repair import ENDED_AT_ONCE, EVERY_S
from tocsin.circles.founding.charter import Limits
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.circles.wire.answers import Answer, Events, SizeHeld
from tocsin.circles.wire.fields import MAX_EVENT_IDS
from tocsin.circles.wire.messages import EventsRequest, Pull
from tocsin.circles.wire.protocol import Path, Request
from tocsin.circles.wire.requests import NO_NONCE
from tocsin.core import keys as core_keys
from tocsin.core.errors import Refusal
from tocsin.core.keys import encode_base64
from tocsin.core.names import LogName
from tocsin.core.note import Note, Signature, parse_note
from tocsin.core.records import Previous
from tocsin.node.serving.wire import LARGE_BODY_BYTES

_FIRST, _LAST = bytes(32), b"\xff" * 32


def epoch_of(lines: Lines, slug: str, epoch: int, seed: int = 1) -> bytes:
    """The opening of a later epoch; of the one before, nobody else has a record."""
    log = LogName(lines.circle.domain, lines.circle.id, slug, epoch)
    return make_opening(
        MemberKeys.generate(log, Seeded(f"{log} {seed}")),
        lines.party.organisations[slug],
        lines.circle.by_slug[slug].endpoint,
        at_ms=AT_MS,
        tlp="TLP:GREEN",
        previous=Previous(root=encode_base64(bytes(32)), size=1),
        reason="scheduled",
    )


async def bring(puppet: Puppet, *events: bytes) -> None:
    """Tell ash, which may take its time to answer."""
    with suppress(Refusal):
        await puppet.calling("ash", Path.EVENTS, EventsRequest((), events).encode())


def events_asked(puppet: Puppet) -> list[EventsRequest]:
    """The calls `events` that a puppet got."""
    return [EventsRequest.decode(asked.body) for asked in puppet.asked if asked.path == Path.EVENTS]


# --- writing and reading ---


def test_openings_of_one_keep_nobody_from_writing(lines: Lines) -> None:
    """Cedar is silent, birch opens an epoch every two seconds: ash writes two seconds after its start."""
    birch, _ = lines.puppet("birch"), lines.puppet("cedar", lambda _: None)
    ash = lines.start("ash")

    async def write_meanwhile() -> bool:
        record = note_bytes(ash.line.own.member.log, "Something happened.")
        writing = asyncio.ensure_future(ash.line.write([record]))
        for epoch in range(2, 6):
            await bring(birch, epoch_of(lines, "birch", epoch))
            await asyncio.sleep(1.5)
        return writing.done()

    assert lines.run(write_meanwhile())
    assert ash.line.circle.by_slug["birch"].log.epoch == 5


def test_each_epoch_of_ours_is_asked_about(lines: Lines) -> None:
    """A new epoch may be new to this database alone: nothing is written before the others were asked."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    lines.run_for(5)
    birch.asked.clear()
    birch.says = lambda _: None
    event = epoch_of(lines, "ash", 2)
    log = LogName(lines.circle.domain, lines.circle.id, "ash", 2)
    ash.keys[log] = MemberKeys.generate(log, Seeded(f"{log} 1"))
    lines.run(ash.line.take([event]))
    lines.run_for(1)
    assert any(asked.path == Path.CHECKPOINTS for asked in birch.asked)
    assert ash.line.own.size == 0
    lines.run_for(2)
    assert ash.line.own.size == 1


def test_where_records_are_missing_all_is_as_after_a_start(lines: Lines) -> None:
    """What was asked is not asked again, but in a new epoch, or when records of ours turn out to be lost."""
    start = Start(VirtualClock(lines.loop))
    start.go_on("ash/1", lost=False)
    assert start.ask_s() == ASK_S
    start.asked()
    start.due = {}
    start.go_on("ash/1", lost=False)
    assert not start.ask_s()
    assert start.due == {}
    start.go_on("ash/1", lost=True)
    assert start.ask_s() == ASK_S
    assert start.due is None
    start.asked()
    start.go_on("ash/2", lost=False)
    assert start.ask_s() == ASK_S


def test_the_exchange_is_made_anew_only_so_often(lines: Lines) -> None:
    """Calls at work end in between; in the end, all that was told is known."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    epochs = 3 * RENEWALS_AT_ONCE

    async def storm() -> None:
        telling: list[asyncio.Task[None]] = []
        for epoch in range(2, epochs + 1):
            telling.append(asyncio.create_task(bring(birch, epoch_of(lines, "birch", epoch))))
            await asyncio.sleep(0.5)
        await asyncio.wait(telling)

    lines.run(storm())
    lines.run_for(RENEWAL_S)
    assert len(ash.heard(CircleChanged)) <= RENEWALS_AT_ONCE + lines.loop.time() / RENEWAL_S
    assert ash.line.circle.by_slug["birch"].log.epoch == epochs


def test_who_waits_for_the_limits_keeps_no_change_waiting() -> None:
    """Ash has written more than its charter allows, and waits; birch changes its keys, and is answered."""
    with Lines(limits=Limits(records_per_second=1, bytes_per_day=2**40)) as lines:
        ash, birch = lines.start("ash"), lines.puppet("birch")
        lines.run_for(3)

        async def change_meanwhile() -> tuple[bool, int]:
            note = note_bytes(ash.line.own.member.log, "Something happened.")
            await ash.line.write([note] * 11)
            writing = asyncio.create_task(ash.line.write([note]))
            await asyncio.sleep(0.1)
            await bring(birch, epoch_of(lines, "birch", 2))
            waits, epoch = not writing.done(), ash.line.circle.by_slug["birch"].log.epoch
            await writing
            return waits, epoch

        assert lines.run(change_meanwhile()) == (True, 2)


# --- telling ---


def test_what_was_told_is_not_told_again_when_the_circle_changes(lines: Lines) -> None:
    """Each opening of birch's goes to cedar once, however often birch changes the circle."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    cedar.says = lambda request: Events(()) if request.path == Path.EVENTS else LATER
    events = [epoch_of(lines, "birch", epoch) for epoch in range(2, 8)]
    for event in events:
        lines.run(bring(birch, event))
        lines.run_for(3)
    told = [event for asked in events_asked(cedar) for event in asked.events]
    assert sorted(told) == sorted(events)
    cedar.asked.clear()
    ash.restart()
    lines.run_for(3)
    assert sorted(event for asked in events_asked(cedar) for event in asked.events) == sorted(events)


def _waiting(slug: str, epochs: range, *seeds: int) -> list[bytes]:
    """Openings of late epochs: they are kept, and do not count."""
    return [opening(slug, epoch, seed=seed) for epoch, seed in product(epochs, seeds)]


def _desk_with(lines: Lines, slug: str, events: list[bytes]) -> Desk:
    """A desk that keeps these events already."""
    store = MemoryStore(slug)
    with store.transaction():
        for event in events:
            store.put_document(f"events/{lines.circle.id}", event_id(event).hex(), event)
    return lines.start(slug, store)


def _answers(events: list[bytes]) -> Says:
    """A member that tells nobody, and answers those that ask with what they lack of these."""
    known = {event_id(event): event for event in events}

    def says(request: Request) -> Answer:
        if request.path != Path.EVENTS:
            return LATER
        asked = EventsRequest.decode(request.body)
        return Events(batch(lacking(known, asked.known, asked.events)))

    return says


@pytest.mark.parametrize("common", [1_020, pytest.param(2_100, marks=pytest.mark.slow)])
def test_any_number_of_events_is_asked_for(lines: Lines, common: int) -> None:
    """More than one call names: what the other has and we have not is found, wherever it stands."""
    places = product(range(3, 1_000), ("birch", "cedar"), (1, 2))
    waiting = [epoch_of(lines, slug, epoch, seed) for epoch, slug, seed in islice(places, common + 180)]
    shared, ours, theirs = waiting[:common], waiting[common:-90], waiting[-90:]
    cedar = lines.puppet("cedar", _answers(shared + theirs))
    ash = _desk_with(lines, "ash", shared + ours)
    lines.run_for(30)
    assert set(ash.line.events) == set(waiting)
    unexpected = [asked for asked in cedar.asked if asked.path == Path.EVENTS and asked.nonce == NO_NONCE]
    assert unexpected
    assert all(len(asked.body) <= LARGE_BODY_BYTES for asked in unexpected)


@pytest.mark.parametrize("count", [0, 1, 1_023, 1_024, 1_025, 2_044, 2_045, 2_046, 3_000])
def test_lists_of_ids_name_all_of_them(count: int) -> None:
    """Each list is ascending and fits into a call; nothing that another has lies beside all of them."""
    ours = sorted(hashlib.sha256(str(number).encode()).digest() for number in range(count))
    others = [hashlib.sha256(f"other {number}".encode()).digest() for number in range(500)]
    theirs = {id_: id_ for id_ in (*ours, *others)}
    lists = [named(ours, _FIRST)]
    while len(lists[-1]) == MAX_EVENT_IDS and lists[-1][-1] != _LAST:
        lists.append(named(ours, lists[-1][-1]))
    assert len(lists) == max(1, -(-(count + 1) // (MAX_EVENT_IDS - 1))) or count < MAX_EVENT_IDS
    assert all(EventsRequest.decode(EventsRequest(one, ()).encode()).known == one for one in lists)
    answered = [id_ for one in lists for id_ in lacking(theirs, one, ())]
    assert set(answered) == set(others)


def test_what_may_not_be_kept_keeps_nothing_else_from_coming(lines: Lines) -> None:
    """Of three openings of an epoch two are kept, here others than there: other events come all the same."""
    three = [[epoch_of(lines, "birch", epoch, seed) for seed in (1, 2, 3)] for epoch in range(3, 75)]
    last = epoch_of(lines, "cedar", 1_000)
    lines.puppet("cedar", _answers([*(event for _, *others in three for event in others), last]))
    ash = _desk_with(lines, "ash", [event for *some, _ in three for event in some])
    lines.run_for(30)
    assert last in ash.line.events


def test_a_stranger_s_events_cost_a_signature_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """An opening nobody signed, and an amendment with many signatures that are wrong."""
    verified: list[bytes] = []
    real = core_keys.ed25519_verify

    def counting(public: bytes, message: bytes, signature: bytes) -> bool:
        verified.append(public)
        return real(public, message, signature)

    amendment = parse_note(amended(FOUNDED, list(OLD), title="Harbour and river"))
    false = Note(
        amendment.text,
        tuple(Signature(one.name, one.key_id, bytes(64)) for one in amendment.signatures),
    )
    openings = [_false(opening("ash", epoch)) for epoch in range(2, 20)]
    known = Known.of(FOUNDED, [opening("birch", epoch) for epoch in range(2, 20)])
    monkeypatch.setattr(core_keys, "ed25519_verify", counting)
    fresh, refusal = acceptable(known, [*openings, false.encode()])
    assert (fresh, len(verified)) == ([], len(openings) + 1)
    assert refusal is not None


def test_an_event_costs_as_much_beside_many_as_beside_few() -> None:
    """What is checked of one depends on no other member's."""
    false = _false(opening("ash", 2))
    few, many = (Known.of(FOUNDED, _waiting("birch", range(3, end), 1)) for end in (4, 300))
    acceptable(few, [false])
    assert _calls(lambda: acceptable(few, [false])) == _calls(lambda: acceptable(many, [false]))


def _false(event: bytes) -> bytes:
    """The same with another signature, which nobody made."""
    return event[:-10] + (b"B" if event[-10:-9] == b"A" else b"A") + event[-9:]


def _calls(work: Callable[[], object]) -> int:
    """How many calls of functions that takes."""
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    # What the collector has finalised, or tells its listeners, is no work of what is counted.
    gc.collect()
    gc.disable()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
        gc.enable()
    return calls


# --- repair ---


def test_a_thousand_ended_logs_of_one_are_asked_for_a_few_at_a_time(lines: Lines) -> None:
    """Nobody has them: each is asked for in turn, and another member's log no less often."""
    events = [epoch_of(lines, "birch", epoch) for epoch in range(2, 42)]
    cedar = lines.puppet("cedar", _has_nothing)
    _desk_with(lines, "ash", events)
    cedar.history.write(cedar.note())
    cedar.tell("ash", cedar.history.checkpoint(2).note.encode())
    cedar.asked.clear()
    lines.run_for(25 * EVERY_S)
    pulled = [Pull.decode(asked.body).log for asked in cedar.asked if asked.path == Path.PULL]
    ended = [log for log in pulled if log != cedar.log]
    assert len(ended) <= 26 * ENDED_AT_ONCE
    assert len(set(ended)) == 40
    assert pulled.count(cedar.log) >= 9


def _has_nothing(request: Request) -> Answer:
    return Events(()) if request.path == Path.EVENTS else SizeHeld(0)
