"""Erasure among members: what an author wants gone is gone everywhere, but where a hold keeps it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.circles.changes import FOUR, keys_of, opening
from tests.circles.lines import OFFICER, Desk, Lines, Puppet, held
from tests.circles.party import AT_MS, card_of, note_bytes, officer_key
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.changing.fold import changed
from tocsin.circles.erasing.register import Register
from tocsin.circles.erasing.view import Answer
from tocsin.circles.errors import NoSuchHold
from tocsin.circles.events import Purged
from tocsin.circles.exchanging.standing import Halted
from tocsin.circles.reading import NotUnderstood
from tocsin.circles.wire.answers import Bodies, Later, Missing, Pushed, encode_answer
from tocsin.circles.wire.messages import BodiesRequest, Pull
from tocsin.circles.wire.protocol import Path
from tocsin.core.keys import encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import (
    Erased,
    Erasure,
    Hold,
    Place,
    Previous,
    Release,
    Target,
    encode_record,
    parse_record,
    sign_record,
)
from tocsin.core.records.errors import ErasureTarget
from tocsin.log.store import StorageFull

SECRET = "+82 10 5550 0199, called by nobody else"

WHY: dict[str, Any] = {
    "at_ms": AT_MS,
    "author": OFFICER,
    "author_kind": "officer",
    "tlp": "TLP:GREEN",
    "lang": "en",
    "reason": "A private telephone number.",
    "ordered_by": "The data protection officer",
}


@pytest.fixture
def lines() -> Iterator[Lines]:
    """A circle of three."""
    with Lines() as lines:
        yield lines


def erasure(desk: Desk | Puppet, *indices: int, log: str = "", entry: bytes = b"") -> Erasure:
    """An erasure of a desk's own records."""
    targets = tuple(
        Target(entry=encode_base64(entry or entry_at(desk, index)), index=index) for index in indices
    )
    return Erasure(**WHY, circle=circle_of(desk), log=log or desk.log, targets=targets)


def entry_at(desk: Desk | Puppet, index: int) -> bytes:
    """The entry in its own log."""
    if isinstance(desk, Desk):
        return desk.store.entries(desk.log, index, index + 1)
    return desk.history.ahead(index, 0).entry


def hold(desk: Desk, *places: tuple[str, int]) -> bytes:
    """A hold."""
    targets = tuple(Place(log=log, index=index) for log, index in places)
    return encode_record(Hold(**WHY, circle=circle_of(desk), targets=targets))


def release(desk: Desk, index: int) -> bytes:
    """The end of a hold that stands at `index` of the desk's log."""
    place = Place(log=desk.log, index=index)
    return encode_record(Release(**WHY, circle=circle_of(desk), hold=place))


def circle_of(desk: Desk | Puppet) -> str:
    """The circle's id."""
    return LogName.parse(desk.log).circle


def tell_secret(desk: Desk) -> int:
    """Write what is to be erased later; its index."""
    desk.write(note_bytes(LogName.parse(desk.log), SECRET))
    return desk.line.own.size - 1


def has_secret(desk: Desk) -> bool:
    """Whether any byte of the disk says it."""
    return SECRET.encode() in desk.store.remains()


def answers(desk: Desk) -> list[Erased]:
    """What the desk has answered."""
    store, log = desk.store, desk.log
    bodies = (store.record(log, index)[2] for index in range(store.edge(log).size))
    records = [parse_record(body).record for body in bodies if body]
    return [record for record in records if isinstance(record, Erased)]


def test_what_is_erased_is_gone_everywhere(lines: Lines) -> None:
    """The author and every other member purge it and say so; what all hold is confirmed as before."""
    desks = [lines.start(slug) for slug in ("ash", "birch", "cedar")]
    ash = desks[0]
    index = tell_secret(ash)
    assert all(has_secret(desk) for desk in desks)

    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(3)

    place = Place(log=ash.log, index=next(iter(ash.line.erasures.ordered)).index)
    for desk in desks:
        assert not has_secret(desk), desk.slug
        assert [(one.erasure, one.purged, one.held) for one in answers(desk)] == [(place, (index,), None)]
        assert desk.line.erasures.ordered[place].answers == {
            slug: Answer(frozenset({index})) for slug in ("ash", "birch", "cedar")
        }
        assert [event.indices for event in desk.heard(Purged)] == [(index,)]
    assert {held.size for held in ash.line.own.held.values()} == {ash.line.own.size}


