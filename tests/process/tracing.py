"""What strace sees of a node's system calls."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

_CALL = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?:\d+<(?P<file>.*?)>)?(?P<rest>.*)")
_MOST_BYTES_SHOWN = 5_000


class Call(NamedTuple):
    """One system call: its name, the path of its first argument if that is an open file, and the others."""

    name: str
    file: str
    rest: str


class Trace:
    """Puts strace before a command: `before` is what to write there."""

    def __init__(self, path: Path, names: str) -> None:
        if not shutil.which("strace"):
            pytest.skip("strace is not installed")
        if subprocess.run(["strace", "-o", path, "true"], check=False, capture_output=True).returncode:
            pytest.skip("strace may not trace here")
        self._path = path
        self.before = ("strace", "-f", "-y", "-s", str(_MOST_BYTES_SHOWN), "-e", f"trace={names}", "-o", path)

    def text(self) -> str:
        """All that strace wrote so far."""
        return self._path.read_text(errors="replace")

    def calls(self) -> Iterator[Call]:
        """The calls of the first thread so far, in order."""
        lines = self.text().splitlines()
        main, _, _ = lines[0].partition(" ")
        for line in lines:
            if (call := _CALL.match(line)) and call["thread"] == main:
                yield Call(call["name"], call["file"] or "", call["rest"])
