from collections.abc import Iterable
from io import BytesIO
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.changes import FOUR, opening
from tests.circles.lines import Desk, Lines
from tests.circles.party import PLACES
from tests.circles.test_line_changes import joined
from tests.simulation.clock import VirtualClock

from tocsin.circles.authoring.own import Confirmation
from tocsin.circles.carry.export import Reader, export
from tocsin.circles.carry.file import HEAD, MAX_CARRY_BYTES, Item, Kind, read_items
from tocsin.circles.carry.taking import BY_FILE, Taken, take
from tocsin.circles.errors import MalformedCarryFile, NonMember
from tocsin.circles.events import BodiesMismatched, CircleChanged
from tocsin.circles.founding.charter import Limits
from tocsin.circles.wire.messages import MAX_PUSH_BYTES, Push
from tocsin.core.tlog.checkpoint import cosign, with_signatures

SLUGS = tuple(slug for slug, _, _ in PLACES)


def apart(lines: Lines) -> None:
    """No member reaches any other."""
    for one, other in permutations(SLUGS, 2):
        lines.wire.cut(one, other)


def file_of(desk: Desk, to: str | None = None, **since: int) -> bytes:
    """The file that a desk exports."""

    async def whole() -> bytes:
        reader, clock = Reader.of(desk.line, to, since), VirtualClock(desk.lines.loop)
        return b"".join([part async for part in export(desk.line, desk.store, reader, clock)])

    return desk.lines.run(whole())


def items(data: bytes) -> list[Item]:
    """What is in it."""
    return list(read_items(BytesIO(data)))


def carry(desk: Desk, data: bytes | Iterable[Item]) -> Taken:
    """A desk imports a file."""
    lines = desk.lines
    brought = items(data) if isinstance(data, bytes) else data
    taken = lines.run(take(desk.line, brought))
    assert not taken.later_ms
    lines.run_for(0.1)
    return taken


def knows(desk: Desk, holder: str) -> int:
    """How much of its log a desk knows a member to hold."""
    confirmation = desk.line.own.held.get(holder)
    return confirmation.size if confirmation else 0


def test_two_nodes_without_a_network_stay_in_step(lines: Lines) -> None:
    """Ash's file brings its log to birch, birch's its own log and its word; the next one begins there."""
    ash, birch = lines.start("ash"), lines.start("birch")
    apart(lines)
    lines.run_for(5)
    for _ in range(3):
        ash.write()
        birch.write()
        there = carry(birch, file_of(ash, "birch"))
        assert there.refused == {}
        back = carry(ash, file_of(birch, "ash"))
        assert back.confirmed == {"birch": ash.line.own.size}
        assert ash.follows("birch").size == birch.line.own.size
        assert birch.follows("ash").size == ash.line.own.size
        assert ash.line.own.held["birch"].by_way == BY_FILE
    assert knows(birch, "ash") < birch.line.own.size
    carry(birch, file_of(ash, "birch"))
    assert knows(birch, "ash") == birch.line.own.size
    # All of both is confirmed: a file has nothing but checkpoints in it.
    assert {item.kind for item in items(file_of(ash, "birch"))} == {Kind.CHECKPOINT}


def test_a_file_may_pass_through_a_third(lines: Lines) -> None:
    """Birch brings ash's log to cedar and cedar's word to ash, with no network between any two of them."""
    ash, birch, cedar = (lines.start(slug) for slug in ("ash", "birch", "cedar"))
    apart(lines)
    ash.write()
    carry(birch, file_of(ash))
    carry(cedar, file_of(birch))
    assert carry(birch, file_of(cedar)).receipts == 1
    carry(ash, file_of(birch, "ash"))
    assert ash.line.own.held["cedar"] == Confirmation(
        ash.line.own.size, ash.line.own.held["cedar"].time_s, BY_FILE
    )
    assert knows(ash, "birch") == ash.line.own.size


def test_a_file_has_no_record_that_somebody_it_is_for_may_not_have(lines: Lines) -> None:
    """Elm joined later: a file for elm, or for anyone, has what lies below the cuts without its records."""
    ash, _ = lines.start("ash"), lines.start("birch")
    ash.write()
    head = ash.line.own.checkpoint
    assert head is not None
    size = head.checkpoint.size
    amendment, first, _ = joined(lines, head.checkpoint)
    lines.run(ash.line.take([amendment, first]))
    ash.write()

    def absent(to: str | None) -> list[int]:
        found = items(file_of(ash, to))
        pushes = [Push.decode(item.data) for item in found if item.kind is Kind.PUSH]
        return [index for push in pushes if push.log == ash.log for index in push.chunk.absent()]

    assert absent("elm") == absent(None) == list(range(size))
    assert absent("cedar") == []


