"""`readings question`: whom to ask what next, and asking it."""

from collections.abc import Iterator

import click

from tocsin.cases.telling.readings import percent
from tocsin.cli.cases.naming import named
from tocsin.cli.cases.parsing import RecordName
from tocsin.cli.cases.speaking import Speaker, speaking
from tocsin.cli.cases.words import hanging, quote
from tocsin.cli.options import Command, as_here
from tocsin.cli.readings.own import to_read
from tocsin.cli.readings.words import cited, kind_in_words
from tocsin.cli.terminal import faint, good, json_text, say, shown, strong, waiting
from tocsin.core.errors import Refusal
from tocsin.core.records import Tlp, tlp_at_most
from tocsin.core.records.errors import CaseClosed, HandlingExceeded
from tocsin.node.api.cases.types import SayAsk
from tocsin.node.api.readings.types import CaseReadings
from tocsin.node.casework.assessing.asking import NextQuestion

_INDENT = "  "
_OTHERS = 4
_SETTLES_LITTLE = "No further question to a member would settle even 1 % of what is open."
_WHAT_WOULD = "What would: a source that is not in the case yet."


class SettlesLittle(Refusal):
    """No question would settle even 1 % of what is open."""

    code = "settles-little"


@click.command(
    cls=Command,
    examples=(
        "tocsin readings question birch.1.12",
        "tocsin readings question birch.1.12 --send",
        "tocsin readings question birch.1.12 --send --yes --sign-with duty.key",
    ),
)
@click.argument("case", type=RecordName())
@click.option("--send", is_flag=True, help="Ask the first one, after it was shown.")
@click.option("--yes", is_flag=True, help="Do not ask before it is sent.")
@speaking
def question(*, speaker: Speaker, case: str, send: bool, yes: bool) -> None:
    """Show the questions after which least would be expected to stay open.

    Each is to one member, about one source. How much it is worth is reckoned from the common view, and from
    nothing that was learned of anybody. With --send the first one is sent as an ask to that member, shared no
    further than the records that cite the source; all other options are of that ask. None is sent that would
    settle less than 1 % of what is open.
    """
    found = speaker.client.questions(speaker.state.id, case).questions
    if speaker.as_json and not send:
        click.echo(json_text(named({"case": case, "questions": found})))
        return
    worth_sending = tuple(one for one in found if one.settles_much)
    if not worth_sending:
        _say_why(speaker, case, send=send)
    elif send:
        _send(speaker, case, worth_sending, yes=yes)
    else:
        click.echo("\n".join(lines(worth_sending)))
        speaker.next("ask the first one:", f"tocsin readings question {case} --send")


def _say_why(speaker: Speaker, case: str, *, send: bool) -> None:
    """Say why nothing is worth asking, and what else to do. To `send`, raises CaseClosed, SettlesLittle."""
    found = speaker.client.readings(speaker.state.id, case)
    if found.common.closed:
        if send:
            raise CaseClosed(f"Expected an open case, found {case}, which is closed.")
        say(f"There is nothing to ask: case {case} is closed.")
        return
    why, what, command = _instead(found, case)
    if send:
        raise SettlesLittle(f"{why} Next: {what}: {as_here(command)}")
    say(why)
    speaker.next(f"{what}:", command)


def _instead(found: CaseReadings, case: str) -> tuple[str, str, str]:
    """Why nothing about a case is worth asking; what to do, and by which command."""
    if not found.common.readings:
        read = to_read(case, found.unread)
        return f"There is nothing to ask yet: nobody has read case {case}.", "say what you make of it", read
    if found.unread:
        own = "Your organisation saw sources of this case itself, and has no reading of it."
        return f"{_SETTLES_LITTLE} {own}", "say what you make of it", to_read(case, found.unread)
    report = f'tocsin case report --case {case} --source "…"'
    return f"{_SETTLES_LITTLE} {_WHAT_WOULD}", "report it, and read the case by it", report


def _send(speaker: Speaker, case: str, found: tuple[NextQuestion, ...], *, yes: bool) -> None:
    """Send the first one, after it was shown. Raises HandlingExceeded."""
    if not (speaker.as_json and yes):
        click.echo("\n".join(lines(found)), err=True)
    one = found[0]
    tlp = _label(speaker.by["tlp"] or speaker.state.handling, one.tlp)
    if not yes:
        click.confirm(
            f"\nSend this to {', '.join(map(shown, one.wording.to))} ({tlp})?", abort=True, err=True
        )
    ask = SayAsk(
        **speaker.by | {"tlp": tlp},
        case=case,
        questions=one.wording.questions,
        to=one.wording.to,
        text=one.wording.text,
        lang=one.wording.lang,
    )
    speaker.say(ask, f"asked in case {case}", case=case)
    speaker.next("see who has answered:", f"tocsin case show {case}")


def _label(wanted: Tlp, least: Tlp) -> Tlp:
    """As wanted, if that is no wider than what cites the source. Raises HandlingExceeded."""
    if not tlp_at_most(least, wanted):
        raise HandlingExceeded(f"Expected {least}, by which the source is marked, or more, found {wanted}.")
    return wanted


def lines(found: tuple[NextQuestion, ...]) -> Iterator[str]:
    """The questions, the first one with all that there is to say of it."""
    for at, one in enumerate(found[: 1 + _OTHERS]):
        question = one.question
        yield f"{strong(f'{at + 1}. Ask {shown(question.member)}')}, {_worth(one)}"
        yield from hanging(f"about {cited(one.source.citations)}", _INDENT)
        if at == 0:
            yield from _first(one)
    if len(found) > 1 + _OTHERS:
        yield faint(f"{len(found) - 1 - _OTHERS} more: --json")


def _worth(one: NextQuestion) -> str:
    gain, now = one.question.gain_millibits, one.question.now_millibits
    return f"{good(f'{gain / 1000:.3f} bits')} of {now / 1000:.3f} that are open"


def _first(one: NextQuestion) -> Iterator[str]:
    """How it is asked, and what would come of each answer."""
    question = one.question
    saw = "saw it itself" if question.is_witness else waiting("did not see it itself, as far as is known")
    yield f"{_INDENT}{shown(question.member)} {saw}; can tell with {percent(question.tells_permille)} %"
    for prospect in question.prospects:
        then = kind_in_words(prospect.what)
        chance = f"{percent(prospect.chance_permille)} %"
        yield f"{_INDENT}{_INDENT}if the answer is {kind_in_words(prospect.answer)} ({chance}): {then}"
    yield f"{_INDENT}asked in these words, marked {one.tlp} or more:"
    yield from quote(one.wording.text, f"{_INDENT}{_INDENT}")
