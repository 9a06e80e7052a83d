"""Keys: one way to write each, no weak ones, and a signature that holds for everyone or for no one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core import keys
from tocsin.core.errors import MalformedKey
from tocsin.core.keys import SignatureType, SigningKey, VerifyingKey, decode_base64, encode_base64

ED25519, COSIGNATURE = SignatureType
NAME = "example.com/foo"
SEED = bytes(range(32))
KEY = SigningKey.from_seed(NAME, ED25519, SEED)
MESSAGE = b"message"

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

Point = tuple[int, int]


def add(a: Point, b: Point) -> Point:
    """Addition on the curve -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032 section 5.1)."""
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P,
    )


def multiply(factor: int, point: Point) -> Point:
    """The point added to itself `factor` times."""
    result = (0, 1)
    for bit in f"{factor:b}":
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def points() -> list[Point]:
    """Some points of the curve."""
    squares = {y: (y * y - 1) * pow(D * y * y + 1, -1, P) % P for y in range(2, 40)}
    roots = {y: pow(square, (P + 3) // 8, P) for y, square in squares.items()}
    return [(root, y) for y, root in roots.items() if root * root % P == squares[y]]


def encoded(x: int, y: int) -> bytes:
    """A point as RFC 8032 section 5.1.2 writes it."""
    return (y | (x & 1) << 255).to_bytes(32, "little")


def small_order() -> set[bytes]:
    """All points of small order: L times any point is one, and the multiples of one of order 8 are all."""
    found = (multiply(L, point) for point in points())
    of_order_8 = next(point for point in found if multiply(4, point) != (0, 1))
    return {encoded(*multiply(factor, of_order_8)) for factor in range(8)}


def not_canonical() -> set[bytes]:
    """All bytes that stand for a y coordinate of P or more."""
    return {(y | sign << 255).to_bytes(32, "little") for y in range(P, 2**255) for sign in (0, 1)}


@pytest.mark.parametrize(
    "public", sorted(small_order() | not_canonical() | {b"", bytes(31), bytes(33)}), ids=bytes.hex
)
def test_weak_public_keys(public: bytes) -> None:
    """A public key of small order, written another way, or of another length is refused everywhere."""
    with pytest.raises(MalformedKey):
        VerifyingKey(NAME, ED25519, public)
    with pytest.raises(MalformedKey):
        keys.ed25519_verify(public, MESSAGE, bytes(64))


def test_the_weak_keys_are_weak() -> None:
    """The eight points of small order were found, the two of order 8 with either sign among them."""
    assert len(small_order()) == 8
    assert {bytes(32), encoded(0, 1), encoded(0, P - 1)} < small_order()


@pytest.mark.parametrize(
    ("seed", "public", "message", "signature"),
    [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ],
)
def test_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    """Keys and signatures are those of RFC 8032 section 7.1."""
    key = SigningKey.from_seed(NAME, ED25519, bytes.fromhex(seed))

    assert public == key.verifying.public.hex()
    assert signature == key.sign(bytes.fromhex(message)).hex()
    assert key.verifying.verify(bytes.fromhex(message), bytes.fromhex(signature))


def test_every_bit_of_a_signature() -> None:
    """One changed bit in a signature makes it fail."""
    signature = int.from_bytes(KEY.sign(MESSAGE), "big")

    for bit in range(512):
        assert not KEY.verifying.verify(MESSAGE, (signature ^ (1 << bit)).to_bytes(64, "big"))


def test_only_one_signature_of_its_kind() -> None:
    """S + L solves the same equation and is refused, as are other lengths; nobody can alter a signature."""
    signature = KEY.sign(MESSAGE)
    larger = int.from_bytes(signature[32:], "little") + L

    assert KEY.verifying.verify(MESSAGE, signature)
    assert not KEY.verifying.verify(MESSAGE, signature[:32] + larger.to_bytes(32, "little"))
    assert not KEY.verifying.verify(MESSAGE, signature[:-1])
    assert not KEY.verifying.verify(MESSAGE, signature + b"\x00")
    assert not KEY.verifying.verify(MESSAGE, b"")


def test_no_point_verifies_nothing() -> None:
    """Bytes that are no point of the curve make a key under which nothing verifies."""
    no_point = VerifyingKey(NAME, ED25519, (2).to_bytes(32, "little"))

    assert not no_point.verify(MESSAGE, KEY.sign(MESSAGE))


def test_verification_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every verification goes through one attribute of the module, where a simulation may put a memo."""
    monkeypatch.setattr(keys, "ed25519_verify", lambda *given: given == (KEY.verifying.public, b"m", b"s"))

    assert KEY.verifying.verify(b"m", b"s")