def test_nothing_is_said_before_it_is_true(lines: Lines) -> None:
    """As long as the disk may have a copy, there is no answer; when it has none any more, there is."""
    ash, birch = lines.start("ash"), lines.start("birch")
    index = tell_secret(ash)
    birch.store.scrubbed = lambda: False  # type: ignore[method-assign]
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(9)
    assert (answers(birch), len(answers(ash))) == ([], 1)
    assert birch.store.record(ash.log, index)[2] is None
    later = tell_secret(ash)
    ash.write(encode_record(erasure(ash, later)))
    lines.run_for(1)
    assert birch.store.erased(ash.log, 0, 99) == [index, later]
    assert answers(birch) == []

    del birch.store.scrubbed
    lines.run_for(3)
    assert [one.purged for one in answers(birch)] == [(index,), (later,)]


def test_a_hold_keeps_it_until_it_is_released(lines: Lines) -> None:
    """A member that holds it sets it apart, gives it to nobody, says so, and purges it with the release."""
    ash, birch, cedar = lines.start("ash"), lines.start("birch"), lines.puppet("cedar")
    index = tell_secret(ash)
    birch.write(hold(birch, (ash.log, index)))
    hold_index = birch.line.own.size - 1
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(3)

    assert birch.store.set_apart(ash.log, index) is not None
    assert [(one.purged, one.held) for one in answers(birch)] == [(None, (index,))]
    asked = cedar.call("birch", Path.BODIES, BodiesRequest(ash.log, (index,)).encode())
    assert asked == Bodies(())
    pulled = cedar.call("birch", Path.PULL, Pull(ash.log, index, 1).encode())
    assert isinstance(pulled, Pushed)
    assert pulled.push.chunk.absent() == [index]
    assert ash.line.own.held["birch"].size == ash.line.own.size

    birch.restart()
    birch.write(release(birch, hold_index))
    lines.run_for(3)
    assert not has_secret(birch)
    assert [(one.purged, one.held) for one in answers(birch)] == [(None, (index,)), ((index,), None)]
    assert birch.line.erasures.holds == {}


def test_a_release_that_comes_while_files_are_scrubbed_counts(lines: Lines) -> None:
    """What is ordered while an earlier order is carried out is carried out after it."""
    ash, birch = lines.start("ash"), lines.start("birch")
    index = tell_secret(ash)
    birch.write(hold(birch, (ash.log, index)))
    hold_index = birch.line.own.size - 1
    birch.store.scrubbed = lambda: False  # type: ignore[method-assign]
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(1)
    birch.write(release(birch, hold_index))
    lines.run_for(1)
    del birch.store.scrubbed
    lines.run_for(3)
    assert not has_secret(birch)
    assert answers(birch)[-1].purged == (index,)


def test_who_may_not_write_purges_and_serves_all_the_same(lines: Lines) -> None:
    """A node that writes its log no more carries erasures out, and goes on giving what is there."""
    ash, birch, cedar = lines.start("ash"), lines.start("birch"), lines.puppet("cedar")
    index = tell_secret(ash)
    birch.line.own.halted = Halted("paused", "Stopped by hand.")
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(3)
    assert not has_secret(birch)
    assert answers(birch) == []
    assert isinstance(cedar.call("birch", Path.PULL, Pull(ash.log, 0, 9).encode()), Pushed)


def test_a_flood_of_orders_fills_nobody_elses_log(lines: Lines) -> None:
    """To hundreds of orders of one member, a few a second are answered; another's is not kept waiting."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.start("cedar")
    birch.history.write(*(birch.note(str(number)) for number in range(200)))
    for number in range(1, 201):
        birch.history.write(encode_record(erasure(birch, number)))
    index = tell_secret(cedar)
    birch.push("ash", birch.history.push())
    cedar.write(encode_record(erasure(cedar, index)))
    lines.run_for(1)
    assert not has_secret(ash)
    assert len(answers(ash)) <= 64
    assert cedar.log in {one.erasure.log for one in answers(ash)}
    lines.run_for(10)
    assert len(answers(ash)) == 201


def test_its_author_may_have_to_keep_it_too(lines: Lines) -> None:
    """A hold of the author's own keeps its record at home, and nowhere else."""
    ash, birch = lines.start("ash"), lines.start("birch")
    index = tell_secret(ash)
    ash.write(hold(ash, (ash.log, index)), encode_record(erasure(ash, index)))
    lines.run_for(3)
    assert ash.store.set_apart(ash.log, index) is not None
    assert not has_secret(birch)


