"""`epoch list`: the epochs of all members, how each ended, and what is void."""

from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import bad, faint, good, json_text, moment, say_next, shown, strong, table, waiting
from tocsin.cli.words import REASONS
from tocsin.node.api.changetypes import EpochsState, EpochState


@click.command("list", cls=Command, examples=("tocsin epoch list", "tocsin epoch list --circle 3f1c --json"))
@circle_option
@config_option
@json_option
def list_(*, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Show the epochs of all members, how each ended, and what of it is void."""
    client = reach(config_path)
    state = chosen(client.status(), circle)
    found = client.epochs(state.id)
    if as_json:
        click.echo(json_text(found))
        return
    click.echo(f"{strong(shown(state.title))}\n")
    click.echo("\n".join(_rows(found)))
    if found.drafted:
        say_next(
            "a new epoch of yours is drafted: sign the draft, and adopt it; or `tocsin epoch cancel`.",
        )


def _rows(found: EpochsState) -> Iterator[str]:
    head = (faint("member"), faint("epoch"), faint("since"), faint("state"), faint("entries"), "")
    yield from table([head, *map(_row, found.epochs)])


def _row(epoch: EpochState) -> tuple[str, ...]:
    name = f"{strong(epoch.member)}{faint(' (you)') if epoch.ours else ''}"
    since = moment(epoch.opened_at_ms, "%Y-%m-%d %H:%M")
    states = {"current": good("current"), "ended": "ended", "disputed": bad("disputed")}
    return name, str(epoch.epoch), since, states[epoch.state], _entries(epoch), _notes(epoch)


def _entries(epoch: EpochState) -> str:
    if epoch.end is None:
        return str(epoch.held)
    whole = f"{'' if epoch.end.exact else 'at least '}{epoch.end.size}"
    return whole if epoch.held >= epoch.end.size else waiting(f"{epoch.held} of {whole}")


def _notes(epoch: EpochState) -> str:
    notes = [REASONS[epoch.reason]] if epoch.reason else []
    if epoch.void_from is not None and epoch.held > epoch.void_from:
        notes.append(bad(f"{epoch.held - epoch.void_from} entries from no. {epoch.void_from} on are void"))
    if epoch.state == "current" and epoch.ours and not epoch.keys_here:
        notes.append(bad("its keys are not here"))
    return "; ".join(notes)
