"""What was signed beyond or beside an end, signatures under others' names, and evidence with its circle."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.circles.changes import FOUNDED, NEW, OLD, P, keys_of, opening
from tests.circles.party import Seeded, Tree, memoised_signatures, note_bytes, note_record, officer_key, party

from tocsin.circles.changing.fold import changed
from tocsin.circles.errors import (
    MalformedEvidence,
    MalformedVoid,
    NoVoid,
    ProofElsewhere,
    UnknownName,
    WrongOpening,
)
from tocsin.circles.evidence.envelope import Envelope, format_of, open_envelope
from tocsin.circles.evidence.forks import Fork, verify_fork
from tocsin.circles.evidence.signers import Signer, Verdict, signers
from tocsin.circles.evidence.voids import Void, verify_void
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.wire.received import Received, sign_received
from tocsin.core.errors import BadSignature, MalformedProof, Refusal
from tocsin.core.keys import SignatureType, SigningKey, encode_base64
from tocsin.core.note import Note, parse_note, sign_note
from tocsin.core.records import Previous, sign_record
from tocsin.core.tlog.checkpoint import SignedCheckpoint, cosign, with_signatures

LOG = FOUNDED.by_slug["ash"].log
KEY = P.keys["ash"].log
COMMON = [FOUNDED.by_slug["ash"].opening, *(note_bytes(LOG, f"No. {number}") for number in range(1, 5))]
TRUE = Tree(LOG, [*COMMON, *(note_bytes(LOG, f"True {number}") for number in range(5, 12))])
OTHER = Tree(LOG, [*COMMON, *(note_bytes(LOG, f"Thief {number}") for number in range(5, 12))])
END = 8
OPENING = opening(
    "ash", 2, previous=Previous(root=encode_base64(TRUE.root(END)), size=END), reason="compromised"
)
CIRCLE = changed(FOUNDED, [OPENING])


def ended(circle: Circle = CIRCLE) -> Member:
    """Ash's first epoch, as the circle has it."""
    return circle.by_log[str(LOG)]


def void(tree: Tree, size: int) -> Void:
    """The evidence in a checkpoint of that size."""
    return Void.of(ended(), tree.checkpoint(size, KEY), TRUE.read)


@pytest.mark.parametrize("size", [9, 12])
@pytest.mark.parametrize("tree", [TRUE, OTHER])
def test_whatever_is_signed_beyond_the_end_is_void(tree: Tree, size: int) -> None:
    """Whether it goes on with the true log or with another."""
    found = verify_void(void(tree, size).encode(), CIRCLE)
    assert found == void(tree, size)
    assert found.beyond
    assert found.proof == ()


@pytest.mark.parametrize("size", [6, 7, 8])
def test_another_version_of_what_is_before_the_end_is_void(size: int) -> None:
    """At the end by its root; before it by hashes that lie under what the organisation signed."""
    found = verify_void(void(OTHER, size).encode(), CIRCLE)
    assert found == void(OTHER, size)
    assert not found.beyond


@pytest.mark.parametrize("size", [1, 4, 5, 6, 8])
def test_what_the_ended_log_was_is_not_void(size: int) -> None:
    """No file can be made of a true checkpoint at or below the end."""
    with pytest.raises(NoVoid):
        void(TRUE, size)


def test_of_a_log_that_goes_on_nothing_is_void() -> None:
    """Without an end, or with one that is only the least, more is no offence."""
    lost = opening("ash", 2, previous=Previous(root=encode_base64(TRUE.root(END)), size=END), reason="lost")
    for circle in (FOUNDED, changed(FOUNDED, [lost])):
        with pytest.raises(NoVoid):
            verify_void(void(TRUE, 9).encode(), circle)


FILE = void(OTHER, 7).encode()


def forged() -> bytes:
    """A checkpoint that birch signed under ash's name."""
    signed = OTHER.checkpoint(9, KEY)
    fake = replace(signed.note.signatures[0], data=P.keys["birch"].log.sign(signed.note.text.encode()))
    note = Note(signed.note.text, (fake,))
    return Void(ended(), SignedCheckpoint(signed.checkpoint, note)).encode()


def cosigned() -> bytes:
    """A checkpoint with more than its log's signature."""
    signed = OTHER.checkpoint(9, KEY)
    more = with_signatures(signed, [cosign(signed.checkpoint, P.keys["birch"].holder, 7)])
    file = Void(ended(), more).encode()
    assert file == Void(ended(), signed).encode()
    bare, whole = (json.dumps(one.note.encode().decode(), ensure_ascii=False) for one in (signed, more))
    return file.replace(bare.encode(), whole.encode())


