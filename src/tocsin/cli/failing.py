"""How a command ends that could not do what it was asked: expected and found, the next step, and a number.

    0   done
    1   refused: what was handed in does not hold; `verify` and `doctor`: something is wrong
    2   the command was not understood
    3   this node is not set up for it: its configuration, its files, its keys
    4   the node does not answer
    5   this node itself is at fault

    128 and the number of a signal that ended it: `ending`

The numbers are part of the command line (docs/cli.md) and do not change. With `--json` an error is one JSON
object on standard error. Lower layers say what they expected and found, and sometimes what to do next; for
other errors that is said here, by their codes.
"""

import errno
import traceback
from pathlib import Path

import click

from tocsin.cli.terminal import bad, beside, faint, json_text, strong
from tocsin.core.errors import Fault, Refusal, TocsinError

REFUSED, NOT_SET_UP, NO_ANSWER, AT_FAULT = 1, 3, 4, 5

_NEXT = " Next: "
_ROOM = 8
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_EXIT_CODES = dict.fromkeys(
    (
        *("cannot-listen", "database-in-use", "keys-missing", "malformed-config"),
        *("newer-database", "no-keys-here", "not-set-up", "older-database", "system", "unsafe-file"),
    ),
    NOT_SET_UP,
) | {"no-answer": NO_ANSWER}
_NEXT_STEPS = {
    "case-closed": "say in a report what is new, or withdraw the closing, if it is yours.",
    "case-open": "close it first, when you are done with it (`tocsin case close`).",
    "charter-signatures": "let those who are missing sign, too: all one and the same text.",
    "drill-at-live": "use the organisation key for live circles; a drill's key signs nothing that is real.",
    "handling-exceeded": "mark it as the charter allows (`tocsin circle show`), or do not send it here.",
    "join-file-elsewhere": "ask that member for the join file of this circle.",
    "join-file-missing": "get the files of those members, and run this again with them; the rest is kept.",
    "key-reused": "let that member make its keys anew; no key may serve twice.",
    "live-at-drill": "use the organisation key for drills; `tocsin init --drill` makes one.",
    "malformed-archive": "take the file as `tocsin case evidence` wrote it: packed anew, it is another.",
    "malformed-bundle": "let any other member write it anew (`tocsin circle export`), and copy it whole.",
    "malformed-carry-file": "copy it once more, whole, or ask for another.",
    "malformed-charter": "mend the text where it says. Who has signed it already must sign it again.",
    "malformed-config": "mend it; docs/configuration.md has every setting.",
    "malformed-key": "see that this is the file that was meant: the public half of an organisation key.",
    "malformed-join-file": "ask that member to send it again, as an attachment.",
    "malformed-note": "see that this is the file that was meant, and that it was copied whole.",
    "malformed-proof": "see that this is the file that was meant, and that it was copied whole.",
    "no-keys-here": "put back the folder `keys` of the data folder; if it is gone, `tocsin circle recover`.",
    "no-content": "see with `tocsin case show` which record names it.",
    "no-label": "say with --tlp to whom it may be shown, if you know.",
    "not-fetched": "try again when a member that has it is in reach; what came is kept.",
    "not-a-distribution": "let them make 100 together; what is open is undetermined.",
    "not-in-case": "name records of that case alone (`tocsin case show`).",
    "not-json": "see that this is the file that was meant, and that it was copied whole.",
    "not-yours": "ask the member that wrote it; what you see otherwise, say in a report of your own.",
    "nothing-leaves": "see what is marked how (`tocsin case show`), and whether --up-to is what was meant.",
    "officer-unknown": "put the key's public half among `officers` under [desk], and start the node again.",
    "passing-refused": "see how its records are marked (`tocsin case show`), and which circle was meant.",
    "proof-elsewhere": "compare the circle's id with the one that you got from somebody you trust.",
    "rebuilding": "try again in a moment.",
    "record-too-large": "say it in fewer words, or in several records; a file may be another than was meant.",
    "self-citation": "cite where you have it from, or what another member said.",
    "sharing-group": "say which label the group has: --group UUID=TLP:GREEN.",
    "system": "see that the file or folder is there, and that you may use it.",
    "storage-full": "make room on the disk; a node goes on by itself, a command is to be given again.",
    "unknown-case": "name the report that opened it, such as birch.1.12 (`tocsin case list`).",
    "unknown-hypothesis": "see which there are (`tocsin case show`), or add one (`tocsin case hypothesis`).",
    "unknown-language": "use one of en, ja, ko, ru, tg and zh-Hant.",
    "unknown-record": "see its name with `tocsin case show`; it may not have arrived here yet.",
    "widening-unsigned": "have all members sign it, or ask less of them.",
    "writes-halted": "do not write from this data folder again; see `tocsin doctor`.",
    "wrong-cuts": "draft it anew (`tocsin circle amend draft`), and change nothing in its cuts.",
    "wrong-kind": "see with `tocsin case show` what each record is.",
    "wrong-predecessor": "draft it anew, from the charter as it is now (`tocsin circle amend draft`).",
}


class NotSetUp(Refusal):
    """This node is not set up for that."""

    code = "not-set-up"


def tell(error: TocsinError | OSError, *, as_json: bool) -> None:
    """Show it on standard error, to a person or to a program."""
    message, next_step = in_words(error)
    if as_json:
        told = {"error": code_of(error), "message": message, "next": next_step or None}
        click.echo(json_text(told), err=True)
        return
    lines = list(beside(bad("tocsin:"), message, _ROOM))
    if next_step:
        lines += beside(strong("next:"), next_step, _ROOM)
    click.echo("\n".join([*lines, f"{' ' * _ROOM}{faint(f'({code_of(error)})')}"]), err=True)


def unforeseen(error: Exception) -> Fault:
    """An error that nobody thought of, and where it happened."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-5:]))
    return Fault(f"This program is at fault: {error!r} at {where}. Next: report this, and what you typed.")


def exit_code_of(error: TocsinError | OSError) -> int:
    """The number that the program ends with."""
    return _EXIT_CODES.get(code_of(error), AT_FAULT if isinstance(error, Fault) else REFUSED)


def in_words(error: TocsinError | OSError) -> tuple[str, str]:
    """What went wrong, and what to do next, if that is known."""
    if isinstance(error, OSError):
        message = ": ".join(str(part) for part in (error.filename, error.strerror) if part) or str(error)
        return message, _NEXT_STEPS["storage-full" if error.errno in _FULL else "system"]
    message, _, next_step = str(error).partition(_NEXT)
    return message, next_step or _NEXT_STEPS.get(code_of(error), "")


def code_of(error: TocsinError | OSError) -> str:
    """What the error is called; one code for all that the operating system refuses."""
    return error.code if isinstance(error, TocsinError) else "system"
