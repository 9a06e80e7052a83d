"""A sheet for calls without any machine, as text to print on one page.

What it says to do is what keeps it safe: any row, not the next, so that whoever learns one row by a false
call cannot use it; each once; and crossed out even when the call was false.
"""

from collections.abc import Iterator

from tocsin.core.legible import shown, width
from tocsin.core.names import LogName
from tocsin.core.phone import SPOKEN, Sets, grouped
from tocsin.node.phoning.types import PhoneSheet

_COLUMNS = 78
_RULES = (
    "1. Whoever calls names a row that is not crossed out: any one, not the next.",
    "2. Whoever was called reads the first set of that row; the caller answers with",
    "   the second. If a digit differs twice, end the call.",
    "3. Both cross out the row, also after a false call. No row is used again.",
    "4. If this sheet is lost, or was seen: tell the other by another way, and both",
    "   print the sheet of the next number.",
)


def sheet_text(sheet: PhoneSheet, tag: str) -> str:
    """The page, with the words for the digits in the language of that tag."""
    return "\n".join((*_head(sheet), *_RULES, "", *_digits(tag), "", *_table(sheet), ""))


def _head(sheet: PhoneSheet) -> Iterator[str]:
    between = sheet.between
    if between.drill:
        yield " DRILL: NOTHING IN THIS IS REAL ".center(_COLUMNS, "/")
        yield ""
    ours, theirs = (LogName.parse(log) for log in (between.our_log, between.their_log))
    yield f"SECRET. Sheet {sheet.sheet} of {ours.member}, for calls with {theirs.member}"
    yield ""
    yield f"{shown(between.title)}"
    yield f"Circle {between.circle[:32]}"
    yield f"       {between.circle[32:]}"
    yield f"Keys of epoch {ours.epoch} of {ours.member}, and epoch {theirs.epoch} of {theirs.member}"
    yield ""


def _digits(tag: str) -> Iterator[str]:
    """`0 zero  1 one …`, in two lines."""
    words = [f"{digit} {word}" for digit, word in enumerate(SPOKEN[tag])]
    room = max(map(width, words)) + 2
    for part in (words[:5], words[5:]):
        yield "".join(word + " " * (room - width(word)) for word in part).rstrip()


def _table(sheet: PhoneSheet) -> Iterator[str]:
    yield "      They called you            You called them"
    yield " row  you read   they answer     they read   you answer"
    for row in sheet.rows:
        cells = (*_ours_first(row.called), *reversed(_ours_first(row.calling)))
        yield f"{row.row:4}  {cells[0]}    {cells[1]}         {cells[2]}     {cells[3]}"


def _ours_first(sets: Sets) -> tuple[str, str]:
    return grouped(sets.ours), grouped(sets.theirs)
