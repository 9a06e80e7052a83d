"""Broken limits as evidence (docs/protocol.md, section 12): what a stranger can verify, and who is safe."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.circles.changes import FOUNDED, amended
from tests.circles.changes import P as CHANGED
from tests.circles.party import PLACES, memoised_signatures, party

from tocsin.circles.changing.fold import changed
from tocsin.circles.errors import (
    LimitKept,
    MalformedBrokenLimit,
    ProofElsewhere,
    UnknownName,
    WrongOpening,
)
from tocsin.circles.evidence.brokenlimit import (
    GRACE_S,
    MAX_BROKEN_LIMIT_BYTES,
    broken_limit,
    find_broken_limit,
    verify_broken_limit,
)
from tocsin.circles.following.limits import BURST_S
from tocsin.circles.founding.charter import Limits
from tocsin.core.errors import BadSignature, Refusal
from tocsin.core.keys import SigningKey
from tocsin.core.tlog.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    cosign,
    sign_checkpoint,
    with_signatures,
)
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES

FOUR = (*PLACES, ("elm", "Elm", "TW"))
P = party(chosen=FOUR)
CIRCLE = P.circle
ASH = CIRCLE.by_slug["ash"]
PER_S = CIRCLE.charter.limits.records_per_second
START_S = 1_700_000_000
OTHERS = ("birch", "cedar")


def _allowed(seconds: int) -> int:
    return PER_S * (seconds + 1 + BURST_S + GRACE_S) + MAX_CHUNK_ENTRIES


def _signed(size: int, times: Mapping[str, int], *, witness: tuple[str, ...] = ()) -> SignedCheckpoint:
    """A checkpoint of ash's log, cosigned by each of these at its time."""
    signed = sign_checkpoint(Checkpoint(str(ASH.log), size, bytes([size % 256]) * 32), P.keys["ash"].log)

    def key(slug: str) -> SigningKey:
        return P.keys[slug].witness if slug in witness else P.keys[slug].holder

    return with_signatures(signed, [cosign(signed.checkpoint, key(slug), at) for slug, at in times.items()])


def _at(time_s: int, *slugs: str) -> dict[str, int]:
    return dict.fromkeys(slugs or OTHERS, time_s)


def test_too_many_records_in_too_little_time_are_evidence() -> None:
    """One record more than allowed is shown, and as a file by anyone who has the circle's keys."""
    first, second = _signed(100, _at(START_S)), _signed(101 + _allowed(20), _at(START_S + 20))
    found = broken_limit(CIRCLE, first, second)
    assert (found.grown, found.within_s, found.allowed) == (_allowed(20) + 1, 20, _allowed(20))
    assert [member.slug for member in found.cosigners] == list(OTHERS)
    assert found.economies == ("JP", "SG")
    assert verify_broken_limit(found.encode(CIRCLE.id), CIRCLE) == found


def test_what_is_allowed_is_none() -> None:
    """Exactly what the charter allows, with its burst, what may be under way, and one chunk."""
    with pytest.raises(LimitKept):
        broken_limit(CIRCLE, _signed(100, _at(START_S)), _signed(100 + _allowed(20), _at(START_S + 20)))


def test_the_time_is_what_favours_the_author_most() -> None:
    """From the earliest cosignature on the first to the latest on the second, whoever's clock is behind."""
    size = 101 + _allowed(20)
    first = _signed(100, {"birch": START_S - 5, "cedar": START_S})
    second = _signed(size, {"birch": START_S, "cedar": START_S + 20})
    with pytest.raises(LimitKept):
        broken_limit(CIRCLE, first, second)
    assert broken_limit(CIRCLE, first, _signed(size + 5 * PER_S, _at(START_S + 20))).within_s == 25


def test_witnesses_prove_nothing() -> None:
    """They cosign what anybody shows them, however late: so could a liar make it of an honest log."""
    first, second = _signed(1, _at(START_S), witness=OTHERS), _signed(10**6, _at(START_S + 1), witness=OTHERS)
    with pytest.raises(MalformedBrokenLimit):
        broken_limit(CIRCLE, first, second)
    with pytest.raises(LimitKept):
        find_broken_limit(CIRCLE, [first, second])


