"""Bytes that are nearly right: seeded changes, and inputs that grow where a decoder might grow with them."""

import random
from collections.abc import Iterator, Sequence

_WORDS = (
    *(bytes([byte]) for byte in b'\x00\x01\x7f\x80\xff\n"{}[]=,.:/+- \\'),
    *(number.to_bytes(size, "big") for size in (2, 4, 8) for number in (0, 1, 2**15, 2 ** (8 * size) - 1)),
    *(b"null", b"-0", b"1e9", b"NaN", b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r\n"),
    *(b"9007199254740992", b"99999999999999999999", "—".encode(), "\u202e".encode()),
)
_REPEATED = (
    *(
        b"[",
        b'{"a":',
        b"[[],",
        b'{"a":{}},',
        b"1,",
        b'"",',
        b"9",
        b"\\u0041",
        b"\n",
        b"\n\n",
        b"\x00",
        b"\xff",
    ),
    *(b"a.", b"a=1\n", b"[a]\n", b"[[a]]\n", b"a={", b"'", b'"""\n', "— a AAAAAAA=\n".encode(), b"AAAA"),
)
_LARGE_BYTES = 2**17


def mutated(chance: random.Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:
    """The data after a few changes; with `others`, parts of them may come in."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        _change(chance, changed, others)
    return bytes(changed)


def _change(chance: random.Random, data: bytearray, others: Sequence[bytes]) -> None:
    low = chance.randrange(len(data) + 1)
    high = min(len(data), low + chance.choice((0, 1, 1, 2, 4, 8, 32, 1024)))
    match chance.randrange(6):
        case 0 if high > low:
            data[low] ^= 1 << chance.randrange(8)
        case 1:
            del data[low:high]
        case 2:
            data[low:low] = data[low:high] * chance.choice((1, 2, 50))
        case 3 if others:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            data[low:high] = other[start : start + chance.choice((1, 8, 64, 4096))]
        case 4:
            del data[low:]
        case _:
            data[low:high] = chance.choice(_WORDS)


def growing(data: bytes) -> Iterator[bytes]:
    """Large inputs: one thing again and again, alone and in the midst of the data."""
    middle = len(data) // 2
    for part in _REPEATED:
        many = part * (_LARGE_BYTES // len(part))
        yield many
        yield data[:middle] + many + data[middle:]
        yield data[:middle] + many[:1_500] + data[middle:]
    yield data + b"".join(b"x%d." % line + b"a." * 900 + b"x=1\n" for line in range(30))
