import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.party import (
    PLACES,
    Party,
    Tree,
    card_of,
    memoised_signatures,
    note_bytes,
    note_record,
    officer_key,
    party,
)

from tocsin.circles.errors import (
    CharterSignatures,
    MalformedProofFile,
    NonMember,
    OpeningMismatch,
    ProofElsewhere,
    ProofParts,
    WrongPredecessor,
)
from tocsin.circles.evidence.prooffile import make_proof, verify_proof
from tocsin.circles.reading import NotUnderstood, Readable
from tocsin.core.errors import BadSignature, MalformedProof, ProofMismatch, Refusal, UnknownSigner
from tocsin.core.note import Note, Signature, parse_note
from tocsin.core.proofextra import MAX_COSIGNATURES
from tocsin.core.records import sign_record
from tocsin.core.tlog.checkpoint import SignedCheckpoint, cosign
from tocsin.core.tlog.proof import TlogProof

TIME_S = 1_684_764_000
P = party()
ASH = P.circle.by_slug["ash"]


def log_of(founded: Party, *bodies: bytes) -> Tree:
    """Ash's log with its opening, these records, and a few more."""
    ash = founded.circle.by_slug["ash"]
    rest = [note_bytes(ash.log, f"text {index}") for index in range(4)]
    return Tree(ash.log, [ash.opening, *bodies, *rest])


def newest(founded: Party, tree: Tree) -> SignedCheckpoint:
    """The tree's checkpoint, signed by its log."""
    return tree.checkpoint(len(tree.entries), founded.keys["ash"].log)


def cosignatures_of(
    founded: Party, tree: Tree, holders: Iterable[str], witnesses: Iterable[str]
) -> list[Signature]:
    """Cosignatures of the tree's checkpoint."""
    checkpoint = newest(founded, tree).checkpoint
    held = [cosign(checkpoint, founded.keys[slug].holder, TIME_S) for slug in holders]
    return held + [cosign(checkpoint, founded.keys[slug].witness, TIME_S + 1) for slug in witnesses]


def proof_of(
    founded: Party, tree: Tree, index: int, holders: Iterable[str] = (), witnesses: Iterable[str] = ()
) -> bytes:
    """The proof file of one record, with cosignatures of these members."""
    return make_proof(
        founded.circle,
        newest(founded, tree),
        cosignatures_of(founded, tree, holders, witnesses),
        index=index,
        salt=tree.salts[index],
        record=tree.records[index],
        hashes=tree.inclusion(index, len(tree.entries)),
    )


TREE = log_of(P, note_bytes(ASH.log, "An explosion near the harbour is reported."))
CHECKPOINT = newest(P, TREE)
FILE = proof_of(P, TREE, 1, ["birch", "cedar"], ["birch"])


def test_a_proof_says_who_wrote_and_who_held() -> None:
    """The file and the circle's id are enough to learn author, record, holders, their economies and times."""
    facts = verify_proof(FILE, P.circle.id)

    assert (
        facts.author.slug,
        facts.signed.charter.title,
        facts.index,
        facts.size,
    ) == ("ash", "Harbour", 1, 6)
    assert facts.body == TREE.records[1]
    assert isinstance(facts.reading, Readable)
    assert facts.claimed_officer is None
    assert [(held.member.slug, held.time_s) for held in facts.holders] == [
        ("birch", TIME_S),
        ("cedar", TIME_S),
    ]
    assert [(seen.member.slug, seen.time_s) for seen in facts.witnesses] == [("birch", TIME_S + 1)]
    assert facts.economies == ("JP", "SG")


@given(
    st.integers(0, 5),
    st.sets(st.sampled_from(["birch", "cedar"])),
    st.sets(st.sampled_from(["birch", "cedar"])),
)
def test_every_record_of_a_log_can_be_proved(index: int, holders: set[str], witnesses: set[str]) -> None:
    """Whichever record, and whoever cosigned, the proof says exactly that."""
    facts = verify_proof(proof_of(P, TREE, index, holders, witnesses), P.circle.id)

    assert (index, TREE.records[index]) == (facts.index, facts.body)
    assert holders == {held.member.slug for held in facts.holders}
    assert witnesses == {seen.member.slug for seen in facts.witnesses}


def test_what_an_officer_signed_is_shown_as_a_claim() -> None:
    """The card is another entry: the proof names the officer's role, and says it is not verified."""
    key = officer_key(ASH.log, "duty")
    tree = log_of(P, card_of(ASH.log, key), sign_record(note_record(ASH.log, "signed"), key), b"\xff")
    signed = verify_proof(proof_of(P, tree, 2), P.circle.id)
    garbage = verify_proof(proof_of(P, tree, 3), P.circle.id)

    assert signed.claimed_officer == "duty"
    assert isinstance(signed.reading, Readable)
    assert signed.reading.officer is None
    assert isinstance(garbage.reading, NotUnderstood)


