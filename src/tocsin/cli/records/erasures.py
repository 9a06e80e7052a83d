"""`erasures`: what was ordered to be erased, who has done so, and what is held here."""

from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.records.orders import numbers, place_words
from tocsin.cli.terminal import good, json_text, moment, paragraph, strong, waiting
from tocsin.core.names import LogName
from tocsin.core.records import Place
from tocsin.node.api.types import ErasureAnswer, ErasureState, HoldState


@click.command(cls=Command, examples=("tocsin erasures", "tocsin erasures --json"))
@circle_option
@config_option
@json_option
def erasures(*, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Show what was ordered to be erased, and who has answered.

    Also your own legal holds, which stop erasures at your node.
    """
    client = reach(config_path)
    found = client.erasures(chosen(client.status(), circle).id)
    if as_json:
        click.echo(json_text(found))
        return
    for ordered in found.erasures:
        click.echo("\n".join(_erasure(ordered)))
    for hold in found.holds:
        click.echo("\n".join(_hold(hold)))
    if not found.erasures and not found.holds:
        click.echo("Nothing was ordered to be erased, and nothing is held.")


def answer_lines(ordered: ErasureState) -> Iterator[str]:
    """Who has erased it, who keeps what, and who has not answered."""
    for answer in ordered.answers:
        if answer.held:
            yield waiting(f"  {answer.member} keeps no. {numbers(answer.held)} by a legal hold")
        elif has_answered(answer, ordered):
            yield good(f"  erased by {answer.member}")
        else:
            yield f"  {waiting(f'not yet by {answer.member}')}"


def has_answered(answer: ErasureAnswer, ordered: ErasureState) -> bool:
    """Whether a member has said of each of the records what has become of it."""
    return {*answer.purged, *answer.held} == set(ordered.indices)


def _erasure(ordered: ErasureState) -> Iterator[str]:
    of = LogName.parse(ordered.of).member
    by = place_words(Place(log=ordered.log, index=ordered.index))
    yield f"{strong(f'{of} no. {numbers(ordered.indices)}')} · erased by {by} · {moment(ordered.at_ms)}"
    yield from paragraph(f"ordered by {ordered.ordered_by}: {ordered.reason}", "  ")
    yield from answer_lines(ordered)


def _hold(hold: HoldState) -> Iterator[str]:
    kept = ", ".join(map(place_words, hold.targets))
    yield f"{strong(f'Held: {kept}')} · by no. {hold.index} of your log · {moment(hold.at_ms)}"
    yield from paragraph(f"ordered by {hold.ordered_by}: {hold.reason}", "  ")