BAD: dict[str, tuple[Callable[[], bytes], type[Refusal]]] = {
    "another key's signature": (forged, BadSignature),
    "more signatures": (cosigned, MalformedVoid),
    "another circle": (
        lambda: FILE.replace(FOUNDED.id.encode() + b'","format', b"0" * 64 + b'","format'),
        ProofElsewhere,
    ),
    "another log": (lambda: FILE.replace(b'ash/1","opening', b'birch/1","opening'), WrongOpening),
    "no log": (lambda: FILE.replace(b'ash/1","opening', b'elm/1","opening'), UnknownName),
    "a proof that leads nowhere": (
        lambda: void(OTHER, 9).encode().replace(b'"proof":[]', b'"proof":["%s"]' % (b"A" * 43 + b"=")),
        NoVoid,
    ),
    "half a proof": (lambda: FILE[: FILE.rindex(b'","')] + b'"]}\n', MalformedProof),
    "no newline": (lambda: FILE[:-1], MalformedVoid),
    "too large": (lambda: b" " * 70_000, MalformedVoid),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_evidence_is_refused(name: str) -> None:
    """Each part of a file is checked, and what is wrong has its own error."""
    make, error = BAD[name]
    with pytest.raises(error):
        verify_void(make(), CIRCLE)


def test_every_one_byte_change_is_found() -> None:
    """There is nothing in a file that is not checked."""
    with memoised_signatures():
        for index in range(len(FILE)):
            for change in (0x01, 0x20, 0x80):
                bent = bytearray(FILE)
                bent[index] ^= change
                with pytest.raises(Refusal):
                    verify_void(bytes(bent), CIRCLE)


def envelope() -> bytes:
    """The evidence with its circle."""
    return Envelope(CIRCLE, (OPENING,), FILE).encode()


def test_a_stranger_needs_the_circles_id_alone() -> None:
    """Founding, events and evidence come in one file; all of it is verified."""
    opened = open_envelope(envelope(), FOUNDED.id)
    assert opened.circle == CIRCLE
    assert verify_void(opened.evidence, opened.circle) == void(OTHER, 7)
    assert (format_of(envelope()), format_of(opened.evidence)) == ("tocsin-evidence/v1", "tocsin-void/v1")


def test_an_event_that_is_left_out_shows_less_and_nothing_false() -> None:
    """Without the opening that ended the log, the same file shows nothing."""
    opened = open_envelope(Envelope(CIRCLE, (), FILE).encode(), FOUNDED.id)
    with pytest.raises(NoVoid):
        verify_void(opened.evidence, opened.circle)


def test_an_envelope_of_another_circle_is_refused() -> None:
    """The id is what the stranger trusts."""
    with pytest.raises(ProofElsewhere):
        open_envelope(envelope(), party().circle.id)


@pytest.mark.parametrize("data", [b"", b"{}\n", b"{\n", b"\xff", envelope()[:-1], b"[" * 10_000])
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    """Any bytes at all end in a refusal."""
    with pytest.raises(Refusal):
        open_envelope(data, FOUNDED.id)
    assert format_of(b"[" * 100_000) is None
    with pytest.raises(MalformedEvidence):
        open_envelope(b" " * (17 * 2**20), FOUNDED.id)


def verdicts(note: Note, circle: Circle = CIRCLE) -> list[tuple[str | None, Verdict]]:
    """Whose word each signature is."""
    return [(signer.slug, signer.verdict) for signer in signers(note, circle)]


def test_a_members_word_is_told_from_what_only_bears_its_name() -> None:
    """Checkpoints, cosignatures, openings and receipts, by the right key or by another of that name."""
    signed = TRUE.checkpoint(9, KEY)
    holder = P.keys["birch"].holder
    good = with_signatures(signed, [cosign(signed.checkpoint, holder, 7)])
    assert verdicts(good.note) == [("ash", Verdict.GENUINE), ("birch", Verdict.GENUINE)]
    for kind, right in (
        (SignatureType.COSIGNATURE, holder),
        (SignatureType.ED25519, P.keys["birch"].request),
    ):
        fake = SigningKey.generate(right.verifying.name, kind, Seeded("impostor"))
        if kind is SignatureType.COSIGNATURE:
            bad = with_signatures(signed, [cosign(signed.checkpoint, fake, 7)]).note
        else:
            bad = sign_note("Birch says.\n", fake)
        assert verdicts(bad)[-1] == ("birch", Verdict.IMPOSTOR)
    received = sign_received(Received(str(LOG), 3, bytes(32), 7), P.keys["birch"].request)
    assert verdicts(parse_note(received)) == [("birch", Verdict.GENUINE)]


def test_every_epoch_and_every_version_has_its_keys() -> None:
    """The keys of an ended epoch and an organisation key that was replaced still made what they made."""
    assert verdicts(parse_note(OPENING)) == [("ash", Verdict.GENUINE)]
    assert verdicts(sign_note("x\n", keys_of("ash", 2).log)) == [("ash", Verdict.GENUINE)]
    stolen = sign_note("x\n", NEW["ash"])
    assert verdicts(stolen) == [("ash", Verdict.IMPOSTOR)]
    assert verdicts(sign_note("x\n", OLD["ash"])) == [("ash", Verdict.GENUINE)]


def test_nothing_is_said_of_names_that_are_none_of_the_circles() -> None:
    """An officer's key stands in a card, another circle's name anywhere: neither is anybody's false word."""
    officer = parse_note(sign_record(note_record(LOG, "Signed.", "watch"), officer_key(LOG, "watch")))
    assert verdicts(officer) == [(None, Verdict.UNKNOWN)]
    stranger = SigningKey.generate("elsewhere.example/ash", SignatureType.ED25519, Seeded("stranger"))
    assert signers(sign_note("x\n", stranger), CIRCLE) == (
        Signer("elsewhere.example/ash", None, Verdict.UNKNOWN),
    )


def test_a_key_id_is_not_enough() -> None:
    """A signature that names the right key and is not its is an impostor's; and so is the reverse."""
    signed = TRUE.checkpoint(9, KEY)
    line = signed.note.signatures[0]
    assert verdicts(Note(signed.note.text, (replace(line, key_id=b"none"),))) == [("ash", Verdict.IMPOSTOR)]
    bent = Note(signed.note.text, (replace(line, data=line.data[:-1] + bytes([line.data[-1] ^ 1])),))
    assert verdicts(bent) == [("ash", Verdict.IMPOSTOR)]


def test_a_fork_of_an_ended_log_is_a_fork_all_the_same() -> None:
    """Two versions are evidence whether or not one of them is void."""
    fork = Fork(OTHER.checkpoint(9, KEY), TRUE.checkpoint(9, KEY))
    assert verify_fork(fork.encode(CIRCLE.id, ended().opening), CIRCLE) == fork