def test_the_cosignatures_show_as_many_economies_as_they_can() -> None:
    """Of many cosignatures, at most 15 are carried: holders first, every economy before a second of one."""
    economies = ["KR"] * 20 + ["JP", "SG"]
    slugs = ["ash", *(f"m{index}" for index in range(len(economies)))]
    chosen = tuple(zip(slugs, slugs, ["TJ", *economies], strict=True))
    founded = party(chosen=chosen)
    tree = log_of(founded)

    facts = verify_proof(proof_of(founded, tree, 1, slugs[1:], slugs[1:]), founded.circle.id)

    assert facts.economies == ("JP", "KR", "SG")
    assert (len(facts.holders), len(facts.witnesses)) == (MAX_COSIGNATURES, 0)


def test_a_log_does_not_hold_itself() -> None:
    """The author's own holder key shows nothing, is not carried, and is refused where it is."""
    facts = verify_proof(proof_of(P, TREE, 1, ["ash", "birch"]), P.circle.id)

    assert [held.member.slug for held in facts.holders] == ["birch"]
    with pytest.raises(ProofParts):
        verify_proof(signed_by([LOG, *cosignatures_of(P, TREE, ["ash"], [])]), P.circle.id)


def test_no_proof_is_made_that_does_not_verify() -> None:
    """A wrong salt, or a cosignature that is not good, is found before a file leaves."""
    prove = partial(
        make_proof, P.circle, CHECKPOINT, index=1, record=TREE.records[1], hashes=TREE.inclusion(1, 6)
    )

    with pytest.raises(ProofMismatch):
        prove([], salt=bytes(32))
    with pytest.raises(BadSignature):
        prove([replace(BY_BIRCH, data=bytes(72))], salt=TREE.salts[1])