def test_whoever_bent_a_file_no_member_is_named_for_it(lines: Lines) -> None:
    """A record that is not its entry's is noted as a file's: the log's author did not bring it."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.history.write(birch.note("True."))
    push = birch.history.push()
    bent = push.encode().replace(b"True.", b"Bent.")
    assert bent != push.encode()

    carry(ash, [Item(Kind.PUSH, bent)])

    assert ash.heard(BodiesMismatched) == [BodiesMismatched(BY_FILE, birch.log, (push.chunk.end - 1,))]


STEPS = st.tuples(st.sampled_from(["write", "export", "import"]), st.sampled_from(SLUGS), st.integers(0, 8))


@pytest.mark.slow
@given(st.lists(STEPS))
def test_files_in_any_order_lost_and_repeated_end_in_one_state(steps: list[tuple[str, str, int]]) -> None:
    """Whatever was carried before, once or twice or not: two rounds of files to all put everyone in step."""
    with Lines() as lines:
        desks = {slug: lines.start(slug) for slug in SLUGS}
        apart(lines)
        files: list[bytes] = []
        for step, slug, number in steps:
            if step == "write":
                desks[slug].write()
            elif step == "export":
                files.append(file_of(desks[slug]))
            elif files:
                assert carry(desks[slug], files[number % len(files)]).refused == {}
        for author, reader in [*permutations(SLUGS, 2)] * 2:
            carry(desks[reader], file_of(desks[author]))
        for author, reader in permutations(SLUGS, 2):
            assert desks[reader].follows(author).size == desks[author].line.own.size
            assert knows(desks[author], reader) == desks[author].line.own.size


def test_what_changed_the_circle_is_carried_too() -> None:
    """Events stand first in a file, so that keys are known before what is signed with them comes."""
    with Lines(chosen=FOUR) as lines:
        ash, birch = lines.start("ash"), lines.start("birch")
        for one, other in permutations([slug for slug, _, _ in FOUR], 2):
            lines.wire.cut(one, other)
        lines.run(ash.line.take([opening("cedar", 2)]))
        lines.run_for(1)
        data = file_of(ash, "birch")
        assert items(data)[0] == Item(Kind.EVENT, opening("cedar", 2))
        assert carry(birch, data).events == 1
        assert birch.line.circle == ash.line.circle
        assert str(birch.line.circle.by_slug["cedar"].log).endswith("/cedar/2")
        assert carry(birch, data).events == 0


def test_events_of_a_file_are_taken_together() -> None:
    """Each may wait for another, and each would change the circle: there may be hundreds."""
    with Lines(chosen=FOUR) as lines:
        ash, birch = lines.start("ash"), lines.start("birch")
        for one, other in permutations([slug for slug, _, _ in FOUR], 2):
            lines.wire.cut(one, other)
        events = [opening("cedar", epoch) for epoch in range(2, 42)]
        lines.run(ash.line.take(events))
        lines.run_for(1)
        data = file_of(ash, "birch")
        taken = carry(birch, data)
        assert (taken.events, taken.refused) == (40, {})
        assert birch.line.circle == ash.line.circle
        assert len(birch.heard(CircleChanged)) == 1


def test_a_file_says_nothing_by_who_brings_it(lines: Lines) -> None:
    """What a push of a stranger could not do, a file cannot: wrong logs, roots and bodies are refused."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    apart(lines)
    birch.history.write(birch.note())
    good = birch.history.push()
    bent = Push(good.log, good.chunk, birch.history.checkpoint(1).note.encode(), (), ())
    foreign = Push(good.log.replace("birch", "nobody"), good.chunk, good.checkpoint, (), ())
    brought = [
        Item(Kind.PUSH, b"no push"),
        Item(Kind.PUSH, bent.encode()),
        Item(Kind.PUSH, foreign.encode()),
        Item(Kind.CHECKPOINT, b"no note"),
        Item(Kind.PUSH, good.encode()),
    ]
    taken = carry(ash, brought)
    assert {code: count for code, (count, _) in taken.refused.items()} == {
        "malformed-push": 1,
        "wrong-size": 1,
        "unknown-name": 1,
    }
    assert taken.sizes == {birch.log: (0, 2)}


def test_what_is_beyond_the_limits_comes_later() -> None:
    """A file keeps to the limits like a push: how many items were taken is said, and when to go on."""
    with Lines(limits=Limits(records_per_second=1, bytes_per_day=10**9)) as lines:
        ash, birch = lines.start("ash"), lines.puppet("birch")
        for _ in range(4):
            birch.history.write(*(birch.note() for _ in range(20)))
        ends = range(1, birch.history.size, 20)
        left = [Item(Kind.PUSH, birch.history.push(first, first + 20).encode()) for first in ends]
        left.insert(0, Item(Kind.PUSH, birch.history.push(0, 1).encode()))
        waits = 0
        while left:
            taken = lines.run(take(ash.line, left))
            left = left[taken.items :]
            assert bool(left) == bool(taken.later_ms)
            lines.run_for(taken.later_ms / 1000)
            waits += bool(taken.later_ms)
        assert waits >= 3
        assert ash.follows("birch").size == birch.history.size


