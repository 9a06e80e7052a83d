"""Text by whomever in Markdown: it shows what it says, and is no markup and no link.

It is for CommonMark and for what GitHub adds to it: tables, and links that it makes of addresses by itself.
"""

import re

from tocsin.core.legible import in_one_line

# Whatever begins or ends markup somewhere within a line, and the characters by which addresses are known.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~!&$^]|(?<=[A-Za-z]):(?=//)|(?<=[Ww][Ww][Ww])\.")
# And what makes a line another block.
_AT_START = re.compile(r"^(\d*)([-+=.)])")
# Addresses of e-mail are looked for behind escapes, in the text that is shown: only code is no text.
_AT_SIGNS = re.compile("@+")


def escaped(text: str) -> str:
    """`text` as one line of a paragraph, a heading, or an item of a list."""
    line = _MARKUP.sub(r"\\\g<0>", in_one_line(text))
    return _AT_SIGNS.sub(r"`\g<0>`", _AT_START.sub(r"\1\\\2", line))


def in_cell(text: str) -> str:
    """`text` in a cell of a table, which an escaped bar ends for some readers."""
    return escaped(text).replace("\\|", "&#124;")
