"""`case hypothesis`, `case reading` and `case truth`: what it was, and how sure we are."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

import click

from tocsin.cases.telling.readings import percent
from tocsin.cli.cases.describing import need_sources, source_option, sources_option
from tocsin.cli.cases.parsing import ActorType, LikelyType, RecordName
from tocsin.cli.cases.speaking import Speaker, Text, language_options, speaking, text_in, texts
from tocsin.cli.options import Command
from tocsin.core.records import Actor, Translation
from tocsin.core.records.cases.reading import WHOLE_PERMILLE
from tocsin.core.records.cases.vocabulary import Confidence, What
from tocsin.core.records.errors import NotADistribution
from tocsin.node.api.cases.types import Cited, Likely, SayGroundTruth, SayHypothesis, SayReading


@click.command(
    cls=Command,
    examples=(
        'tocsin case hypothesis birch.1.12 attack "The update was signed with a stolen key."',
        'tocsin case hypothesis birch.1.12 cascade "정전이 먼저였다." --lang ko',
    ),
)
@click.argument("case", type=RecordName())
@click.argument("under", type=click.Choice(get_args(What)))
@click.argument("text")
@language_options
@speaking
def hypothesis(
    *,
    speaker: Speaker,
    case: str,
    under: What,
    text: str,
    lang: str | None,
    translations: Sequence[Translation],
) -> None:
    """Add a hypothesis: one thing that it may have been.

    TEXT is that thing, narrower than the kind that it falls under; with - it is read from standard input.
    Anybody can then say how likely it is, by the name that the record has. No case needs any: a reading of
    the kinds alone is a whole one.
    """
    told = speaker.in_words(text_in(text, lang, translations))
    say = SayHypothesis(**speaker.by, **told, case=case, under=under)
    name = speaker.say(say, f"a hypothesis in case {case}", case=case)
    speaker.next(
        "say how likely it is:",
        f'tocsin case reading {case} {name}=PERCENT undetermined=REST --confidence CONFIDENCE --source "…"',
    )


@click.command(
    cls=Command,
    examples=(
        "tocsin case reading birch.1.12 attack=70 accident=20 undetermined=10 --confidence moderate \\",
        '    --source "record birch.1.12" --source "document report-7 received"',
        "tocsin case reading birch.1.12 birch.1.19=62.5 undetermined=37.5 --confidence low \\",
        '    --source "sensor crawler-7 automatic" --who "Harbour Thieves=30"',
        "tocsin case reading birch.1.12 undetermined=100 --confidence low",
    ),
)
@click.argument("case", type=RecordName())
@click.argument("likely", type=LikelyType(), metavar="WHAT=PERCENT...", nargs=-1, required=True)
@click.option(
    "--confidence",
    type=click.Choice(get_args(Confidence)),
    required=True,
    metavar="CONFIDENCE",
    help=f"How good the ground of this is, apart from how likely it is: {', '.join(get_args(Confidence))}.",
)
@sources_option(
    'What it rests on. Looked at yourself: cite the thing ("sensor camera-7 automatic"); you then count as '
    'having seen it. Known from another\'s record: "record birch.1.12"; you then count as a repeater. '
    "Needed unless undetermined=100."
)
@click.option(
    "--who",
    type=ActorType(),
    multiple=True,
    metavar="NAME=PERCENT",
    help='Who may have done it: "Harbour Thieves=30". It stands apart, and nobody merges it.',
)
@texts
@speaking
def reading(
    *,
    speaker: Speaker,
    text: Text,
    case: str,
    likely: tuple[Likely, ...],
    confidence: Confidence,
    sources: Sequence[Cited],
    who: Sequence[Actor],
) -> None:
    """Say what you make of a case: what it was, how likely.

    WHAT is one of these, each whichever of that kind:

    \b
    accident      nobody meant harm
    attack        somebody acted against the system
    misuse        somebody used the system to do harm
    cascade       another system's failure came through
    no-ai         no AI had a part in it
    undetermined  open between all of those
    RECORD        a hypothesis of the case, by its name, such as birch.1.19

    The percentages have at most one decimal, and make 100. Your newest reading stands.
    What it rests on is cited: what you have looked at yourself as what it is, what another has said as its
    record.
    """  # noqa: D301 - click's mark: the lines below it stay as they are
    _check_whole(likely)
    _check_who(who)
    is_open = [one.what for one in likely] == ["undetermined"]
    say = SayReading(
        **speaker.by,
        **speaker.in_words(text),
        case=case,
        probabilities=likely,
        confidence=confidence,
        sources=tuple(sources if is_open else need_sources(sources)) or None,
        who=tuple(who) or None,
    )
    speaker.say(say, f"a reading of case {case}", case=case)
    speaker.next("see what it comes to with all others:", f"tocsin readings show {case}")


@click.command(
    cls=Command,
    examples=(
        'tocsin case truth birch.1.12 accident --source "document report-9 received"',
        "tocsin case truth birch.1.12 attack --hypothesis birch.1.19",
    ),
)
@click.argument("case", type=RecordName())
@click.argument("what", type=click.Choice(get_args(What)))
@click.option("--hypothesis", type=RecordName(), metavar="RECORD", help="Which of that kind, if it is there.")
@source_option
@texts
@speaking
def truth(
    *,
    speaker: Speaker,
    text: Text,
    case: str,
    what: What,
    hypothesis: str | None,
    sources: Sequence[Cited],
) -> None:
    """Say what it was, as you found in the end.

    It is said of a case that you have closed. Readings are scored by what the member that opened the case
    says, unless another says otherwise. Your newest word stands.
    """
    say = SayGroundTruth(
        **speaker.by,
        **speaker.in_words(text),
        case=case,
        what=what,
        hypothesis=hypothesis,
        sources=tuple(sources) or None,
    )
    speaker.say(say, f"what case {case} was in the end", case=case)
    if case.partition(".")[0] == speaker.state.member:
        speaker.next("see how good your own readings were:", "tocsin readings scores")


def _check_whole(likely: Sequence[Likely]) -> None:
    """Raises UsageError for what stands there twice, NotADistribution for what does not make 100."""
    named = Counter(one.hypothesis or one.what or "" for one in likely)
    if twice := [name for name, times in named.items() if times > 1]:
        raise click.UsageError(f"Expected each once, found {', '.join(twice)} several times.")
    whole = sum(one.permille for one in likely)
    if whole != WHOLE_PERMILLE:
        raise NotADistribution(
            f"Expected percentages that make 100 together, found {percent(whole)}. Next: {_mended(whole)}."
        )


def _mended(whole: int) -> str:
    if whole > WHOLE_PERMILLE:
        return f"take {percent(whole - WHOLE_PERMILLE)} away from them"
    return f"what is open is undetermined, here {percent(WHOLE_PERMILLE - whole)} more of it"


def _check_who(who: Sequence[Actor]) -> None:
    """Raises NotADistribution."""
    whole = sum(one.permille for one in who)
    if whole > WHOLE_PERMILLE:
        raise NotADistribution(
            f"Expected --who of at most 100 percent together, found {percent(whole)}. "
            "Next: what nobody can say who did is left out."
        )