def test_a_gap_is_said(lines: Lines) -> None:
    """A file that begins beyond what is held brings nothing of that log; how much is held is said."""
    ash, birch = lines.start("ash"), lines.start("birch")
    apart(lines)
    ash.write()
    ash.write()
    taken = carry(birch, file_of(ash, None, ash=2))
    assert taken.gaps == {"ash": birch.follows("ash").size}


def test_two_versions_are_found_in_a_file(lines: Lines) -> None:
    """A checkpoint that does not fit stops its log, whoever carried it."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    carry(ash, [Item(Kind.PUSH, birch.history.push().encode())])
    twin = birch.history.branch(0)
    twin.write(birch.note("Another beginning."))
    carry(ash, [Item(Kind.CHECKPOINT, twin.checkpoint().note.encode())])
    assert ash.follows("birch").stopped


def test_a_file_that_shows_more_of_our_own_log_stops_us(lines: Lines) -> None:
    """Whoever carries our own newer log back to us shows that this database is an old copy."""
    ash = lines.start("ash")
    birch = lines.start("birch")
    ash.write()
    lines.run_for(3)
    data = file_of(birch)
    ash.end()
    ash.store = type(ash.store)("ash")
    apart(lines)
    ash.start()
    lines.run_for(5)
    carry(ash, data)
    assert ash.line.own.halted


def test_for_whom_a_file_is_must_be_a_member(lines: Lines) -> None:
    """A name that is none of the others' is refused, with those that are."""
    ash = lines.start("ash")
    for to, since in (("nobody", {}), ("ash", {}), (None, {"nobody": 1})):
        with pytest.raises(NonMember):
            Reader.of(ash.line, to, since)


def test_a_file_for_a_member_leaves_out_its_own_log(lines: Lines) -> None:
    """What is for birch has nothing of what only birch can write, but others' receipts for it."""
    ash, birch = lines.start("ash"), lines.start("birch")
    birch.write()
    lines.run_for(3)
    pushed = [Push.decode(item.data).log for item in items(file_of(ash, "birch")) if item.kind == Kind.PUSH]
    assert birch.log not in pushed
    everything = [Push.decode(item.data).log for item in items(file_of(ash)) if item.kind == Kind.PUSH]
    assert set(everything) == {ash.log, birch.log}


def test_a_holders_word_travels_without_the_log(lines: Lines) -> None:
    """A checkpoint item with a cosignature is enough to confirm."""
    ash = lines.start("ash")
    head = ash.line.own.checkpoint
    assert head is not None
    signed = with_signatures(head, [cosign(head.checkpoint, lines.party.keys["cedar"].holder, 7)])
    assert carry(ash, [Item(Kind.CHECKPOINT, signed.note.encode())]).confirmed == {"cedar": 1}


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 4, 77, 255]), st.binary(max_size=300)), max_size=8))
def test_every_item_comes_out_as_it_went_in(parts: list[tuple[int, bytes]]) -> None:
    """Kinds that are not known are passed over; the others come in their order, byte for byte."""
    data = HEAD + b"".join(bytes([kind]) + len(part).to_bytes(4, "big") + part for kind, part in parts)
    assert [(item.kind, item.data) for item in items(data)] == [
        part for part in parts if part[0] in {1, 2, 3}
    ]
    known = b"".join(item.encode() for item in items(data))
    assert [item.data for item in items(HEAD + known)] == [item.data for item in items(data)]


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_a_refusal(data: bytes) -> None:
    """A file of any bytes is refused or read, and never more."""
    for whole in (data, HEAD + data):
        try:
            items(whole)
        except MalformedCarryFile:
            continue


def test_a_file_that_ends_early_is_read_up_to_there() -> None:
    """Items before the end come, and then the refusal."""
    whole = HEAD + Item(Kind.CHECKPOINT, b"one").encode() + Item(Kind.CHECKPOINT, b"two").encode()
    for end in range(len(whole) - 8 + 1, len(whole)):
        found = read_items(BytesIO(whole[:end]))
        assert next(found).data == b"one"
        with pytest.raises(MalformedCarryFile):
            next(found)


@pytest.mark.parametrize(
    ("head", "size_bytes"),
    [(1, MAX_PUSH_BYTES + 1), (2, 2**20 + 1), (3, 8_193), (200, MAX_CARRY_BYTES), (200, 2**32 - 1)],
)
def test_a_length_is_refused_before_it_is_read(head: int, size_bytes: int) -> None:
    """No item is larger than a call may be, and no file than 1 GiB: nothing is read or kept for it."""

    class Endless(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert size <= 2**16
            return super().read(size)

    with pytest.raises(MalformedCarryFile, match="at most"):
        list(read_items(Endless(HEAD + bytes([head]) + size_bytes.to_bytes(4, "big"))))
