"""`tocsin demo`: the command, and what comes before the first scene and after the last."""

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Awaitable, Callable, Container, Iterator
from pathlib import Path
from typing import IO

import click

from tocsin.cli.demo.bulk import read_lines, show_records
from tocsin.cli.demo.cables import Cables
from tocsin.cli.demo.playing import introduce, play
from tocsin.cli.demo.screen import Screen
from tocsin.cli.demo.script.cast import GARAM, POMIR, Organisation
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.windows.audience import Audience
from tocsin.cli.demo.windows.consoles import open_consoles
from tocsin.cli.demo.windows.guide import Guide
from tocsin.cli.options import CONFIG_NAME, Command, json_option
from tocsin.cli.terminal import shown, strong
from tocsin.core.errors import Refusal
from tocsin.node.clock import SystemClock

_INTERRUPTED = 130
_TERMINATED = 143
_PACE_WITH_WINDOWS = 2.1


class FolderNotEmpty(Refusal):
    """There is something in the folder already."""

    code = "folder-not-empty"


@click.command(
    cls=Command,
    examples=(
        "tocsin demo",
        "tocsin demo --terminal",
        "tocsin demo --terminal --fast --keep five",
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
@click.option("--terminal", is_flag=True, help="Without consoles; so it is with --json and --records.")
@click.option("--fast", is_flag=True, help="Leave no time to read, and wait for nobody.")
@json_option
def demo(*, records: IO[bytes] | None, keep: Path | None, terminal: bool, fast: bool, as_json: bool) -> None:
    """Watch five invented organisations carry an incident to each other.

    Five real nodes run on this machine, each with keys, a database and a port of its own. They replay
    what was published about 22 May 2023, when a false picture of an explosion near the Pentagon went round;
    one asks the others in Korean, another reads it in Russian, and three replies turn out to be one source.
    They say what the picture was, and that stays undetermined until somebody says so who has looked at it.
    Then come the bad days: an impostor is refused, on the line and on the telephone; a cable is cut, a file
    is carried by hand; a member with two stories is caught, a stolen key replaced, a burnt disk got back; a
    member leaves. In the end a proof and a whole case are checked elsewhere.

    Two of the five have consoles, to be opened side by side by the links that are printed. You can answer in
    one of them, and look around in the end, until Ctrl-C. It takes about nine minutes; with --terminal,
    which has no consoles, three. It leaves nothing behind.
    """
    lines = read_lines(records) if records else []
    windows = not (terminal or as_json or records)
    pace = 0 if fast else _PACE_WITH_WINDOWS if windows else 1
    screen = Screen(SystemClock(), pace=pace, as_json=as_json, windows=windows)

    async def carry(stage: Stage) -> None:
        await show_records(stage, screen, lines)

    async def replay(stage: Stage) -> None:
        await introduce(screen)
        if not windows:
            await play(stage, screen, None)
            return
        audience = Audience(patient=not fast)
        with audience.listening():
            await play(stage, screen, Guide(stage, screen, audience, await open_consoles(stage)))

    with _folder(keep) as folder:
        _perform(carry if records else replay, folder, with_console=(GARAM, POMIR) if windows else ())
        if keep:
            _tell_kept(screen, folder)


def _perform(
    play: Callable[[Stage], Awaitable[None]], folder: Path, with_console: Container[Organisation]
) -> None:
    """Play it on a stage of its own. However it ends, no node runs any more when this returns."""
    cables = Cables()

    async def perform() -> None:
        if task := asyncio.current_task():
            for number in (signal.SIGTERM, signal.SIGHUP):
                cables.add_signal_handler(number, task.cancel)
        async with Stage(folder, cables, with_console) as stage:
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
