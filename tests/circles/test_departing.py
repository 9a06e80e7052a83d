"""What a member that left has of the others, and purging it (docs/protocol.md, section 18.4)."""

from collections.abc import Iterator

import pytest
from tests.circles.lines import Desk, Lines
from tests.circles.party import AT_MS, note_bytes
from tests.circles.test_erasing import SECRET, has_secret, hold, tell_secret

from tocsin.circles.changing.leaving import make_leaving
from tocsin.circles.erasing.departing import KeptLog
from tocsin.circles.errors import StillMember
from tocsin.core.names import LogName
from tocsin.log.store import StorageFull


@pytest.fixture
def lines() -> Iterator[Lines]:
    """A circle of three."""
    with Lines() as lines:
        yield lines


def leave(lines: Lines, desk: Desk) -> None:
    """Its organisation leaves."""
    key, own = lines.party.organisations[desk.slug], desk.line.own
    root = desk.store.edge(desk.log).frontier.root()
    event = make_leaving(LogName.parse(desk.log), own.size, root, key, at_ms=AT_MS, tlp="TLP:GREEN")
    lines.run(desk.line.take([event]))
    lines.run_for(1)


def said(here: Desk, author: Desk) -> int:
    """How many records of the author's log are here, without the opening."""
    return here.store.edge(author.log).size - 1


def purge(lines: Lines, desk: Desk) -> None:
    """Its organisation orders the purge."""
    lines.run(desk.line.departure.purge("The data protection officer", "The mandate has ended."))


def test_leaving_purges_nothing_by_itself(lines: Lines) -> None:
    """What the others said stays, in numbers by log, until somebody orders that it go; then it is gone."""
    ash, birch = lines.start("ash"), lines.start("birch")
    tell_secret(ash)
    birch.write(note_bytes(LogName.parse(birch.log), "Our own word."))
    leave(lines, birch)
    kept = {log.log: log for log in birch.line.departure.kept()}
    assert kept[ash.log] == KeptLog(ash.log, "ash", said(birch, ash), 0)
    assert birch.log not in kept
    assert has_secret(birch)
    before = birch.store.edge(ash.log), birch.store.newest_checkpoint(ash.log), birch.store.record(ash.log, 0)
    own = [birch.store.record(birch.log, index) for index in range(birch.line.own.size)]

    purge(lines, birch)
    lines.run_for(2)
    assert birch.line.departure.done.is_set()
    assert not has_secret(birch)
    assert all(log.records == 0 for log in birch.line.departure.kept())
    after = birch.store.edge(ash.log), birch.store.newest_checkpoint(ash.log), birch.store.record(ash.log, 0)
    assert after == before
    assert [birch.store.record(birch.log, index) for index in range(birch.line.own.size)] == own
    assert has_secret(ash)


def test_who_ordered_it_is_kept(lines: Lines) -> None:
    """The first order stays, also after a start."""
    birch = lines.start("birch")
    leave(lines, birch)
    assert birch.line.departure.order is None
    purge(lines, birch)
    lines.run(birch.line.departure.purge("Somebody else", None))
    birch.restart()
    order = birch.line.departure.order
    assert order is not None
    assert (order.ordered_by, order.reason) == ("The data protection officer", "The mandate has ended.")


def test_a_member_purges_nothing(lines: Lines) -> None:
    """As long as others count on what is held here, it is not purged."""
    ash, birch = lines.start("ash"), lines.start("birch")
    tell_secret(ash)
    with pytest.raises(StillMember):
        purge(lines, birch)
    lines.run_for(2)
    assert has_secret(birch)


def test_a_legal_hold_stops_it_for_what_it_covers(lines: Lines) -> None:
    """What is held is set apart, and all else goes."""
    ash, birch = lines.start("ash"), lines.start("birch")
    index = tell_secret(ash)
    ash.write(note_bytes(LogName.parse(ash.log), "Nobody holds this."))
    birch.write(hold(birch, (ash.log, index)))
    leave(lines, birch)
    assert KeptLog(ash.log, "ash", said(birch, ash), 1) in birch.line.departure.kept()
    purge(lines, birch)
    lines.run_for(2)
    apart = birch.store.set_apart(ash.log, index)
    assert apart is not None
    assert SECRET.encode() in apart[1]
    assert b"Nobody holds this." not in birch.store.remains()
    assert KeptLog(ash.log, "ash", 1, 1) in birch.line.departure.kept()


def test_what_came_ahead_goes_too(lines: Lines) -> None:
    """A record whose place was never reached is purged like the others."""
    cedar, birch = lines.puppet("cedar"), lines.start("birch")
    cedar.push("birch", cedar.history.push())
    cedar.history.write(cedar.note(), cedar.note(SECRET))
    cedar.ahead("birch", cedar.history.ahead(2, 1))
    leave(lines, birch)
    assert KeptLog(cedar.log, "cedar", 1, 0) in birch.line.departure.kept()
    purge(lines, birch)
    lines.run_for(2)
    assert not has_secret(birch)


def test_whenever_it_is_stopped_it_goes_on(lines: Lines) -> None:
    """The order was durable; where there was no room to carry it out, or the process ended, a start does."""
    ash, birch = lines.start("ash"), lines.start("birch")
    tell_secret(ash)
    leave(lines, birch)

    def full(*_: object, **__: object) -> set[int]:
        raise StorageFull

    birch.store.erase = full  # type: ignore[method-assign]
    purge(lines, birch)
    lines.run_for(5)
    assert has_secret(birch)
    assert not birch.line.departure.done.is_set()
    birch.restart()
    lines.run_for(3)
    assert birch.line.departure.done.is_set()
    assert not has_secret(birch)
