"""`case observed` and `case forget`: what your organisation keeps of what it observed itself."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.cases.matching import Observation
from tocsin.cli.cases.exchange.matching import typed_source
from tocsin.cli.cases.looking.picture import count
from tocsin.cli.cases.words import hanging, quote
from tocsin.cli.options import Command, config_option, json_option
from tocsin.cli.terminal import bad, faint, good, json_text, moment, shown, strong
from tocsin.node.api.cases.observing import ObservationsQuery
from tocsin.node.caseclient import CaseClient
from tocsin.node.config import load_config


@click.command(
    cls=Command,
    examples=(
        "tocsin case observed",
        "tocsin case observed --feed crawler --limit 200",
        "tocsin case observed --json",
    ),
)
@click.option("--feed", metavar="NAME", help="Only those of this feed.")
@click.option("--after", metavar="ID", default="", help="Only those whose ids come after this one.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="At most so many.")
@config_option
@json_option
def observed(*, feed: str | None, after: str, limit: int, config_path: Path, as_json: bool) -> None:
    """List what your organisation observed itself.

    By their ids, what `tocsin case observe`, sensors and programs have brought. Nobody else sees it.
    """
    client = CaseClient(load_config(config_path).api_socket)
    found = client.observations(ObservationsQuery(feed=feed, after=after, limit=limit))
    if as_json:
        click.echo(json_text(found))
        return
    for one in found.observations:
        click.echo("\n".join(_lines(one)))
    click.echo(faint(f"{count(len(found.observations), 'observation')} of {found.count:,}"))
    if len(found.observations) == limit:
        last = found.observations[-1].id
        click.echo(faint(f"There may be more: --after {shlex.quote(shown(last))}"))


@click.command(cls=Command, examples=("tocsin case forget 7", "tocsin case forget 7 8 --yes"))
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
@json_option
def forget(*, ids: tuple[str, ...], yes: bool, config_path: Path, as_json: bool) -> None:
    """Forget observations of your own.

    IDs are theirs, as `tocsin case observed` says them. They are shown, and you are asked. It cannot be
    undone; what you have answered because of them stays said.
    """
    client = CaseClient(load_config(config_path).api_socket)
    found = {one: client.observation(one) for one in ids}
    if not yes:
        for observation in found.values():
            click.echo("\n".join(_lines(observation)), err=True)
        click.echo(f"\n{bad('This cannot be undone.')}", err=True)
        click.confirm("Forget this?", abort=True, err=True)
    for one in found:
        client.forget(one)
    if as_json:
        click.echo(json_text({"forgotten": list(found)}))
    else:
        click.echo(f"{good('Forgotten:')} {count(len(found), 'observation')}.")


def _lines(seen: Observation) -> Iterator[str]:
    """What it is, where it is from, and what it says."""
    parts = (strong(shown(seen.id)), seen.feed, seen.class_, moment(seen.at_ms), seen.handling)
    yield " · ".join(parts)
    yield from map(faint, hanging(typed_source(seen.source), "  "))
    for text in seen.texts:
        yield from quote(text.text, "  ")
    named = (*(system.name for system in seen.systems), *seen.operators)
    told = ", ".join((*named, *(f"{one.kind} {one.value}" for one in seen.fingerprints)))
    if told:
        yield from hanging(told, "  ")