def with_extra(**changes: object) -> bytes:
    """The good file, with other extra data in the one form."""
    proof = TlogProof.parse(FILE)
    extra = json.loads(proof.extra or b"") | changes
    form = json.dumps(extra, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return replace(proof, extra=form).encode()


def with_checkpoint(note: Note) -> bytes:
    """The good file, with another checkpoint note."""
    return replace(TlogProof.parse(FILE), checkpoint_note=note.encode()).encode()


def signed_by(signatures: Sequence[Signature]) -> bytes:
    """The good file, with these signatures on its checkpoint."""
    return with_checkpoint(Note(CHECKPOINT.note.text, tuple(signatures)))


EXTRA = json.loads(TlogProof.parse(FILE).extra or b"")
LOG, BY_BIRCH, SEEN_BY_BIRCH, BY_CEDAR = parse_note(TlogProof.parse(FILE).checkpoint_note).signatures
OTHER = party(seed=2)
OTHER_TREE = log_of(OTHER)
OTHER_FILE = proof_of(OTHER, OTHER_TREE, 1)
STRANGE = replace(BY_BIRCH, name=f"{P.log('birch')}/request")
OPENINGS = EXTRA["key_events"]
AT_FIVE = TREE.checkpoint(5, P.keys["ash"].log).note
BAD: dict[str, tuple[Callable[[], bytes], type[Refusal]]] = {
    "no tlog-proof": (lambda: b"", MalformedProof),
    "no extra": (lambda: replace(TlogProof.parse(FILE), extra=None).encode(), Refusal),
    "an extra that is no JSON": (lambda: replace(TlogProof.parse(FILE), extra=b"x").encode(), Refusal),
    "another version": (lambda: with_extra(version=2), MalformedProofFile),
    "two charters": (lambda: with_extra(charters=EXTRA["charters"] * 2), WrongPredecessor),
    "no charter": (lambda: with_extra(charters=[]), MalformedProofFile),
    "a field more": (lambda: with_extra(motto="none"), Refusal),
    "a salt that is no base64": (lambda: with_extra(salt="?"), MalformedProofFile),
    "another circle": (lambda: OTHER_FILE, ProofElsewhere),
    "a charter without a signature": (
        lambda: with_extra(charters=[EXTRA["charters"][0][: EXTRA["charters"][0].rindex("—")]]),
        CharterSignatures,
    ),
    "an opening not needed": (lambda: signed_by([LOG, BY_BIRCH, SEEN_BY_BIRCH]), ProofParts),
    "an opening missing": (lambda: with_extra(key_events=OPENINGS[:-1]), ProofParts),
    "the author's opening missing": (lambda: with_extra(key_events=OPENINGS[1:]), Refusal),
    "openings in another order": (lambda: with_extra(key_events=OPENINGS[::-1]), ProofParts),
    "an opening twice": (lambda: with_extra(key_events=[OPENINGS[0], *OPENINGS]), ProofParts),
    "an opening of another circle": (
        lambda: with_extra(
            key_events=[P.openings["ash"].decode(), OTHER.openings["birch"].decode(), OPENINGS[2]]
        ),
        OpeningMismatch,
    ),
    "a stranger's opening": (
        lambda: with_extra(
            key_events=[party(chosen=(("elm", "Elm", "TJ"), *PLACES)).openings["elm"].decode(), *OPENINGS]
        ),
        NonMember,
    ),
    "a record for an opening": (lambda: with_extra(key_events=['{"kind":"note"}']), Refusal),
    "no signature of the log": (lambda: signed_by([BY_BIRCH, BY_CEDAR, SEEN_BY_BIRCH]), UnknownSigner),
    "the log's signature not first": (
        lambda: signed_by([BY_BIRCH, LOG, BY_CEDAR, SEEN_BY_BIRCH]),
        ProofParts,
    ),
    "cosignatures in another order": (
        lambda: signed_by([LOG, BY_CEDAR, BY_BIRCH, SEEN_BY_BIRCH]),
        ProofParts,
    ),
    "a signature by another key": (
        lambda: signed_by([LOG, BY_BIRCH, STRANGE, SEEN_BY_BIRCH, BY_CEDAR]),
        ProofParts,
    ),
    "a second key of a holder": (
        lambda: signed_by([LOG, BY_BIRCH, replace(BY_BIRCH, key_id=bytes(4)), SEEN_BY_BIRCH, BY_CEDAR]),
        ProofParts,
    ),
    "a cosignature that does not verify": (
        lambda: signed_by([LOG, replace(BY_BIRCH, data=bytes(72)), SEEN_BY_BIRCH, BY_CEDAR]),
        BadSignature,
    ),
    "another record": (
        lambda: with_extra(record=base64.b64encode(TREE.records[2]).decode()),
        ProofMismatch,
    ),
    "another salt": (lambda: with_extra(salt=base64.b64encode(TREE.salts[2]).decode()), ProofMismatch),
    "another place": (lambda: replace(TlogProof.parse(FILE), index=2).encode(), ProofMismatch),
    "a place beyond the end": (lambda: replace(TlogProof.parse(FILE), index=6).encode(), MalformedProof),
    "a smaller tree": (lambda: with_checkpoint(AT_FIVE), Refusal),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_proof_is_refused(name: str) -> None:
    """Each step of section 13, failed alone, is found."""
    make, error = BAD[name]

    with pytest.raises(error):
        verify_proof(make(), P.circle.id)


def test_a_proof_is_of_one_circle() -> None:
    """With another circle's id, a good file proves nothing."""
    verify_proof(OTHER_FILE, OTHER.circle.id)
    with pytest.raises(ProofElsewhere):
        verify_proof(FILE, OTHER.circle.id)


def check_refused(data: bytes) -> None:
    """The file proves nothing."""
    with pytest.raises(Refusal):
        verify_proof(data, P.circle.id)


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_found(at: int, change: int) -> None:
    """Whatever byte is changed, and however, the file proves nothing any more."""
    check_refused(FILE[:at] + bytes([FILE[at] ^ change]) + FILE[at + 1 :])


@given(st.integers(0, len(FILE) - 1), st.binary(max_size=3))
def test_a_cut_is_found(end: int, more: bytes) -> None:
    """A file that ends early, or goes on otherwise, proves nothing."""
    if (cut := FILE[:end] + more) != FILE:
        check_refused(cut)


@pytest.mark.slow
def test_every_change_of_every_byte_is_found() -> None:
    """There is nothing in a file that is not checked: each byte changed in three ways, and left out."""
    with memoised_signatures():
        for at in range(len(FILE)):
            for change in (0x01, 0x02, 0x20):
                check_refused(FILE[:at] + bytes([FILE[at] ^ change]) + FILE[at + 1 :])
            check_refused(FILE[:at] + FILE[at + 1 :])


@given(st.binary(max_size=400))
def test_bytes_that_are_no_proof_are_refused(data: bytes) -> None:
    """Whatever comes in, nothing but a Refusal comes out."""
    with pytest.raises(Refusal):
        verify_proof(data, P.circle.id)
