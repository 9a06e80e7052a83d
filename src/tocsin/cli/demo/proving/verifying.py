"""`tocsin verify` as anybody would run it: another process, in a folder where nothing lies but the file."""

import asyncio
import os
import sys
from pathlib import Path
from typing import NamedTuple

from tocsin.cli.demo.screen import Screen, fitting
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import bad, columns, faint, good, width

_RUN = "from tocsin.cli import main; main(prog_name='tocsin')"
_VERIFY_S = 60.0
_REFUSED = 1
_INDENT = "  "


class Verdict(NamedTuple):
    """What `tocsin verify` returned, and what it said."""

    exit_code: int
    said: str


def moved(stage: Stage, folder: str, name: str, data: bytes) -> Path:
    """A file that lies alone in a new folder."""
    elsewhere = stage.folder / folder
    elsewhere.mkdir()
    path = elsewhere / name
    path.write_bytes(data)
    return path


async def holds(screen: Screen, path: Path, circle: str, *, most_lines: int | None = None) -> Verdict:
    """Show that a file verifies. Raises DidNotHappen if it does not."""
    verdict = await _verify(screen, path, circle, most_lines)
    if verdict.exit_code != 0:
        raise DidNotHappen(f"Expected {path.name} to hold, found that it does not. {verdict.said}")
    return verdict


async def is_refused(screen: Screen, path: Path, circle: str) -> Verdict:
    """Show that a file does not verify. Raises DidNotHappen if it does."""
    verdict = await _verify(screen, path, circle, None)
    if verdict.exit_code != _REFUSED:
        raise DidNotHappen(
            f"Expected the changed {path.name} to be refused, found exit code {verdict.exit_code}."
        )
    return verdict


async def _verify(screen: Screen, path: Path, circle: str, most_lines: int | None) -> Verdict:
    screen.line(faint(f"$ tocsin verify {path.name} --circle {circle[:8]}…"), _INDENT)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _RUN, "verify", path.name, "--circle", circle),
        cwd=path.parent,
        env=os.environ | {"COLUMNS": str(columns() - width(_INDENT))},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_VERIFY_S):
            output, _ = await process.communicate()
    except TimeoutError:
        raise DidNotHappen(f"Expected `tocsin verify` to end within {_VERIFY_S:g} s; it did not.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    verdict = Verdict(int(process.returncode or 0), output.decode())
    lines = verdict.said.splitlines()
    for line in lines[:most_lines]:
        screen.line(fitting(line, _INDENT), _INDENT)
    if left := len(lines) - len(lines[:most_lines]):
        screen.line(faint(f"  … {left} lines more"), _INDENT)
    screen.line((good if verdict.exit_code == 0 else bad)(f"exit code {verdict.exit_code}"), _INDENT)
    return verdict
