"""Text by others that people read: plain means that it shows what it says, and does nothing else.

Not plain are control characters, with which a text can rewrite what a terminal showed before it, and those
that turn the direction of writing, with which it can show another order than it has. (Right-to-left scripts
need none of these: their letters know their direction.)
"""

import re

_UNPLAIN_BUT_NEWLINE = r"\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"

PLAIN_LINE = rf"^[^\n{_UNPLAIN_BUT_NEWLINE}]+\Z"
PLAIN_LINES = rf"^[^{_UNPLAIN_BUT_NEWLINE}]+\Z"

_LINES = re.compile(PLAIN_LINES)
_UNPLAIN = re.compile(rf"[\n\ud800-\udfff{_UNPLAIN_BUT_NEWLINE}]")


def is_plain(text: str) -> bool:
    """Whether these lines are plain, and not empty."""
    return _LINES.match(text) is not None


def plain_line(text: str) -> str:
    """`text` in one line, with a replacement character for each that is not plain."""
    return _UNPLAIN.sub("\N{REPLACEMENT CHARACTER}", text)
