from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.party import Tree, memoised_signatures, note_bytes, party, tree_of

from tocsin.circles.errors import (
    DrillAtLive,
    MalformedFork,
    NoFork,
    ProofElsewhere,
    UnknownName,
    WrongOpening,
)
from tocsin.circles.evidence.forks import Fork, verify_fork
from tocsin.core.errors import BadSignature, MalformedProof, Refusal, UnknownSigner
from tocsin.core.strict_json import NotCanonical
from tocsin.core.tlog.checkpoint import SignedCheckpoint, cosign, with_signatures

P = party()
CIRCLE = P.circle
ASH = CIRCLE.by_slug["ash"]
KEY = P.keys["ash"].log
LENGTH = 20


def version(name: str, shared: int) -> Tree:
    """A version of ash's log that is the common one up to `shared` entries and its own from there on."""
    texts = [f"text {index}" if index < shared else f"{name} {index}" for index in range(1, LENGTH)]
    return tree_of(ASH, *texts)


ONE, OTHER = version("one", 5), version("other", 5)


def at(tree: Tree, size: int) -> SignedCheckpoint:
    """The tree's checkpoint, signed by its log."""
    return tree.checkpoint(size, KEY)


def verified(fork: Fork) -> Fork:
    """The evidence, written to a file and verified from there."""
    return verify_fork(fork.encode(CIRCLE.id, ASH.opening), CIRCLE)


@given(st.integers(6, LENGTH), st.integers(6, LENGTH))
def test_two_versions_are_shown_at_any_two_sizes(first: int, second: int) -> None:
    """Two checkpoints past the point where two versions part prove it, at one size or at two."""
    smaller, larger = at(ONE, min(first, second)), at(OTHER, max(first, second))

    fork = Fork.between(smaller, larger, OTHER.read)

    assert fork == verified(fork)
    assert fork == Fork.parse_unverified(fork.encode(CIRCLE.id, ASH.opening))


@given(st.integers(1, LENGTH), st.integers(1, LENGTH))
def test_an_honest_log_is_never_shown_as_two(first: int, second: int) -> None:
    """No two checkpoints of one log that only grew are evidence against it."""
    smaller, larger = at(ONE, min(first, second)), at(ONE, max(first, second))

    with pytest.raises(NoFork):
        Fork.between(smaller, larger, ONE.read)


@given(st.integers(1, LENGTH - 1), st.data())
def test_no_made_up_hashes_show_two_versions(smaller: int, data: st.DataObject) -> None:
    """Whoever lacks the log's key cannot accuse it, with whatever hashes."""
    larger = data.draw(st.integers(smaller + 1, LENGTH))
    hashes = data.draw(st.lists(st.binary(min_size=32, max_size=32), max_size=8))

    with pytest.raises((NoFork, MalformedProof)):
        Fork(at(ONE, smaller), at(ONE, larger), tuple(hashes))


def test_evidence_needs_its_order_and_nothing_more() -> None:
    """The smaller checkpoint first, no proof beside two of one size, and two logs are no two versions."""
    birch = CIRCLE.by_slug["birch"]
    fork = Fork.between(at(ONE, 8), at(OTHER, 12), OTHER.read)

    for first, second, proof in (
        (fork.second, fork.first, fork.proof),
        (at(ONE, 8), at(OTHER, 8), fork.proof),
        (at(ONE, 8), tree_of(birch, "text").checkpoint(2, P.keys["birch"].log), ()),
    ):
        with pytest.raises(NoFork):
            Fork(first, second, proof)


def test_only_the_logs_own_signatures_are_evidence() -> None:
    """Cosignatures that a checkpoint carried are left out of the file."""
    cosigned = with_signatures(at(ONE, 8), [cosign(at(ONE, 8).checkpoint, P.keys["birch"].holder, 5)])

    assert Fork(at(ONE, 8), at(OTHER, 8)) == verified(Fork(cosigned, at(OTHER, 8)))


FORK = Fork.between(at(ONE, 8), at(OTHER, 12), OTHER.read)
FILE = FORK.encode(CIRCLE.id, ASH.opening)
FORGER = P.keys["birch"].log


def forged() -> bytes:
    """Evidence of which one checkpoint is signed by another key, under its name."""
    signed = at(OTHER, 8)
    signature = signed.note.signatures[0]
    fake = replace(signature, data=FORGER.sign(signed.note.text.encode()))
    note = replace(signed.note, signatures=(fake,))
    return Fork(at(ONE, 8), SignedCheckpoint(signed.checkpoint, note)).encode(CIRCLE.id, ASH.opening)


def of_birch() -> bytes:
    """Two versions of birch's log, under the name of ash's."""
    birch = CIRCLE.by_slug["birch"]
    one, other = (tree_of(birch, text).checkpoint(2, P.keys["birch"].log) for text in ("one", "other"))
    return Fork(one, other).encode(CIRCLE.id, birch.opening)


def in_a_drill() -> bytes:
    """The same of a drill's log, said to be in this circle."""
    drill = party(domain="drill.example")
    member = drill.circle.by_slug["ash"]
    one, other = (
        Tree(member.log, [member.opening, note_bytes(member.log, text)]).checkpoint(2, drill.keys["ash"].log)
        for text in ("one", "other")
    )
    return Fork(one, other).encode(CIRCLE.id, member.opening)


BAD: dict[str, tuple[Callable[[], bytes], type[Refusal]]] = {
    "another key's signature": (forged, BadSignature),
    "another circle": (lambda: FILE.replace(CIRCLE.id.encode(), b"0" * 64, 1), ProofElsewhere),
    "another log's opening": (
        lambda: of_birch().replace(b'birch/1","opening', b'ash/1","opening'),
        WrongOpening,
    ),
    "a drill's log": (in_a_drill, DrillAtLive),
    "no log of the circle": (lambda: FILE.replace(b'ash/1","opening', b'elm/1","opening'), UnknownName),
    "no newline": (lambda: FILE[:-1], MalformedFork),
    "two newlines": (lambda: FILE + b"\n", NotCanonical),
    "another format": (lambda: FILE.replace(b"tocsin-fork/v1", b"tocsin-fork/v2"), MalformedFork),
    "too large": (lambda: b" " * 200_000, MalformedFork),
    "nothing": (lambda: b"", MalformedFork),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_evidence_is_refused(name: str) -> None:
    """Each part of a file is checked, and what is wrong has its own error."""
    make, error = BAD[name]

    with pytest.raises(error):
        verify_fork(make(), CIRCLE)


def test_a_checkpoint_without_its_logs_signature_is_no_evidence() -> None:
    """A file whose checkpoints only others signed is refused."""
    bare = Fork(at(ONE, 8), at(OTHER, 8))
    line = bare.first.note.signatures[0].line()
    stranger = replace(bare.first.note.signatures[0], name="stranger").line()
    data = bare.encode(CIRCLE.id, ASH.opening).replace(line[2:-1].encode(), stranger[2:-1].encode(), 1)

    with pytest.raises(UnknownSigner):
        verify_fork(data, CIRCLE)


def test_every_one_byte_change_is_found() -> None:
    """There is nothing in a file that is not checked."""
    with memoised_signatures():
        for index in range(len(FILE)):
            for change in (0x01, 0x20, 0x80):
                changed = bytearray(FILE)
                changed[index] ^= change
                with pytest.raises(Refusal):
                    verify_fork(bytes(changed), CIRCLE)
