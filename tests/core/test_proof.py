"""The text of an offline proof: exactly one way to write each."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import MalformedProof
from tocsin.core.tlog.proof import MAX_PROOF_HASHES, TlogProof

HASH = base64.b64encode(b"h" * 32).decode()
NOTE = "example.org/log\n7\nroot\n\n— example.org/log signature\n"
HEAD = "c2sp.org/tlog-proof@v1\n"
PROOF = f"{HEAD}extra ZXh0cmE=\nindex 5\n{HASH}\n{HASH}\n\n{NOTE}"

proofs = st.builds(
    TlogProof,
    st.none() | st.binary(min_size=1, max_size=100),
    st.integers(0, 2**53 - 2),
    st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_PROOF_HASHES).map(tuple),
    st.binary(min_size=1, max_size=200),
)


@given(proofs)
def test_one_way_to_write_a_proof(proof: TlogProof) -> None:
    """A proof, written and parsed, is the proof."""
    assert proof == TlogProof.parse(proof.encode())


def test_the_form() -> None:
    """The lines stand as tlog-proof has them, and the checkpoint follows byte for byte."""
    expected = TlogProof(b"extra", 5, (b"h" * 32, b"h" * 32), NOTE.encode())

    assert expected == TlogProof.parse(PROOF.encode())
    assert TlogProof(None, 0, (), b"x") == TlogProof.parse(f"{HEAD}index 0\n\nx".encode())


@given(st.integers(0, len(PROOF) - 1), st.binary(max_size=2), st.integers(0, 2))
def test_nothing_else_is_that_proof(place: int, put: bytes, taken: int) -> None:
    """Any other bytes are refused, or are another proof and written again as the same bytes."""
    data = PROOF.encode()
    changed = data[:place] + put + data[place + taken :]

    try:
        proof = TlogProof.parse(changed)
    except MalformedProof:
        return
    assert changed == proof.encode()
    assert (changed == data) is (proof == TlogProof.parse(data))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        HEAD,
        f"{HEAD}index 5",
        f"{HEAD}index 5\n\n",
        f"{HEAD}\n{NOTE}",
        PROOF.removeprefix("c"),
        PROOF.replace("v1", "v2"),
        PROOF.replace("\n", "\r\n"),
        "\ufeff" + PROOF,
        PROOF.replace("extra ", "extra  "),
        PROOF.replace("extra ZXh0cmE=", "extra "),
        PROOF.replace("extra ZXh0cmE=", "extra"),
        PROOF.replace("extra ZXh0cmE=", "extra ZXh0cmE"),
        PROOF.replace("extra ZXh0cmE=", "extra ZXh0cmF="),
        PROOF.replace("extra ZXh0cmE=", "extra ZXh0cmE=\nextra ZXh0cmE="),
        PROOF.replace("extra ZXh0cmE=\nindex 5", "index 5\nextra ZXh0cmE="),
        PROOF.replace("extra", "Extra"),
        *(
            PROOF.replace("index 5", f"index {index}")
            for index in ["", "05", "+5", "-5", "5 ", "٥", "5_0", "5.0"]
        ),
        PROOF.replace("index 5", f"index {2**53 - 1}"),
        PROOF.replace("index 5", f"index {'9' * 5000}"),
        PROOF.replace("index 5\n", ""),
        PROOF.replace("index 5", "index 5\nindex 5"),
        PROOF.replace("index ", "index\t"),
        PROOF.replace(HASH, HASH[:-4], 1),
        PROOF.replace(HASH, HASH[:-2] + "h=", 1),
        PROOF.replace(HASH, HASH[:-1], 1),
        PROOF.replace(HASH, HASH + " ", 1),
        PROOF.replace(HASH, "A" * 44, 1),
        PROOF.replace(HASH, "é" + HASH[1:], 1),
        PROOF.replace(f"{HASH}\n", f"{HASH}\n" * MAX_PROOF_HASHES, 1),
    ],
)
def test_hostile_proofs(text: str) -> None:
    """A proof with one line out of its rule is refused."""
    with pytest.raises(MalformedProof):
        TlogProof.parse(text.encode())


def test_limits() -> None:
    """63 hashes are read; a proof over the size allowed is refused before anything else is looked at."""
    hashes = f"{HASH}\n" * MAX_PROOF_HASHES

    assert len(TlogProof.parse(f"{HEAD}index 5\n{hashes}\n{NOTE}".encode()).hashes) == MAX_PROOF_HASHES
    with pytest.raises(MalformedProof, match="at most 99 bytes"):
        TlogProof.parse(b"\xff" * 100, max_bytes=99)


@pytest.mark.parametrize(
    ("extra", "index", "hashes", "checkpoint"),
    [
        (b"", 0, (), b"x"),
        (None, -1, (), b"x"),
        (None, 0, (b"short",), b"x"),
        (None, 0, (bytes(32),) * 64, b"x"),
    ],
)
def test_made_by_hand(extra: bytes | None, index: int, hashes: tuple[bytes, ...], checkpoint: bytes) -> None:
    """A proof that could not be read again is not made."""
    with pytest.raises(MalformedProof):
        TlogProof(extra, index, hashes, checkpoint)
