"""`case link`, `withdraw`, `position` and `close`: what happens to a case."""

from collections.abc import Sequence
from itertools import groupby
from typing import get_args

import click

from tocsin.cases.telling import language
from tocsin.cli.cases.describing import source_option
from tocsin.cli.cases.parsing import RecordName
from tocsin.cli.cases.speaking import Speaker, Text, place_of, speaking, texts
from tocsin.cli.options import Command
from tocsin.cli.records.erase import confirm_erasure, order_erasure, tell_order
from tocsin.cli.records.ordering import Words
from tocsin.core.records.cases.vocabulary import LinkKind, OperatorRole, Outcome, Position, Reason
from tocsin.node.api.cases.types import Cited, SayClosing, SayLink, SayPosition, SayWithdrawal


@click.command(
    cls=Command,
    examples=(
        "tocsin case link birch.1.12 same-case cedar.1.40",
        "tocsin case link birch.1.12 caused-by cedar.1.31",
    ),
)
@click.argument("case", type=RecordName())
@click.argument("link", type=click.Choice(get_args(LinkKind)))
@click.argument("other", type=RecordName())
@texts
@speaking
def link(*, speaker: Speaker, text: Text, case: str, link: LinkKind, other: str) -> None:
    """Say how two cases are connected.

    CASE is about the same incident as OTHER, related to it, or caused by it, as your organisation sees it.
    """
    say = SayLink(**speaker.by, **speaker.in_words(text), case=case, link=link, other=other)
    speaker.say(say, f"a link of case {case} to {other}", case=case)


@click.command(
    cls=Command,
    examples=(
        "tocsin case withdraw birch.1.12 --reason mistaken",
        'tocsin case withdraw birch.1.12 --reason personal-data --erase --ordered-by "Data officer"',
    ),
)
@click.argument("records", type=RecordName(), metavar="RECORD...", nargs=-1, required=True)
@click.option(
    "--reason",
    type=click.Choice(get_args(Reason)),
    required=True,
    metavar="REASON",
    help=f"Why: {', '.join(get_args(Reason))}.",
)
@click.option("--erase", is_flag=True, help="Have them erased besides, here and at every member.")
@click.option("--ordered-by", metavar="WHO", help="With --erase: who ordered it, a court or a role.")
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@texts
@speaking
def withdraw(
    *,
    speaker: Speaker,
    text: Text,
    records: tuple[str, ...],
    reason: Reason,
    erase: bool,
    ordered_by: str | None,
    yes: bool,
) -> None:
    """Take back what your organisation said.

    RECORDs are of one case, and your own. They count for nothing any more, and stay to be seen. With --erase
    what they say is purged at every node as well, which cannot be undone: you are shown what, and asked.
    """
    if erase is not (ordered_by is not None):
        raise click.UsageError("--erase and --ordered-by go together.")
    case = speaker.case_of(*records)
    places = sorted(place_of(speaker.state, record) for record in records) if erase else []
    if places and not yes:
        confirm_erasure(speaker.client, speaker.state, places)
    written = speaker.write(
        SayWithdrawal(**speaker.by, **speaker.in_words(text), case=case, of=records, reason=reason)
    )
    what = f"a withdrawal in case {case}"
    if ordered_by is None:
        speaker.tell(written, what, case=case)
        return
    words = Words(
        author=speaker.by["author"],
        author_kind="officer",
        lang="en",
        tlp=speaker.by["tlp"],
        reason=language("en").word("Reason", reason),
        ordered_by=ordered_by,
    )
    erasures = [
        order_erasure(speaker.client, speaker.state.id, words, list(of_log))
        for _, of_log in groupby(places, key=lambda place: place.log)
    ]
    speaker.tell(written, what, case=case, erasures=erasures)
    for ordered in () if speaker.as_json else erasures:
        tell_order(speaker.state, ordered)


@click.command(
    cls=Command,
    examples=(
        'tocsin case position birch.1.12 "Harbour Authority" disputes --role deployer',
        'tocsin case position birch.1.12 Acme acts --role provider --source "document letter-7 received"',
    ),
)
@click.argument("case", type=RecordName())
@click.argument("operator")
@click.argument("position", type=click.Choice(get_args(Position)))
@click.option(
    "--role",
    type=click.Choice(get_args(OperatorRole)),
    required=True,
    metavar="ROLE",
    help=f"What it is to the system: {', '.join(get_args(OperatorRole))}.",
)
@source_option
@texts
@speaking
def position(
    *,
    speaker: Speaker,
    text: Text,
    case: str,
    operator: str,
    position: Position,
    role: OperatorRole,
    sources: Sequence[Cited],
) -> None:
    """Write down what the operator concerned says.

    OPERATOR is whoever makes, offers or uses the system. It is your record of what you were told.
    """
    say = SayPosition(
        **speaker.by,
        **speaker.in_words(text),
        case=case,
        operator=operator,
        position=position,
        role=role,
        sources=tuple(sources) or None,
    )
    speaker.say(say, f"what {operator} says in case {case}", case=case)


@click.command(
    cls=Command,
    examples=(
        "tocsin case close birch.1.12 false-alarm",
        "tocsin case close birch.1.12 incident --dissent cedar.1.44",
    ),
)
@click.argument("case", type=RecordName())
@click.argument("outcome", type=click.Choice(get_args(Outcome)))
@click.option("--dissent", type=RecordName(), multiple=True, metavar="RECORD", help="What sees it otherwise.")
@texts
@speaking
def close(*, speaker: Speaker, text: Text, case: str, outcome: Outcome, dissent: Sequence[str]) -> None:
    """Say that you are done with a case, and how it ended.

    It is closed when the member that opened it says so, and contested if another sees another outcome. To
    open it again, withdraw your closing.
    """
    say = SayClosing(
        **speaker.by, **speaker.in_words(text), case=case, outcome=outcome, dissent=tuple(dissent) or None
    )
    opened_by = case.partition(".")[0]
    if opened_by == speaker.state.member:
        speaker.say(say, f"case {case} closed", case=case)
        speaker.next("when you know what it was:", f"tocsin case truth {case} WHAT")
        return
    speaker.say(say, f"your closing of case {case}", case=case)
    speaker.next(f"{opened_by} opened the case: only when {opened_by} closes it, it is closed.")