def test_who_never_had_it_needs_the_erasure_to_confirm(lines: Lines) -> None:
    """A record that nobody sends is missing, and nobody confirms it; with the erasure, it is erased."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(birch.note("Said, and never sent."), birch.note())
    push = birch.history.push()
    without = push.chunk.without(frozenset({1}))
    answer = birch.push("ash", type(push)(push.log, without, push.checkpoint, (), ()))
    assert answer == Missing(3, (1,))

    birch.history.write(encode_record(erasure(birch, 1)))
    birch.push("ash", birch.history.push(3))
    lines.run_for(1)
    assert held(birch, birch.push("ash", birch.history.push(birch.history.size)))
    assert ash.store.erased(birch.log, 0, 4) == [1]
    assert [one.purged for one in answers(ash)] == [(1,)]


def test_who_was_away_gets_entries_without_what_was_erased(lines: Lines) -> None:
    """A member that comes later gets the entry without its record, then the erasure, and confirms all."""
    ash = lines.start("ash")
    index = tell_secret(ash)
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(2)
    ash.write()
    cedar = lines.start("cedar")
    lines.run_for(20)
    assert ash.line.own.held["cedar"].size == ash.line.own.size
    assert not has_secret(cedar)
    assert len(answers(cedar)) == 1


@pytest.mark.parametrize("after_ms", [0, 1, 2, 3, 4, 5, 10, 20, 60])
def test_whenever_it_is_stopped_it_goes_on(lines: Lines, after_ms: int) -> None:
    """A node that is stopped at any moment of an erasure carries it out all the same, and answers once."""
    ash, birch = lines.start("ash"), lines.start("birch")
    index = tell_secret(ash)
    lines.run(ash.line.write([encode_record(erasure(ash, index))]))
    lines.run_for(after_ms / 1000)
    birch.restart()
    lines.run_for(8)
    assert not has_secret(birch)
    assert [one.purged for one in answers(birch)] == [(index,)]


def test_what_was_not_known_as_an_order_is_found_once(lines: Lines) -> None:
    """A database that a version without erasures wrote is looked through at the first start."""
    ash, birch = lines.start("ash"), lines.start("birch")
    index = tell_secret(ash)
    birch.end()
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(2)
    copy = birch.store.copy()
    birch.start()
    lines.run_for(3)
    birch.end()
    # As it was before the erasure was carried out, but with its entry: the order stands there unread.
    with copy.transaction():
        size = copy.edge(ash.log).size
        chunk = ash.store.chunk(ash.log, size, 99, 2**20)
        copy.extend(ash.log, size, copy.edge(ash.log).extend(chunk.entries), chunk)
        note = ash.store.newest_checkpoint(ash.log)
    copy.forget_documents()
    assert note
    birch.store = copy
    birch.start()
    lines.run_for(5)
    assert birch.store.erased(ash.log, 0, 99) == [index]


def test_an_order_by_an_officer_waits_for_the_card(lines: Lines) -> None:
    """An order signed by an officer is carried out when the card that lists the officer has come."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    log = birch.member.log
    key = officer_key(log, OFFICER)
    birch.history.write(birch.note(SECRET), card_of(log, key))
    birch.history.write(sign_record(erasure(birch, 1), key))
    push = birch.history.push()
    without = push.chunk.without(frozenset({2}))
    assert birch.push("ash", type(push)(push.log, without, push.checkpoint, (), ())) == Missing(4, (2,))
    lines.run_for(3)
    assert has_secret(ash)
    birch.push("ash", push)
    lines.run_for(3)
    assert not has_secret(ash)


@pytest.mark.parametrize("what", ["a card", "an order", "the opening", "nothing yet", "another entry"])
def test_what_may_not_be_erased_is_not_ordered(lines: Lines, what: str) -> None:
    """The own node refuses to write an erasure of what has to stay, or is not there."""
    ash = lines.start("ash")
    ash.write(card_of(LogName.parse(ash.log), officer_key(LogName.parse(ash.log), OFFICER)))
    tell_secret(ash)
    ash.write(encode_record(erasure(ash, 2)))
    lines.run_for(1)
    order = {
        "a card": lambda: erasure(ash, 1),
        "an order": lambda: erasure(ash, 3),
        "the opening": lambda: erasure(ash, 1, log=ash.log.removesuffix("1") + "2", entry=bytes(32)),
        "nothing yet": lambda: erasure(ash, 99, entry=bytes(32)),
        "another entry": lambda: erasure(ash, 2, entry=bytes(32)),
    }[what]()
    with pytest.raises(ErasureTarget):
        ash.write(encode_record(order))


def test_a_release_needs_its_hold(lines: Lines) -> None:
    """The own node refuses to release what no hold of its organisation says."""
    ash = lines.start("ash")
    ash.write()
    for index in (1, 99):
        with pytest.raises(NoSuchHold):
            ash.write(release(ash, index))


