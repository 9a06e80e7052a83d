"""`case key`, `case handover` and `case takeover`: officers who sign, and the end of a shift."""

from collections.abc import Sequence
from pathlib import Path

import click

from tocsin.cases.picture.view import State
from tocsin.cli.cases.looking.picture import count
from tocsin.cli.cases.parsing import RecordName, Role
from tocsin.cli.cases.speaking import Speaker, Text, speaking, texts
from tocsin.cli.options import Command, circle_option, config_option, file_option, json_option
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import good, json_text, say_next, shown, typed
from tocsin.core.errors import Refusal
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName
from tocsin.node.api.cases.found import CasesQuery
from tocsin.node.api.cases.types import SayHandover, SayTakeover
from tocsin.node.clock import SystemChance
from tocsin.node.folder import write_secret

_MOST = 128


class KeyExists(Refusal):
    """There is a key already where one is to be written."""

    code = "key-exists"


@click.command(cls=Command, examples=("tocsin case key night", "tocsin case key duty --output duty.key"))
@click.argument("role")
@file_option("--output", "-o", help="Where to put it.  [default: ROLE.key]")
@circle_option
@config_option
@json_option
def key(*, role: str, output: Path | None, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Make a key with which an officer signs.

    ROLE is how records name the officer. The key belongs to your present log in one circle: who has it signs
    with --sign-with, and others see that this person said it, and not the node alone. It counts once its
    public half is on your card; that comes from the configuration.
    """
    state = chosen(reach(config_path).status(), circle)
    made = SigningKey.generate(LogName.parse(state.log).officer(role), SignatureType.ED25519, SystemChance())
    path = output or Path(f"{role}.key")
    if path.exists():
        raise KeyExists(
            f"Expected a file that is not there yet, found {typed(path)}. "
            "Next: use the key that you have, or name another file with --output."
        )
    write_secret(path, f"{made.encode_unsafe()}\n".encode())
    vkey = made.verifying.encode()
    if as_json:
        click.echo(json_text({"circle": state.id, "role": role, "path": str(path), "vkey": vkey}))
        return
    click.echo(f"{good('Written:')} {shown(str(path))}. Whoever has it can sign as {role}.")
    say_next(
        f"put this among `officers` under [desk] in {typed(config_path)}, and start the node again:",
        f'"{vkey}"',
    )


@click.command(
    cls=Command,
    examples=(
        "tocsin case handover night --sign-with day.key",
        'tocsin case handover night --case birch.1.12 --text "Acme calls back at nine." --sign-with day.key',
    ),
)
@click.argument("role", type=Role())
@click.option(
    "--case",
    "cases",
    type=RecordName(),
    multiple=True,
    metavar="CASE",
    help="An open case.  [default: all, the newest 128]",
)
@texts
@speaking
def handover(*, speaker: Speaker, text: Text, role: str, cases: Sequence[str]) -> None:
    """End your shift, and hand it to the officer in ROLE.

    It is complete when both have signed: you with --sign-with, and the other with `tocsin case takeover`.
    """
    handed = cases or _open(speaker)
    say = SayHandover(**speaker.by, **speaker.in_words(text), to=role, cases=tuple(handed) or None)
    unsigned = "" if speaker.key else ", unsigned: so it is never complete; sign it with --sign-with"
    what = f"a handover of {count(len(handed), 'open case')} to {role}{unsigned}"
    name = speaker.say(say, what, cases=list(handed))
    if speaker.key:
        speaker.next(
            f"let {role} take it over, which makes it complete:",
            f"tocsin case takeover {name} --sign-with {role}.key",
        )


@click.command(cls=Command, examples=("tocsin case takeover birch.1.40 --sign-with night.key",))
@click.argument("handover", type=RecordName())
@speaking
def takeover(*, speaker: Speaker, handover: str) -> None:
    """Begin your shift: take over what was handed to you."""
    speaker.say(
        SayTakeover(**speaker.by, handover=handover), f"which takes over {handover}", handover=handover
    )


def _open(speaker: Speaker) -> list[str]:
    """All cases that are not closed, or the newest."""
    states: tuple[State, ...] = ("open", "contested")
    pages = [speaker.client.cases(speaker.state.id, CasesQuery(state=one, limit=_MOST)) for one in states]
    found = sorted((one for page in pages for one in page.cases), key=lambda one: one.last_at_ms)
    return [str(one.ref) for one in found[-_MOST:]]
