"""How a command ends that could not do what it was asked: what was expected and found, what to do next, and a number.

    0   done
    1   refused: what was handed in does not hold; `verify` and `doctor`: something is wrong
    2   the command was not understood
    3   this node is not set up for it: its configuration, its files, its keys
    4   the node does not answer
    5   this node itself is at fault
    130 interrupted

The numbers are part of the command line (docs/cli.md) and do not change. With `--json` an error is one JSON object on
standard error. What lower layers raise comes here as it is; what to do next is added here, by its code.
"""

import json
from typing import IO, Any

import click

from tocsin.cli.terminal import bad, paragraph, shown, strong
from tocsin.core.errors import Fault, Refusal, TocsinError

REFUSED, NOT_SET_UP, NO_ANSWER, AT_FAULT = 1, 3, 4, 5

_NEXT = " Next: "
_NOT_SET_UP = frozenset({"malformed-config", "unsafe-file", "keys-missing", "already-running", "not-set-up"})
_NEXT_STEPS = {
    "charter-signatures": "ask the members named for new join files; all must sign one and the same text.",
    "drill-at-live": "use the organisation key for live circles; a drill's key signs nothing that is real.",
    "fork": "see `tocsin status`: the log is stopped and the evidence kept; talk to that member by telephone.",
    "handling-exceeded": "mark it as the charter allows (`tocsin circle show`), or do not send it here.",
    "join-file-elsewhere": "ask that member for the join file of this circle.",
    "join-file-missing": "ask the members named for their join files, and run the command again with them.",
    "key-reused": "let that member make keys anew; no key may serve twice.",
    "live-at-drill": "use the organisation key for drills (`tocsin init --drill` makes one).",
    "malformed-charter": "mend the text where it says; if anybody has signed it already, all sign again.",
    "malformed-join-file": "ask that member to send the file again, as an attachment and not as text in a mail.",
    "proof-elsewhere": "compare the circle's id with the one that you were given by a way you trust.",
    "storage-full": "make room on the disk; the node goes on by itself.",
    "unknown-signer": "use the key whose public half stands in the charter.",
    "writes-halted": "do not write from this data folder again; run `tocsin doctor`.",
}


class NotSetUp(Refusal):
    """This node is not set up for that."""

    code = "not-set-up"


class NoAnswer(Refusal):
    """The node does not answer."""

    code = "no-answer"


class Failed(click.ClickException):
    """A TocsinError as a person, or with `as_json` a program, is to see it."""

    def __init__(self, error: TocsinError, *, as_json: bool) -> None:
        message, _, next_step = str(error).partition(_NEXT)
        super().__init__(message)
        self.code = error.code
        self.next_step = next_step or _NEXT_STEPS.get(error.code, "")
        self.exit_code = _exit_code(error)
        self._as_json = as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it, to standard error."""
        if self._as_json:
            told = {"error": self.code, "message": self.message, "next": self.next_step}
            click.echo(json.dumps({key: value for key, value in told.items() if value}), file=file, err=True)
            return
        first, *others = paragraph(self.message, " " * 8)
        lines = [f"{bad('tocsin:')} {first.lstrip()}", *others]
        if self.next_step:
            first, *others = paragraph(self.next_step, " " * 8)
            lines += [f"{strong('next:')}   {first.lstrip()}", *others]
        lines.append(f"        ({shown(self.code)})")
        click.echo("\n".join(lines), file=file, err=True)


def _exit_code(error: TocsinError) -> int:
    if isinstance(error, Fault):
        return AT_FAULT
    if isinstance(error, NoAnswer):
        return NO_ANSWER
    return NOT_SET_UP if error.code in _NOT_SET_UP else REFUSED
