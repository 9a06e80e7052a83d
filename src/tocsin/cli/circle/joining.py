"""`circle join`: from the join files of all members to a circle that this node is in.

Files may come one by one: those that fit the charter are kept, and the circle is joined when all are there. A
running node is told; otherwise a node of one's own joins, here and for a moment, so that there is one way to
join.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import click

from tocsin.circles.founding.joining import assemble
from tocsin.cli.circle.kept import is_bundle, read_bundle, read_charter, read_join_file
from tocsin.cli.options import Command, config_option, path_argument
from tocsin.cli.terminal import good, say_next, shown, strong
from tocsin.node.client import Client, NoAnswer
from tocsin.node.config import Config, LogSettings, load_config
from tocsin.node.papers.founding import Founding


@click.command(
    cls=Command,
    examples=(
        "tocsin circle join charter.toml birch.join cedar.join",
        "tocsin circle join charter.toml dune.join",
        "tocsin circle join line.circle",
    ),
)
@path_argument("charter")
@path_argument("join_files", nargs=-1, metavar="[JOINFILE]...")
@config_option
def join(*, charter: Path, join_files: tuple[Path, ...], config_path: Path) -> None:
    """Join a circle, with the join files of all members.

    Your own, made by `circle sign`, is here already. Files that are given are kept, so that they may be given
    one by one. When all are there, everything is checked: that all have signed the same charter, and whose
    keys are whose.

    To join a circle that there is, CHARTER is that circle in a file, as a member exports it once the
    amendment is in force that makes a place for you. For that the node must run.
    """
    config = load_config(config_path)
    if is_bundle(charter):
        bundle = read_bundle(charter)
        Client(config.api_socket).take_bundle(bundle.encode().decode())
        click.echo(f"{good('Joined')} {strong(shown(bundle.circle.title))}.")
        _say_next(running=True)
        return
    founding = Founding.of(read_charter(charter), config.data_folder)
    given = {path: read_join_file(path) for path in join_files}
    members = {path: founding.member_of(data, str(path)) for path, data in given.items()}
    founding.keep()
    for path, data in given.items():
        founding.keep_join_file(members[path], data)
    files = founding.join_files()
    assemble(founding.text, files.values())
    running = _join(config, founding, files)
    click.echo(f"{good('Joined')} {strong(shown(founding.charter.title))}: {', '.join(files)}.")
    _say_next(running=running)


def _say_next(*, running: bool) -> None:
    if running:
        say_next("compare words with each member aloud:", "tocsin circle check MEMBER")
    else:
        say_next("run the node:", "tocsin run")


def _join(config: Config, founding: Founding, files: Mapping[str, bytes]) -> bool:
    """Whether the node was running."""
    try:
        Client(config.api_socket).join(founding.text, [data.decode() for data in files.values()])
    except NoAnswer:
        asyncio.run(_join_here(config, founding, files))
        return False
    return True


async def _join_here(config: Config, founding: Founding, files: Mapping[str, bytes]) -> None:
    from tocsin.node.node import Node  # noqa: PLC0415 - a third of a second that no other command of the group needs
    from tocsin.node.watching.logs import make_logger  # noqa: PLC0415

    async with Node(config, log=make_logger(LogSettings(level="error", format="console"))) as node:
        await node.join(founding.text, tuple(files.values()))
