"""`circle show`: a charter in plain words, and who has signed it, as far as this node knows."""

from pathlib import Path

import click

from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joining import assemble
from tocsin.cli.circle.kept import Founding, all_kept, read_charter
from tocsin.cli.circle.words import charter_in_words
from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import Command, config_option, json_option, path_argument
from tocsin.cli.terminal import good, json_text, paragraph, waiting
from tocsin.core.errors import Refusal
from tocsin.node.config import load_config


@click.command(
    cls=Command,
    examples=("tocsin circle show", "tocsin circle show charter.toml", "tocsin circle show --json"),
)
@path_argument("charter", required=False)
@config_option
@json_option
def show(*, charter: Path | None, config_path: Path, as_json: bool) -> None:
    """Show a charter in plain words, and who has signed it.

    Without CHARTER, every circle that this node has signed or was asked to join. The node need not run.
    """
    data_folder = load_config(config_path).data_folder
    foundings = [Founding.of(read_charter(charter), data_folder)] if charter else list(all_kept(data_folder))
    if not foundings:
        raise NotSetUp(
            f"Expected a charter in {data_folder}, found none: this node is in no circle. "
            "Next: `tocsin circle --help`."
        )
    if as_json:
        click.echo(json_text([_as_json(founding) for founding in foundings]))
        return
    for number, founding in enumerate(foundings):
        if number:
            click.echo()
        _tell(founding)


def _tell(founding: Founding) -> None:
    signed = founding.join_files()
    notes = {
        member.slug: good("has signed") if member.slug in signed else waiting("no join file yet")
        for member in founding.charter.members
    }
    click.echo("\n".join(charter_in_words(founding.charter, founding.id, notes)))
    click.echo()
    found = _assembled(founding)
    if isinstance(found, Circle):
        click.echo(f"  {good('All members have signed: the circle is founded.')}")
    else:
        click.echo(f"  {waiting('The circle is not founded yet.')}")
        click.echo("\n".join(paragraph(str(found), "  ")))


def _assembled(founding: Founding) -> Circle | Refusal:
    try:
        return assemble(founding.text, founding.join_files().values())
    except Refusal as refusal:
        return refusal


def _as_json(founding: Founding) -> dict[str, object]:
    """What programs may rely on (docs/cli.md)."""
    found = _assembled(founding)
    return {
        "circle": founding.id,
        "charter": founding.charter,
        "signed": sorted(founding.join_files()),
        "founded": isinstance(found, Circle),
        "why_not": None if isinstance(found, Circle) else {"error": found.code, "message": str(found)},
    }
