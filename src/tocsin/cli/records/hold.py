"""`record hold` and `record release`: what has to be kept, whoever wants it erased."""

import click

from tocsin.cli.options import Command
from tocsin.cli.records.ordering import NoSuchPlace, Order, ordering, place_of
from tocsin.cli.records.orders import place_words
from tocsin.cli.terminal import json_text, shown, strong
from tocsin.core.records import Place
from tocsin.node.api.types import SayHold, SayRelease


@click.command(
    cls=Command,
    examples=(
        'tocsin record hold birch/12 --reason "Evidence in proceedings." --ordered-by "District court"',
        'tocsin record hold birch/12 cedar/7 3 --reason "Audit of 2026" --ordered-by "Court of auditors"',
    ),
)
@click.argument("records", metavar="MEMBER/NUMBER...", nargs=-1, required=True)
@ordering
def hold(*, records: tuple[str, ...], order: Order) -> None:
    """Keep records by a legal hold, of whatever member.

    If their author erases them, your node sets them apart instead of purging them: shown to you, given to
    nobody. All members see the hold, its reason and who ordered it. It brings nothing back that is gone.
    """
    targets = tuple(sorted({place_of(order.state, record) for record in records}))
    _write("Held", order, SayHold(**order.words, targets=targets))
    if not order.as_json:
        click.echo(f"  {', '.join(map(place_words, targets))}")


@click.command(
    cls=Command,
    examples=(
        'tocsin record release 14 --reason "The proceedings have ended." --ordered-by "District court"',
    ),
)
@click.argument("number")
@ordering
def release(*, number: str, order: Order) -> None:
    """End a legal hold of your own.

    NUMBER is the hold's place in your log, as `tocsin erasures` shows it. What was erased meanwhile, and kept
    by this hold alone, is purged at once.
    """
    place = place_of(order.state, number)
    holds = [Place(log=one.log, index=one.index) for one in order.client.erasures(order.state.id).holds]
    if place not in holds:
        known = ", ".join(map(place_words, holds)) or "none at all"
        raise NoSuchPlace(f"Expected a hold of yours ({known}), found {place_words(place)}.")
    _write("Released", order, SayRelease(**order.words, log=place.log, index=place.index))


def _write(word: str, order: Order, say: SayHold | SayRelease) -> None:
    state = order.state
    written = order.client.write(state.id, say)
    if order.as_json:
        click.echo(json_text({"circle": state.id, "log": written.log, "index": written.index}))
    else:
        click.echo(f"{strong(word)}, as no. {written.index} of your log in {shown(state.title)}.")