def test_vkey_of_the_specification() -> None:
    """The example key of C2SP signed-note is read and written."""
    vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

    key = VerifyingKey.parse(vkey)

    assert (key.name, key.type, key.key_id.hex()) == (NAME, ED25519, "530d903a")
    assert vkey == key.encode()


@given(st.binary(min_size=32, max_size=32), st.sampled_from(SignatureType))
def test_one_way_to_write_a_key(seed: bytes, signature_type: SignatureType) -> None:
    """Both halves of a key, parsed, are the key; its type is part of its id."""
    key = SigningKey.from_seed(NAME, signature_type, seed)
    other_type = SigningKey.from_seed(NAME, SignatureType(5 - signature_type), seed)

    assert key.verifying == VerifyingKey.parse(key.verifying.encode())
    assert key == SigningKey.parse(key.encode_unsafe())
    assert key.sign(MESSAGE) == SigningKey.parse(key.encode_unsafe()).sign(MESSAGE)
    assert key.verifying.key_id != other_type.verifying.key_id


VKEY = KEY.verifying.encode()
ID, MATERIAL = VKEY.split("+", 2)[1:]


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        NAME,
        f"{NAME}+{ID}",
        f"+{ID}+{MATERIAL}",
        f"{NAME}x+{ID}+{MATERIAL}",
        f"{NAME} +{ID}+{MATERIAL}",
        f"exa mple\u2003+{ID}+{MATERIAL}",
        f"a\ud800+{ID}+{MATERIAL}",
        f"a\x00+{ID}+{MATERIAL}",
        f"{NAME}+{ID.upper()}+{MATERIAL}",
        f"{NAME}+00000000+{MATERIAL}",
        f"{NAME}+{ID}0+{MATERIAL}",
        f"{NAME}+{ID}+{MATERIAL}\n",
        f"{NAME}+{ID}+{MATERIAL} ",
        f"{NAME}+{ID}+{MATERIAL[:-1]}",
        f"{NAME}+{ID}+{MATERIAL.replace('A', '-', 1)}",
        f"{NAME}+{ID}+é{MATERIAL}",
        f"{NAME}+{ID}+",
        f"{NAME}+{ID}+{encode_base64(bytes([2]) + KEY.verifying.public)}",
        f"{NAME}+{ID}+{encode_base64(bytes([1]) + KEY.verifying.public[1:])}",
        VerifyingKey("a" * 1000, ED25519, KEY.verifying.public).encode(),
        KEY.encode_unsafe(),
    ],
)
def test_hostile_vkeys(vkey: str) -> None:
    """A vkey with one part out of its rule is refused."""
    with pytest.raises(MalformedKey):
        VerifyingKey.parse(vkey)


@pytest.mark.parametrize(
    "text", ["AA=", "A", "AB==", "AAB=", "AA==\n", " AA==", "AA", "A_==", "é", "AA==AA=="]
)
def test_base64_has_one_form(text: str) -> None:
    """Base64 that decodes, but is not what encoding gives, is refused like base64 that does not."""
    with pytest.raises(MalformedKey):
        decode_base64(text, MalformedKey)


def test_a_secret_never_shows() -> None:
    """Neither a secret key's repr nor an error about its text shows the secret."""
    secret = KEY.encode_unsafe()
    material = secret.rpartition("+")[2]
    cut = secret[:-1]

    assert SEED.hex() not in repr(KEY)
    assert material not in repr(KEY)
    for text in (cut, secret.replace(ID, "00000000"), secret.replace("PRIVATE", "SECRET"), secret + "="):
        with pytest.raises(MalformedKey) as refused:
            SigningKey.parse(text)
        assert material[8:20] not in str(refused.value)


def test_generated_keys() -> None:
    """A new key takes its 32 bytes from the chance it is given."""

    class Fixed:
        def token(self, size_bytes: int) -> bytes:
            return SEED[:size_bytes]

        def uniform(self, low: float, high: float) -> float:
            return (low + high) / 2

    assert SigningKey.generate(NAME, ED25519, Fixed()) == KEY
