"""Signed notes: hostile bytes, and the one way to write each note."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import BadSignature, Fault, MalformedNote, UnknownSigner
from tocsin.core.keys import SignatureType, SigningKey, VerifyingKey
from tocsin.core.note import MAX_SIGNATURES, Note, Signature, parse_note, sign_note, verified_by

KEYS = [SigningKey.from_seed(f"example.org/{n}", SignatureType.ED25519, bytes([n]) * 32) for n in range(5)]
COSIGNER = SigningKey.from_seed("example.org/cosigner", SignatureType.COSIGNATURE, bytes(32))
VERIFYING = [key.verifying for key in KEYS]

TEXT = "It happened.\n\nNobody knows why.\n"
NOTE = sign_note(TEXT, KEYS[0])
LINE = NOTE.signatures[0].line()
BODY = TEXT + "\n"


def b64(data: bytes) -> str:
    """Base64 by the standard library alone."""
    return base64.b64encode(data).decode()


def lines(count: int) -> str:
    """So many signature lines, all of different keys."""
    return "".join(f"— k{number} {b64(b'0123' + b'x' * 64)}\n" for number in range(count))


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")).map(lambda text: text + "\n")
key_names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1).filter(
    lambda name: "+" not in name
)
signatures = st.builds(
    Signature, key_names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)
notes = st.builds(
    Note,
    texts,
    st.lists(signatures, min_size=1, max_size=5, unique_by=lambda s: (s.name, s.key_id)).map(tuple),
)


@given(notes)
def test_one_way_to_write_a_note(note: Note) -> None:
    """A note, written and parsed, is the note, and each of its lines by itself the signature."""
    assert note == parse_note(note.encode())
    assert list(note.signatures) == [Signature.parse_line(signature.line()) for signature in note.signatures]


@given(st.integers(0, len(NOTE.encode()) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_nothing_else_is_that_note(place: int, put: bytes, taken: int) -> None:
    """Any other bytes are refused, or are another note and written again as the same bytes."""
    data = NOTE.encode()
    changed = data[:place] + put + data[place + taken :]

    try:
        note = parse_note(changed)
    except MalformedNote:
        return
    assert changed == note.encode()
    assert (changed == data) is (note == NOTE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        b"\n\n\n",
        TEXT.encode(),
        BODY.encode(),
        LINE.encode(),
        f"\n{LINE}".encode(),
        f"{TEXT}{LINE}".encode(),
        f"{BODY}{LINE}"[:-1].encode(),
        f"{BODY}{LINE}\n".encode(),
        f"{BODY}{LINE}{TEXT}".encode(),
        f"{BODY}{LINE}{LINE}".encode(),
        f"{BODY}{LINE}".replace("\n", "\r\n").encode(),
        f"{BODY}{LINE}".encode("utf-16"),
        f"{BODY}{LINE}".encode() + b"\xff\n",
        b"\xc0\x80" + f"{BODY}{LINE}".encode(),
        b"\xed\xa0\x80" + f"{BODY}{LINE}".encode(),
        *(f"{control}{BODY}{LINE}".encode() for control in "\x00\t\r\x0b\x1b\x1f"),
        f"{BODY}{LINE}".replace("—", "-").encode(),
        f"{BODY}{LINE}".replace("— ", "—").encode(),
        f"{BODY}{LINE}".replace("— ", "—  ").encode(),
        f"{BODY}{LINE}".replace("example.org/0 ", "example.org/0  ").encode(),
        f"{BODY}{LINE}".replace("example.org/0", "example.org+0").encode(),
        f"{BODY}{LINE}".replace("example.org/0", "").encode(),
        *(
            f"{BODY}{LINE}".replace("/0", f"{space}0").encode()
            for space in "\x85\xa0\u1680\u2003\u2028\u202f\u3000"
        ),
        f"{BODY}— a \n".encode(),
        f"{BODY}— a\n".encode(),
        f"{BODY}— \n".encode(),
        f"{BODY}— a {b64(b'123')}\n".encode(),
        f"{BODY}— a {b64(b'1234')}\n".encode(),
        f"{BODY}— a AAAAAAB=\n".encode(),
        f"{BODY}— a AAAAAAA\n".encode(),
        f"{BODY}— a AAAAAAA= \n".encode(),
        f"{BODY}— a AAAA-AA=\n".encode(),
        f"{BODY}{lines(MAX_SIGNATURES + 1)}".encode(),
    ],
)
def test_hostile_notes(data: bytes) -> None:
    """Bytes that are no note, or a note written another way, are refused."""
    with pytest.raises(MalformedNote):
        parse_note(data)


def test_limits() -> None:
    """64 signatures are read; a note over the size allowed is refused before anything else is looked at."""
    full = f"{BODY}{lines(MAX_SIGNATURES)}".encode()

    assert len(parse_note(full, max_bytes=len(full)).signatures) == MAX_SIGNATURES
    with pytest.raises(MalformedNote):
        Note(TEXT, tuple(Signature(f"k{number}", b"0123", b"x") for number in range(MAX_SIGNATURES + 1)))
    with pytest.raises(MalformedNote, match="at most"):
        parse_note(b"\xff" * 100, max_bytes=99)


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "carriage return\r\n", "surrogate\ud800\n"])
def test_texts_that_no_note_can_hold(text: str) -> None:
    """A text that could not be read again is not signed."""
    with pytest.raises(MalformedNote):
        sign_note(text, KEYS[0])


def test_a_note_has_a_signature() -> None:
    """A text that nobody signs is no note."""
    with pytest.raises(MalformedNote):
        sign_note(TEXT)


def test_the_last_empty_line_divides() -> None:
    """What looks like a signature above the last empty line is text."""
    note = sign_note(f"{BODY}{LINE}", KEYS[1])

    assert f"{BODY}{LINE}" == parse_note(note.encode()).text
    assert verified_by(note, VERIFYING) == (VERIFYING[1],)


def test_the_note_of_the_specification() -> None:
    """The example in C2SP signed-note verifies."""
    key = VerifyingKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    data = (
        "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlT"
        "gK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    )

    assert verified_by(parse_note(data.encode()), [key]) == (key,)


def test_signers_in_the_order_of_the_note() -> None:
    """The known signers are named in the order in which they signed; the unknown are passed over."""
    note = sign_note(TEXT, KEYS[3], KEYS[1], KEYS[0])

    assert verified_by(note, VERIFYING[:3]) == (VERIFYING[1], VERIFYING[0])


def test_nobody_known() -> None:
    """A note without a signature by a known key says nothing."""
    with pytest.raises(UnknownSigner):
        verified_by(NOTE, VERIFYING[1:])
    with pytest.raises(UnknownSigner):
        verified_by(NOTE, [])


def test_half_a_known_key_is_unknown() -> None:
    """A signature that shares a known key's name or id, but not both, is passed over."""
    good = NOTE.signatures[0]
    other = KEYS[1].verifying
    note = Note(
        TEXT, (Signature(other.name, good.key_id, b"?"), Signature(good.name, other.key_id, b"?"), good)
    )

    assert verified_by(note, VERIFYING) == (VERIFYING[0],)


@given(st.integers(0, 511))
def test_one_failing_signature_refuses_the_note(bit: int) -> None:
    """A known key's signature that fails refuses the note, whoever else signed it well."""
    good, bad = sign_note(TEXT, KEYS[0], KEYS[1]).signatures
    changed = (int.from_bytes(bad.data, "big") ^ (1 << bit)).to_bytes(64, "big")

    with pytest.raises(BadSignature):
        verified_by(Note(TEXT, (good, Signature(bad.name, bad.key_id, changed))), VERIFYING)


@pytest.mark.parametrize("text", [TEXT.upper(), TEXT + "\n", TEXT[1:], BODY + LINE])
def test_another_text(text: str) -> None:
    """A signature is on its own text and no other."""
    with pytest.raises(BadSignature):
        verified_by(Note(text, NOTE.signatures), VERIFYING)


def test_cosigners_do_not_sign_notes() -> None:
    """A cosigner's key never signs or verifies a note's text: that confusion is ours, and fails loudly."""
    with pytest.raises(Fault):
        sign_note(TEXT, COSIGNER)
    with pytest.raises(Fault):
        verified_by(NOTE, [*VERIFYING, COSIGNER.verifying])
