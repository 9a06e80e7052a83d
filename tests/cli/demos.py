"""A demo as a process of its own, and what it leaves behind."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

TOCSIN = "from tocsin.cli import main; main(prog_name='tocsin')"
TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Left:
    """What a demo left behind: files, processes of its group, and ports of its nodes that still answer."""

    files: list[Path]
    processes: bool
    ports: list[int]


NOTHING = Left([], processes=False, ports=[])


@dataclass(slots=True)
class Running:
    """A demo as a process of its own, with a folder of its own for what is temporary."""

    process: subprocess.Popen[str]
    temporary: Path

    def line(self) -> Mapping[str, Any]:
        """The next line of JSON."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.end()
        return msgspec.json.decode(line, type=dict[str, Any])

    def end(self, standard_input: str | None = None) -> tuple[int, str, str]:
        """Its exit code, and the rest of what it says."""
        out, err = self.process.communicate(standard_input, timeout=TIMEOUT_S)
        return self.process.returncode, out, err

    def left(self, ports: Sequence[int] = ()) -> Left:
        """What is left of it."""
        try:
            os.killpg(self.process.pid, 0)
            processes = True
        except ProcessLookupError:
            processes = False
        return Left(list(self.temporary.iterdir()), processes, [port for port in ports if answers(port)])


Start = Callable[..., Running]


def start_demo(temporary: Path, *arguments: str, before: str = "", stdin: int = subprocess.PIPE) -> Running:
    """A demo with these arguments, after `before` was run in its process."""
    process = subprocess.Popen(
        [sys.executable, "-c", before + TOCSIN, "demo", *arguments],
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONWARNINGS": "error"},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    return Running(process, temporary)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
