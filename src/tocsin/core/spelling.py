"""Words to compare aloud: 120 bits of a SHA-256, for two people at a telephone (docs/protocol.md, 8.5).

    SHA-256("tocsin/compare/v1" || 0x00 || u32 length || part || …)

- Its first 120 bits are 24 characters of base32 (RFC 4648): two lines of three groups of four. One person
  reads the first line, the other the second, both in the spelling alphabet of ICAO.
- Why not half of it: somebody between the two shows a false key to each, and may choose both. They need no
  second preimage then but a collision, which 60 bits give in an afternoon, and 120 bits do not.
"""

import base64
import hashlib
from collections.abc import Iterator

CODE_CHARACTERS = 24
GROUP_CHARACTERS = 4
LINE_GROUPS = 3

_PREFIX = b"tocsin/compare/v1\x00"
_CODE_BYTES = CODE_CHARACTERS * 5 // 8
_WORDS = {
    word[0]: word
    for word in (
        *(
            "Alfa",
            "Bravo",
            "Charlie",
            "Delta",
            "Echo",
            "Foxtrot",
            "Golf",
            "Hotel",
            "India",
            "Juliett",
            "Kilo",
        ),
        *("Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform"),
        *("Victor", "Whiskey", "X-ray", "Yankee", "Zulu"),
    )
} | {"2": "Two", "3": "Three", "4": "Four", "5": "Five", "6": "Six", "7": "Seven"}


def code_of(*parts: bytes) -> str:
    """The code of these parts, in this order: 24 characters of A-Z and 2-7."""
    hashed = hashlib.sha256(_PREFIX)
    for part in parts:
        hashed.update(len(part).to_bytes(4) + part)
    return base64.b32encode(hashed.digest()[:_CODE_BYTES]).decode()


def written(code: str) -> list[str]:
    """The lines as one reads them: `K7TA 2BQX 5MNO`."""
    return [" ".join(groups) for groups in _lines(code)]


def spoken(code: str) -> list[str]:
    """The lines as one says them, a comma after each group: `Kilo Seven Tango Alfa, Two Bravo …`."""
    return [
        ", ".join(" ".join(_WORDS[character] for character in group) for group in groups)
        for groups in _lines(code)
    ]


def _lines(code: str) -> Iterator[list[str]]:
    groups = [code[at : at + GROUP_CHARACTERS] for at in range(0, len(code), GROUP_CHARACTERS)]
    for at in range(0, len(groups), LINE_GROUPS):
        yield groups[at : at + LINE_GROUPS]
