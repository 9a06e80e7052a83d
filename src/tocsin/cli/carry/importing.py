"""`carry import`: take what a file brings, through the running node."""

import threading
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from tocsin.circles.carry.file import HEAD, Item
from tocsin.circles.wire.messages import MAX_PUSH_BYTES
from tocsin.cli.carry.progress import Progress
from tocsin.cli.carry.survey import Survey, items_of, survey
from tocsin.cli.options import Command, circle_option, config_option, json_option, path_argument
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import bad, beside, faint, good, json_text, say_next, shown, strong, table, waiting
from tocsin.log.store import StorageFull
from tocsin.node.api.types import Carried, CircleState, Grown, RefusedItems
from tocsin.node.client import Client

_LONGEST_WAIT_S = 30.0
_WITHOUT_ROOM = {"storage-full", "storage-low"}
_NOTHING = Carried(items=0, later_ms=0, logs=(), gaps={}, confirmed={}, receipts=0, events=0, refused=())


@click.command("import", cls=Command, examples=("tocsin carry import /media/stick/line.carry",))
@path_argument("file")
@circle_option
@config_option
@json_option
@click.pass_context
def take_in(ctx: click.Context, *, file: Path, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Take a file that another node exported.

    Everything in FILE is checked as if its author had sent it; what is known is passed over, so that the same
    file does no harm twice. Says what was new, and what members have confirmed. Exit code 1 says that
    something in it was refused; the rest is taken all the same.
    """
    client = reach(config_path)
    found = survey(file)
    state = chosen(client.status(), circle or found.circle())
    taken = _take(client, state.id, file, found)
    if as_json:
        click.echo(json_text(taken))
    else:
        _tell(taken, state, file)
    ctx.exit(1 if taken.refused else 0)


def _take(client: Client, circle: str, file: Path, found: Survey) -> Carried:
    """All of the file, in parts, each as soon as it may come."""
    progress = Progress("Importing", found.size_bytes)
    taken = _NOTHING
    try:
        for part in _parts(items_of(file)):
            left = part
            while left:
                given = client.take_in(circle, HEAD + b"".join(item.encode() for item in left))
                taken = together(taken, given)
                progress.add(sum(item.size_bytes for item in left[: given.items]))
                left = left[given.items :]
                if given.later_ms:
                    _check_room(client)
                    wait_s = min(given.later_ms / 1000, _LONGEST_WAIT_S)
                    progress.say(f"the charter limits how fast records come; going on in {wait_s:.0f} s")
                    threading.Event().wait(wait_s)
    finally:
        progress.end()
    return taken


def _check_room(client: Client) -> None:
    """That it is not for want of room that something has to come later. Raises StorageFull."""
    if not _WITHOUT_ROOM.isdisjoint(trouble.code for trouble in client.health().troubles):
        raise StorageFull(
            "Expected room for what the file brings on the disk of the node's data folder, found too little; "
            "what came before stays. Next: make room there, and import the file again."
        )


def _parts(items: Iterator[Item]) -> Iterator[list[Item]]:
    """The items in groups that a call has room for."""
    part: list[Item] = []
    size_bytes = 0
    for item in items:
        if part and size_bytes + item.size_bytes > MAX_PUSH_BYTES // 2:
            yield part
            part, size_bytes = [], 0
        part.append(item)
        size_bytes += item.size_bytes
    if part:
        yield part


def together(one: Carried, next_one: Carried) -> Carried:
    """What two parts brought, one after the other."""
    logs = {grown.log: grown for grown in one.logs}
    for grown in next_one.logs:
        before = logs[grown.log].before if grown.log in logs else grown.before
        logs[grown.log] = msgspec.structs.replace(grown, before=before)
    refused = {items.code: items for items in one.refused}
    for items in next_one.refused:
        first = refused.get(items.code, msgspec.structs.replace(items, count=0))
        refused[items.code] = msgspec.structs.replace(first, count=first.count + items.count)
    return Carried(
        items=one.items + next_one.items,
        later_ms=0,
        logs=tuple(logs.values()),
        gaps=one.gaps | next_one.gaps,
        confirmed=one.confirmed | next_one.confirmed,
        receipts=one.receipts + next_one.receipts,
        events=one.events + next_one.events,
        refused=tuple(refused.values()),
    )


def _tell(taken: Carried, state: CircleState, file: Path) -> None:
    grown = [one for one in taken.logs if one.size > one.before]
    new = sum(one.size - one.before for one in grown)
    click.echo(f"{good('Imported:')} {shown(str(file))}, {new} new entries")
    if grown:
        click.echo("\n".join(table([_row(one) for one in grown])))
    if taken.events:
        click.echo(f"  {taken.events} new statements about keys, members or the charter")
    for slug, size in taken.confirmed.items():
        click.echo(f"  {good(f'{slug} has received {size} of your {state.size} entries')}")
    if taken.receipts:
        click.echo(f"  {taken.receipts} confirmations for other members, which go on to them")
    for member, size in taken.gaps.items():
        _tell_gap(member, size)
    for items in taken.refused:
        _tell_refused(items)
    if grown:
        say_next(
            "what is here now is confirmed by the file that you give back:",
            "tocsin carry export FILE --to MEMBER",
        )


def _row(grown: Grown) -> tuple[str, ...]:
    return strong(grown.member), f"{grown.size - grown.before} new", faint(f"{grown.size} in all")


def _tell_gap(member: str, size: int) -> None:
    words = (
        f"its log goes on in this file behind what is here, which is {size} entries. Ask for a file that "
        f"begins there: `tocsin carry export FILE --since {member}={size}`."
    )
    click.echo("\n".join(beside(waiting(member), words, len(member) + 2, "  ")))


def _tell_refused(items: RefusedItems) -> None:
    words = f"{items.count} refused ({items.code}): {items.explanation}"
    click.echo("\n".join(beside(bad("!"), words, 3, "  ")))
