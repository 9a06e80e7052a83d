"""`record erase`: have what one said be gone, here and at every member, as far as they keep their word."""

import threading
from collections.abc import Sequence

import click

from tocsin.cli.options import Command
from tocsin.cli.records.erasures import answer_lines, has_answered
from tocsin.cli.records.ordering import NoSuchPlace, Order, Words, ordering, place_of
from tocsin.cli.terminal import bad, json_text, paragraph, shown, strong
from tocsin.cli.words import Telling
from tocsin.core.records import Place
from tocsin.node.api.types import CircleState, ErasureState, SayErasure, ShownRecord
from tocsin.node.client import Client
from tocsin.node.clock import SystemClock

_WAIT_S = 3.0
_ASK_AGAIN_S = 0.05
_MEANING = (
    "The text goes from every node; that something stood there stays provable. What members copied "
    "elsewhere, and their older backups, are for them to erase."
)


@click.command(
    cls=Command,
    examples=(
        'tocsin record erase 12 --reason "A private number." --ordered-by "Data protection officer"',
        'tocsin record erase 12 13 15 --reason "Request 4711" --ordered-by "District court" --yes',
    ),
)
@click.argument("records", metavar="NUMBER...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@ordering
def erase(*, records: tuple[str, ...], yes: bool, order: Order) -> None:
    """Erase records of your own log, here and at every member.

    NUMBER is a record of your log; LOG/NUMBER is one of an earlier epoch of yours. What is to be erased is
    shown, and you are asked. Every member's node then purges it and says so, except what a legal hold there
    keeps.

    It cannot be undone. That you said something there and then stays provable; what you said does not. What
    members printed, passed on or have in backups made before is out of reach: there, an erasure is a promise.
    """
    client, state = order.client, order.state
    places = sorted({place_of(state, record) for record in records})
    if len({place.log for place in places}) > 1:
        raise NoSuchPlace("Expected records of one log, found those of several. Next: erase each by itself.")
    if not yes:
        confirm_erasure(client, state, places)
    ordered = order_erasure(client, state.id, order.words, places)
    if order.as_json:
        click.echo(json_text(ordered))
        return
    tell_order(state, ordered)


def confirm_erasure(client: Client, state: CircleState, places: Sequence[Place]) -> None:
    """Show what is to be erased, and ask whether it is to be."""
    _show(state, [_entry(client, state, place) for place in places])
    click.confirm("Erase this for good, here and at every member?", abort=True, err=True)


def order_erasure(client: Client, circle: str, words: Words, places: Sequence[Place]) -> ErasureState:
    """Order that these records, of one log, be gone; and wait a little for those who answer."""
    indices = tuple(place.index for place in places)
    written = client.write(circle, SayErasure(**words, log=places[0].log, indices=indices))
    return _answered(client, circle, Place(log=written.log, index=written.index))


def tell_order(state: CircleState, ordered: ErasureState) -> None:
    """Say what was ordered, and who has answered."""
    click.echo(f"{strong('Ordered')} as no. {ordered.index} of your log in {shown(state.title)}.")
    click.echo("\n".join(answer_lines(ordered)))


def _entry(client: Client, state: CircleState, place: Place) -> ShownRecord:
    found = client.records(state.id, place.log, place.index, 1).records
    if not found:
        raise NoSuchPlace(f"Expected a record that is here, found none as no. {place.index}.")
    return found[0]


def _show(state: CircleState, entries: Sequence[ShownRecord]) -> None:
    """What is to be erased, and what that means; not on standard output, which may be a program's."""
    telling = Telling((state,))
    for entry in entries:
        click.echo("\n".join(telling.lines(entry)), err=True)
    click.echo(f"\n{bad('This cannot be undone.')}", err=True)
    click.echo("\n".join(paragraph(_MEANING, "")), err=True)


def _answered(client: Client, circle: str, place: Place) -> ErasureState:
    """The erasure, when all have answered or it took long enough."""
    clock = SystemClock()
    end_s = clock.monotonic_s() + _WAIT_S
    while True:
        found = client.erasures(circle).erasures
        ordered = next((one for one in found if (one.log, one.index) == (place.log, place.index)), None)
        over = clock.monotonic_s() >= end_s
        if ordered and (over or all(has_answered(answer, ordered) for answer in ordered.answers)):
            return ordered
        threading.Event().wait(_ASK_AGAIN_S)