def test_a_witness_cosignature_is_left_out_where_holders_show_it() -> None:
    """Of a file with both, as proofs are, the holders' stay."""
    first, second = _signed(1, _at(START_S)), _signed(10**6, _at(START_S + 1))
    witnessed = [_with(signed, P.keys["elm"].witness) for signed in (first, second)]
    assert find_broken_limit(CIRCLE, witnessed) == broken_limit(CIRCLE, first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_at(START_S, "birch"), _at(START_S, "birch")),
        (_at(START_S, "birch", "cedar"), _at(START_S, "birch", "elm")),
        (_at(START_S, "birch", "cedar", "elm"), _at(START_S, "birch", "cedar")),
        ({}, {}),
    ],
    ids=["one", "others", "one more", "nobody"],
)
def test_the_same_two_members_have_to_say_it(first: dict[str, int], second: dict[str, int]) -> None:
    """One member alone, or different ones, prove nothing: the clocks of members differ."""
    with pytest.raises(LimitKept):
        broken_limit(CIRCLE, _signed(1, first), _signed(10**7, second))


def test_checkpoints_in_the_wrong_order_show_nothing() -> None:
    """Neither a log that shrank nor times that run backwards are a broken limit."""
    with pytest.raises(LimitKept):
        broken_limit(CIRCLE, _signed(10**7, _at(START_S)), _signed(1, _at(START_S)))
    with pytest.raises(LimitKept):
        broken_limit(CIRCLE, _signed(1, _at(START_S)), _signed(10**7, _at(START_S - 100)))


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(1, 1_000)), min_size=1, max_size=40),
    st.lists(st.floats(0, 30), min_size=2, max_size=2),
    st.data(),
)
@settings(max_examples=50)
def test_who_keeps_the_limit_is_safe(
    writes: list[tuple[float, int]], delays: list[float], data: st.DataObject
) -> None:
    """However an author writes within its limit, and however late its requests arrive within 30 s."""
    level, now_s, size, sizes = float(BURST_S * PER_S), 0.0, 1, [(0.0, 1)]
    for after_s, records in writes:
        now_s, level = now_s + after_s, min(BURST_S * PER_S, level + after_s * PER_S)
        if level >= 0:
            level, size = level - records, size + records
            sizes.append((now_s, size))
    one, other = sorted(data.draw(st.lists(st.integers(0, len(sizes) - 1), min_size=2, max_size=2)))
    (one_s, one_size), (other_s, other_size) = sizes[one], sizes[other]
    first = _signed(one_size, {s: START_S + int(one_s + d) for s, d in zip(OTHERS, delays, strict=True)})
    second = _signed(other_size, _at(START_S + int(other_s)))
    with pytest.raises(LimitKept):
        broken_limit(CIRCLE, first, second)


def test_the_largest_limit_of_all_versions_counts() -> None:
    """An author may have written by an earlier version what others took under a later one."""
    slower = Limits(records_per_second=1, bytes_per_day=10**10)
    circle = changed(FOUNDED, [amended(FOUNDED, ["ash", "birch", "cedar", "date"], limits=slower)])
    assert [version.charter.limits.records_per_second for version in circle.chain] == [PER_S, 1]
    log, keys = str(circle.by_slug["ash"].log), CHANGED.keys

    def held(size: int, time_s: int) -> SignedCheckpoint:
        signed = sign_checkpoint(Checkpoint(log, size, bytes(32)), keys["ash"].log)
        lines = [cosign(signed.checkpoint, keys[slug].holder, time_s) for slug in OTHERS]
        return with_signatures(signed, lines)

    with pytest.raises(LimitKept):
        broken_limit(circle, held(1, START_S), held(1 + _allowed(20), START_S + 20))
    found = broken_limit(circle, held(1, START_S), held(2 + _allowed(20), START_S + 20))
    assert found.allowed == _allowed(20)


