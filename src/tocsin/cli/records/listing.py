"""`records`: what the members have said, and with `--follow` what they go on to say."""

from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen, log_of, reach
from tocsin.cli.terminal import json_text
from tocsin.cli.words import Telling
from tocsin.node.api.types import MAX_LISTED, CircleState, ShownRecord
from tocsin.node.client import Client, NoAnswer


@click.command(
    cls=Command,
    examples=(
        "tocsin records",
        "tocsin records --follow",
        "tocsin records --member birch --from 0 --limit 100",
    ),
)
@circle_option
@click.option("--member", metavar="MEMBER", help="Only this member's log, with all that stands in it.")
@click.option("--epoch", type=click.IntRange(min=1), metavar="NUMBER", help="With --member: that epoch's.")
@click.option(
    "--from", "first", type=click.IntRange(min=0), metavar="NUMBER", help="From this number of that log on."
)
@click.option(
    "--limit", type=click.IntRange(0, MAX_LISTED), default=20, show_default=True, help="At most so many."
)
@click.option("--follow", is_flag=True, help="Go on showing what comes, until Ctrl-C.")
@config_option
@json_option
def records(
    *,
    circle: str | None,
    member: str | None,
    epoch: int | None,
    first: int | None,
    limit: int,
    follow: bool,
    config_path: Path,
    as_json: bool,
) -> None:
    """Show what the members have said.

    The newest of all members, by their own clocks; or, with --member, one log in its order. With --json, one
    object a line.
    """
    if first is not None and (member is None or follow):
        raise click.UsageError("--from needs --member, whose log it counts, and does not go with --follow.")
    if epoch is not None and (member is None or follow):
        raise click.UsageError("--epoch needs --member, and does not go with --follow.")
    client = reach(config_path)
    state = chosen(client.status(), circle)
    log = log_of(state, member, epoch)
    telling = Telling((state,), receipts=not follow)
    try:
        if follow:
            entries = _followed(client, state, member, limit)
        elif member is None:
            entries = iter(client.newest(state.id, limit).records)
        else:
            entries = _read(client, state, log, first, limit)
        for entry in entries:
            if as_json:
                click.echo(json_text(entry))
            else:
                click.echo("\n".join(telling.lines(entry)))
    except KeyboardInterrupt:
        # How following ends.
        return
    if follow:
        raise NoAnswer("Expected the node to go on, found that it was stopped. Next: `tocsin run`.")


def _followed(client: Client, state: CircleState, member: str | None, limit: int) -> Iterator[ShownRecord]:
    everyone = client.follow(state.id, newest=limit)
    return (entry for entry in everyone if member in (None, entry.member))


def _read(
    client: Client, state: CircleState, log: str, first: int | None, limit: int
) -> Iterator[ShownRecord]:
    size = client.newest(state.id, 0).sizes.get(log, 0)
    start = max(0, size - limit) if first is None else first
    return iter(client.records(state.id, log, start, limit).records)