def test_nobody_erases_what_another_said(lines: Lines) -> None:
    """An erasure of another member's records, or of later ones, is not understood, and does nothing."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    index = tell_secret(ash)
    entry = ash.store.entries(ash.log, index, index + 1)
    birch.history.write(
        encode_record(erasure(birch, index, log=ash.log, entry=entry)),
        encode_record(erasure(birch, 2, entry=bytes(32))),
        birch.note(),
    )
    assert held(birch, birch.push("ash", birch.history.push()))
    lines.run_for(3)
    found = [one.code for one in ash.readings("birch") if isinstance(one, NotUnderstood)]
    assert found == ["erasure-target", "erasure-target"]
    assert has_secret(ash)
    assert answers(ash) == []


def test_cards_and_orders_stay_whoever_names_them(lines: Lines) -> None:
    """A hostile erasure of a card, of an order or under another entry takes nothing but what may go."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(birch.card(), birch.note(SECRET), birch.note("Stays."))
    birch.history.write(encode_record(erasure(birch, 2)))
    order = erasure(birch, 1, 2, 3, 4)
    wrong = Target(entry=encode_base64(bytes(32)), index=3)
    birch.history.write(
        encode_record(
            Erasure(
                **WHY,
                circle=order.circle,
                log=order.log,
                targets=(*order.targets[:2], wrong, order.targets[3]),
            )
        )
    )
    birch.push("ash", birch.history.push())
    lines.run_for(3)
    assert ash.store.erased(birch.log, 0, 9) == [2]
    assert held(birch, birch.push("ash", birch.history.push(birch.history.size)))
    assert [one.purged for one in answers(ash)] == [(2,), (2,)]


def test_no_record_leaves_before_the_erasures_are_known(lines: Lines) -> None:
    """A node that was away serves no records of a log until it has what others knew of it at its start."""
    ash, birch, cedar = lines.start("ash"), lines.start("birch"), lines.puppet("cedar")
    index = tell_secret(ash)
    birch.end()
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(3)
    lines.wire.cut("ash", "birch")
    birch.start()
    assert has_secret(birch)
    for path, body in (
        (Path.PULL, Pull(ash.log, 0, 9).encode()),
        (Path.BODIES, BodiesRequest(ash.log, (index,)).encode()),
    ):
        assert isinstance(cedar.call("birch", path, body), Later)
    lines.wire.heal()
    lines.run_for(9)
    assert not has_secret(birch)
    assert cedar.call("birch", Path.BODIES, BodiesRequest(ash.log, (index,)).encode()) == Bodies(())


def pushed_secret(puppet: Puppet) -> bool:
    """Whether any push to the puppet had it."""
    return any(SECRET.encode() in request.body for request in puppet.asked)


def restored(lines: Lines) -> tuple[Desk, MemoryStore, int]:
    """Ash, which has erased a record; its disk from before; and the record's index."""
    ash = lines.start("ash")
    index = tell_secret(ash)
    copy = ash.store.copy()
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(3)
    ash.end()
    return ash, copy, index


def test_a_restored_author_pushes_nothing_before_it_has_asked(lines: Lines) -> None:
    """As long as a member may still say what was erased, a log's author sends no record of it either."""
    ash, copy, _ = restored(lines)
    ash.store = copy
    lines.puppet("birch", lambda _: None)
    cedar = lines.puppet("cedar")
    ash.start()
    cedar.push("ash", cedar.history.push())
    lines.run_for(1.4)
    assert not pushed_secret(cedar)


def test_a_restored_author_sends_nothing_that_others_know_to_be_erased(lines: Lines) -> None:
    """It hears that it lost records of its own log: nothing leaves of it before these, orders too, came."""
    lines.start("birch")
    ash, copy, index = restored(lines)
    ash.store = copy
    cedar = lines.puppet("cedar")
    ash.start()
    for _ in range(40):
        lines.run_for(0.1)
        for path, body in (
            (Path.PULL, Pull(ash.log, 0, 9).encode()),
            (Path.BODIES, BodiesRequest(ash.log, (index,)).encode()),
        ):
            answer = cedar.call("ash", path, body)
            assert SECRET.encode() not in encode_answer(answer)
    assert not pushed_secret(cedar)
    assert not has_secret(ash)


