"""Words to compare aloud: two people say the same if, and only if, they have the same."""

import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.spelling import code_of, spoken, written

PARTS = st.lists(st.binary(max_size=8), max_size=4)


@given(PARTS, PARTS)
def test_other_parts_have_another_code(one: list[bytes], other: list[bytes]) -> None:
    """Also where only the border between two parts has moved."""
    assert (code_of(*one) == code_of(*other)) is (one == other)


@given(PARTS)
def test_a_code_is_read_and_spoken_in_two_lines(parts: list[bytes]) -> None:
    """Three groups of four each; what is spoken spells what is written."""
    code = code_of(*parts)
    assert re.fullmatch("[A-Z2-7]{24}", code)
    lines, words = written(code), spoken(code)
    assert [line.replace(" ", "") for line in lines] == [code[:12], code[12:]]
    digits = {"Two": "2", "Three": "3", "Four": "4", "Five": "5", "Six": "6", "Seven": "7"}
    for line, said in zip(lines, words, strict=True):
        groups = [[digits.get(word, word[0]) for word in group.split(" ")] for group in said.split(", ")]
        assert " ".join("".join(group) for group in groups) == line


def test_the_code_is_what_the_protocol_says() -> None:
    """SHA-256 over a prefix and each part after its length; the first 120 bits in base32."""
    hashed = hashlib.sha256(b"tocsin/compare/v1\x00" + b"\x00\x00\x00\x01a" + b"\x00\x00\x00\x02bc").digest()
    bits = f"{int.from_bytes(hashed):0256b}"[:120]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    assert code_of(b"a", b"bc") == "".join(alphabet[int(bits[at : at + 5], 2)] for at in range(0, 120, 5))
