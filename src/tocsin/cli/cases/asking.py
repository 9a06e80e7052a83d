"""`case ask`, `case answer` and `case ack`: are you seeing this too?"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import get_args

import click

from tocsin.cases.delivery.awareness import aware_of
from tocsin.cases.picture.view import TimelineEntry
from tocsin.cli.cases.describing import fingerprint_option, need_sources, source_option
from tocsin.cli.cases.parsing import RecordName, WantedBy
from tocsin.cli.cases.speaking import Speaker, Text, speaking, texts
from tocsin.cli.cases.words import case_kind, case_said
from tocsin.cli.options import Command
from tocsin.cli.terminal import shown, strong
from tocsin.core.errors import Refusal
from tocsin.core.records import Fingerprint
from tocsin.core.records.cases.vocabulary import Count, Question, Seen
from tocsin.node.api.cases.types import Cited, SayAcknowledgement, SayAnswer, SayAsk

_MOST = 64
"""So many records one acknowledgement names."""


class WhichAsk(Refusal):
    """In that case, no ask waits for an answer of ours, or several do."""

    code = "which-ask"


@click.command(
    cls=Command,
    examples=(
        "tocsin case ask birch.1.12",
        "tocsin case ask birch.1.12 --question seen --question times --to cedar --by 2h",
    ),
)
@click.argument("case", type=RecordName())
@click.option(
    "--question",
    "questions",
    type=click.Choice(get_args(Question)),
    multiple=True,
    default=("seen",),
    show_default=True,
    metavar="QUESTION",
    help=f"What is asked: {', '.join(get_args(Question))}.",
)
@click.option("--to", multiple=True, metavar="MEMBER", help="Whom.  [default: all members]")
@click.option("--by", "wanted_by_ms", type=WantedBy(), metavar="TIME", help="Until when: 90m, 2h, a time.")
@texts
@speaking
def ask(
    *,
    speaker: Speaker,
    text: Text,
    case: str,
    questions: Sequence[Question],
    to: Sequence[str],
    wanted_by_ms: int | None,
) -> None:
    """Ask the others about a case.

    CASE is the report that opened it. Each member reads the question in its own language; what each answers,
    and who has not answered yet, `tocsin case show` says.
    """
    say = SayAsk(
        **speaker.by,
        **speaker.in_words(text),
        case=case,
        questions=tuple(questions),
        to=tuple(to) or None,
        wanted_by_ms=wanted_by_ms,
    )
    speaker.say(say, f"asked in case {case}", case=case)
    speaker.next("see who has answered:", f"tocsin case show {case}")


@click.command(
    cls=Command,
    examples=(
        'tocsin case answer birch.1.13 seen --source "website https://news.example/1 published"',
        "tocsin case answer birch.1.13 not-seen",
        'tocsin case answer birch.1.13 seen --count 2-10 --source "sensor crawler-7 automatic"',
    ),
)
@click.argument("ask", type=RecordName())
@click.argument("seen", type=click.Choice(get_args(Seen)))
@source_option
@click.option(
    "--count",
    type=click.Choice(get_args(Count)),
    metavar="COUNT",
    help=f"How often: {', '.join(get_args(Count))}.",
)
@fingerprint_option
@texts
@speaking
def answer(
    *,
    speaker: Speaker,
    text: Text,
    ask: str,
    seen: Seen,
    sources: Sequence[Cited],
    count: Count | None,
    fingerprints: Sequence[Fingerprint],
) -> None:
    """Answer what was asked.

    ASK is the ask, as `tocsin case show` names it, or its case, if one ask there waits for you. What
    you have seen needs its sources: whoever repeats what another has said cites that record, and is counted
    once with it. Of several answers, your newest counts.
    """
    if seen == "seen":
        need_sources(sources)
    elif sources or count or fingerprints:
        raise click.UsageError("--source, --count and --fingerprint go with the answer seen alone.")
    ask, case = _asked(speaker, ask)
    say = SayAnswer(
        **speaker.by,
        **speaker.in_words(text),
        case=case,
        ask=ask,
        seen=seen,
        sources=tuple(sources) or None,
        count=count,
        fingerprints=tuple(fingerprints) or None,
    )
    speaker.say(say, f"the answer to {ask} in case {case}", case=case)


@click.command(
    cls=Command,
    examples=("tocsin case ack birch.1.12", "tocsin case ack birch.1.13 birch.1.14 --sign-with duty.key"),
)
@click.argument("records", type=RecordName(), metavar="RECORD...", nargs=-1, required=True)
@texts
@speaking
def ack(*, speaker: Speaker, text: Text, records: tuple[str, ...]) -> None:
    """Say that an officer is aware of it.

    RECORDs are what you have read, of one case; a CASE alone is all of it that waits for an officer of yours
    to say so, or for you, if you sign: it is shown to you with that. That your node has received it, it says
    by itself; that a person knows, only you can. What you have said before is not written again.
    """
    case = speaker.case_of(*records)
    named = _owed(speaker, case) if records == (case,) else dict.fromkeys(records, False)
    entries = speaker.client.case(speaker.state.id, case).timeline
    known = _known(speaker, case, entries)
    unread = [name for name, done in named.items() if not done and name not in known]
    of = tuple(unread[:_MOST])
    if not of:
        speaker.nothing(f"Nothing of {', '.join(records)} waits for your acknowledgement.", case=case, of=of)
        return
    if records == (case,) and not speaker.as_json:
        # Some of it may have come after anybody looked.
        click.echo("\n".join(_told(entries, of)))
    say = SayAcknowledgement(**speaker.by, **speaker.in_words(text), case=case, of=of)
    speaker.say(say, f"an acknowledgement of {', '.join(of)}", case=case, of=of)
    if len(unread) > len(of):
        speaker.next("there is more of it that waits for you:", f"tocsin case ack {case}")


def _owed(speaker: Speaker, case: str) -> dict[str, bool]:
    """What we owe an acknowledgement of, and whether that is done: for who signs, only by signing."""
    return {
        str(due.of): due.state == "done" and speaker.key is None
        for due in speaker.client.delivery(speaker.state.id, case).dues
        if (due.member, due.due) == (speaker.state.member, "acknowledgement")
    }


def _told(entries: Iterable[TimelineEntry], names: Collection[str]) -> Iterator[str]:
    """What these records say."""
    for entry in entries:
        if str(entry.ref) in names:
            yield f"{strong(str(entry.ref))}, {shown(case_kind(entry.record))}"
            yield from case_said(entry.record, "  ")


def _known(speaker: Speaker, case: str, entries: Iterable[TimelineEntry]) -> set[str]:
    """What this officer has said to be aware of; who signs now, with that key."""
    known: set[str] = set()
    for entry in entries:
        record = entry.record
        officer = entry.officer if speaker.key else record.author
        by = (entry.member, officer, record.author_kind)
        if by == (speaker.state.member, speaker.by["author"], "officer"):
            known.update((case, *map(str, aware_of(record))))
    return known


def _asked(speaker: Speaker, name: str) -> tuple[str, str]:
    """The ask that is meant, and its case: of a case, the one that waits for us. Raises NoCase, WhichAsk."""
    case = speaker.case_of(name)
    if name != case:
        return name, case
    own = speaker.state.member
    waiting = [
        str(ask.ref)
        for ask in speaker.client.case(speaker.state.id, case).asks
        if any(answer.member == own and answer.seen is None for answer in ask.answers)
    ]
    if len(waiting) != 1:
        found = (
            f"{', '.join(waiting)}. Next: name one of them" if waiting else "none. Next: see what was asked"
        )
        raise WhichAsk(f"Expected one ask of case {case} that waits for us, found {found}.")
    return waiting[0], case
