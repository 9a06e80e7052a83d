"""`readings show`: what a case was."""

from pathlib import Path

import click

from tocsin.cli.cases.naming import named
from tocsin.cli.cases.parsing import RecordName
from tocsin.cli.options import Command, as_here, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.readings.lines import told
from tocsin.cli.readings.own import to_read
from tocsin.cli.readings.words import is_level
from tocsin.cli.terminal import json_text, paragraph, say_next, strong, waiting
from tocsin.node.api.readings.types import CaseReadings
from tocsin.node.caseclient import CaseClient
from tocsin.node.config import load_config


@click.command(
    cls=Command, examples=("tocsin readings show birch.1.12", "tocsin readings show birch.1.12 --json")
)
@click.argument("case", type=RecordName())
@circle_option
@config_option
@json_option
def show(*, case: str, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Show what a case was, by all that its members make of it.

    First the result: what is at least likely, or that it is undetermined, and why. Then how likely each kind
    is, and between what that stays without any one source or member; the sources, those that tell most first;
    without what it would be another result; who sees it otherwise; and each reading with its own confidence.
    Who did it is each member's own word. What your node learned of others is shown as private, and changes
    nothing of the rest.
    """
    client = CaseClient(load_config(config_path).api_socket)
    state = chosen(client.status(), circle)
    found = client.readings(state.id, case)
    if as_json:
        click.echo(json_text(named(found)))
        return
    if state.drill:
        click.echo(waiting("DRILL: nothing in this is real."))
    common = found.common
    if common.readings or common.truths:
        click.echo("\n".join(told(found)))
    else:
        click.echo(
            f"{strong(f'Case {common.case}')}: nobody has read it yet. Nothing is known of what it was."
        )
    if not common.closed:
        _say_next(found, case)


def _say_next(found: CaseReadings, case: str) -> None:
    """One's own reading first; then, where nothing is known, one by another source; then a question."""
    command = as_here(to_read(case, found.unread))
    if found.unread:
        count = len(found.unread)
        saw = f"Your organisation saw sources of this case itself ({count}), and has no reading of it."
        click.echo("\n" + "\n".join(map(waiting, paragraph(saw, ""))))
        say_next("say what you make of it, best before you look at what others do:", command)
    elif is_level(found.common.view):
        say_next("say what you make of it, by a source that you looked at yourself:", command)
    else:
        say_next("see whom to ask what:", as_here(f"tocsin readings question {case}"))
