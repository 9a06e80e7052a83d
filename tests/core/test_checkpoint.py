"""Checkpoints and cosignatures: exactly three lines, the right key, the right time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import (
    BadSignature,
    Fault,
    MalformedCheckpoint,
    MalformedNote,
    UnknownOrigin,
    UnknownSigner,
)
from tocsin.core.keys import SignatureType, SigningKey, VerifyingKey
from tocsin.core.note import Note, Signature, sign_note
from tocsin.core.tlog.checkpoint import (
    MAX_CHECKPOINT_BYTES,
    Checkpoint,
    SignedCheckpoint,
    cosign,
    open_checkpoint,
    parse_decimal,
    parse_text,
    sign_checkpoint,
    verify_cosignature,
    with_signatures,
)
from tocsin.core.tlog.tree import MAX_SIZE

ORIGIN = "example.com/log"
ROOT = "R" * 42 + "E="  # base64 of 32 bytes
LOG = SigningKey.from_seed(ORIGIN, SignatureType.ED25519, b"l" * 32)
OTHER = SigningKey.from_seed("example.com/other", SignatureType.ED25519, b"o" * 32)
HOLDER = SigningKey.from_seed(f"{ORIGIN}/holder", SignatureType.COSIGNATURE, b"h" * 32)
WITNESS = SigningKey.from_seed(f"{ORIGIN}/witness", SignatureType.COSIGNATURE, b"w" * 32)

CHECKPOINT = parse_text(f"{ORIGIN}\n7\n{ROOT}\n")
SIGNED = sign_checkpoint(CHECKPOINT, LOG)
TIME_S = 1_679_315_147


def key_of(origin: str) -> VerifyingKey | None:
    """The one log known here."""
    return LOG.verifying if origin == ORIGIN else None


def opened(note: Note) -> SignedCheckpoint:
    """What a node that knows the log makes of a note."""
    return open_checkpoint(note.encode(), key_of)


@given(
    st.from_regex(r"[!-*,-~]{1,40}", fullmatch=True),
    st.integers(0, MAX_SIZE),
    st.binary(min_size=32, max_size=32),
)
def test_one_way_to_write_a_checkpoint(origin: str, size: int, root: bytes) -> None:
    """A checkpoint's text, parsed, is the checkpoint."""
    checkpoint = Checkpoint(origin, size, root)

    assert checkpoint == parse_text(checkpoint.text())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n7\n{ROOT}",
        f"{ORIGIN}\n7\n{ROOT}\n\n",
        f"{ORIGIN}\n7\n{ROOT}\nextension\n",
        f"\n7\n{ROOT}\n",
        f"example.com log\n7\n{ROOT}\n",
        f"example.com+log\n7\n{ROOT}\n",
        *(
            f"{ORIGIN}\n{size}\n{ROOT}\n"
            for size in ["", "07", "00", "+7", "-7", "7 ", "7.0", "0x7", "٧", "7_0"]
        ),
        f"{ORIGIN}\n{MAX_SIZE + 1}\n{ROOT}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT}\n",
        f"{ORIGIN}\n7\n{ROOT[:-4]}\n",
        f"{ORIGIN}\n7\n{ROOT[:-2]}F=\n",
        f"{ORIGIN}\n7\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n7\n{ROOT} \n",
        f"{ORIGIN}\n7\n-{ROOT[1:]}\n",
        f"{ORIGIN}\n7\nAAAA{ROOT}\n",
    ],
)
def test_hostile_texts(text: str) -> None:
    """A text of other than three lines, or with a line out of its rule, is refused, even well signed."""
    with pytest.raises(MalformedCheckpoint):
        parse_text(text)
    if text.endswith("\n"):
        with pytest.raises(MalformedCheckpoint):
            opened(sign_note(text, LOG))


@pytest.mark.parametrize(
    "text", ["", "00", "01", "-0", "+1", " 1", "1\n", "1e3", str(MAX_SIZE + 1), "٣", "9" * 5000]
)
def test_hostile_decimals(text: str) -> None:
    """A number that is written another way, or is over 2**53 - 1, is refused."""
    with pytest.raises(MalformedCheckpoint):
        parse_decimal(text, MalformedCheckpoint)


@given(st.integers(0, MAX_SIZE))
def test_decimals(number: int) -> None:
    """A number within the limit is read as it is written."""
    assert number == parse_decimal(str(number), MalformedCheckpoint)


def test_opened() -> None:
    """A log's checkpoint opens, and its bytes are kept as they are."""
    assert opened(SIGNED.note) == SIGNED
    assert SIGNED.checkpoint == CHECKPOINT


def test_too_large() -> None:
    """A checkpoint over 8,192 bytes is refused before it is parsed."""
    with pytest.raises(MalformedNote, match="at most 8192"):
        open_checkpoint(b"\xff" * (MAX_CHECKPOINT_BYTES + 1), key_of)


def test_unknown_log() -> None:
    """A checkpoint of a log that is not known is told apart from one that its log did not sign."""
    foreign = Checkpoint(OTHER.verifying.name, 7, bytes(32))

    with pytest.raises(UnknownOrigin):
        opened(sign_checkpoint(foreign, OTHER).note)
    with pytest.raises(UnknownSigner) as refused:
        opened(sign_note(CHECKPOINT.text(), OTHER))
    assert refused.type is UnknownSigner


