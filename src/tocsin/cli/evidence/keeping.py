"""`evidence`: what this node keeps that others signed and must not have, to be shown to anyone."""

from pathlib import Path

import click

from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.evidence.envelope import Envelope
from tocsin.cli.evidence.findings import find
from tocsin.cli.evidence.limit import limit
from tocsin.cli.evidence.making import NothingFound
from tocsin.cli.options import Command, circle_option, config_option, folder_option, json_option
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import bad, good, json_text, say_next, shown, strong, table, typed
from tocsin.node.api.evidences import evidence_file
from tocsin.node.files import write_whole


@click.group()
def evidence() -> None:
    """Show and hand out what others signed and must not have.

    Two versions of one log, or what was signed with a key after it had ended: whoever did it has signed the
    proof. What a node finds, it keeps, and tells the other members.
    """


evidence.add_command(limit)


@evidence.command("list", cls=Command, examples=("tocsin evidence list",))
@circle_option
@config_option
@json_option
def list_kept(*, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Show what evidence is kept here."""
    client = reach(config_path)
    state = chosen(client.status(), circle)
    kept, known = client.evidence(state.id).evidence, Bundle.parse(client.bundle(state.id)).circle
    findings = [(one, find(evidence_file(one), known)) for one in kept]
    if as_json:
        click.echo(
            json_text(
                [
                    {"kind": one.kind, "member": one.member, "log": one.log} | dict(finding.more)
                    for one, finding in findings
                ]
            )
        )
        return
    if not findings:
        click.echo(good("None: nobody signed what they must not have, as far as is known here."))
        return
    rows = [(strong(one.member), one.kind, bad(finding.found)) for one, finding in findings]
    click.echo("\n".join(table(rows)))
    say_next("hand it to all members, or to whoever is to judge:", "tocsin evidence export MEMBER")


@evidence.command("export", cls=Command, examples=("tocsin evidence export dune",))
@click.argument("member")
@folder_option
@circle_option
@config_option
def export(*, member: str, output: Path, circle: str | None, config_path: Path) -> None:
    """Write the evidence about a member, for anyone.

    Each file holds all that it takes to check it but the circle's id, and no record; it says who the members
    of the circle are.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    kept = [one for one in client.evidence(state.id).evidence if one.member == member]
    if not kept:
        raise NothingFound(f"Expected evidence about {member}, found none, as it should be.")
    bundle = Bundle.parse(client.bundle(state.id))
    output.mkdir(parents=True, exist_ok=True)
    for one in kept:
        _, _, epoch = one.log.rpartition("/")
        path = output / f"{'-'.join(filter(None, (member, epoch, one.kind)))}.evidence"
        write_whole(path, Envelope(bundle.founded, bundle.events, evidence_file(one)).encode())
        click.echo(f"{good('Written:')} {shown(str(path))}")
        say_next(
            "whoever gets it checks it offline, with the circle's id from somebody they trust:",
            f"tocsin verify {typed(path)} --circle {state.id}",
        )
