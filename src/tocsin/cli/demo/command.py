"""`tocsin demo`: the command, and what comes before the first scene and after the last."""

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import IO

import click

from tocsin.cli.demo.asking import show_asking
from tocsin.cli.demo.bulk import read_lines, show_records
from tocsin.cli.demo.cables import Cables
from tocsin.cli.demo.founding import show_founding
from tocsin.cli.demo.proving import show_proof, show_summary
from tocsin.cli.demo.replay import show_cut, show_replay
from tocsin.cli.demo.screen import Screen
from tocsin.cli.demo.script import GARAM
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.trials import show_impostor, show_two_versions
from tocsin.cli.demo.years.burnt import show_burnt_disk
from tocsin.cli.demo.years.carried import show_carried
from tocsin.cli.demo.years.leaving import show_leaving
from tocsin.cli.demo.years.stolen import show_stolen_key
from tocsin.cli.options import CONFIG_NAME, Command, json_option
from tocsin.cli.terminal import shown, strong
from tocsin.core.errors import Refusal
from tocsin.node.clock import SystemClock

_INTERRUPTED = 130
_TERMINATED = 143


class FolderNotEmpty(Refusal):
    """There is something in the folder already."""

    code = "folder-not-empty"


@click.command(
    cls=Command,
    examples=(
        "tocsin demo",
        "tocsin demo --fast --keep five",
        "jq -c '.[].reports[]' incidents.json | tocsin demo --records -",
    ),
)
@click.option(
    "--records",
    type=click.File("rb"),
    metavar="FILE",
    help="Instead of the replay, carry every line of this file as a note; - is standard input.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep all that the five have, in this folder.",
)
@click.option("--fast", is_flag=True, help="Leave no time to read.")
@json_option
def demo(*, records: IO[bytes] | None, keep: Path | None, fast: bool, as_json: bool) -> None:
    """Watch five invented organisations carry an incident to each other.

    Five real nodes run on this machine, each with keys, a database and a port of its own. They replay
    what was published about 22 May 2023, when a false picture of an explosion near the Pentagon went round;
    one asks the others, and three replies turn out to be one source. Then come the bad days: a cable is cut,
    an impostor is refused, a member with two stories is caught; a file is carried by hand, a stolen key
    replaced, a burnt disk got back; a member leaves. In the end a proof is checked. It takes about two
    minutes, and leaves nothing behind.
    """
    lines = read_lines(records) if records else []
    screen = Screen(SystemClock(), pace=0 if fast else 1, as_json=as_json)

    async def carry(stage: Stage) -> None:
        await show_records(stage, screen, lines)

    async def replay(stage: Stage) -> None:
        await _introduce(screen)
        circle = await show_founding(stage, screen)
        denial = await show_replay(stage, screen, circle)
        await show_asking(stage, screen, circle)
        await show_cut(stage, screen, circle)
        await show_impostor(stage, screen, circle)
        await show_two_versions(stage, screen)
        await show_carried(stage, screen, circle)
        await show_stolen_key(stage, screen, circle)
        await show_burnt_disk(stage, screen, circle)
        await show_leaving(stage, screen, circle)
        await show_proof(stage, screen, denial)
        show_summary(stage, screen)

    with _folder(keep) as folder:
        _perform(carry if records else replay, folder)
        if keep:
            _tell_kept(screen, folder)


async def _introduce(screen: Screen) -> None:
    screen.line()
    screen.line(strong("tocsin: when one bell rings, the others answer"), "  ")
    screen.line()
    screen.say(
        "Five organisations that do not exist, with nodes that do. What they carry is real: what was "
        "published about the false picture of an explosion near the Pentagon, on 22 May 2023. Every time in "
        "milliseconds is measured as you watch, on this one machine, whose disk all five share.",
        "  ",
    )
    await screen.pause(5)


def _perform(play: Callable[[Stage], Awaitable[None]], folder: Path) -> None:
    """Play it on a stage of its own. However it ends, no node runs any more when this returns."""
    cables = Cables()

    async def perform() -> None:
        if task := asyncio.current_task():
            for number in (signal.SIGTERM, signal.SIGHUP):
                cables.add_signal_handler(number, task.cancel)
        async with Stage(folder, cables) as stage:
            await play(stage)

    try:
        with asyncio.Runner(loop_factory=lambda: cables) as runner:
            runner.run(perform())
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None
    except asyncio.CancelledError:
        raise SystemExit(_TERMINATED) from None


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Where everything lies: the folder to keep, or one that goes away. Raises FolderNotEmpty."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder:
            yield Path(folder)
        return
    if keep.exists() and any(keep.iterdir()):
        raise FolderNotEmpty(
            f"Expected an empty folder or none at {keep}, found files in it. Next: name another one."
        )
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.absolute()


def _tell_kept(screen: Screen, folder: Path) -> None:
    screen.line()
    screen.line(
        f"{strong('Kept')} in {shown(str(folder))}: five nodes, charters and join files, proof and evidence."
    )
    screen.line("To run one of them again, and to see what it holds:")
    config = shown(str(folder / GARAM.slug / CONFIG_NAME))
    screen.line(f"  tocsin run --config {config}")
    screen.line(f"  tocsin records --config {config}")
