"""Text by whomever as one line that does nothing but show what it says, and how wide a terminal shows it.

- What does not show what it is comes out as its number, such as ⟨U+001B⟩: control characters, those that turn
  the direction of writing, invisible ones. With them a text obeys nobody: no terminal, page or file.
- A Hangul or Han character takes two columns, a combining one none.
"""

import unicodedata
from collections.abc import Iterator

# Zero-width joiner and non-joiner: Persian, the scripts of India and emoji need them.
_INVISIBLE_BUT_NEEDED = "\u200c\u200d"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and symbols by category, and nothing to the eye.
_FILLERS = "\u034f\u115f\u1160\u2800\u3164\uffa0"
# With what no line of Chinese or Japanese begins, and with what none ends.
_NEVER_FIRST = frozenset("、。，．：；？！）」』】〉》〕］｝")
_NEVER_LAST = tuple("（「『【〈《〔［｛")


def shown(text: str) -> str:
    """`text` as one line that does nothing but show what it says."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if is_legible(one) else f"⟨U+{ord(one):04X}⟩" for one in text)


def in_one_line(text: str) -> str:
    """The same of a text that was written in any number of lines: where a line ends, there is a space."""
    return shown(" ".join(text.split()))


def is_legible(character: str) -> bool:
    """Whether it shows what it is, or is needed by what does."""
    if character in _INVISIBLE_BUT_NEEDED:
        return True
    return unicodedata.category(character) not in _UNSEEN and character not in _FILLERS


def width(text: str) -> int:
    """How many columns a terminal gives to `text`, of which everything is legible."""
    return sum(map(_width_of, text))


def wrapped(text: str, columns: int, *, cut: bool) -> Iterator[str]:
    """`text`, of which everything is legible, in lines of as many words as fit, at least one.

    With `cut` no line is wider than that, if a character is not; without, a word that is too long stays in
    one piece, to be copied.
    """
    taken, used = "", 0
    for word in _words(text):
        # Spaces at an end are in nobody's way: a line that begins with some would be taken for another.
        for piece in _pieces(word, columns) if cut and width(word.rstrip()) > columns else (word,):
            if taken and used + width(piece.rstrip()) > columns:
                yield taken.rstrip()
                taken, used = "", 0
            taken, used = taken + piece, used + width(piece)
    yield taken.rstrip()


def _words(text: str) -> Iterator[str]:
    """The parts at which a line may break: after spaces, and around each wide character.

    Not before what closes or ends something there, nor behind what opens it, if no space is between.
    """
    word, breakable = "", False
    for character in text:
        room = _width_of(character)
        held = not word.endswith(" ") and (character in _NEVER_FIRST or word.endswith(_NEVER_LAST))
        if word and room and character != " " and (breakable or room == 2) and not held:
            yield word
            word, breakable = "", False
        word += character
        breakable = breakable or character == " " or room == 2
    yield word


def _pieces(text: str, columns: int) -> Iterator[str]:
    """Pieces of at most so many columns, or of one character."""
    piece, used = "", 0
    for character in text:
        room = _width_of(character)
        if piece and used + room > columns:
            yield piece
            piece, used = "", 0
        piece, used = piece + character, used + room
    yield piece


def _width_of(character: str) -> int:
    if character in _INVISIBLE_BUT_NEEDED or unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
