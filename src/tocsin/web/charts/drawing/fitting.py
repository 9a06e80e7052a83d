"""How wide a text is at most, and its beginning where it is too wide.

- No font is known here: widths are those of the wider fonts that pages ask for, rather too much than too
  little. What compatibility characters stand for counts: one that looks like a sentence is as wide as one.
- A text is cut between what readers see as characters: letters with their marks, syllables, pictures of
  several parts, flags. Of more marks on one letter than any language has, the first are shown.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from tocsin.core.legible import in_one_line

ELLIPSIS: Final = "…"
BOLD: Final = 1.08

_JOINER = "\u200d"
_MOST_MARKS = 3
# A locator may have two thousand characters: more than these fit nowhere.
_MOST_CHARACTERS = 400
_HUNDREDTHS: Final = {
    character: hundredths
    for hundredths, characters in (
        (34, "!',.:;I`ijl "),
        (42, '()-/[]frt\\{}"'),
        (54, "csz?*_vxyk"),
        (62, "abdeghnopqu«»“”–|"),
        (68, "0123456789ABCEFJKLPRSTVXYZ$"),
        (80, "DGHNOQU#&+<=>~^"),
        (100, "mwMW@%…—™æœÆŒ"),
    )
    for character in characters
}
# Letters of names as they are usual, and which of them are wide.
_USUAL = ((0xC0, 0x17F), (0x400, 0x45F), (0x490, 0x4B7), (0x4E2, 0x4EF))
_WIDE_LETTERS = frozenset("жмшщыюфѓњљЖМШЩЫЮФЊЉ")
# From which character on, the most that one takes there.
_MOST = (
    *((0x80, 100), (0x180, 140), (0x590, 75), (0x600, 105), (0x700, 131), (0x900, 92), (0x980, 210)),
    *((0xE00, 80), (0xF00, 210), (0x1000, 246), (0x10A0, 210), (0x2000, 165), (0x2E00, 310)),
    *((0x3000, 210), (0xFB50, 725), (0xFE00, 210), (0x10000, 470)),
)
_SPACING_VOWELS = "\u0e33\u0eb3"


@lru_cache(maxsize=8_192)
def _hundredths(character: str) -> int:
    """The most that a character takes, in hundredths of the size of the text."""
    if (known := _HUNDREDTHS.get(character)) is not None:
        return known
    meant = unicodedata.normalize("NFKC", character)
    if len(meant) > 1 and not unicodedata.category(character).startswith("M"):
        return max(100, sum(map(_hundredths, meant)))
    return _foreign(character, ord(character))


def _foreign(character: str, number: int) -> int:
    category = unicodedata.category(character)
    if category in ("Mn", "Me") or character in "\u200c\u200d":
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 165 if category == "So" else 100
    if category in ("Lu", "Ll") and any(first <= number <= last for first, last in _USUAL):
        return (82 if category == "Lu" else 66) + (30 if character in _WIDE_LETTERS else 0)
    return next(most for first, most in reversed(_MOST) if first <= number)


def width(text: str, size_px: int, *, bold: bool = False) -> float:
    """The most pixels that a text takes in one line."""
    return sum(map(_hundredths, text)) * size_px * (BOLD if bold else 1) / 100


@lru_cache(maxsize=4_096)
def fitted(text: str, most_px: float, size_px: int, *, bold: bool = False) -> str:
    """The text as one legible line, or as much of its beginning as fits, and an ellipsis."""
    line = in_one_line(text[:_MOST_CHARACTERS])
    room = most_px * 100 / (size_px * (BOLD if bold else 1))
    taken: list[str] = []
    end = used = 0
    for cluster in clusters(line):
        used += sum(map(_hundredths, cluster))
        if used <= room - _hundredths(ELLIPSIS):
            end += 1
        elif used > room:
            return "".join(taken[:end]).rstrip() + ELLIPSIS
        taken.append(cluster)
    return "".join(taken) if len(text) <= _MOST_CHARACTERS else "".join(taken[:end]).rstrip() + ELLIPSIS


def in_two(text: str, most_px: float, size_px: int, *, bold: bool = False) -> tuple[str, ...]:
    """The text in one line, or in two, of which the second is cut where it must be.

    They are parted between words; within one that is too wide itself, as all is in Chinese and Japanese.
    """
    line = in_one_line(text[:_MOST_CHARACTERS])
    if width(line, size_px, bold=bold) <= most_px:
        return (line,)
    first, parted = "", False
    for piece in (words := line.split(" ")):
        longer = f"{first} {piece}" if parted else piece
        if width(longer, size_px, bold=bold) > most_px:
            break
        first, parted = longer, True
    if not parted:
        first = fitted(words[0], most_px + width(ELLIPSIS, size_px, bold=bold), size_px, bold=bold)
        first = first.removesuffix(ELLIPSIS)
    return first, fitted(line[len(first) :].strip(), most_px, size_px, bold=bold)


def clusters(text: str) -> Iterator[str]:
    """What readers see as characters, one after the other (as UAX #29 has them, nearly)."""
    if text.isascii():
        yield from text
        return
    taken, marks = "", 0
    for character in text:
        if taken and _stands_alone(character):
            yield taken
            taken, marks = character, 0
            continue
        is_mark = unicodedata.category(character) in ("Mn", "Me", "Mc")
        if taken and (is_mark or _continues(taken, character)):
            marks += is_mark
            if marks <= _MOST_MARKS:
                taken += character
            continue
        if taken:
            yield taken
        taken, marks = character, 0
    if taken:
        yield taken


def _stands_alone(character: str) -> bool:
    """Whether it is one of the many letters and signs that begin something, whatever is before them."""
    return character < "\u0300" or "\u3400" <= character < "\ua000" or "\uac00" <= character < "\ud7a4"


def _continues(taken: str, character: str) -> bool:
    """Whether a character that is no mark belongs to the ones before it."""
    before, number = ord(taken[-1]), ord(character)
    if character in "\u200c\u200d" or character in _SPACING_VOWELS or 0x1F3FB <= number <= 0x1F3FF:
        return True
    if taken[-1] == _JOINER:
        return unicodedata.category(character) == "So"
    if 0x1F1E6 <= number <= 0x1F1FF:
        return len(taken) == 1 and 0x1F1E6 <= before <= 0x1F1FF
    if 0x1100 <= number <= 0x115F:
        return 0x1100 <= before <= 0x115F
    return 0x1160 <= number <= 0x11FF and 0x1100 <= before <= 0x11FF


@lru_cache(maxsize=4_096)
def is_from_right(text: str) -> bool:
    """Whether the first character with a direction is of a script from right to left."""
    if text.isascii():
        return False
    directions = map(unicodedata.bidirectional, text)
    return next((one for one in directions if one in ("L", "R", "AL")), "L") != "L"
