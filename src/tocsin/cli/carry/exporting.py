"""`carry export`: what a node would send, as a file."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.cli.carry.progress import Progress
from tocsin.cli.carry.survey import Survey, survey
from tocsin.cli.options import Command, circle_option, config_option, json_option, path_argument
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import faint, good, json_text, say, say_next, shown, strong, table, typed
from tocsin.core.names import LogName
from tocsin.node.files import naming

_OWNER_ONLY = 0o600


@click.command(
    cls=Command,
    examples=(
        "tocsin carry export /media/stick/line.carry",
        "tocsin carry export line.carry --to birch --since cedar=120",
    ),
)
@path_argument("file")
@click.option("--to", metavar="MEMBER", help="For this member: what it is known to have is left out.")
@click.option(
    "--since",
    metavar="MEMBER=SIZE",
    multiple=True,
    help="Of this member's log, leave out the first SIZE entries.",
)
@circle_option
@config_option
@json_option
def export(
    *,
    file: Path,
    to: str | None,
    since: tuple[str, ...],
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Write a file with what other nodes lack.

    FILE gets all logs of the circle that this node holds, and who has received what of them. With --to, only
    what that member is not known to have: after it has imported a file and given one back, the next begins
    where the last one ended. At most 1 GiB; where there is more, the next file has it.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    _write(file, client.give_out(state.id, to, ",".join(since)))
    found = survey(file)
    if as_json:
        click.echo(json_text(_as_json(found)))
        return
    click.echo(f"{good('Written:')} {shown(str(file))}, {_amount(found)}")
    if found.logs:
        rows = [
            (strong(LogName.parse(log).member), f"{end - first} entries", faint(f"no. {first} to {end - 1}"))
            for log, (first, end) in found.logs.items()
        ]
        click.echo("\n".join(table(rows)))
    if found.full:
        say("The file is full. Export once more when it was imported: the next one has the rest.")
    say_next(
        "give it to somebody who may read these records. At the other node:",
        f"tocsin carry import {typed(Path(file.name))}",
    )


def _write(path: Path, parts: Iterator[bytes]) -> None:
    """The whole file or none, for its owner alone."""
    new = path.with_name(f"{path.name}.part")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    progress = Progress("Exporting")
    try:
        with naming(path), os.fdopen(descriptor, "wb") as file:
            for part in parts:
                file.write(part)
                progress.add(len(part))
            file.flush()
            os.fsync(descriptor)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    finally:
        progress.end()


def _amount(found: Survey) -> str:
    return f"{found.entries} entries, {found.size_bytes / 10**6:.1f} MB"


def _as_json(found: Survey) -> dict[str, object]:
    """What programs may rely on (docs/cli.md)."""
    logs = [
        {"log": log, "member": LogName.parse(log).member, "first": first, "end": end}
        for log, (first, end) in found.logs.items()
    ]
    return {
        "items": found.items,
        "bytes": found.size_bytes,
        "logs": logs,
        "events": found.events,
        "checkpoints": found.checkpoints,
    }
