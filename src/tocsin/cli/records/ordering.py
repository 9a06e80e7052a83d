"""What all commands that order something share: how they name a record, and their options.

`12` is no. 12 of our own log, `birch/12` of birch's in its present epoch, `<log name>/12` of any.
"""

from collections.abc import Callable
from typing import TypeVar, get_args

import click

from tocsin.cli.options import circle_option, config_option, json_option
from tocsin.cli.reaching import log_of
from tocsin.core.errors import Refusal, quoted
from tocsin.core.records import Place, Tlp
from tocsin.node.api.types import CircleState

_Decorated = TypeVar("_Decorated", bound=Callable[..., object])


class NoSuchPlace(Refusal):
    """This does not name a record."""

    code = "no-such-place"


def place_of(state: CircleState, text: str) -> Place:
    """The record that is meant. Raises NoSuchPlace, and NonMember for nobody's."""
    whose, _, number = text.rpartition("/")
    if not (number.isascii() and number.isdecimal()):
        raise NoSuchPlace(f"Expected a number, MEMBER/NUMBER or LOG/NUMBER, found {quoted(text)}.")
    return Place(log=whose if "/" in whose else log_of(state, whose or None), index=int(number))


def order_options(command: _Decorated) -> _Decorated:
    """The options of every order."""
    options: list[Callable[[_Decorated], _Decorated]] = [
        click.option("--reason", required=True, help="Why. Every member reads it: name nobody in it."),
        click.option(
            "--ordered-by",
            required=True,
            metavar="WHO",
            help="Who ordered it: a court, a role.",
        ),
        circle_option,
        click.option("--lang", help="The language of the reason, such as ko.  [default: the desk's]"),
        click.option(
            "--tlp",
            type=click.Choice(get_args(Tlp)),
            help="Who may pass it on.  [default: the charter's handling]",
        ),
        click.option(
            "--author",
            default="duty-officer",
            show_default=True,
            metavar="ROLE",
            help="Who says it.",
        ),
        config_option,
        json_option,
    ]
    for option in reversed(options):
        command = option(command)
    return command
