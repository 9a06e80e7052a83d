"""What a node finds out about others' logs and keys, it keeps as files that convince anyone."""

import msgspec
import pytest
from tests.circles.changes import ALL, FOUNDED, FOUR, NEW, amended, opening, with_key
from tests.circles.lines import Desk, Lines, codes
from tests.circles.test_line_changes import ended, grown, pulls_from, tell

from tocsin.circles.evidence.contradictions import verify_two_amendments, verify_two_openings
from tocsin.circles.evidence.forks import verify_fork
from tocsin.circles.evidence.voids import verify_void
from tocsin.circles.wire.answers import Refused
from tocsin.core.keys import encode_base64
from tocsin.core.records import Previous
from tocsin.node.api.evidences import evidence_at
from tocsin.node.api.types import Evidence


def kept(desk: Desk) -> list[Evidence]:
    """The evidence at a desk."""
    return list(evidence_at(desk.line, desk.store))


def file(one: Evidence) -> bytes:
    """As a stranger gets it."""
    return bytes(one.evidence).rstrip(b"\n") + b"\n"


@pytest.mark.parametrize("beyond", [True, False])
def test_what_is_signed_after_an_end_is_kept(*, beyond: bool) -> None:
    """Who pushes it is refused, and the checkpoint that was shown is the proof, also after a new start."""
    with Lines(chosen=FOUR) as lines:
        birch, ash = lines.start("birch"), lines.puppet("ash")
        ash.history.write(*(ash.note(f"No. {number}") for number in range(5)))
        ash.push("birch", ash.history.push())
        root = encode_base64(ash.history.checkpoint().checkpoint.root)
        lines.run(birch.line.take([opening("ash", 2, previous=Previous(root=root, size=6))]))
        lines.run_for(3)
        assert kept(birch) == []
        history = ash.history if beyond else ash.history.branch(3)
        history.write(*(ash.note(f"Thief {number}") for number in range(3 if beyond else 2)))
        note = history.checkpoint().note.encode()
        lines.puppet("cedar").tell("birch", note)
        lines.run_for(1)
        for _ in range(2):
            (one,) = kept(birch)
            assert (one.kind, one.member, one.log) == ("void", "ash", ash.log)
            found = verify_void(file(one), birch.line.circle)
            assert (found.beyond, found.signed.note.encode()) == (beyond, note)
            birch.restart()
        assert not isinstance(lines.puppet("cedar").tell("birch"), Refused)


def test_two_openings_and_two_amendments_are_kept() -> None:
    """Each contradiction is one file for each member that it is about."""
    with Lines(chosen=FOUR) as lines:
        birch = lines.start("birch")
        two = [opening("ash", 2), opening("ash", 2, size=9, seed=2)]
        new_key = amended(
            FOUNDED, ["birch", "cedar", "date", NEW["ash"]], members=with_key(FOUNDED, "ash", NEW["ash"])
        )
        lines.run(birch.line.take([*two, new_key, amended(FOUNDED, ALL, title="Harbour and river")]))
        found = kept(birch)
        kinds = [(one.kind, one.member) for one in found]
        assert kinds[0] == ("two-openings", "ash")
        assert {kind for kind, _ in kinds[1:]} == {"two-amendments"}
        circle = birch.line.circle
        assert verify_two_openings(file(found[0]), circle).log.member == "ash"
        signers = verify_two_amendments(file(found[1]), circle).signers
        assert [member for _, member in kinds[1:]] == list(signers)
        assert msgspec.json.encode(found)


def test_what_was_set_aside_is_evidence_still() -> None:
    """Of a log with two versions, which its organisation ended: that there were two, and which is void."""
    with Lines() as lines:
        ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 3), lines.puppet("cedar")
        other = birch.history.branch(2)
        other.write(birch.note("Other"), birch.note("Another"), birch.note("A third"))
        cedar.push("ash", other.push(0, 4, 4))
        assert codes([birch.push("ash", birch.history.push())]) == ["fork"]
        grown(birch, 3)
        cedar.says = pulls_from(birch.history, 7, cedar.keys.request)
        tell(cedar, "ash", ended(lines, birch, 7, "fork"))
        lines.run_for(20)
        for _ in range(2):
            fork, void = kept(ash)
            assert (fork.kind, void.kind) == ("fork", "void")
            assert verify_fork(file(fork), ash.line.circle).first.checkpoint.origin == birch.log
            assert verify_void(file(void), ash.line.circle).signed.note == other.checkpoint(4).note
            ash.restart()
