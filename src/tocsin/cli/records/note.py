"""`note`: say something to all members of a circle, and see who has received it."""

import sys
from pathlib import Path
from typing import get_args

import click

from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.records.confirming import confirmed_by, urgency_options
from tocsin.cli.terminal import json_text, shown, strong
from tocsin.core.errors import Refusal
from tocsin.core.records import AuthorKind, Tlp
from tocsin.core.records.errors import MalformedRecord
from tocsin.core.records.note import MAX_TEXT_BYTES
from tocsin.node.api.types import SayNote
from tocsin.node.client import Client
from tocsin.node.config import load_config


class NoText(Refusal):
    """There is no text that could be a note."""

    code = "no-text"


@click.command(
    cls=Command,
    examples=(
        'tocsin note "A picture of an explosion circulates. We cannot confirm it."',
        "tocsin note --lang ko --tlp TLP:GREEN --circle 3f1c - < note.txt",
    ),
)
@click.argument("text")
@circle_option
@click.option("--lang", help="The language of the text, such as ko or en-GB.  [default: the desk's]")
@click.option(
    "--tlp", type=click.Choice(get_args(Tlp)), help="Who may pass it on.  [default: the charter's handling]"
)
@click.option(
    "--author", default="duty-officer", show_default=True, metavar="ROLE", help="Who says it, by role."
)
@click.option(
    "--author-kind",
    type=click.Choice(get_args(AuthorKind)),
    default="officer",
    show_default=True,
    help="What says it.",
)
@urgency_options
@config_option
@json_option
def note(
    *,
    text: str,
    circle: str | None,
    lang: str | None,
    tlp: Tlp | None,
    author: str,
    author_kind: AuthorKind,
    urgent: bool,
    wait_s: float,
    config_path: Path,
    as_json: bool,
) -> None:
    """Write a note to every member of a circle.

    TEXT is what you say; with - it is read from standard input. The note is durable at your node when the
    command ends, and goes to each member as soon as that member can be reached, also if that is next week.
    """
    config = load_config(config_path)
    client = Client(config.api_socket)
    say = SayNote(
        author=author, author_kind=author_kind, lang=lang or config.desk.lang, tlp=tlp, text=text_of(text)
    )
    state = chosen(client.status(), circle)
    written = client.write(state.id, say, urgent=urgent)
    if not as_json:
        click.echo(f"{strong('Durable here')} as no. {written.index} of your log in {shown(state.title)}.")
    by = confirmed_by(client, state.id, written.index, wait_s, shows=not as_json)
    if as_json:
        told = {"circle": state.id, "log": written.log, "index": written.index, "confirmed_by": by}
        click.echo(json_text(told))


def text_of(given: str) -> str:
    """The text that was given, or read where it is -. Raises NoText, MalformedRecord."""
    data = (
        sys.stdin.buffer.read(MAX_TEXT_BYTES + 1) if given == "-" else given.encode(errors="surrogateescape")
    )
    if given == "-" and len(data) > MAX_TEXT_BYTES:
        raise MalformedRecord(f"Expected less text, found more than {MAX_TEXT_BYTES} bytes.")
    try:
        text = data.decode().strip("\n")
    except UnicodeDecodeError as error:
        raise NoText(f"Expected a text in UTF-8, found an invalid byte at {error.start}.") from None
    if not text.strip():
        raise NoText("Expected a text, found none. Next: write what happened.")
    return text
