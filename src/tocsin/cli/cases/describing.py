"""`case report` and `case correct`: what happened, by its sources."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, get_args

import click

from tocsin.cli.cases.exchange.attaching import attach_option, kept
from tocsin.cli.cases.parsing import (
    FingerprintType,
    MomentType,
    OperatorType,
    RecordName,
    SourceType,
    SystemType,
)
from tocsin.cli.cases.speaking import Speaker, Text, language_options, speaking, text_in
from tocsin.cli.options import Command
from tocsin.core.errors import Refusal
from tocsin.core.records import Translation
from tocsin.core.records.cases.report import Described
from tocsin.core.records.cases.vocabulary import Event, Harm, Relation, Severity, Task
from tocsin.node.api.cases.types import Cited, SayCorrection, SayReport


def sources_option(words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--source`, explained in these words. The command is given them as `sources`."""
    return click.option("--source", "sources", type=SourceType(), multiple=True, metavar="SOURCE", help=words)


source_option = sources_option('Where it was first seen: "website https://… published".')
fingerprint_option = click.option(
    "--fingerprint",
    "fingerprints",
    type=FingerprintType(),
    multiple=True,
    metavar="PRINT",
    help='By what content is recognised: "sha256 9f86…", "domain news.example".',
)


class NoSource(Refusal):
    """A report without a source helps nobody."""

    code = "no-source"


def need_sources(sources: Sequence[Cited]) -> tuple[Cited, ...]:
    """The sources. Raises NoSource without any."""
    if not sources:
        raise NoSource(
            "Expected at least one source of the evidence, found none: nobody could tell it from hearsay. "
            'Next: --source "website https://… published"; of what another record says, "record birch.1.12".'
        )
    return tuple(sources)


def _choice(name: str, of: Any, words: str, *, several: str = "") -> Callable[[Any], Any]:  # noqa: ANN401 - a Literal
    """An option whose values are those of a closed list."""
    codes = get_args(of)
    return click.option(
        name,
        several or name.removeprefix("--"),
        type=click.Choice(codes),
        multiple=bool(several),
        metavar=name.removeprefix("--").upper(),
        help=f"{words}: {', '.join(codes)}.",
    )


_FIELDS = (
    *("event", "severity", "relation", "harms", "tasks", "economies", "systems", "operators"),
    *("fingerprints", "moments"),
)
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _choice("--event", Event, "What it was"),
    _choice("--severity", Severity, "How bad, as the OECD has it"),
    _choice("--relation", Relation, "What part AI had in it"),
    _choice("--harm", Harm, "Kind of harm", several="harms"),
    _choice("--task", Task, "What the AI was doing", several="tasks"),
    click.option("--economy", "economies", multiple=True, metavar="CODE", help="Where: KR, JP, TW."),
    click.option(
        "--system",
        "systems",
        type=SystemType(),
        multiple=True,
        metavar="SYSTEM",
        help='"NAME; version VERSION; certificate NUMBER by ISSUER".',
    ),
    click.option(
        "--operator",
        "operators",
        type=OperatorType(),
        multiple=True,
        metavar="OPERATOR",
        help='"ROLE NAME; certificate NUMBER by ISSUER".',
    ),
    fingerprint_option,
    click.option(
        "--moment",
        "moments",
        type=MomentType(),
        multiple=True,
        metavar="MOMENT",
        help='A clock that a law may start: "occurred 2026-11-22T09:30Z".',
    ),
)


def describing(command: Callable[..., None]) -> Callable[..., None]:
    """The options of what can be said of an incident. The command is given them as `fields` and `text`."""

    @wraps(command)
    def described(
        *,
        summary: str | None,
        lang: str | None,
        translations: Sequence[Translation],
        **others: Any,  # noqa: ANN401 - click's
    ) -> None:
        fields = {name: others.pop(name) or None for name in _FIELDS}
        command(fields=fields, text=text_in(summary, lang, translations), **others)

    described = language_options(described)
    for option in reversed(_OPTIONS):
        described = option(described)
    return described


@click.command(
    cls=Command,
    examples=(
        'tocsin case report "A picture of an explosion circulates." --event hazard \\',
        '    --source "post https://social.example/1 published 2026-11-22T09:30Z" --severity hazard',
        'tocsin case report --case birch.1.12 --source "sensor crawler-7 automatic" --economy KR',
    ),
)
@click.argument("summary", required=False)
@click.option(
    "--case", type=RecordName(), metavar="CASE", help="The case that it adds to.  [default: a new one]"
)
@source_option
@attach_option
@describing
@speaking
def report(
    *,
    speaker: Speaker,
    fields: dict[str, Any],
    text: Text,
    sources: Sequence[Cited],
    attached: Sequence[Path],
    case: str | None,
) -> None:
    """Report what happened, and open a case.

    SUMMARY is what you would tell by telephone; with - it is read from standard input. It may be left out:
    what the options say, every member reads in its own language. Sources are required: where it was first
    seen, and how you got it. What another member told you is cited by its record, so that it counts once.
    """
    cited = need_sources(sources)
    fields["attachments"] = kept(speaker, attached) or None
    say = SayReport(**fields, **speaker.summary(text), **speaker.by, case=case, sources=cited)
    name = speaker.say(say, f"a report in case {case}" if case else "a new case", case=case)
    if case is None:
        speaker.next("ask the others whether they see it, too:", f"tocsin case ask {name}")


@click.command(
    cls=Command,
    examples=(
        "tocsin case correct birch.1.12 --severity serious-incident --clear operators",
        'tocsin case correct birch.1.12 "The picture is false." --source "website https://… published"',
    ),
)
@click.argument("record", type=RecordName())
@click.argument("summary", required=False)
@source_option
@click.option(
    "--clear",
    "cleared",
    type=click.Choice(get_args(Described)),
    multiple=True,
    metavar="FIELD",
    help="Say nothing of this any more, such as severity.",
)
@describing
@speaking
def correct(
    *,
    speaker: Speaker,
    fields: dict[str, Any],
    text: Text,
    record: str,
    sources: Sequence[Cited],
    cleared: Sequence[Described],
) -> None:
    """Correct a report of your own.

    RECORD is the report. What is given takes the place of what it said of that; the rest stays. The report
    stays to be seen as it was, and what it says now.
    """
    case = speaker.case_of(record)
    say = SayCorrection(
        **fields,
        **speaker.summary(text),
        **speaker.by,
        case=case,
        of=record,
        sources=tuple(sources) or None,
        cleared=tuple(cleared) or None,
    )
    speaker.say(say, f"a correction of {record} in case {case}", case=case)