def test_its_author_sends_nothing_of_what_it_has_not_purged_yet(lines: Lines) -> None:
    """From the order on, no push has the record, however long the purge takes."""
    ash, cedar = lines.start("ash"), lines.puppet("cedar")
    index = tell_secret(ash)
    cedar.asked.clear()
    ash.store.room_bytes = None
    erase = ash.store.erase

    def full(*_: object, **__: object) -> set[int]:
        raise StorageFull

    ash.store.erase = full  # type: ignore[method-assign]
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(5)
    assert not pushed_secret(cedar)
    ash.store.erase = erase  # type: ignore[method-assign]
    lines.run_for(10)
    assert [push.chunk.absent() for push in cedar.pushed() if push.chunk.end > index][-1:] == [[index]]


def test_a_flood_of_another_s_orders_keeps_no_log_from_being_served(lines: Lines) -> None:
    """Only what is ordered of a log itself, and not done yet, keeps its records here."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    ash.write()
    lines.run_for(5)
    birch.history.write(birch.note(SECRET))
    birch.history.write(encode_record(erasure(birch, 1)))

    def full(*_: object, **__: object) -> set[int]:
        raise StorageFull

    ash.store.erase = full  # type: ignore[method-assign]
    birch.push("ash", birch.history.push())
    lines.run_for(3)
    assert isinstance(cedar.call("ash", Path.PULL, Pull(ash.log, 0, 9).encode()), Pushed)
    assert isinstance(cedar.call("ash", Path.PULL, Pull(birch.log, 0, 9).encode()), Later)


def test_a_hold_that_comes_while_a_purge_waits_counts(lines: Lines) -> None:
    """A hold that is durable before the record goes keeps it, also where the purge was about to begin."""
    ash, birch = lines.start("ash"), lines.start("birch")
    index = tell_secret(ash)

    class Turns:
        @asynccontextmanager
        async def turn(self, *_: object) -> AsyncIterator[None]:
            await birch.line.write([hold(birch, (ash.log, index))])
            yield

    birch.line._exchange.purging._turns = Turns()  # type: ignore[assignment]
    ash.write(encode_record(erasure(ash, index)))
    lines.run_for(5)
    assert birch.store.set_apart(ash.log, index) is not None
    assert [(one.purged, one.held) for one in answers(birch)] == [(None, (index,))]


def test_a_log_that_nobody_completes_is_served_after_a_minute(lines: Lines) -> None:
    """That others know of more than anyone gives does not keep records from being served for ever."""
    birch = lines.puppet("birch")
    birch.history.write(birch.note(), birch.note())
    ash = lines.start("ash")
    birch.push("ash", birch.history.push(0, 2, 2))
    ash.end()
    cedar = lines.puppet("cedar")
    ash.start()
    birch.tell("ash", birch.history.checkpoint().note.encode())
    lines.run_for(70)
    assert isinstance(cedar.call("ash", Path.PULL, Pull(birch.log, 0, 9).encode()), Pushed)


def test_a_later_epoch_erases_what_an_earlier_one_said() -> None:
    """After a change of keys, a member has gone what it said before; also a hold of then goes on."""
    with Lines(chosen=FOUR) as lines:
        ash, birch = lines.start("ash"), lines.start("birch")
        index, kept = tell_secret(ash), tell_secret(ash)
        ash.write(hold(ash, (ash.log, kept)))
        hold_index = ash.line.own.size - 1
        root = encode_base64(ash.store.edge(ash.log).frontier.root())
        end = Previous(root=root, size=ash.line.own.size)
        before, now = lines.party.keys["ash"], keys_of("ash", 2)
        ash.line._keys_of = {before.log_name: before, now.log_name: now}.get
        lines.run(ash.line.take([opening("ash", 2, previous=end)]))
        lines.run_for(5)
        assert ash.line.own.name == str(now.log_name)

        lines.run(ash.line.write([encode_record(erasure(ash, index, kept))]))
        lines.run_for(5)
        assert birch.store.erased(ash.log, 0, 99) == [index, kept]
        assert not has_secret(birch)
        assert ash.store.set_apart(ash.log, kept) is not None
        lines.run(ash.line.write([release(ash, hold_index)]))
        lines.run_for(5)
        assert not has_secret(ash)


@pytest.mark.parametrize(("size", "counts"), [(9, True), (3, True), (2, False)])
def test_a_void_order_orders_nothing(size: int, *, counts: bool) -> None:
    """What a stolen key ordered beyond the end that its organisation states is not carried out."""
    with Lines(chosen=FOUR) as lines:
        ash = lines.start("ash")
        index = tell_secret(ash)
        ash.write(encode_record(erasure(ash, index)))
        order = next(iter(ash.line.erasures.ordered)).index
        circle = changed(lines.circle, {opening("ash", 2, size=order - 2 + size)})
        assert bool(Register(circle, "birch", ash.store).view.ordered) is counts
