"""`case pass`: a report goes on to another circle, as far as its label allows."""

from pathlib import Path

import click

from tocsin.cli.cases.parsing import RecordName
from tocsin.cli.cases.speaking import By, by_options, case_of
from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import json_text, shown, strong
from tocsin.node.api.cases.exchangetypes import PassOn
from tocsin.node.caseclient import CaseClient
from tocsin.node.config import load_config


@click.command(
    "pass",
    cls=Command,
    examples=(
        "tocsin case pass birch.1.12 --circle 3f1c --to-circle 9a07",
        'tocsin case pass birch.1.12 birch.1.15 --circle 3f1c --to-circle 9a07 --to "the harbour circle"',
    ),
)
@click.argument("records", type=RecordName(), metavar="REPORT...", nargs=-1, required=True)
@click.option("--to-circle", required=True, metavar="ID", help="To which circle, by its first digits.")
@click.option("--into", type=RecordName(), metavar="CASE", help="A case there.  [default: a new one]")
@click.option("--to", metavar="WHOM", help="What is said of it in this circle.")
@by_options
@circle_option
@config_option
@json_option
def pass_on(
    *,
    records: tuple[str, ...],
    to_circle: str,
    into: str | None,
    to: str | None,
    by: By,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Pass reports on to another circle.

    REPORTs are of one case, and marked TLP:CLEAR or TLP:GREEN, with all that they stand on. In the other
    circle, where your node is a member too, they become yours: with the same sources, so that they count
    once, and without a word of where they come from. That you passed them on is written in this circle,
    before.
    """
    client = CaseClient(load_config(config_path).api_socket)
    status = client.status()
    here, there = chosen(status, circle), chosen(status, to_circle)
    wish = PassOn(
        circle=there.id,
        of=records,
        author=by["author"],
        author_kind=by["author_kind"],
        answerable=by["answerable"],
        into=into,
        to=to,
    )
    passed = client.pass_on(here.id, case_of(client, here, *records), wish)
    if as_json:
        click.echo(json_text(passed))
        return
    click.echo(f"{strong(passed.passing)} says so in {shown(here.title)}.")
    for name in passed.records:
        click.echo(f"{strong(name)} stands in {shown(there.title)}.")
