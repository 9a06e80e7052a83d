"""Newest checkpoints: who is told what, and at what cost (docs/protocol.md, section 9.6)."""

from collections.abc import Sequence

import pytest
from tests.circles.lines import Lines, holds_all, triples

from tocsin.circles.authoring.showing import Shown
from tocsin.circles.founding.circle import Member
from tocsin.circles.wire.answers import Answer, SizeHeld
from tocsin.circles.wire.protocol import Path, Request


def test_a_member_that_holds_all_is_told_without_being_asked_to_confirm_again(lines: Lines) -> None:
    """A push of newest checkpoints alone carries none of the sender's own log."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.says = holds_all(birch)
    ash.write()
    lines.run_for(3)
    birch.asked.clear()
    cedar.push("ash", cedar.history.push())
    lines.run_for(3)
    note = cedar.history.checkpoint().note.encode()
    assert [(push.checkpoint, push.newest) for push in birch.pushed()] == [(b"", (note,))]


def test_what_a_member_showed_is_not_shown_to_it(lines: Lines) -> None:
    """It knows."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    birch.says = holds_all(birch)
    lines.run_for(3)
    cedar.push("ash", cedar.history.push())
    note = cedar.history.checkpoint().note.encode()
    birch.tell("ash", note)
    lines.run_for(5)
    assert note not in [shown for push in birch.pushed() for shown in push.newest]


def test_what_a_member_showed_is_shown_to_it_where_more_is_known_here(lines: Lines) -> None:
    """A member that knows an older checkpoint of a log is shown the newer one."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    birch.says = holds_all(birch)
    older = cedar.history.checkpoint().note.encode()
    cedar.history.write(cedar.note())
    cedar.push("ash", cedar.history.push())
    birch.tell("ash", older)
    lines.run_for(5)
    newer = cedar.history.checkpoint().note.encode()
    assert newer in [shown for push in birch.pushed() for shown in push.newest]


def test_of_two_members_that_hold_the_same_one_tells_the_other(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a record, each pair of its followers compares its checkpoint once."""
    heard: list[tuple[str, bytes]] = []
    real = Shown.heard

    def watched(self: Shown, by: Member, notes: Sequence[bytes]) -> None:
        heard.extend((by.slug, note) for note in notes)
        real(self, by, notes)

    ash, _, _ = (lines.start(slug) for slug in ("ash", "birch", "cedar"))
    lines.run_for(10)
    monkeypatch.setattr(Shown, "heard", watched)
    ash.write()
    lines.run_for(10)
    checkpoint = ash.line.own.checkpoint
    assert checkpoint is not None
    assert [note for _, note in heard].count(checkpoint.note.encode()) == 1


def test_a_member_that_lost_records_says_so_when_it_is_told(lines: Lines) -> None:
    """Whoever held all, and now answers with less, is sent the rest again."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    birch.says = holds = holds_all(birch)
    ash.write()
    lines.run_for(3)
    birch.asked.clear()
    lost = iter([SizeHeld(1)])

    def says(request: Request) -> Answer:
        return next(lost, None) or holds(request) if request.path == Path.PUSH else holds(request)

    birch.says = says
    cedar.push("ash", cedar.history.push())
    lines.run_for(3)
    (again,) = [push for push in birch.pushed() if push.checkpoint]
    assert (again.chunk.first, len(triples(again))) == (1, ash.line.own.size - 1)
