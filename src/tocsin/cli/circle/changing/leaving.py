"""`circle leave`: what stays with whom is shown; then a draft, and with what was signed, it takes effect."""

from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.circles.errors import MalformedEvent
from tocsin.cli.circle.kept import read_file
from tocsin.cli.options import Command, circle_option, config_option, file_option, json_option
from tocsin.cli.organisation.drafts import Draft
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import bad, good, json_text, paragraph, say_next, shown, strong, table, typed
from tocsin.core.records import Leaving, parse_record
from tocsin.core.tlog.entry import MAX_RECORD_BYTES
from tocsin.node.api.changetypes import DraftLeaving
from tocsin.node.api.types import CircleState
from tocsin.node.client import Client


@click.command(
    cls=Command,
    examples=(
        "tocsin circle leave",
        "tocsin circle leave --signed apricot-leaving.signed",
        "tocsin circle leave --cancel",
    ),
)
@click.option("--reason", help="Why, if that is to be said.")
@click.option("--lang", default="en", show_default=True, help="The language of the reason.")
@file_option("--signed", help="Leave now: this is what your organisation signed.")
@click.option("--cancel", is_flag=True, help="Stay after all, and write again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@file_option("--output", "-o", help="Where to write the draft.  [default: MEMBER-leaving.draft]")
@circle_option
@config_option
@json_option
def leave(
    *,
    reason: str | None,
    lang: str,
    signed: Path | None,
    cancel: bool,
    yes: bool,
    output: Path | None,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Leave a circle. Nobody has to agree.

    Shows first what stays where. Then your node writes nothing more in this circle, and makes a draft, which
    your organisation signs (`tocsin org sign`). With what it signed (--signed) you have left: at once here,
    and at each member as soon as it hears of it. It cannot be taken back.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    if cancel:
        done = client.cancel_leaving(state.id)
        stay = f"{good('You stay')} in {shown(state.title)}. Destroy the draft, if it was signed."
        click.echo(json_text(done) if as_json else stay)
        return
    if signed:
        event = _signed_leaving(signed)
        _ask(client, state, yes=yes, words="Leave now?")
        done = client.take(state.id, [event])
        click.echo(json_text(done) if as_json else f"{good('You have left')} {strong(shown(state.title))}.")
        return
    _ask(client, state, yes=yes, words="Stop writing, and make the draft?")
    draft = Draft.of(client.draft_leaving(state.id, DraftLeaving(reason=reason, lang=lang)))
    output = output or Path(f"{state.member}-leaving.draft")
    output.write_bytes(draft.encode())
    if as_json:
        click.echo(json_text({"circle": state.id, "draft": str(output)}))
        return
    click.echo(f"{good('The draft:')} {shown(str(output))}. Your node writes nothing more in this circle.")
    say_next(
        "carry it to the machine that has the organisation key, and sign it there:",
        f"tocsin org sign {typed(output)} --organisation-key FILE",
    )


def _signed_leaving(path: Path) -> str:
    """The event in that file. Raises MalformedEvent for another record, and what `parse_record` raises."""
    data = read_file(path, MAX_RECORD_BYTES, "a signed leaving")
    record = parse_record(data).record
    if not isinstance(record, Leaving):
        raise MalformedEvent(f"Expected a signed leaving in {path}, found a record of kind {record.kind}.")
    return data.decode()


def _ask(client: Client, state: CircleState, *, yes: bool, words: str) -> None:
    sizes = client.newest(state.id, 0).sizes
    click.echo("\n".join(_what_stays(state, sizes)), err=True)
    if not yes:
        click.confirm(f"\n{words}", abort=True, err=True)


def _what_stays(state: CircleState, sizes: dict[str, int]) -> Iterator[str]:
    yield strong(f"Before {state.member} leaves {shown(state.title)}:")
    yield ""
    rows = []
    for member in state.members:
        held = member.confirmed.size if member.confirmed else 0
        lacks = "" if held == state.size else bad(f"  and never gets the other {state.size - held}")
        rows.append((strong(member.slug), f"keeps {held} of your {state.size} entries{lacks}"))
    yield from table(rows)
    yield ""
    others = sum(size for log, size in sizes.items() if log != state.log)
    words = (
        f"Here stay {others} entries of the others. Their handling goes on to bind you: keep them as marked. "
        "Nothing is purged by leaving; once you may not or will not keep them, delete the data folder of "
        "this node, or have each author erase what it wrote. You receive nothing more, and nobody receives "
        "anything more from you."
    )
    yield from paragraph(words, "  ")
