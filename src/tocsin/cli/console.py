"""`console`: the people who reach this node with a browser. What they do there, they do in the browser."""

from pathlib import Path
from typing import get_args

import click

from tocsin.cli.options import Command, config_option, json_option
from tocsin.cli.reaching import reach
from tocsin.cli.terminal import bad, faint, json_text, moment, say, say_next, shown, strong, table
from tocsin.node.api.console.types import ConsolePerson, Invite, Invited, RoleOfConsole


@click.group()
def console() -> None:
    """Let people in who use the console, and sign them out.

    The console is this node's pages for a browser (`[console]` in docs/configuration.md). The first person
    comes in by a code from here; an administrator invites the others from there, too.
    """


@console.command(
    cls=Command,
    examples=(
        "tocsin console invite",
        'tocsin console invite --name "Kim Ji-woo" --role officer --role approver',
    ),
)
@click.option("--name", default="", help="What others see.  [default: they choose]")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(get_args(RoleOfConsole)),
    help="What they may do; several times for several.  [default: administrator for the first, then reader]",
)
@click.option(
    "--author",
    metavar="ROLE",
    help="How records name them.  [default: the first free of duty-officer, duty-officer-2, …]",
)
@config_option
@json_option
def invite(
    *, name: str, roles: tuple[RoleOfConsole, ...], author: str | None, config_path: Path, as_json: bool
) -> None:
    """Make a code with which somebody makes an account.

    It is shown once, and good for one use within an hour: whoever has it comes in.
    """
    client = reach(config_path)
    if not roles:
        roles = ("reader",) if client.console_people().people else ("administrator",)
    made = client.console_invite(Invite(name=name, role_name=author, roles=roles))
    whom = f"For {f'{shown(name)}, ' if name else ''}{', '.join(roles)}, in records {made.role_name}"
    _show(made, whom, as_json=as_json)


@console.command(cls=Command, examples=('tocsin console recover "Kim Ji-woo"',))
@click.argument("name")
@config_option
@json_option
def recover(*, name: str, config_path: Path, as_json: bool) -> None:
    """Make a code for somebody who cannot sign in any more.

    Once it is used, what they signed in with before is no good any more, and all their sessions have ended.
    """
    made = reach(config_path).console_invite(Invite(name=name, again=True))
    _show(made, f"For {shown(name)}, to begin anew", as_json=as_json)


@console.command(cls=Command, examples=("tocsin console people",))
@config_option
@json_option
def people(*, config_path: Path, as_json: bool) -> None:
    """Show who has an account."""
    found = reach(config_path).console_people()
    if as_json:
        click.echo(json_text(found))
    elif found.people:
        click.echo("\n".join(table([_row(person) for person in found.people], indent="")))
    else:
        say("Nobody has an account at the console.")
        say_next("let somebody in:", "tocsin console invite")


@console.command(
    cls=Command, examples=('tocsin console signout "Kim Ji-woo"', "tocsin console signout --all")
)
@click.argument("name", required=False)
@click.option("--all", "everyone", is_flag=True, help="Everyone.")
@config_option
@json_option
def signout(*, name: str | None, everyone: bool, config_path: Path, as_json: bool) -> None:
    """Sign somebody out, or everyone, in all browsers."""
    if (name is None) is not everyone:
        raise click.UsageError("Name somebody, or --all.")
    ended = reach(config_path).console_sign_out(name)
    if as_json:
        click.echo(json_text(ended))
    else:
        say(f"Sessions ended: {ended.sessions}.")


def _row(person: ConsolePerson) -> list[str]:
    return [
        strong(shown(person.name)),
        ", ".join(person.roles) or "reader",
        faint(f"in records {person.role_name}"),
        bad("SUSPENDED") if person.suspended else f"signed in: {person.sessions}",
    ]


def _show(made: Invited, whom: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json_text(made))
        return
    say(f"{whom}, until {moment(made.expires_at_ms)}, for one use:")
    click.echo(f"\n{strong(shown(made.url))}\n")
    say("Whoever has this address comes in. Hand it over in person, or in a call with somebody you know.")
