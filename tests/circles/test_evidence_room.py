"""Whatever a member writes into an opening, evidence about its log fits into its file and is read again."""

import msgspec
import pytest
from tests.circles.changes import FOUNDED, OLD, P, keys_of, opening, root_of

from tocsin.circles.changing.events import parse_event
from tocsin.circles.changing.fold import changed
from tocsin.circles.evidence.brokenlimit import broken_limit, verify_broken_limit
from tocsin.circles.evidence.contradictions import contradictions, verify_two_openings
from tocsin.circles.evidence.forks import Fork, verify_fork
from tocsin.circles.evidence.voids import Void, verify_void
from tocsin.circles.founding.opening import read_opening
from tocsin.core.records import sign_record
from tocsin.core.records.errors import MalformedRecord
from tocsin.core.records.form import MAX_STATEMENT_BYTES
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, cosign, sign_checkpoint, with_signatures
from tocsin.core.tlog.entry import MAX_RECORD_BYTES
from tocsin.core.tlog.proof import MAX_PROOF_HASHES


def padded(data: bytes, size_bytes: int) -> bytes:
    """The opening of ash with so many bytes, of a kind that takes twice as many within another file."""
    said = read_opening(data)

    def signed(length: int) -> bytes:
        more = {"x": '"' * (length // 2) + "y" * (length % 2)}
        return sign_record(msgspec.structs.replace(said, more=more), OLD["ash"])

    return signed(size_bytes - len(signed(2)) + 2)


LARGEST = padded(opening("ash", 2), MAX_STATEMENT_BYTES)
CIRCLE = changed(FOUNDED, [LARGEST])
ASH = CIRCLE.by_slug["ash"]


def at(size: int, *about: object) -> SignedCheckpoint:
    """A checkpoint of ash's second log."""
    return sign_checkpoint(Checkpoint(str(ASH.log), size, root_of(size, *about)), keys_of("ash", 2).log)


def test_the_largest_opening_counts() -> None:
    """One byte more, and it is no opening: what may open a log can stand in evidence about it."""
    assert (len(LARGEST), ASH.opening) == (MAX_STATEMENT_BYTES, LARGEST)
    for size_bytes in (MAX_STATEMENT_BYTES + 1, MAX_RECORD_BYTES - 1):
        with pytest.raises(MalformedRecord):
            parse_event(padded(opening("ash", 2), size_bytes))


def test_a_fork_is_read_again() -> None:
    """By the node that keeps it, at its next start, and by anyone; a proof of any length has room, too."""
    fork = Fork(at(5), at(5, "other"))
    file = fork.encode(CIRCLE.id, LARGEST)

    assert Fork.parse_unverified(file) == verify_fork(file, CIRCLE) == fork
    assert len(file) + 2 * 209 + 48 * MAX_PROOF_HASHES < 131_072


def test_void_entries_are_shown() -> None:
    """Beyond the end of that log."""
    circle = changed(FOUNDED, [LARGEST, opening("ash", 3)])
    void = Void(circle.by_log[str(ASH.log)], at(11))

    assert verify_void(void.encode(), circle) == void
    assert len(void.encode()) + 2 * 209 + 48 * MAX_PROOF_HASHES < 65_536


def test_a_broken_limit_is_shown() -> None:
    """With as many cosignatures as a checkpoint has room for."""

    def held(size: int, time_s: int) -> SignedCheckpoint:
        signed = at(size)
        keys = [P.keys[slug].holder for slug in ("birch", "cedar", "date")]
        return with_signatures(signed, [cosign(signed.checkpoint, key, time_s) for key in keys])

    found = broken_limit(CIRCLE, held(1, 1), held(10**9, 2))
    file = found.encode(CIRCLE.id)
    assert verify_broken_limit(file, CIRCLE) == found
    assert len(file) + 2 * 8_192 < 65_536


def test_two_openings_are_shown() -> None:
    """Both of them the largest."""
    other = padded(opening("ash", 2, seed=2), MAX_STATEMENT_BYTES)
    files = contradictions(FOUNDED, [LARGEST, other])

    assert [verify_two_openings(file, FOUNDED).log for file in files] == [ASH.log]