def test_forged() -> None:
    """A signature under the log's name that is another key's, or on another checkpoint, is refused."""
    (signature,) = SIGNED.note.signatures
    larger = Checkpoint(ORIGIN, 8, CHECKPOINT.root)

    with pytest.raises(UnknownSigner):
        opened(sign_note(CHECKPOINT.text(), SigningKey.from_seed(ORIGIN, SignatureType.ED25519, b"x" * 32)))
    with pytest.raises(BadSignature):
        opened(Note(larger.text(), (signature,)))


def test_keys_in_their_places() -> None:
    """A log's key has the log's name and signs no empty log; logs do not cosign, nor cosigners sign."""
    with pytest.raises(Fault):
        sign_checkpoint(CHECKPOINT, OTHER)
    with pytest.raises(Fault):
        sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), LOG)
    with pytest.raises(Fault):
        open_checkpoint(SIGNED.note.encode(), lambda _: OTHER.verifying)
    with pytest.raises(Fault):
        cosign(CHECKPOINT, LOG, TIME_S)
    with pytest.raises(Fault):
        verify_cosignature(CHECKPOINT, SIGNED.note.signatures[0], LOG.verifying)


def test_cosigned_message() -> None:
    """A cosignature is on the header, the time and the checkpoint's text, and carries the time before it."""
    signature = cosign(CHECKPOINT, HOLDER, TIME_S)
    message = f"cosignature/v1\ntime {TIME_S}\n{ORIGIN}\n7\n{ROOT}\n".encode()

    assert signature.data == TIME_S.to_bytes(8, "big") + HOLDER.sign(message)
    assert verify_cosignature(CHECKPOINT, signature, HOLDER.verifying) == TIME_S


@given(st.integers(0, 72 * 8 - 1))
def test_every_bit_of_a_cosignature(bit: int) -> None:
    """One changed bit in a cosignature, also in its time, makes it fail."""
    signature = cosign(CHECKPOINT, HOLDER, TIME_S)
    data = (int.from_bytes(signature.data, "big") ^ (1 << bit)).to_bytes(72, "big")

    with pytest.raises(BadSignature):
        verify_cosignature(CHECKPOINT, Signature(signature.name, signature.key_id, data), HOLDER.verifying)


def test_cosignature_of_something_else() -> None:
    """A cosignature holds for its own checkpoint, and for its own key: a witness's is never a holder's."""
    signature = cosign(CHECKPOINT, WITNESS, TIME_S)

    with pytest.raises(BadSignature):
        verify_cosignature(Checkpoint(ORIGIN, 8, CHECKPOINT.root), signature, WITNESS.verifying)
    for name in (WITNESS.verifying.name, HOLDER.verifying.name):
        for key_id in (WITNESS.verifying.key_id, HOLDER.verifying.key_id):
            known = (name, key_id) == (HOLDER.verifying.name, HOLDER.verifying.key_id)
            with pytest.raises(BadSignature if known else UnknownSigner):
                verify_cosignature(CHECKPOINT, Signature(name, key_id, signature.data), HOLDER.verifying)


@pytest.mark.parametrize("time_s", [0, 2**53, 2**63, 2**64 - 1])
def test_impossible_times(time_s: int) -> None:
    """A cosignature at no time, or at one that is no date, is refused, and never made."""
    data = time_s.to_bytes(8, "big") + HOLDER.sign(
        f"cosignature/v1\ntime {time_s}\n{CHECKPOINT.text()}".encode()
    )

    with pytest.raises(BadSignature):
        verify_cosignature(
            CHECKPOINT, Signature(HOLDER.verifying.name, HOLDER.verifying.key_id, data), HOLDER.verifying
        )
    with pytest.raises(Fault):
        cosign(CHECKPOINT, HOLDER, time_s)


@pytest.mark.parametrize("data", [b"x", bytes(8), bytes(71), bytes(73)])
def test_cosignatures_of_another_length(data: bytes) -> None:
    """A cosignature has 72 bytes."""
    with pytest.raises(BadSignature):
        verify_cosignature(
            CHECKPOINT, Signature(HOLDER.verifying.name, HOLDER.verifying.key_id, data), HOLDER.verifying
        )


def test_cosignatures_travel_on_the_checkpoint() -> None:
    """A checkpoint with cosignatures still opens, carries them in order, and takes each key's once."""
    cosignatures = [cosign(CHECKPOINT, HOLDER, TIME_S), cosign(CHECKPOINT, WITNESS, TIME_S)]

    carried = with_signatures(SIGNED, cosignatures)

    assert carried == opened(carried.note)
    assert (*SIGNED.note.signatures, *cosignatures) == carried.note.signatures
    with pytest.raises(MalformedNote):
        with_signatures(carried, [cosign(CHECKPOINT, HOLDER, TIME_S + 1)])


def test_no_more_than_others_take() -> None:
    """A checkpoint is not filled beyond what another node would read."""
    many = [Signature(f"{'long' * 60}{number}", b"0123", bytes(72)) for number in range(30)]

    with pytest.raises(Fault):
        with_signatures(SIGNED, many)
