"""Keys under a passphrase: the right one opens, and nothing else does."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_secretbox_open_easy
from nacl.pwhash import argon2id

from tocsin.core.errors import MalformedKey, Refusal
from tocsin.core.keys import SignatureType, SigningKey, decode_base64, encode_base64
from tocsin.core.sealed import (
    DEFAULT_COST,
    Cost,
    SealedKey,
    WeakPassphrase,
    WrongPassphrase,
    seal,
    unseal,
)

CHEAP = Cost(memory_kib=8, passes=1)
PASSPHRASE = "seven herons over a tin roof"
KEY = SigningKey.from_seed("live", SignatureType.ED25519, bytes(range(32)))


class Counted:
    """Chance that repeats itself."""

    def token(self, size_bytes: int) -> bytes:
        """The same bytes each time."""
        return hashlib.shake_128(b"chance").digest(size_bytes)

    def uniform(self, low: float, high: float) -> float:
        """Nothing here is by chance."""
        raise AssertionError(low, high)


SEALED = seal(KEY, PASSPHRASE, Counted(), CHEAP)


@given(st.binary(min_size=32, max_size=32), st.text(min_size=12, max_size=40))
def test_what_was_sealed_is_opened_by_its_passphrase(seed: bytes, passphrase: str) -> None:
    """Any key and any passphrase, through the text and back."""
    key = SigningKey.from_seed("drill", SignatureType.ED25519, seed)
    try:
        sealed = seal(key, passphrase, Counted(), CHEAP)
    except WeakPassphrase:
        return  # Composed, it may have fewer characters.
    assert unseal(SealedKey.parse(sealed.encode()), passphrase) == key
    assert sealed.key == key.verifying


@given(st.text(max_size=40))
def test_no_other_passphrase_opens(passphrase: str) -> None:
    """Not even an empty one, or one that is no UTF-8."""
    with pytest.raises(WrongPassphrase):
        unseal(SEALED, passphrase + "?")


@settings(max_examples=300)
@given(st.data())
def test_a_file_with_one_other_character_is_refused(data: st.DataObject) -> None:
    """Whatever stands in its place: nothing opens, and nothing but a Refusal comes of it."""
    text = SEALED.encode()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[at]))
    changed = f"{text[:at]}{other}{text[at + 1 :]}"
    with pytest.raises(Refusal):
        unseal(SealedKey.parse(changed), PASSPHRASE)


def test_the_public_half_is_believed_only_with_the_box() -> None:
    """A file that states another key than the one in its box is refused."""
    other = SigningKey.from_seed("live", SignatureType.ED25519, bytes(32))
    forged = SealedKey.parse(SEALED.encode().replace(KEY.verifying.encode(), other.verifying.encode()))
    with pytest.raises(MalformedKey, match="of another key"):
        unseal(forged, PASSPHRASE)


@pytest.mark.parametrize("letters", [12, 1_024])
def test_a_letter_is_the_same_however_it_was_typed(letters: int) -> None:
    """Some keyboards make one character of é, others two; also of the longest passphrase."""
    composed, decomposed = "\u00e9" * letters, "e\u0301" * letters
    assert unseal(seal(KEY, composed, Counted(), CHEAP), decomposed) == KEY


@pytest.mark.parametrize("passphrase", ["", "short", "e\u0301" * 11, "x" * 1_025])
def test_a_passphrase_that_protects_nothing_is_refused(passphrase: str) -> None:
    """Twelve characters at least, as people count them, and not a book."""
    with pytest.raises(WeakPassphrase):
        seal(KEY, passphrase, Counted(), CHEAP)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"memory_kib":8', '"memory_kib":1048577'),
        ('"passes":1', '"passes":17'),
        ('"memory_kib":8', '"memory_kib":1'),
    ],
)
def test_a_file_cannot_ask_for_more_than_a_machine_has(old: str, new: str) -> None:
    """What it says of its cost is bounded before any of it is spent."""
    with pytest.raises(MalformedKey):
        SealedKey.parse(SEALED.encode().replace(old, new))


def test_another_implementation_can_open_it() -> None:
    """The box is Argon2id and XSalsa20-Poly1305, as the specification says, and nothing of our own."""
    box_key = argon2id.kdf(32, PASSPHRASE.encode(), decode_base64(SEALED.salt, MalformedKey), 1, 8 * 1024)
    box = decode_base64(SEALED.box, MalformedKey)
    assert crypto_secretbox_open_easy(box[24:], box[:24], box_key) == KEY.encode_unsafe().encode()


def test_a_sealed_key_does_not_show_its_secret() -> None:
    """Neither the seed nor any of its usual forms stands in the text."""
    seed = bytes(range(32))
    assert encode_base64(bytes([1]) + seed) not in SEALED.encode()
    assert "PRIVATE" not in SEALED.encode()
    assert DEFAULT_COST.memory_kib >= 65_536
