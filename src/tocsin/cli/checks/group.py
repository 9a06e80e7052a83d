"""`check` and `check answer`: are you there?"""

from collections.abc import Callable
from functools import wraps
from typing import TypedDict

import click
from click.core import ParameterSource

from tocsin.checks import CheckView
from tocsin.cli.cases.parsing import RecordName
from tocsin.cli.cases.speaking import Speaker, Text, speaking, texts
from tocsin.cli.checks.listing import list_checks
from tocsin.cli.checks.words import lasted
from tocsin.cli.options import Command
from tocsin.core.errors import Refusal
from tocsin.core.records import Tlp
from tocsin.core.records.check import MAX_WITHIN_MINUTES
from tocsin.node.api.checks.types import SayCheck, SayCheckAnswer


class WhichCheck(Refusal):
    """No check waits for an answer of ours, or several do."""

    code = "which-check"


class _By(TypedDict):
    """Which officer says it."""

    author: str
    tlp: Tlp | None


class _CommandOrGroup(Command, click.Group):
    """What does something by itself, and has commands below it."""


def _by_itself(command: Callable[..., None]) -> Callable[..., None]:
    """It does nothing if one of the commands below it was typed, which has options of its own."""

    @wraps(command)
    def alone(**options: object) -> None:
        context = click.get_current_context()
        if (below := context.invoked_subcommand) is None:
            command(**options)
        elif any(context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in options):
            raise click.UsageError(f"Write the options after `{below}`, whose they are.")

    return alone


@click.group(
    cls=_CommandOrGroup,
    invoke_without_command=True,
    examples=(
        "tocsin check",
        'tocsin check --within 30 --text "The quarterly check." --sign-with duty.key',
        "tocsin check answer birch.1.12 --sign-with duty.key",
        "tocsin check list",
    ),
)
@click.option(
    "--within",
    "within_minutes",
    type=click.IntRange(1, MAX_WITHIN_MINUTES),
    metavar="MINUTES",
    help="How long a desk on duty has.  [default: the charter's time to acknowledge a report]",
)
@_by_itself
@texts
@speaking
def check(*, speaker: Speaker, text: Text, within_minutes: int | None) -> None:
    """Ask every duty desk of a circle whether it answers.

    Each member's node calls its desk, quietly, when it is on duty; an officer there answers. Nothing has
    happened, and no case is opened. Who calls again within an hour rings nobody.

    How soon a desk answers, its own people see, and a median of all others from three on. The records are
    held by every member, who can read more in them than is shown.
    """
    say = SayCheck(
        **_by(speaker), author_kind="officer", within_minutes=within_minutes, **speaker.in_words(text)
    )
    speaker.say(say, "a communication check")
    speaker.next("see how many have answered:", "tocsin check list")


@check.command(
    cls=Command,
    examples=("tocsin check answer", "tocsin check answer birch.1.12 --sign-with duty.key"),
)
@click.argument("check", type=RecordName(), required=False, metavar="[CHECK]")
@speaking
def answer(*, speaker: Speaker, check: str | None) -> None:
    """Answer a communication check: you are there.

    CHECK is its name, as the alert and `tocsin check list` give it; it can be left out if one waits. Your
    response time runs from when it came to your node, while your desk is on duty. The first answer counts.
    """
    checks = speaker.client.checks(speaker.state.id).checks
    name = check or _waiting(checks)
    known = next((one for one in checks if str(one.ref) == name), None)
    if known and known.answer:
        speaker.nothing(f"{name} is answered already, by {known.answer}.", check=name)
        return
    name_of_answer = speaker.say(
        SayCheckAnswer(**_by(speaker), author_kind="officer", check=name),
        f"the answer to the communication check {name}",
        check=name,
    )
    if not speaker.as_json:
        _tell_time(speaker, name_of_answer)


def _by(speaker: Speaker) -> _By:
    by = speaker.by
    if by["author_kind"] != "officer" or by["answerable"]:
        raise click.UsageError("A check asks for a person: officers alone check, and answer.")
    return _By(author=by["author"], tlp=by["tlp"])


def _waiting(checks: tuple[CheckView, ...]) -> str:
    """The one that waits for us. Raises WhichCheck."""
    waiting = [str(one.ref) for one in checks if one.state == "waiting"]
    if len(waiting) == 1:
        return waiting[0]
    found = f"{', '.join(waiting)}. Next: name one of them" if waiting else "none. Next: `tocsin check list`"
    raise WhichCheck(f"Expected one check that waits for us, found {found}.")


def _tell_time(speaker: Speaker, name: str) -> None:
    """How long it took, as far as is known."""
    for one in speaker.client.checks(speaker.state.id).checks:
        if str(one.answer) == name and one.response_ms is not None:
            click.echo(f"  your response time: {lasted(one.response_ms)}")


check.add_command(list_checks)
