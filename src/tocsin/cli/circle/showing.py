"""`circle show`: a charter in plain words, and who has signed it, as far as this node knows."""

from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.founding.circle import Circle
from tocsin.cli.circle.kept import read_charter
from tocsin.cli.circle.words import charter_in_words
from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import Command, config_option, json_option, path_argument
from tocsin.cli.terminal import bad, good, json_text, paragraph, waiting
from tocsin.node.client import Client, NoAnswer
from tocsin.node.config import load_config
from tocsin.node.papers.founding import Founding, all_kept


@click.command(
    cls=Command,
    examples=("tocsin circle show", "tocsin circle show charter.toml", "tocsin circle show --json"),
)
@path_argument("charter", required=False)
@config_option
@json_option
def show(*, charter: Path | None, config_path: Path, as_json: bool) -> None:
    """Show a charter in plain words, and who has signed it.

    Without CHARTER, every circle that this node is in, as it is now, and every other that it has signed or
    was asked to join. Where the node does not run, as they were founded.
    """
    config = load_config(config_path)
    data_folder = config.data_folder
    circles = [] if charter else _circles(Client(config.api_socket))
    known = {circle.id for circle in circles}
    foundings = [Founding.of(read_charter(charter), data_folder)] if charter else list(all_kept(data_folder))
    foundings = [founding for founding in foundings if founding.id not in known]
    if not foundings and not circles:
        raise NotSetUp(
            f"Expected a charter in {data_folder}, found none: this node is in no circle. "
            "Next: `tocsin circle --help`."
        )
    if as_json:
        told = [*map(_circle_as_json, circles), *map(_as_json, foundings)]
        click.echo(json_text(told))
        return
    blocks = [*map(_circle, circles), *map(_founding, foundings)]
    click.echo("\n\n".join("\n".join(block) for block in blocks))


def _circles(client: Client) -> list[Circle]:
    """Those of the running node; none, if it does not run."""
    try:
        return [Bundle.parse(client.bundle(state.id)).circle for state in client.status().circles]
    except NoAnswer:
        return []


def _circle(circle: Circle) -> Iterator[str]:
    notes = dict.fromkeys(circle.left, waiting("has left"))
    notes |= {member.slug: f"epoch {member.log.epoch}" for member in circle.members}
    notes |= {member.slug: bad("disputed") for member in circle.members if member.disputed}
    yield from charter_in_words(circle.charter, circle.id, notes)
    yield ""
    if circle.frozen:
        yield f"  {bad('There are two next versions of this charter: neither counts.')}"
    else:
        yield f"  {good('All who have to have signed it.')}"


def _circle_as_json(circle: Circle) -> dict[str, object]:
    """What programs may rely on (docs/cli.md)."""
    return {
        "circle": circle.id,
        "charter": circle.charter,
        "signed": sorted(place.slug for place in circle.charter.members),
        "founded": True,
        "why_not": None,
        "version": circle.charter.version,
        "left": sorted(circle.left),
        "frozen": circle.frozen is not None,
    }


def _founding(founding: Founding) -> Iterator[str]:
    signed = founding.join_files()
    notes = {
        member.slug: good("has signed") if member.slug in signed else waiting("no join file yet")
        for member in founding.charter.members
    }
    yield from charter_in_words(founding.charter, founding.id, notes)
    yield ""
    found = founding.assembled()
    if isinstance(found, Circle):
        yield f"  {good('All members have signed: the circle is founded.')}"
    else:
        yield f"  {waiting('The circle is not founded yet.')}"
        yield from paragraph(str(found), "  ")


def _as_json(founding: Founding) -> dict[str, object]:
    """What programs may rely on (docs/cli.md)."""
    found = founding.assembled()
    return {
        "circle": founding.id,
        "charter": founding.charter,
        "signed": sorted(founding.join_files()),
        "founded": isinstance(found, Circle),
        "why_not": None if isinstance(found, Circle) else {"error": found.code, "message": str(found)},
    }
