"""`note`: say something to all members of a circle, and see who has received it."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click

from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import faint, good, json_text, paragraph, shown, strong, waiting
from tocsin.core.errors import Refusal
from tocsin.core.records import AuthorKind, Tlp
from tocsin.core.records.note import MAX_TEXT_BYTES
from tocsin.node.api.types import CircleState, MemberState, SayNote
from tocsin.node.client import Client
from tocsin.node.clock import SystemClock
from tocsin.node.config import load_config

_ASK_AGAIN_S = 0.02


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
@click.option("--urgent", is_flag=True, help="To members that are far behind, send it ahead of the rest.")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for confirmations.",
)
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
        author=author, author_kind=author_kind, lang=lang or config.desk.lang, tlp=tlp, text=_text(text)
    )
    state = chosen(client.status(), circle)
    written = client.write(state.id, say, urgent=urgent)
    by: list[str] = []
    if not as_json:
        click.echo(f"{strong('Durable here')} as no. {written.index} of your log in {shown(state.title)}.")
    for now in _states(client, state.id, written.index, wait_s):
        state = now
        for member in now.members:
            if member.slug not in by and _has(member, written.index):
                by.append(member.slug)
                if not as_json:
                    click.echo(_received(member))
    if as_json:
        told = {"circle": state.id, "log": written.log, "index": written.index, "confirmed_by": by}
        click.echo(json_text(told))
        return
    for member in state.members:
        if member.slug not in by:
            click.echo("\n".join(_not_yet(member)))


def _text(given: str) -> str:
    """The text that was given, or read. Raises NoText."""
    data = (
        sys.stdin.buffer.read(MAX_TEXT_BYTES + 1) if given == "-" else given.encode(errors="surrogateescape")
    )
    try:
        text = data.decode().strip("\n")
    except UnicodeDecodeError as error:
        raise NoText(f"Expected a text in UTF-8, found an invalid byte at {error.start}.") from None
    if not text.strip():
        raise NoText("Expected a text, found none. Next: `tocsin note --help`.")
    return text


def _states(client: Client, circle: str, index: int, wait_s: float) -> Iterator[CircleState]:
    """The circle again and again, until all members have our entry or the time is over."""
    clock = SystemClock()
    end_s = clock.monotonic_s() + wait_s
    while True:
        state = chosen(client.status(), circle)
        yield state
        if all(_has(member, index) for member in state.members) or clock.monotonic_s() >= end_s:
            return
        threading.Event().wait(_ASK_AGAIN_S)


def _has(member: MemberState, index: int) -> bool:
    return member.confirmed is not None and member.confirmed.size > index


def _received(member: MemberState) -> str:
    fast = "" if member.latency_ms is None else faint(f" after {member.latency_ms} ms")
    return f"  {good(f'received and confirmed by {member.slug}')}{fast}"


def _not_yet(member: MemberState) -> Iterator[str]:
    yield f"  {waiting(f'not yet by {member.slug}')}; it is sent as soon as that is possible"
    if member.trouble:
        yield from paragraph(member.trouble, "    ")
