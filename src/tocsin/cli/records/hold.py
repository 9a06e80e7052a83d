"""`record hold` and `record release`: what has to be kept, whoever wants it erased."""

from pathlib import Path

import click

from tocsin.cli.options import Command
from tocsin.cli.reaching import chosen
from tocsin.cli.records.ordering import NoSuchPlace, order_options, place_of
from tocsin.cli.records.orders import place_words
from tocsin.cli.terminal import json_text, shown, strong
from tocsin.core.records import Place, Tlp
from tocsin.node.api.types import CircleState, SayHold, SayRelease, Written
from tocsin.node.client import Client
from tocsin.node.config import load_config


@click.command(
    cls=Command,
    examples=(
        'tocsin record hold birch/12 --reason "Evidence in proceedings." --ordered-by "District court"',
        'tocsin record hold birch/12 cedar/7 3 --reason "Audit of 2026" --ordered-by "Court of auditors"',
    ),
)
@click.argument("records", metavar="MEMBER/NUMBER...", nargs=-1, required=True)
@order_options
def hold(
    *,
    records: tuple[str, ...],
    reason: str,
    ordered_by: str,
    circle: str | None,
    lang: str | None,
    tlp: Tlp | None,
    author: str,
    config_path: Path,
    as_json: bool,
) -> None:
    """Keep records by a legal hold, of whatever member.

    If their author erases them, your node sets them apart instead of purging them: shown to you, given to
    nobody. All members see the hold, its reason and who ordered it. It brings nothing back that is gone.
    """
    config = load_config(config_path)
    client = Client(config.api_socket)
    state = chosen(client.status(), circle)
    say = SayHold(
        author=author,
        author_kind="officer",
        lang=lang or config.desk.lang,
        tlp=tlp,
        reason=reason,
        ordered_by=ordered_by,
        targets=tuple(sorted({place_of(state, record) for record in records})),
    )
    _tell("Held", state, client.write(state.id, say), as_json=as_json)
    if not as_json:
        click.echo(f"  {', '.join(map(place_words, say.targets))}")


@click.command(
    cls=Command,
    examples=(
        'tocsin record release 14 --reason "The proceedings have ended." --ordered-by "District court"',
    ),
)
@click.argument("number")
@order_options
def release(
    *,
    number: str,
    reason: str,
    ordered_by: str,
    circle: str | None,
    lang: str | None,
    tlp: Tlp | None,
    author: str,
    config_path: Path,
    as_json: bool,
) -> None:
    """End a legal hold of your own.

    NUMBER is the hold's place in your log, as `tocsin erasures` shows it. What was erased meanwhile, and kept
    by this hold alone, is purged at once.
    """
    config = load_config(config_path)
    client = Client(config.api_socket)
    state = chosen(client.status(), circle)
    place = place_of(state, number)
    _check_held(client, state, place)
    say = SayRelease(
        author=author,
        author_kind="officer",
        lang=lang or config.desk.lang,
        tlp=tlp,
        reason=reason,
        ordered_by=ordered_by,
        log=place.log,
        index=place.index,
    )
    _tell("Released", state, client.write(state.id, say), as_json=as_json)


def _check_held(client: Client, state: CircleState, place: Place) -> None:
    holds = [Place(log=one.log, index=one.index) for one in client.erasures(state.id).holds]
    if place not in holds:
        known = ", ".join(map(place_words, holds)) or "none at all"
        raise NoSuchPlace(f"Expected a hold of yours ({known}), found {place_words(place)}.")


def _tell(word: str, state: CircleState, written: Written, *, as_json: bool) -> None:
    if as_json:
        click.echo(json_text({"circle": state.id, "log": written.log, "index": written.index}))
    else:
        click.echo(f"{strong(word)}, as no. {written.index} of your log in {shown(state.title)}.")
