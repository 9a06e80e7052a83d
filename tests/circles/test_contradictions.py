"""Two openings, two amendments: what proves that a key said two things, and what does not."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.changes import (
    ALL,
    FOUNDED,
    NEW,
    OLD,
    amended,
    joining,
    keys_of,
    leaving,
    opening,
    with_key,
)
from tests.circles.party import memoised_signatures, party

from tocsin.circles.changing.fold import changed
from tocsin.circles.errors import (
    CharterSignatures,
    DrillAtLive,
    MalformedEvidence,
    NoContradiction,
    NonMember,
    OpeningMismatch,
    ProofElsewhere,
    WrongPredecessor,
)
from tocsin.circles.evidence.contradictions import (
    MAX_CONTRADICTION_BYTES,
    contradictions,
    make_two_amendments,
    make_two_openings,
    verify_two_amendments,
    verify_two_openings,
)
from tocsin.core import strict_json
from tocsin.core.errors import BadSignature, Refusal
from tocsin.core.strict_json import UnknownField

FIRST, SECOND = sorted((opening("ash", 2), opening("ash", 2, size=9, seed=2)))
NEW_KEY = amended(
    FOUNDED, ["birch", "cedar", "date", NEW["ash"]], members=with_key(FOUNDED, "ash", NEW["ash"])
)
RENAMED = amended(FOUNDED, ALL, title="Harbour and river")
FROZEN = changed(FOUNDED, [NEW_KEY, RENAMED])
REPLACED = changed(FOUNDED, [NEW_KEY])
OPENINGS = make_two_openings(FOUNDED, FIRST, SECOND)
AMENDMENTS = make_two_amendments(FROZEN, NEW_KEY, RENAMED)


def test_two_openings_show_the_key_that_signed_both() -> None:
    """Whatever became of the key since, and in whichever order they are given."""
    found = verify_two_openings(OPENINGS, FOUNDED)

    assert found.key == OLD["ash"].verifying
    assert (found.log.member, found.log.epoch) == ("ash", 2)
    assert {found.first.log, found.second.log} == {
        keys_of("ash", 2, seed).log.verifying.encode() for seed in (1, 2)
    }
    assert make_two_openings(FOUNDED, SECOND, FIRST) == OPENINGS
    assert verify_two_openings(OPENINGS, REPLACED) == found


def test_two_amendments_show_who_signed_both() -> None:
    """Two quorums share somebody; whoever signed only one is not accused."""
    found = verify_two_amendments(AMENDMENTS, FOUNDED)

    assert found.signers == ("birch", "cedar", "date")
    assert {found.first.encode(), found.second.encode()} == {NEW_KEY, RENAMED}
    assert verify_two_amendments(AMENDMENTS, FROZEN) == found


def test_a_circle_hands_out_what_it_knows() -> None:
    """A file for each two openings by one key, and one for what froze the charter."""
    events = [FIRST, SECOND, opening("ash", 2, NEW["ash"]), opening("birch", 2), leaving("cedar"), b"x", b"{"]

    assert contradictions(FOUNDED, events) == (OPENINGS,)
    assert contradictions(FROZEN, [*events, NEW_KEY, RENAMED]) == (OPENINGS, AMENDMENTS)
    assert contradictions(FOUNDED, []) == ()


def openings_file(first: bytes, second: bytes, **changes: str) -> bytes:
    """A file about two openings, whatever they are."""
    fields: dict[str, object] = {
        "circle": FOUNDED.id,
        "first": first.decode(),
        "second": second.decode(),
        "format": "tocsin-two-openings/v1",
    }
    return strict_json.encode(fields | changes) + b"\n"


def amendments_file(first: bytes, second: bytes, **changes: str) -> bytes:
    """A file about two amendments, whatever they are."""
    one, other = sorted((first, second))
    return openings_file(one, other, **{"format": "tocsin-two-amendments/v1"} | changes)


ELM = [*FOUNDED.charter.members, joining("elm", "ash")]
JOINS = amended(FOUNDED, [*ALL[:3], NEW["elm"]], members=ELM)
ELM_1 = sorted(opening("elm", 1, NEW["elm"], seed=seed) for seed in (1, 2))
BY_NEW = opening("ash", 2, NEW["ash"], seed=4)
THIRD = amended(REPLACED, [NEW["ash"], *ALL[1:]], title="Bay")
DRILL = party(domain="drill.example.org")
BAD_OPENINGS: dict[str, tuple[Callable[[], bytes], type[Refusal]]] = {
    "no newline": (lambda: OPENINGS[:-1], MalformedEvidence),
    "too large": (lambda: b" " * MAX_CONTRADICTION_BYTES + OPENINGS, MalformedEvidence),
    "another format": (lambda: AMENDMENTS, MalformedEvidence),
    "a field more": (lambda: openings_file(FIRST, SECOND, motto="none"), UnknownField),
    "another circle": (lambda: openings_file(FIRST, SECOND, circle="ab" * 32), ProofElsewhere),
    "no openings": (lambda: openings_file(*sorted((leaving("ash"), FIRST))), OpeningMismatch),
    "one opening": (lambda: openings_file(FIRST, FIRST), MalformedEvidence),
    "not sorted": (lambda: openings_file(SECOND, FIRST), MalformedEvidence),
    "of two epochs": (lambda: openings_file(*sorted((FIRST, opening("ash", 3)))), OpeningMismatch),
    "of another circle": (
        lambda: openings_file(*sorted(party(seed=2).openings[slug] for slug in ("ash", "birch"))),
        OpeningMismatch,
    ),
    "of a drill": (lambda: openings_file(*sorted(DRILL.openings[s] for s in ("ash", "birch"))), DrillAtLive),
    "of a stranger": (lambda: openings_file(*ELM_1), NonMember),
    "of what stands in a join file": (
        lambda: openings_file(*sorted((FOUNDED.by_slug["ash"].opening, opening("ash", 1)))),
        NoContradiction,
    ),
    "by two keys": (lambda: openings_file(*sorted((FIRST, BY_NEW))), BadSignature),
    "by another member": (
        lambda: openings_file(*sorted((FIRST, opening("ash", 2, OLD["birch"], seed=3)))),
        BadSignature,
    ),
}
BAD_AMENDMENTS: dict[str, tuple[Callable[[], bytes], type[Refusal]]] = {
    "another format": (lambda: OPENINGS, MalformedEvidence),
    "one amendment": (lambda: amendments_file(RENAMED, RENAMED), MalformedEvidence),
    "one with other signatures": (
        lambda: amendments_file(amended(FOUNDED, ALL), amended(FOUNDED, ALL[:3])),
        NoContradiction,
    ),
    "of two versions": (lambda: amendments_file(RENAMED, THIRD), WrongPredecessor),
    "of a version that is not known": (
        lambda: amendments_file(THIRD, amended(REPLACED, [NEW["ash"], *ALL[1:]], title="Cove")),
        WrongPredecessor,
    ),
    "one without a quorum": (
        lambda: amendments_file(RENAMED, NEW_KEY[: NEW_KEY.rindex("—".encode())]),
        CharterSignatures,
    ),
}


@pytest.mark.parametrize("name", BAD_OPENINGS)
def test_what_are_no_two_openings(name: str) -> None:
    """Each step, failed alone, is found."""
    make, error = BAD_OPENINGS[name]

    with pytest.raises(error):
        verify_two_openings(make(), FOUNDED)


@pytest.mark.parametrize("name", BAD_AMENDMENTS)
def test_what_are_no_two_amendments(name: str) -> None:
    """Each step, failed alone, is found."""
    make, error = BAD_AMENDMENTS[name]

    with pytest.raises(error):
        verify_two_amendments(make(), FOUNDED)


def test_a_member_that_joined_has_no_join_file() -> None:
    """Two openings of its first epoch are two."""
    joined = changed(FOUNDED, [JOINS])

    assert verify_two_openings(openings_file(*ELM_1), joined).log.member == "elm"


@given(st.booleans(), st.data())
def test_a_changed_byte_is_found(openings: bool, data: st.DataObject) -> None:
    """Whatever byte is changed, nobody is accused any more."""
    file = bytearray(OPENINGS if openings else AMENDMENTS)
    file[data.draw(st.integers(0, len(file) - 1))] ^= data.draw(st.integers(1, 255))

    with memoised_signatures(), pytest.raises(Refusal):
        (verify_two_openings if openings else verify_two_amendments)(bytes(file), FOUNDED)


@given(st.dictionaries(st.sampled_from(["circle", "first", "second", "format"]), st.text(max_size=20)))
def test_what_is_no_file_is_refused(fields: dict[str, str]) -> None:
    """Whatever comes in, nothing but a Refusal comes out."""
    for verify in (verify_two_openings, verify_two_amendments):
        with pytest.raises(Refusal):
            verify(json.dumps(fields).encode() + b"\n", FOUNDED)
