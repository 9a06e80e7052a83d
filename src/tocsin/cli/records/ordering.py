"""What all commands that order something share: how they name a record, and their options.

`12` is no. 12 of our own log, `birch/12` of birch's in its present epoch, `<log name>/12` of any.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Literal, TypedDict, get_args

import click

from tocsin.cli.options import circle_option, config_option, json_option
from tocsin.cli.reaching import chosen, log_of
from tocsin.core.errors import Refusal, quoted
from tocsin.core.records import Place, Tlp
from tocsin.node.api.types import CircleState
from tocsin.node.client import Client
from tocsin.node.config import load_config


class Words(TypedDict):
    """What every order says of itself, as the types of the machine API take it."""

    author: str
    author_kind: Literal["officer"]
    lang: str
    tlp: Tlp | None
    reason: str
    ordered_by: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order that is to be written: in which circle, at whose node, and its words."""

    client: Client
    state: CircleState
    words: Words
    as_json: bool


class NoSuchPlace(Refusal):
    """This does not name a record."""

    code = "no-such-place"


def place_of(state: CircleState, text: str) -> Place:
    """The record that is meant. Raises NoSuchPlace, and NonMember for nobody's."""
    whose, _, number = text.rpartition("/")
    if not (number.isascii() and number.isdecimal()):
        raise NoSuchPlace(f"Expected a number, MEMBER/NUMBER or LOG/NUMBER, found {quoted(text)}.")
    return Place(log=whose if "/" in whose else log_of(state, whose or None), index=int(number))


def ordering(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every order. The command is given them as one `order`."""

    @wraps(command)
    def ordered(
        *,
        reason: str,
        ordered_by: str,
        circle: str | None,
        lang: str | None,
        tlp: Tlp | None,
        author: str,
        config_path: Path,
        as_json: bool,
        **others: object,
    ) -> None:
        config = load_config(config_path)
        client = Client(config.api_socket)
        words = Words(
            author=author,
            author_kind="officer",
            lang=lang or config.desk.lang,
            tlp=tlp,
            reason=reason,
            ordered_by=ordered_by,
        )
        command(order=Order(client, chosen(client.status(), circle), words, as_json), **others)

    for option in reversed(_OPTIONS):
        ordered = option(ordered)
    return ordered


_OPTIONS: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option("--reason", required=True, help="Why. Every member reads it: name nobody in it."),
    click.option("--ordered-by", required=True, metavar="WHO", help="Who ordered it: a court, a role."),
    circle_option,
    click.option("--lang", help="The language of the reason, such as ko.  [default: the desk's]"),
    click.option(
        "--tlp",
        type=click.Choice(get_args(Tlp)),
        help="Who may pass it on.  [default: the charter's handling]",
    ),
    click.option("--author", default="duty-officer", show_default=True, metavar="ROLE", help="Who says it."),
    config_option,
    json_option,
)