def test_it_is_found_among_many_checkpoints() -> None:
    """Any two that show it do, by those who cosigned both; what else stands on them is left out."""
    checkpoints = [
        _signed(50, _at(START_S, "birch", "cedar", "elm")),
        _signed(60, _at(START_S + 9, "birch")),
        _signed(10**6, _at(START_S + 10, "elm", "cedar")),
    ]
    found = find_broken_limit(CIRCLE, checkpoints[::-1])
    assert [member.slug for member in found.cosigners] == ["cedar", "elm"]
    assert verify_broken_limit(found.encode(CIRCLE.id), CIRCLE) == found
    for too_few in ([], checkpoints[:1], checkpoints[:2], checkpoints[1:]):
        with pytest.raises(LimitKept):
            find_broken_limit(CIRCLE, too_few)


FIRST, SECOND = _signed(1, _at(START_S)), _signed(10**6, _at(START_S + 1))


def _with(signed: SignedCheckpoint, key: SigningKey) -> SignedCheckpoint:
    return with_signatures(signed, [cosign(signed.checkpoint, key, START_S)])


def test_only_cosignatures_by_other_members_stand_there() -> None:
    """The author's own, a stranger's, and one that does not verify are refused."""
    stranger = party(seed=2, chosen=FOUR).keys["elm"].holder
    for key in (P.keys["ash"].holder, stranger):
        with pytest.raises(MalformedBrokenLimit):
            broken_limit(CIRCLE, _with(FIRST, key), SECOND)
    false = cosign(replace(FIRST.checkpoint, root=bytes(32)), P.keys["elm"].holder, START_S)
    with pytest.raises(BadSignature):
        broken_limit(CIRCLE, with_signatures(FIRST, [false]), SECOND)


def test_two_logs_are_none() -> None:
    """Checkpoints of two logs are no evidence, and a file that names another log neither."""
    other = sign_checkpoint(Checkpoint(str(P.log("birch")), 1, bytes(32)), P.keys["birch"].log)
    with pytest.raises(MalformedBrokenLimit):
        broken_limit(CIRCLE, FIRST, other)
    data = broken_limit(CIRCLE, FIRST, SECOND).encode(CIRCLE.id)
    birch = CIRCLE.by_slug["birch"]
    moved = data.replace(f'"log":"{ASH.log}"'.encode(), f'"log":"{birch.log}"'.encode())
    with pytest.raises(WrongOpening):
        verify_broken_limit(moved, CIRCLE)
    text = strict_opening(data, ASH.opening, birch.opening).replace(
        f'"log":"{ASH.log}"'.encode(), f'"log":"{birch.log}"'.encode()
    )
    with pytest.raises(UnknownName):
        verify_broken_limit(text, CIRCLE)


def strict_opening(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with another opening in it."""
    old_text, new_text = (
        text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") for text in (old, new)
    )
    assert old_text in data
    return data.replace(old_text, new_text)


def test_another_circle_s_evidence_is_none_here() -> None:
    """The file says of which circle it is."""
    with pytest.raises(ProofElsewhere):
        verify_broken_limit(broken_limit(CIRCLE, FIRST, SECOND).encode(CIRCLE.id), party(seed=2).circle)


def test_every_change_of_a_byte_is_refused() -> None:
    """Whichever byte of a file is another, it does not verify."""
    data = broken_limit(CIRCLE, FIRST, SECOND).encode(CIRCLE.id)
    assert len(data) < MAX_BROKEN_LIMIT_BYTES
    with memoised_signatures():
        for place in range(len(data)):
            changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
            with pytest.raises(Refusal):
                verify_broken_limit(changed, CIRCLE)


def test_too_large_a_file_is_not_read() -> None:
    """Its size is looked at first; and a file ends with a newline."""
    for data in (b" " * (MAX_BROKEN_LIMIT_BYTES + 1), b"{}", b"", b"{}\n"):
        with pytest.raises(Refusal):
            verify_broken_limit(data, CIRCLE)
