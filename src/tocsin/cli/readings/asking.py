"""`readings question`: whom to ask what next, and asking it."""

from collections.abc import Iterator

import click

from tocsin.cases.telling.readings import percent
from tocsin.cli.cases.naming import named
from tocsin.cli.cases.parsing import RecordName
from tocsin.cli.cases.speaking import Speaker, speaking
from tocsin.cli.cases.words import hanging, quote
from tocsin.cli.options import Command
from tocsin.cli.readings.words import cited, kind_in_words
from tocsin.cli.terminal import faint, good, json_text, shown, strong, waiting
from tocsin.core.records import Tlp, tlp_at_most
from tocsin.core.records.errors import HandlingExceeded
from tocsin.node.api.cases.types import SayAsk
from tocsin.node.casework.assessing.asking import NextQuestion

_INDENT = "  "
_OTHERS = 4


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
    further than the records that cite the source; all other options are of that ask.
    """
    found = speaker.client.questions(speaker.state.id, case).questions
    if speaker.as_json and not send:
        click.echo(json_text(named({"case": case, "questions": found})))
        return
    if not found:
        speaker.nothing(f"There is nothing to ask about case {case} that would be expected to tell more.")
        return
    if not (speaker.as_json and yes):
        click.echo("\n".join(lines(found)), err=send)
    if send:
        _send(speaker, case, found[0], yes=yes)
    else:
        speaker.next("ask the first one:", f"tocsin readings question {case} --send")


def _send(speaker: Speaker, case: str, one: NextQuestion, *, yes: bool) -> None:
    tlp = _label(speaker.by["tlp"] or speaker.state.handling, one.tlp)
    if not yes:
        click.confirm(
            f"\nSend this to {', '.join(map(shown, one.wording.to))} ({tlp})?", abort=True, err=True
        )
    say = SayAsk(
        **speaker.by | {"tlp": tlp},
        case=case,
        questions=one.wording.questions,
        to=one.wording.to,
        text=one.wording.text,
        lang=one.wording.lang,
    )
    speaker.say(say, f"asked in case {case}", case=case)
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
